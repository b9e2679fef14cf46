//! JavaScript values as the host values of the core.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::*;

use super::host::{empty, member, parse_json, parse_url, redacted};
use crate::protocol::json::Json;
use crate::protocol::text::split_once_byte;
use crate::protocol::url::{Url, UrlParser};

/// A JavaScript value.
#[derive(Clone, PartialEq)]
pub struct Js(pub JsValue);

impl Js {
    /// The value, or undefined.
    pub fn or_undefined(value: Option<Js>) -> JsValue {
        value.map_or(JsValue::UNDEFINED, |value| value.0)
    }
}

impl Json for Js {
    fn from_text(text: &str) -> Js {
        Js(text.into())
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn redacted(&self, token: &Js) -> Js {
        Js(redacted(&self.0, &token.0))
    }

    fn parse(&self) -> Option<Js> {
        let document = parse_json(&self.0);
        (!document.is_undefined()).then_some(Js(document))
    }

    fn empty() -> Js {
        Js(empty())
    }

    fn is_object(&self) -> bool {
        self.0.is_object() && !Array::is_array(&self.0)
    }

    fn member(&self, name: &str) -> Option<Js> {
        let found = member(&self.0, name);
        (!found.is_undefined()).then_some(Js(found))
    }

    fn with_member(self, name: &str, text: &str) -> Js {
        // Cannot fail on a plain object, such as a document from JSON.parse.
        let _ = Reflect::set(&self.0, &name.into(), &text.into());
        self
    }

    fn items(&self) -> Option<Vec<Js>> {
        Some(self.0.dyn_ref::<Array>()?.iter().map(Js).collect())
    }
}

impl UrlParser for Js {
    fn parse_url(text: &str) -> Option<Url> {
        let parts = parse_url(text).as_string()?;
        let (origin, href) = split_once_byte(&parts, b'\n')?;
        Some(Url { origin: origin.to_owned(), href: href.to_owned() })
    }
}
