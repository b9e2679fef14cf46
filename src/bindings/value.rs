//! JavaScript values as the core's [`Value`].

use alloc::string::String;
use alloc::vec::Vec;
use js_sys::{Object, Reflect};
use wasm_bindgen::prelude::*;

use crate::protocol::json::Json;

#[wasm_bindgen(module = "/src/bindings/values.js")]
extern "C" {
    /// Undefined when the text is not JSON.
    #[wasm_bindgen(js_name = parseJson)]
    fn parse_json(text: &str) -> JsValue;
    /// A member of an object; undefined when there is none, when its getter throws, and when this is no object.
    pub fn member(object: &JsValue, name: &str) -> JsValue;
}

/// A value of JavaScript.
#[derive(Clone)]
pub struct Js(pub JsValue);

impl Js {
    /// The value that is there, or undefined.
    pub fn or_undefined(value: &Option<Js>) -> JsValue {
        value.as_ref().map_or(JsValue::UNDEFINED, |value| value.0.clone())
    }
}

impl Json for Js {
    fn parse(json: &str) -> Option<Js> {
        let document = parse_json(json);
        (!document.is_undefined()).then_some(Js(document))
    }

    fn member(&self, name: &str) -> Option<Js> {
        let found = member(&self.0, name);
        (!found.is_undefined()).then_some(Js(found))
    }

    fn text(&self) -> Option<String> {
        self.0.as_string()
    }

    fn is_object(&self) -> bool {
        self.0.is_object() && !js_sys::Array::is_array(&self.0)
    }

    fn items(&self) -> Option<Vec<Js>> {
        Some(self.0.dyn_ref::<js_sys::Array>()?.iter().map(Js).collect())
    }

    fn with_member(self, name: &str, text: &str) -> Js {
        // Never fails on a plain object; a document that came out of JSON.parse is one.
        let _ = Reflect::set(self.0.unchecked_ref::<Object>(), &name.into(), &text.into());
        self
    }
}
