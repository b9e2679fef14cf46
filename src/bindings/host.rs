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
    /// Calls a function when a signal fires.
    #[wasm_bindgen(catch, js_name = onAbort)]
    pub fn on_abort(signal: &JsValue, end: &Closure<dyn FnMut()>) -> Result<(), JsValue>;
    /// Does so no longer.
    #[wasm_bindgen(js_name = offAbort)]
    pub fn off_abort(signal: &JsValue, end: &Closure<dyn FnMut()>);
    /// Whether a signal has fired.
    #[wasm_bindgen(js_name = isAborted)]
    pub fn is_aborted(signal: &JsValue) -> bool;
    /// Why a signal has fired.
    #[wasm_bindgen(js_name = abortReason)]
    pub fn abort_reason(signal: &JsValue) -> JsValue;
    /// Calls a function when waiting may have become pointless; returns the function that ends that.
    #[wasm_bindgen(js_name = onWakeUp)]
    fn on_wake_up(wake_up: &Closure<dyn FnMut()>) -> Function;
    /// The header fields of a request.
    pub fn headers(token: &JsValue, client_request_id: &str) -> JsValue;
    /// Whether a text may hold another one, plainly or escaped as JSON may write it.
    #[wasm_bindgen(js_name = mayRepeat)]
    pub fn may_repeat(text: &JsValue, other: &JsValue) -> bool;
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

/// Listens for what may make waiting pointless, until it is dropped.
pub struct WakeUp {
    stop: Function,
    _closure: Closure<dyn FnMut()>,
}

impl WakeUp {
    /// Calls a function at each such event.
    pub fn listen(closure: Closure<dyn FnMut()>) -> WakeUp {
        WakeUp { stop: on_wake_up(&closure), _closure: closure }
    }
}

impl Drop for WakeUp {
    fn drop(&mut self) {
        // It never throws.
        let _ = self.stop.call0(&JsValue::UNDEFINED);
    }
}
