//! A platform that can do nothing but parse URLs, which is all that locations and base URLs need.

use teams_device_diagnostics::platform::Platform;
use teams_device_diagnostics::protocol::http::{Request, Response};
use teams_device_diagnostics::protocol::url::{Url, UrlParser};

use crate::document::{Document, parse_url};

pub struct Parser;

impl UrlParser for Parser {
    fn parse_url(&self, text: &str) -> Option<Url> {
        parse_url(text)
    }
}

impl Platform for Parser {
    type Value = Document;

    async fn send(&self, _: &Request<'_>) -> Result<Response, Document> {
        unreachable!("nothing is sent")
    }
    async fn sleep(&self, _: f64) {
        unreachable!("nothing is waited for")
    }
    async fn stirred(&self) {
        unreachable!("nothing is waited for")
    }
    fn now(&self) -> f64 {
        unreachable!("no time passes")
    }
    fn unix_time(&self) -> f64 {
        unreachable!("no time passes")
    }
    fn random(&self) -> f64 {
        unreachable!("nothing is left to chance")
    }
}
