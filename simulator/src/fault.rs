//! Faults: what can happen to a request instead of normal processing. A different response comes, the connection is lost, or
//! no response comes. A device's `Scenario` decides when.

use serde::Deserialize;

use crate::draft::{DraftBody, ResponseDraft, first_half};
use crate::error::GraphError;
use crate::header::{read_fields, read_optional_value, read_status, read_value};
use crate::message::{BodyEnd, Disposition, Request};

/// What happens to a request instead of normal processing.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// A different response.
    Response(FaultResponse),
    /// 302 to a URL.
    #[serde(deserialize_with = "read_value")]
    Redirect(String),
    /// The connection is closed before the request takes effect.
    Reset,
    /// The connection is closed after the request took effect: the response is lost.
    ResetAfter,
    /// The request never takes effect and never gets a response.
    Hang,
    /// The request takes effect, but never gets a response.
    HangAfter,
}

/// A response that is sent instead of the normal one: `FaultResponse::new(429).retry_after("1").into()`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultResponse {
    /// Its status code, 200 to 999.
    #[serde(deserialize_with = "read_status")]
    pub status: u16,
    /// The text of its `Retry-After`, valid or not.
    #[serde(default, deserialize_with = "read_optional_value")]
    pub retry_after: Option<String>,
    /// Its other header fields, such as a `WWW-Authenticate` with a claims challenge.
    #[serde(default, deserialize_with = "read_fields")]
    pub headers: Vec<(String, String)>,
    /// Its body.
    #[serde(default)]
    pub body: FaultBody,
}

/// The body of a fault response.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FaultBody {
    /// Graph's error document.
    #[default]
    Error,
    /// The HTML page of a gateway.
    Html,
    /// Nothing.
    Empty,
    /// The first half of the document that would have been sent, as if it was all.
    Truncated,
    /// The first half of the document that would have been sent; then the connection is closed.
    Interrupted,
    /// The first half of the document that would have been sent; then nothing more comes.
    Stalled,
    /// Graph's error document, whose message repeats the `Authorization` field of the request.
    Echo,
    /// This text, sent as JSON.
    Literal(String),
}

impl FaultResponse {
    /// A response of this status with Graph's error document.
    pub fn new(status: u16) -> FaultResponse {
        FaultResponse { status, retry_after: None, headers: Vec::new(), body: FaultBody::Error }
    }

    /// Adds a `Retry-After`.
    pub fn retry_after(mut self, text: &str) -> FaultResponse {
        self.retry_after = Some(text.to_owned());
        self
    }

    /// Adds a header field.
    pub fn header(mut self, name: &str, value: &str) -> FaultResponse {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Replaces the body.
    pub fn body(mut self, body: FaultBody) -> FaultResponse {
        self.body = body;
        self
    }
}

impl From<FaultResponse> for Fault {
    fn from(response: FaultResponse) -> Fault {
        Fault::Response(response)
    }
}

impl Fault {
    /// Whether the request takes effect before the fault.
    pub(crate) fn comes_after(&self) -> bool {
        matches!(self, Fault::ResetAfter | Fault::HangAfter)
    }

    /// What becomes of the request. `document` is the normal response body.
    pub(crate) fn disposition(self, request: &Request, document: &str) -> Disposition<ResponseDraft> {
        match self {
            Fault::Reset | Fault::ResetAfter => Disposition::Reset,
            Fault::Hang | Fault::HangAfter => Disposition::Hang,
            Fault::Redirect(url) => ResponseDraft::new(302, DraftBody::Empty).with("Location", url).into(),
            Fault::Response(response) => response.draft(request, document).into(),
        }
    }
}

impl FaultResponse {
    fn draft(self, request: &Request, document: &str) -> ResponseDraft {
        let html = || format!("<html><body><h1>{} Bad Gateway</h1></body></html>", self.status);
        let mut error = GraphError::of_status(self.status);
        let body = match self.body {
            FaultBody::Html => DraftBody::Text("text/html", html()),
            FaultBody::Empty => DraftBody::Empty,
            FaultBody::Truncated => DraftBody::Text("application/json", first_half(document)),
            FaultBody::Interrupted => DraftBody::Half(document.to_owned(), BodyEnd::Reset),
            FaultBody::Stalled => DraftBody::Half(document.to_owned(), BodyEnd::Hang),
            FaultBody::Literal(text) => DraftBody::Text("application/json", text),
            FaultBody::Error => DraftBody::Error(error),
            FaultBody::Echo => {
                error.message = format!("Rejected: {}", request.header("authorization").unwrap_or_default());
                DraftBody::Error(error)
            }
        };
        let mut draft = ResponseDraft::new(self.status, body);
        draft.headers = self.headers;
        match self.retry_after {
            Some(text) => draft.with("Retry-After", text),
            None => draft,
        }
    }
}
