//! What operations were started with: the token source and the service, so that their location alone is enough to follow them.

use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/remembered.js")]
extern "C" {
    /// Ties what an operation was started with to its location.
    pub fn remember(location: &str, token: &JsValue, options: &JsValue, look_at: f64);
    /// Ties it to the location that it has moved to as well.
    #[wasm_bindgen(js_name = rememberAlso)]
    pub fn remember_also(location: &str, moved: &str);
    /// What the operation at a location was started with; undefined when that is not known.
    pub fn recall(location: &str) -> JsValue;
    /// Forgets an operation, because it has ended.
    pub fn forget(location: &str);
}
