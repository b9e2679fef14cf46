//! What operations were started with: the token source and the service, so that their location alone is enough to follow them.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/remembered.js")]
extern "C" {
    /// Ties what an operation was started with to its location.
    pub fn remember(location: &str, token: &JsValue, base_url: &str, fetch: &JsValue, look_at: f64);
    /// What the operation at a location was started with; undefined when that is not known.
    pub fn recall(location: &str) -> JsValue;
    /// Forgets an operation, because it has ended.
    pub fn forget(location: &str);
}
