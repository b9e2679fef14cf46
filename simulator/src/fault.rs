//! What can happen to a request instead of the normal course: other answers, lost connections, silence.
//! When it happens is decided by a device's `Scenario`.

use serde::Deserialize;

use crate::error::GraphError;
use crate::message::Request;
use crate::reply::{Content, Course, Reply};

/// What happens to a request instead of the normal course.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Fault {
    /// Another answer.
    Answer(FaultAnswer),
    /// 302 to a URL.
    Redirect(String),
    /// The connection is closed before the request counts.
    Reset,
    /// The connection is closed after the request counted: the answer is lost.
    ResetAfter,
    /// It never counts, and is never answered.
    Hang,
    /// It counts, and is never answered.
    HangAfter,
}

/// An answer that is given instead of the normal one: `FaultAnswer::new(429).retry_after("1").into()`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct FaultAnswer {
    /// Its status code.
    pub status: u16,
    /// The text of its `Retry-After`, good or bad.
    #[serde(default)]
    pub retry_after: Option<String>,
    /// Its other header fields, such as a `WWW-Authenticate` with a claims challenge.
    #[serde(default)]
    pub headers: Vec<(String, String)>,
    /// Its body.
    #[serde(default)]
    pub body: Body,
}

/// What an answer carries.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Body {
    /// Graph's error document.
    #[default]
    Error,
    /// A gateway's page.
    Html,
    /// Nothing.
    Empty,
    /// The first half of the document that would have been sent.
    Truncated,
    /// Graph's error document, whose message repeats the `Authorization` field of the request.
    Echo,
    /// This text, sent as JSON.
    Literal(String),
}

impl FaultAnswer {
    /// An answer of this status with Graph's error document.
    pub fn new(status: u16) -> FaultAnswer {
        FaultAnswer { status, retry_after: None, headers: Vec::new(), body: Body::Error }
    }

    /// The same with a `Retry-After`.
    pub fn retry_after(mut self, text: &str) -> FaultAnswer {
        self.retry_after = Some(text.to_owned());
        self
    }

    /// The same with another header field.
    pub fn header(mut self, name: &str, value: &str) -> FaultAnswer {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with another body.
    pub fn body(mut self, body: Body) -> FaultAnswer {
        self.body = body;
        self
    }
}

impl From<FaultAnswer> for Fault {
    fn from(answer: FaultAnswer) -> Fault {
        Fault::Answer(answer)
    }
}

impl Fault {
    /// Whether the request has its effect before the fault comes.
    pub(crate) fn comes_after(&self) -> bool {
        matches!(self, Fault::ResetAfter | Fault::HangAfter)
    }

    /// What becomes of the request. `document` is what would have been sent.
    pub(crate) fn course(self, request: &Request, document: &str) -> Course {
        match self {
            Fault::Reset | Fault::ResetAfter => Course::Reset,
            Fault::Hang | Fault::HangAfter => Course::Hang,
            Fault::Redirect(url) => Reply::new(302, Content::Empty).with("Location", url).into(),
            Fault::Answer(answer) => answer.reply(request, document).into(),
        }
    }
}

impl FaultAnswer {
    fn reply(self, request: &Request, document: &str) -> Reply {
        let html = || format!("<html><body><h1>{} Bad Gateway</h1></body></html>", self.status);
        let half = || document.chars().take(document.chars().count() / 2).collect();
        let mut error = GraphError::of_status(self.status);
        let content = match self.body {
            Body::Html => Content::Text("text/html", html()),
            Body::Empty => Content::Empty,
            Body::Truncated => Content::Text("application/json", half()),
            Body::Literal(text) => Content::Text("application/json", text),
            Body::Error => Content::Error(error),
            Body::Echo => {
                error.message = format!("Rejected: {}", request.header("authorization").unwrap_or_default());
                Content::Error(error)
            }
        };
        let mut reply = Reply::new(self.status, content);
        reply.headers = self.headers;
        match self.retry_after {
            Some(text) => reply.with("Retry-After", text),
            None => reply,
        }
    }
}
