//! What can go wrong, told so that it can be shown to a person; and Graph's error body.

use crate::protocol::hint;
use crate::protocol::http::Response;
use crate::protocol::json::Json;
use crate::protocol::location::Untrusted;
use crate::protocol::text::{has_word, u32_to_string};
use crate::protocol::time::Millis;

/// What kind of failure it is. The names are those of the JavaScript API's `code`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorCode {
    /// An argument or option is wrong; nothing was sent.
    InvalidArgument,
    /// No token is known for a location; nothing was sent.
    MissingToken,
    /// 401, or the token source failed.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404 or 410.
    NotFound,
    /// 409: an operation is already queued for the device.
    Conflict,
    /// 429.
    Throttled,
    /// Any other status that is no success.
    ServiceError,
    /// No whole answer came.
    Network,
    /// One request took too long.
    Timeout,
    /// The call took too long, or would.
    OperationTimeout,
    /// The operation ended badly.
    OperationFailed,
    /// The operation was called off.
    OperationCancelled,
    /// The answer cannot be used.
    Protocol,
    /// A `Location` or a redirect leads off the trusted origin; nothing was sent there.
    UntrustedLocation,
}

impl ErrorCode {
    /// The name in the JavaScript API.
    pub fn as_str(self) -> &'static str {
        match self {
            ErrorCode::InvalidArgument => "invalidArgument",
            ErrorCode::MissingToken => "missingToken",
            ErrorCode::Unauthorized => "unauthorized",
            ErrorCode::Forbidden => "forbidden",
            ErrorCode::NotFound => "notFound",
            ErrorCode::Conflict => "conflict",
            ErrorCode::Throttled => "throttled",
            ErrorCode::ServiceError => "serviceError",
            ErrorCode::Network => "network",
            ErrorCode::Timeout => "timeout",
            ErrorCode::OperationTimeout => "operationTimeout",
            ErrorCode::OperationFailed => "operationFailed",
            ErrorCode::OperationCancelled => "operationCancelled",
            ErrorCode::Protocol => "protocol",
            ErrorCode::UntrustedLocation => "untrustedLocation",
        }
    }

    /// The kind of failure that an HTTP status means.
    pub fn of_http_status(status: u16) -> ErrorCode {
        match status {
            0 | 300..=399 => ErrorCode::UntrustedLocation,
            401 => ErrorCode::Unauthorized,
            403 => ErrorCode::Forbidden,
            404 | 410 => ErrorCode::NotFound,
            409 => ErrorCode::Conflict,
            429 => ErrorCode::Throttled,
            _ => ErrorCode::ServiceError,
        }
    }
}

/// What went wrong, with all that is known about it. It never holds a token.
pub struct Error<V> {
    /// What kind of failure it is.
    pub code: ErrorCode,
    /// One sentence for a person.
    pub message: String,
    /// The HTTP status of the last answer.
    pub status_code: Option<u16>,
    /// Graph's `error.code`, or that of the failed operation.
    pub graph_code: Option<String>,
    /// Graph's `request-id`.
    pub request_id: Option<String>,
    /// The `client-request-id` that was sent.
    pub client_request_id: Option<String>,
    /// When Graph answered, as it wrote it.
    pub date: Option<String>,
    /// How long Graph asked to wait.
    pub retry_after: Option<Millis>,
    /// How often the last request was sent; 0 when none was.
    pub attempts: u32,
    /// The device that was asked for.
    pub device_id: Option<String>,
    /// Where the operation lives, on every error after the 202.
    pub location: Option<String>,
    /// The operation as last seen.
    pub operation: Option<V>,
    /// Whether a run may be under way although it could not be followed.
    pub may_have_started: bool,
    /// The host's own error beneath.
    pub cause: Option<V>,
    /// What to do about it, where that differs from the hint of the code.
    pub own_hint: Option<&'static str>,
    /// Whether the response has Graph's error body; a gateway in between has another, or none.
    pub is_graphs: bool,
}

impl<V> Error<V> {
    /// An error of which only kind and message are known yet. Boxed, since it is large and is handed from one to the next.
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
            own_hint: None,
            is_graphs: false,
        })
    }

    /// An error with the host's own beneath.
    pub fn caused(cause: V, code: ErrorCode, message: &str) -> Box<Error<V>> {
        let mut error = Error::new(code, message);
        error.cause = Some(cause);
        error
    }

    /// What to do about it, in words that an administrator can act on.
    pub fn hint(&self) -> Option<&'static str> {
        self.own_hint.or_else(|| self.code.hint(self.location.is_some()))
    }

    /// A location or a link that cannot be followed.
    pub fn untrusted_location(location: &str, untrusted: Untrusted) -> Box<Error<V>> {
        let mut error = match untrusted {
            Untrusted::Malformed => Error::new(ErrorCode::Protocol, "The location is no URL: "),
            Untrusted::NoOperation => Error::new(ErrorCode::Protocol, "The location names no operation: "),
            Untrusted::Elsewhere => Error::new(
                ErrorCode::UntrustedLocation,
                "The location is not one of the service that the token is for, so nothing was sent there: ",
            ),
        };
        error.message.push_str(location);
        error
    }

    /// A call that took too long.
    pub fn operation_timed_out() -> Box<Error<V>> {
        Error::new(ErrorCode::OperationTimeout, "Not ended within options.operationTimeout")
    }

    /// A wait that Graph asked for and that would outlast the call.
    pub fn retry_after_exceeds_deadline(asked: Millis) -> Box<Error<V>> {
        let mut error = Error::operation_timed_out();
        error.retry_after = Some(asked);
        error
    }

    /// A wrong argument: its name, then what is wrong with it.
    pub fn invalid_argument(name: &str, problem: &str) -> Box<Error<V>> {
        Error::new(ErrorCode::InvalidArgument, &[name, " ", problem].concat())
    }
}

impl<V: Json> Error<V> {
    /// The error that an answer without success means. The HTTP status decides, whatever the body is: a gateway may have
    /// answered with HTML or with nothing.
    pub fn of_response(response: &Response<V>) -> Box<Error<V>> {
        let code = ErrorCode::of_http_status(response.status);
        let mut error = Error::new(code, "Graph answered ");
        if code == ErrorCode::UntrustedLocation {
            error.message.push_str("with a redirect, which is not followed with a token");
        } else {
            error.message.push_str(&u32_to_string(response.status.into()));
        }
        error.name_response(response);
        error.read_body(response.body.as_ref());
        error
    }

    /// Names the response that the error is of, as those who run the service know it.
    pub fn name_response(&mut self, response: &Response<V>) {
        // A redirect that a browser hides has none.
        self.status_code = Some(response.status).filter(|&status| status != 0);
        self.request_id = response.request_id.clone();
        self.date = response.date.clone();
    }

    fn read_body(&mut self, body: Option<&V>) {
        let Some(body) = body else { return };
        // A text that is not JSON has no members.
        let document = body.parse().unwrap_or_else(|| body.clone());
        match document.member("error").filter(V::is_object) {
            Some(error) => self.read_graphs_body(error),
            // A redirect is told as one, whoever sends it.
            None if self.code == ErrorCode::UntrustedLocation => {}
            None => self.read_gateways_body(body, &document),
        }
    }

    /// Graph's error body: `{ "error": { code, message, innerError: { request-id, date, … } } }`. Any part may be missing, empty
    /// or of another type. Source: <https://learn.microsoft.com/graph/errors>.
    fn read_graphs_body(&mut self, error: V) {
        self.is_graphs = true;
        let message = words(&error, "message");
        self.graph_code = words(&error, "code");
        // Inner errors nest; some services repeat the outer one before the ids come. Deeper than this is no error of Graph's.
        let mut level = error;
        for _ in 0..8 {
            let Some(inner) = level.member("innerError").or_else(|| level.member("innererror")) else { break };
            for (known, name) in
                [(&mut self.graph_code, "code"), (&mut self.request_id, "request-id"), (&mut self.date, "date")]
            {
                if known.is_none() {
                    *known = words(&inner, name);
                }
            }
            level = inner;
        }
        let is_of_licence = |words: &Option<String>| words.as_deref().is_some_and(|words| has_word(words, b"licen"));
        if self.code == ErrorCode::Forbidden && [&message, &self.graph_code].into_iter().any(is_of_licence) {
            self.own_hint = Some(hint::LICENCE);
        }
        if self.code != ErrorCode::UntrustedLocation {
            self.quote(message);
        }
    }

    /// What stands between has bodies of its own: pages and sentences for people, and JSON of OAuth (RFC 6749, section 5.2), of API
    /// gateways (`fault`), of ASP.NET, JSON:API (`errors`) and problem details (RFC 9457). What shows none of them may still be Graph's.
    fn read_gateways_body(&mut self, body: &V, document: &V) {
        let text = document.text().unwrap_or_default();
        let text = text.trim_ascii();
        let is_page = text.starts_with('<');
        let mut is_gateways = is_page;
        // A text that is no JSON, such as that of a service mesh, or JSON that is nothing but a text. Half a document is neither.
        let is_document = document == body && text.bytes().next().is_none_or(|first| b"{[\"".contains(&first));
        if !is_page && !is_document && text.len() <= LONGEST_SENTENCE && !text.is_empty() {
            add(&mut self.message, text);
            is_gateways = true;
        }
        let first = |list: V| list.items()?.into_iter().next();
        let inner =
            document.member("fault").or_else(|| document.member("Error")).or_else(|| first(document.member("errors")?));
        let document = inner.as_ref().unwrap_or(document);
        for name in WORDS {
            let Some(words) = words(document, name) else { continue };
            add(&mut self.message, &words);
            is_gateways = true;
        }
        if is_gateways {
            self.message.insert_str(0, "Something between this client and ");
            if self.code != ErrorCode::Throttled {
                self.own_hint = Some(hint::BETWEEN);
            }
        }
    }

    /// Adds Graph's own words to the message: its code, and what it said.
    pub fn quote(&mut self, message: Option<String>) {
        for words in [&self.graph_code, &message].into_iter().flatten() {
            add(&mut self.message, words);
        }
    }
}

/// What is longer than this is no sentence for people.
const LONGEST_SENTENCE: usize = 500;

/// Where gateways put their words.
const WORDS: [&str; 11] = [
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

fn add(message: &mut String, words: &str) {
    message.push_str(": ");
    message.push_str(words);
}

/// A member that is text and not empty.
fn words<V: Json>(value: &V, name: &str) -> Option<String> {
    value.text_member(name).filter(|text| !text.is_empty())
}
