//! The host language in native tests: JSON documents, and a URL parser that works as in browsers.

#[path = "redaction.rs"]
pub mod redaction;

use serde_json::Value;
use teams_device_diagnostics::protocol::json::Json;
use teams_device_diagnostics::protocol::url::{Url, UrlParser};

/// A JSON value; also a value that is "thrown".
#[derive(Clone, Debug, PartialEq)]
pub struct Document(pub Value);

impl Json for Document {
    fn from_text(text: &str) -> Document {
        Document(text.into())
    }
    fn text(&self) -> Option<String> {
        self.0.as_str().map(str::to_owned)
    }
    fn redacted(&self, token: &Document) -> Document {
        let (text, token) = (self.text().unwrap_or_default(), token.text().unwrap_or_default());
        Document(redaction::redacted(&text, &token).into())
    }
    fn parse(&self) -> Option<Document> {
        let text = self.0.as_str()?;
        serde_json::from_str(text.strip_prefix('\u{feff}').unwrap_or(text)).ok().map(Document)
    }
    fn empty() -> Document {
        Document(serde_json::json!({}))
    }
    fn is_object(&self) -> bool {
        self.0.is_object()
    }
    fn member(&self, name: &str) -> Option<Document> {
        self.0.get(name).cloned().map(Document)
    }
    fn with_member(mut self, name: &str, text: &str) -> Document {
        self.0[name] = text.into();
        self
    }
    fn items(&self) -> Option<Vec<Document>> {
        Some(self.0.as_array()?.iter().cloned().map(Document).collect())
    }
}

impl UrlParser for Document {
    /// WHATWG URL, as in browsers.
    fn parse_url(text: &str) -> Option<Url> {
        let url = url::Url::parse(text).ok()?;
        Some(Url { origin: url.origin().ascii_serialization(), href: url.into() })
    }
}
