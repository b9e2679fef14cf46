//! Plain JavaScript objects for errors and events.

use js_sys::Reflect;
use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use super::value::Js;

/// A member's value.
#[derive(Serialize)]
#[serde(untagged)]
pub enum Member<'a> {
    /// A string.
    Text(&'a str),
    /// A number.
    Number(f64),
    /// A boolean.
    Flag(bool),
}

/// A member that is a string.
pub fn text(text: &str) -> Option<Member<'_>> {
    Some(Member::Text(text))
}

/// A member that is a number.
pub fn number<'a>(number: impl Into<f64>) -> Option<Member<'a>> {
    Some(Member::Number(number.into()))
}

/// An object with the members that are known; the others are left out.
///
/// One loop over a list: a struct with a derived `Serialize` takes twice the code, and adds a cache of names.
pub fn object_of(members: &[(&str, Option<Member<'_>>)]) -> JsValue {
    // Strings, numbers and booleans: serialising them cannot fail.
    Members(members).serialize(&Serializer::new().serialize_maps_as_objects(true)).unwrap_or_default()
}

/// Adds a member whose value already is a JavaScript value, if it is known.
pub fn set(object: &JsValue, name: &str, value: Option<&Js>) {
    if let Some(value) = value {
        // Setting a member of a new plain object cannot fail.
        let _ = Reflect::set(object, &name.into(), &value.0);
    }
}

struct Members<'a>(&'a [(&'a str, Option<Member<'a>>)]);

impl Serialize for Members<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().filter_map(|(name, value)| Some((name, value.as_ref()?))))
    }
}
