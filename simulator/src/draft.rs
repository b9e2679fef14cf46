//! A response before `graph` adds the header fields that every response has (`Date`, `request-id`, CORS), and the ids that
//! an error document repeats.

use serde_json::Value;

use crate::error::GraphError;
use crate::message::{BodyEnd, Disposition};

/// A response of one route.
pub struct ResponseDraft {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: DraftBody,
}

/// The body of a response.
pub enum DraftBody {
    Empty,
    /// A media type and the text.
    Text(&'static str, String),
    Error(GraphError),
    /// The first half of this JSON, and how the transfer ends then.
    Half(String, BodyEnd),
}

impl DraftBody {
    pub fn is_whole(&self) -> bool {
        !matches!(self, DraftBody::Half(..))
    }
}

/// The first half of a text.
pub fn first_half(text: &str) -> String {
    text.chars().take(text.chars().count() / 2).collect()
}

impl ResponseDraft {
    pub fn new(status: u16, body: DraftBody) -> ResponseDraft {
        ResponseDraft { status, headers: Vec::new(), body }
    }

    /// 200 with a document.
    pub fn document(document: &Value) -> ResponseDraft {
        ResponseDraft::new(200, DraftBody::Text("application/json", document.to_string()))
    }

    /// Adds a header field.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> ResponseDraft {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl From<GraphError> for ResponseDraft {
    fn from(error: GraphError) -> ResponseDraft {
        ResponseDraft::new(error.status, DraftBody::Error(error))
    }
}

impl From<ResponseDraft> for Disposition<ResponseDraft> {
    fn from(draft: ResponseDraft) -> Disposition<ResponseDraft> {
        Disposition::Respond(draft)
    }
}

impl From<GraphError> for Disposition<ResponseDraft> {
    fn from(error: GraphError) -> Disposition<ResponseDraft> {
        Disposition::Respond(error.into())
    }
}
