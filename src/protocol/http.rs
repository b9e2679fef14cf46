//! HTTP as this client needs it: requests, and what is read of responses.

use alloc::string::String;

/// The two methods that are used.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum Method {
    /// Reads; safe to send again.
    Get,
    /// Starts a run; sent again only when the service said that it did not take it.
    Post,
}

impl Method {
    /// The method as HTTP writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
        }
    }
}

/// A request. It never has a body.
pub struct Request<'a> {
    /// GET or POST.
    pub method: Method,
    /// The absolute URL; always on the trusted origin.
    pub url: &'a str,
    /// The access token, sent as `Authorization: Bearer`.
    pub token: &'a str,
    /// A fresh GUID, sent as `client-request-id`.
    pub client_request_id: &'a str,
}

/// An answer: its status, the header fields that this client reads, and the body.
#[derive(Default)]
pub struct Response {
    /// The status code; 0 for a redirect that a browser hides (`opaqueredirect`).
    pub status: u16,
    /// The `Location` field.
    pub location: Option<String>,
    /// The `Retry-After` field.
    pub retry_after: Option<String>,
    /// The `request-id` field.
    pub request_id: Option<String>,
    /// The `Date` field; pages cannot read it (CORS).
    pub date: Option<String>,
    /// The `WWW-Authenticate` fields, joined with commas.
    pub www_authenticate: Option<String>,
    /// The body as text; empty when there is none.
    pub body: String,
}

impl Response {
    /// Whether Graph did what was asked.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// Whether the answer leads somewhere else. Redirects are never followed: fetch would take the token along.
    pub fn is_redirect(&self) -> bool {
        self.status == 0 || (300..400).contains(&self.status)
    }
}
