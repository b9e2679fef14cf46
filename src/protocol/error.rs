//! Errors, worded so that they can be shown to a person; and Graph's error body.

pub use crate::protocol::error_code::ErrorCode;
use crate::protocol::hint;
use crate::protocol::http::Response;
use crate::protocol::json::Json;
use crate::protocol::location::Untrusted;
use crate::protocol::text::{has_word, u32_to_string};
use crate::protocol::time::Millis;

/// An error with everything that is known about it. It never contains a token.
#[derive(Clone)]
pub struct Error<V> {
    /// What kind of failure it is.
    pub code: ErrorCode,
    /// One sentence for people.
    pub message: String,
    /// The HTTP status of the last response.
    pub status_code: Option<u16>,
    /// Graph's `error.code`, or the code of the failed operation.
    pub graph_code: Option<String>,
    /// Graph's `request-id`.
    pub request_id: Option<String>,
    /// The `client-request-id` that was sent.
    pub client_request_id: Option<String>,
    /// The date of the response, as Graph wrote it.
    pub date: Option<String>,
    /// The wait that Graph requested.
    pub retry_after: Option<Millis>,
    /// The number of attempts of the last request; 0 if none was sent.
    pub attempts: u32,
    /// The device that the caller named.
    pub device_id: Option<String>,
    /// The URL of the operation; set on every error after the 202.
    pub location: Option<String>,
    /// The operation as last seen.
    pub operation: Option<V>,
    /// Whether a run may be in progress although it could not be followed.
    pub may_have_started: bool,
    /// The underlying error of the host.
    pub cause: Option<V>,
    /// What to do about it, if that differs from the hint of the code.
    pub specific_hint: Option<&'static str>,
    /// Whether the response has Graph's error body; a gateway in between sends another body, or none.
    pub is_from_graph: bool,
}

impl<V> Error<V> {
    /// An error with only a code and a message so far. Boxed, because it is large and is passed on several times.
    pub fn new(code: ErrorCode, message: &str) -> Box<Error<V>> {
        Box::new(Error {
            code,
            message: message.to_owned(),
            status_code: None,
            graph_code: None,
            request_id: None,
            client_request_id: None,
            date: None,
            retry_after: None,
            attempts: 0,
            device_id: None,
            location: None,
            operation: None,
            may_have_started: false,
            cause: None,
            specific_hint: None,
            is_from_graph: false,
        })
    }

    /// An error with the host's error as its cause.
    pub fn caused(cause: V, code: ErrorCode, message: &str) -> Box<Error<V>> {
        let mut error = Error::new(code, message);
        error.cause = Some(cause);
        error
    }

    /// What to do about it, in words that an administrator can act on.
    pub fn hint(&self) -> Option<&'static str> {
        self.specific_hint.or_else(|| self.code.hint(self.location.is_some()))
    }

    /// The error for a location or a link that cannot be followed.
    pub fn untrusted_location(location: &str, untrusted: Untrusted) -> Box<Error<V>> {
        let mut error = match untrusted {
            Untrusted::Malformed => Error::new(ErrorCode::Protocol, "The location is not a URL: "),
            Untrusted::NoOperation => Error::new(ErrorCode::Protocol, "The location does not name an operation: "),
            Untrusted::Elsewhere => Error::new(
                ErrorCode::UntrustedLocation,
                "The location is not one of the service that the token is for, so nothing was sent there: ",
            ),
        };
        error.message.push_str(location);
        error
    }

    /// The error for a call that exceeded its deadline.
    pub fn operation_timed_out() -> Box<Error<V>> {
        Error::new(ErrorCode::OperationTimeout, "The call did not end within options.operationTimeout")
    }

    /// The error for a wait that Graph requested and that would exceed the call's deadline.
    pub fn retry_after_exceeds_deadline(retry_after: Millis) -> Box<Error<V>> {
        let mut error = Error::operation_timed_out();
        error.retry_after = Some(retry_after);
        error
    }

    /// The error for an invalid argument: its name, then the problem.
    pub fn invalid_argument(name: &str, problem: &str) -> Box<Error<V>> {
        Error::new(ErrorCode::InvalidArgument, &[name, " ", problem].concat())
    }
}

impl<V: Json> Error<V> {
    /// The error for a response that is not a success. The HTTP status alone decides the code, because a gateway may send
    /// HTML or nothing as the body.
    pub fn of_response(response: &Response<V>) -> Box<Error<V>> {
        let code = ErrorCode::of_http_status(response.status);
        let mut error = Error::new(code, "Graph responded with ");
        if code == ErrorCode::UntrustedLocation {
            error.message.push_str("a redirect, which is not followed with a token");
        } else {
            error.message.push_str(&u32_to_string(response.status.into()));
        }
        error.name_response(response);
        error.read_body(response.body.as_ref());
        error
    }

    /// Copies what identifies the response to those who run the service.
    pub fn name_response(&mut self, response: &Response<V>) {
        // A redirect that a browser hides has no status.
        self.status_code = Some(response.status).filter(|&status| status != 0);
        self.request_id = response.request_id.clone();
        self.date = response.date.clone();
    }

    fn read_body(&mut self, body: Option<&V>) {
        let Some(body) = body else { return };
        // A text that is not JSON has no members.
        let document = body.parse().unwrap_or_else(|| body.clone());
        match document.member("error").filter(V::is_object) {
            Some(error) => self.read_graph_body(error),
            // A redirect is reported as one, whoever sent it.
            None if self.code == ErrorCode::UntrustedLocation => {}
            None => self.read_gateway_body(body, &document),
        }
    }

    /// Reads Graph's error body: `{ "error": { code, message, innerError: { request-id, date, … } } }`. Any part may be
    /// missing, empty or of another type. Source: <https://learn.microsoft.com/graph/errors>.
    fn read_graph_body(&mut self, error: V) {
        self.is_from_graph = true;
        let message = non_empty_text(&error, "message");
        self.graph_code = non_empty_text(&error, "code");
        // Inner errors nest, and some services repeat the outer error before the ids come. Deeper nesting is not Graph's.
        let mut level = error;
        for _ in 0..8 {
            let Some(inner) = level.member("innerError").or_else(|| level.member("innererror")) else { break };
            for (known, name) in
                [(&mut self.graph_code, "code"), (&mut self.request_id, "request-id"), (&mut self.date, "date")]
            {
                if known.is_none() {
                    *known = non_empty_text(&inner, name);
                }
            }
            level = inner;
        }
        let mentions_licence = |text: &Option<String>| text.as_deref().is_some_and(|text| has_word(text, b"licen"));
        if self.code == ErrorCode::Forbidden && [&message, &self.graph_code].into_iter().any(mentions_licence) {
            self.specific_hint = Some(hint::LICENCE);
        }
        if self.code != ErrorCode::UntrustedLocation {
            self.quote(message);
        }
    }

    /// Reads the body of a proxy or gateway: a page or a sentence for people, or JSON of OAuth (RFC 6749, section 5.2), of
    /// API gateways (`fault`), of ASP.NET, of JSON:API (`errors`) or of problem details (RFC 9457). A body that has none of
    /// these forms may still be Graph's.
    fn read_gateway_body(&mut self, body: &V, document: &V) {
        let text = document.text().unwrap_or_default();
        let text = text.trim_ascii();
        let is_page = text.starts_with('<');
        let mut is_from_gateway = is_page;
        // Plain text, such as that of a service mesh, or JSON that is just a string. A truncated JSON document is neither.
        let is_document = document == body && text.bytes().next().is_none_or(|first| b"{[\"".contains(&first));
        if !is_page && !is_document && text.len() <= LONGEST_SENTENCE && !text.is_empty() {
            append(&mut self.message, text);
            is_from_gateway = true;
        }
        let first = |list: V| list.items()?.into_iter().next();
        let inner =
            document.member("fault").or_else(|| document.member("Error")).or_else(|| first(document.member("errors")?));
        let document = inner.as_ref().unwrap_or(document);
        for name in GATEWAY_MEMBERS {
            let Some(text) = non_empty_text(document, name) else { continue };
            append(&mut self.message, &text);
            is_from_gateway = true;
        }
        if is_from_gateway {
            self.message.insert_str(0, "Something between this client and ");
            if self.code != ErrorCode::Throttled {
                self.specific_hint = Some(hint::BETWEEN);
            }
        }
    }

    /// Appends Graph's code and message to the message.
    pub fn quote(&mut self, message: Option<String>) {
        for text in [&self.graph_code, &message].into_iter().flatten() {
            append(&mut self.message, text);
        }
    }
}

/// Longer text is not a sentence for people.
const LONGEST_SENTENCE: usize = 500;

/// The members in which gateways put their messages.
const GATEWAY_MEMBERS: [&str; 11] = [
    "error",
    "error_description",
    "message",
    "Message",
    "errorMessage",
    "title",
    "detail",
    "description",
    "reason",
    "msg",
    "faultstring",
];

fn append(message: &mut String, text: &str) {
    message.push_str(": ");
    message.push_str(text);
}

/// A member that is a non-empty string.
fn non_empty_text<V: Json>(value: &V, name: &str) -> Option<String> {
    value.text_member(name).filter(|text| !text.is_empty())
}
