//! An answer in the making: what one route has to say. The header fields that every answer has, and the ids that an error
//! document repeats from them, are added at the end, in `graph`.

use serde_json::Value;

use crate::error::GraphError;

/// What becomes of a request.
pub enum Course {
    Reply(Reply),
    Reset,
    Hang,
}

/// An answer without the header fields that every answer has.
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub content: Content,
}

/// What an answer carries.
pub enum Content {
    Empty,
    /// A media type, and a text of it.
    Text(&'static str, String),
    Error(GraphError),
}

impl Reply {
    pub fn new(status: u16, content: Content) -> Reply {
        Reply { status, headers: Vec::new(), content }
    }

    /// 200 with a document.
    pub fn document(document: &Value) -> Reply {
        Reply::new(200, Content::Text("application/json", document.to_string()))
    }

    /// The same with a header field more.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Reply {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

impl From<GraphError> for Reply {
    fn from(error: GraphError) -> Reply {
        Reply::new(error.status, Content::Error(error))
    }
}

impl From<Reply> for Course {
    fn from(reply: Reply) -> Course {
        Course::Reply(reply)
    }
}

impl From<GraphError> for Course {
    fn from(error: GraphError) -> Course {
        Course::Reply(error.into())
    }
}
