//! Credentials with `getToken`; see `credential.js`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/credential.js")]
extern "C" {
    /// A token request to a credential, possibly shared with other calls.
    pub type Question;
    /// Requests a token. Simultaneous calls with the same request share it.
    pub fn ask(credential: &JsValue, scope: &str, claims: Option<&str>, refused: &JsValue, longest: f64) -> Question;
    #[wasm_bindgen(method, getter)]
    pub fn token(this: &Question) -> Promise;
    /// Says that this call no longer awaits the token.
    #[wasm_bindgen(method)]
    pub fn leave(this: &Question);
    /// Says that what came is not a token, so that it is not kept.
    #[wasm_bindgen(method)]
    pub fn refuse(this: &Question);
}
