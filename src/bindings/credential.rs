//! Credentials with `getToken`; see `credential.js`.

use js_sys::Promise;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(module = "/src/bindings/credential.js")]
extern "C" {
    /// A token request to a credential, possibly shared with other calls.
    pub type CredentialRequest;
    /// Requests a token. Simultaneous calls with the same request share it.
    #[wasm_bindgen(js_name = requestToken)]
    pub fn request_token(
        credential: &JsValue,
        scope: &str,
        claims: Option<&str>,
        refused: &JsValue,
        longest: f64,
    ) -> CredentialRequest;
    #[wasm_bindgen(method, getter)]
    pub fn token(this: &CredentialRequest) -> Promise;
    /// Says that this call no longer awaits the token.
    #[wasm_bindgen(method)]
    pub fn leave(this: &CredentialRequest);
    /// Says that what came is not a token, so that it is not kept.
    #[wasm_bindgen(method)]
    pub fn refuse(this: &CredentialRequest);
}
