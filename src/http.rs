//! HTTP as this client needs it, and the platform that carries it out: what the core asks of its surroundings.

use crate::text::hex;
use alloc::string::String;
use alloc::vec::Vec;

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

    /// Takes the token out wherever the service repeated it, so that nothing made of this answer can show it.
    ///
    /// A token as short as those of tests could be a part of any word; it is taken out where it stands alone. It is not empty:
    /// [`crate::token::check`].
    pub fn redact(&mut self, token: &str) {
        let Response { location, retry_after, request_id, date, www_authenticate, .. } = self;
        let fields = [location, retry_after, request_id, date, www_authenticate];
        for text in fields.into_iter().flatten().chain([&mut self.body]) {
            let bytes = text.as_bytes();
            let is_word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
            let token_end = |at: usize| {
                let end = at + length_at_start(bytes.get(at..)?, token.as_bytes())?;
                let counts = token.len() >= SHORTEST_REAL_TOKEN || !(is_word(at.checked_sub(1)) || is_word(Some(end)));
                counts.then_some((at, end))
            };
            let mut redacted = String::new();
            let mut kept = 0;
            while let Some((at, end)) = (kept..bytes.len()).find_map(token_end) {
                redacted.push_str(text.get(kept..at).unwrap_or_default());
                redacted.push_str("[token]");
                kept = end;
            }
            redacted.push_str(text.get(kept..).unwrap_or_default());
            *text = redacted;
        }
    }
}

/// Tokens for Graph are hundreds of characters long.
const SHORTEST_REAL_TOKEN: usize = 16;

/// How many bytes at the start of a text are the token, plainly or as JSON may write it: many services write `+` as `\u002B`,
/// and some `/` as `\/`.
#[inline(never)] // in the loop that calls it, it would be larger
fn length_at_start(text: &[u8], token: &[u8]) -> Option<usize> {
    // Nearly everywhere the first byte says it.
    if !text.first().is_some_and(|first| *first == b'\\' || token.first() == Some(first)) {
        return None;
    }
    if text.starts_with(token) {
        return Some(token.len());
    }
    let mut rest = text;
    for &byte in token {
        let [high, low] = hex(byte);
        let in_hex = [b'\\', b'u', b'0', b'0', high, low];
        rest = match (rest.split_first_chunk::<6>(), rest) {
            (Some((escape, rest)), _) if escape.eq_ignore_ascii_case(&in_hex) => rest,
            (_, [b'\\', escaped, rest @ ..]) if *escaped == byte => rest,
            (_, [plain, rest @ ..]) if *plain == byte => rest,
            _ => return None,
        };
    }
    Some(text.len() - rest.len())
}

/// A URL as the platform's own parser sees it (WHATWG URL).
pub struct Url {
    /// Scheme, host and port; the default port is left out.
    pub origin: String,
    /// The scheme with its colon, `https:`.
    pub protocol: String,
    /// The host without the port.
    pub hostname: String,
    /// The path, beginning with `/`.
    pub pathname: String,
    /// The query with its `?`, or nothing.
    pub search: String,
    /// Whether a user name or a password is written before the host.
    pub has_credentials: bool,
    /// Whether a fragment is written at the end.
    pub has_fragment: bool,
}

/// A value of the host language: a JSON document, or an error that was thrown there.
pub trait Value: Clone {
    /// The document that a JSON text describes; nothing when it is not JSON.
    fn parse(json: &str) -> Option<Self>;
    /// A member of an object; nothing when this is no object, or has no such member.
    fn member(&self, name: &str) -> Option<Self>;
    /// The text, when this is a string.
    fn text(&self) -> Option<String>;
    /// Whether this is an object (and no array).
    fn is_object(&self) -> bool;
    /// The items, when this is an array.
    fn items(&self) -> Option<Vec<Self>>;
    /// This object with one more member that holds a text.
    fn with_member(self, name: &str, text: &str) -> Self;
}

/// What the client needs from its surroundings. Dropping a future that is returned here cancels what it stands for.
pub trait Platform {
    /// Values of the host language.
    type Value: Value;

    /// Sends a request, without following redirects, and reads the whole answer; of the 202 to a POST only the head, which says
    /// all.
    ///
    /// # Errors
    /// The host's own error when no (whole) answer came.
    async fn send(&self, request: &Request<'_>) -> Result<Response, Self::Value>;

    /// Waits for a number of milliseconds; for ever when that is infinite.
    async fn sleep(&self, ms: f64);

    /// Waits until waiting may have become pointless: the page is seen again (timers of hidden pages are slowed down), or the
    /// network is back. For ever where there is nothing of the kind.
    async fn stirred(&self);

    /// Milliseconds of a clock that never jumps.
    fn now(&self) -> f64;

    /// Milliseconds since the Unix epoch, by the host's calendar clock.
    fn unix_time(&self) -> f64;

    /// A random number, at least 0 and less than 1.
    fn random(&self) -> f64;

    /// Parses an absolute URL.
    fn parse_url(&self, text: &str) -> Option<Url>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_the_service_repeats_is_taken_out() {
        let mut response =
            Response { location: Some("/x?token=T0ken&y".into()), body: "T0ken and T0ken".into(), ..Response::default() };
        response.redact("T0ken");
        assert_eq!(response.location.as_deref(), Some("/x?token=[token]&y"));
        assert_eq!(response.body, "[token] and [token]");
        response.redact("token");
        assert_eq!(response.body, "[[token]] and [[token]]");
    }

    #[test]
    fn a_short_token_is_taken_out_as_a_word_and_a_long_one_everywhere() {
        let redacted = |token: &str, body: &str| {
            let mut response = Response { body: body.into(), ..Response::default() };
            response.redact(token);
            response.body
        };
        assert_eq!(redacted("t", r#"{"status":"t","a":"Bearer t"}"#), r#"{"status":"[token]","a":"Bearer [token]"}"#);
        assert_eq!(redacted("t", "ätä t"), "ä[token]ä [token]");
        assert_eq!(redacted("0123456789abcdef", "x0123456789abcdefx"), "x[token]x");
    }

    #[test]
    fn a_token_is_taken_out_however_json_writes_it() {
        let body = r#"{"message":"EwB+/A== EwB\u002b\/A== EwB\u002B/A\u003D="}"#;
        let mut response = Response { body: body.into(), ..Response::default() };
        response.redact("EwB+/A==");
        assert_eq!(response.body, r#"{"message":"[token] [token] [token]"}"#);
    }
}
