//! The host's own functions: clocks, timers, listeners, and calls of what the caller handed in. See `host.js` for what each does.

use js_sys::{Array, Function, Math, Promise};
use wasm_bindgen::prelude::*;

use crate::machine::effect::Now;
use crate::protocol::time::{Instant, UnixTime};

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// Milliseconds; NaN when a replacement threw.
    #[wasm_bindgen(js_name = now)]
    fn performance_now() -> f64;
    /// Milliseconds since the Unix epoch; NaN when a replacement threw.
    #[wasm_bindgen(js_name = unixTime)]
    fn date_now() -> f64;
    /// What a replacement of a clock or a timer threw; undefined when none did.
    #[wasm_bindgen(js_name = takeFailure)]
    pub fn take_failure() -> JsValue;
    /// Adds an event listener; returns its id.
    #[wasm_bindgen(catch)]
    fn listen(target: &JsValue, event: &str, listener: &Function) -> Result<u32, JsValue>;
    fn unlisten(id: u32);
    /// Sends a request; resolves to the response and the text of its body.
    pub fn exchange(
        fetch: &JsValue,
        url: &str,
        init: &web_sys::RequestInit,
        controller: &web_sys::AbortController,
    ) -> Promise;
    /// Calls a function of the caller's, with up to two arguments.
    pub fn call(callback: &JsValue, this: &JsValue, first: &JsValue, second: &JsValue) -> Promise;
    /// Calls the progress callback; a promise that it returns goes into the array.
    #[wasm_bindgen(catch)]
    pub fn notify(on_progress: &Function, event: &JsValue, results: &Array) -> Result<(), JsValue>;
    /// Undefined when the text is not JSON.
    #[wasm_bindgen(js_name = parseJson)]
    pub fn parse_json(text: &JsValue) -> JsValue;
    /// Undefined when the text is no absolute URL.
    #[wasm_bindgen(js_name = parseUrl)]
    pub fn parse_url(text: &str) -> JsValue;
}

/// The moment.
///
/// # Errors
/// What a replacement of a clock threw.
pub fn now() -> Result<Now, JsValue> {
    let (instant, unix_time) = (performance_now(), date_now());
    if instant.is_nan() || unix_time.is_nan() {
        return Err(take_failure());
    }
    Ok(Now { instant: Instant(instant), unix_time: UnixTime(unix_time), random: Math::random() })
}

/// An event listener, which is removed when this is dropped.
pub struct Listener {
    id: u32,
    _closure: Closure<dyn FnMut()>,
}

impl Listener {
    /// Adds a listener.
    ///
    /// # Errors
    /// What the target threw.
    pub fn add(target: &JsValue, event: &str, closure: Closure<dyn FnMut()>) -> Result<Listener, JsValue> {
        let id = listen(target, event, closure.as_ref().unchecked_ref())?;
        Ok(Listener { id, _closure: closure })
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        unlisten(self.id);
    }
}
