//! HTTP as this client needs it: requests, and the parts of responses that it reads.

use crate::protocol::date::http_date;
use crate::protocol::location::TrustedUrl;
use crate::protocol::text::{has_word, trim_ows};
use crate::protocol::time::UnixTime;
use crate::protocol::token::Token;

/// The two methods that are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads; always safe to retry.
    Get,
    /// Starts a run; retried only if the service said that it did not accept the request.
    Post,
}

impl Method {
    /// The method's name in HTTP.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// A request. It never has a body. Redirects are not followed, because fetch would send the token along.
pub struct Request<V> {
    /// GET or POST.
    pub method: Method,
    /// The URL.
    pub url: TrustedUrl,
    /// The access token, sent as `Authorization: Bearer`.
    pub token: Token<V>,
    /// A fresh GUID, sent as `client-request-id`.
    pub client_request_id: String,
    /// The limit for the response body, in bytes. A longer body is treated as missing.
    pub longest_body: u32,
}

/// A response: its status, the header fields that this client reads, and the body.
///
/// Only status and fields of the 202 to a POST are read: `Location` is all that is needed, and a broken body must not lose
/// it.
pub struct Response<V> {
    /// The status code; 0 for a redirect that a browser hides (`opaqueredirect`).
    pub status: u16,
    /// The `Location` field.
    pub location: Option<String>,
    /// The `Retry-After` field.
    pub retry_after: Option<String>,
    /// The `WWW-Authenticate` fields, joined with commas.
    pub www_authenticate: Option<String>,
    /// The `request-id` field.
    pub request_id: Option<String>,
    /// The `Date` field; scripts in a page cannot read it (CORS).
    pub date: Option<String>,
    /// The `Content-Type` field.
    pub content_type: Option<String>,
    /// The body, as text.
    pub body: Option<V>,
}

impl<V> Response<V> {
    /// The `Location`; `None` if it is missing or empty. If the same value was sent twice, it arrives as a list of two and
    /// counts once.
    pub fn named_location(&self) -> Option<&str> {
        let field = self.location.as_deref().filter(|field| !field.is_empty())?;
        // The two values are separated by a comma, or a comma and white space.
        let (half, rest) = field.split_at_checked(field.len().saturating_sub(1) / 2).unwrap_or_default();
        let is_twice = rest.strip_prefix(',').is_some_and(|other| trim_ows(other) == half);
        Some(if is_twice { half } else { field })
    }

    /// A response with neither fields nor a body.
    pub fn of_status(status: u16) -> Response<V> {
        Response {
            status,
            location: None,
            retry_after: None,
            www_authenticate: None,
            request_id: None,
            date: None,
            content_type: None,
            body: None,
        }
    }

    /// Whether the status is 2xx.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The `Date` of the response: the clock of the service, or of a gateway. `None` if it is missing or cannot be parsed.
    pub fn time(&self) -> Option<UnixTime> {
        http_date(self.date.as_deref()?)
    }

    /// The service's own time when it responded. An HTML page, such as the sign-in page of a network, and a 502 or 504 come
    /// from something in between, whose clock may be wrong.
    pub fn service_time(&self) -> Option<UnixTime> {
        let is_page = self.content_type.as_ref().is_some_and(|content_type| has_word(content_type, b"html"));
        self.time().filter(|_| !is_page && !matches!(self.status, 502 | 504))
    }
}
