//! Credentials with `getToken`; see `credential.js`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/credential.js")]
extern "C" {
    /// A question to a credential.
    pub type Question;
    /// Asks, together with everybody who asks for the same at the same time.
    pub fn ask(credential: &JsValue, scope: &str, claims: Option<&str>, refused: &JsValue, longest: f64) -> Question;
    #[wasm_bindgen(method, getter)]
    pub fn token(this: &Question) -> Promise;
    /// The answer is not awaited any more.
    #[wasm_bindgen(method)]
    pub fn leave(this: &Question);
    /// The answer is no token, and is not kept.
    #[wasm_bindgen(method)]
    pub fn refuse(this: &Question);
}
