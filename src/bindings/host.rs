//! The host's own functions: clocks, timers, listeners, and calls of what the caller passed. `host.js` describes each.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

use crate::machine::effect::Now;
use crate::protocol::time::{Instant, UnixTime};

#[wasm_bindgen(module = "/src/bindings/host.js")]
extern "C" {
    /// Milliseconds of a monotonic clock; NaN if a replaced function threw.
    #[wasm_bindgen(js_name = now)]
    fn performance_now() -> f64;
    /// Milliseconds since the Unix epoch; NaN if a replaced function threw.
    #[wasm_bindgen(js_name = unixTime)]
    fn date_now() -> f64;
    /// At least 0 and less than 1; NaN if a replaced function threw.
    fn random() -> f64;
    /// Whether the host may be online.
    #[wasm_bindgen(js_name = isOnline)]
    pub fn is_online() -> bool;
    /// What a replaced clock or timer function threw; undefined if none did.
    #[wasm_bindgen(js_name = takeFailure)]
    pub fn take_failure() -> JsValue;
    /// Where the inputs of a call arrive.
    pub type Port;
    #[wasm_bindgen(js_name = openPort)]
    fn open_port(arrive: &Arrive) -> Port;
    #[wasm_bindgen(js_name = closePort)]
    fn close_port(port: &Port, reported: u32);
    #[wasm_bindgen(js_name = whenSettled)]
    fn when_settled(port: &Port, promise: &Promise, turn: u32, fulfilled: u32, rejected: u32);
    #[wasm_bindgen(catch, js_name = onAbort)]
    fn on_abort(signal: &JsValue, port: &Port, code: u32) -> Result<(), JsValue>;
    #[wasm_bindgen(js_name = offAbort)]
    fn off_abort(signal: &JsValue, port: &Port);
    #[wasm_bindgen(js_name = onWakeUp)]
    fn on_wake_up(port: &Port, code: u32);
    #[wasm_bindgen(js_name = offWakeUp)]
    fn off_wake_up(port: &Port);
    /// Whether a signal has fired.
    #[wasm_bindgen(js_name = isAborted)]
    pub fn is_aborted(signal: &JsValue) -> bool;
    /// The reason of a signal that has fired.
    #[wasm_bindgen(js_name = abortReason)]
    pub fn abort_reason(signal: &JsValue) -> JsValue;
    /// The header fields of a request.
    pub fn headers(token: &JsValue, client_request_id: &str) -> JsValue;
    /// Sends a request; resolves to the parts of its response that are read: its status, its fields in one text, and the
    /// text of its body.
    pub fn exchange(
        fetch: &JsValue,
        url: &str,
        init: &web_sys::RequestInit,
        controller: &web_sys::AbortController,
        longest_body: u32,
        facts: &JsValue,
    ) -> Promise;
    /// The signal of a request.
    #[wasm_bindgen(catch, js_name = signalOf)]
    pub fn signal_of(controller: &web_sys::AbortController) -> Result<web_sys::AbortSignal, JsValue>;
    /// Aborts a request; returns what the exchange of a POST resolves to, if its 202 has been read but has not arrived.
    #[wasm_bindgen(js_name = endRequest)]
    pub fn end_request(controller: &web_sys::AbortController) -> JsValue;
    /// Requests a token from a function.
    #[wasm_bindgen(js_name = callTokenFunction)]
    pub fn call_token_function(source: &JsValue, scope: &str, claims: Option<&str>) -> Promise;
    /// Calls the progress callback; if it returns a promise, that is added to the array.
    #[wasm_bindgen(catch)]
    pub fn notify(on_progress: &Function, event: &JsValue, results: &Array) -> Result<(), JsValue>;
    /// Reports the failure of a callback to the host.
    pub fn report(failure: &JsValue);
    /// The options that are given, each read once; or an array around what reading them threw. A value that is not an object
    /// is returned unchanged.
    #[wasm_bindgen(js_name = readOptions)]
    pub fn read_options(options: &JsValue) -> JsValue;
    /// A member of a document; undefined if it has no such member, or no members at all.
    pub fn member(document: &JsValue, name: &str) -> JsValue;
    /// An object without any members, not even inherited ones.
    pub fn empty() -> JsValue;
    /// Undefined if the text is not JSON.
    #[wasm_bindgen(js_name = parseJson)]
    pub fn parse_json(text: &JsValue) -> JsValue;
    /// Undefined if the text is not an absolute URL.
    #[wasm_bindgen(js_name = parseUrl)]
    pub fn parse_url(text: &str) -> JsValue;
}

#[wasm_bindgen(module = "/src/bindings/redaction.js")]
extern "C" {
    /// A text with a token removed.
    pub fn redacted(text: &JsValue, token: &JsValue) -> JsValue;
}

/// The current time, and a random number.
///
/// # Errors
/// What a replaced clock threw.
pub fn now() -> Result<Now, JsValue> {
    let (instant, unix_time, random) = (performance_now(), date_now(), random());
    if instant.is_nan() || unix_time.is_nan() || random.is_nan() {
        return Err(take_failure());
    }
    Ok(Now { instant: Instant(instant), unix_time: UnixTime(unix_time), random, is_online: true })
}

/// Receives what arrives: its code, the turn that it belongs to, and a value. There is one per call, because a closure for
/// each promise would cost four more per request. An abort within a callback of the caller's calls it while it is running,
/// so it is not an `FnMut`.
pub type Arrive = Closure<dyn Fn(u32, u32, JsValue)>;

/// The port through which everything arrives that a call awaits; closed when dropped.
pub struct Arrivals {
    port: Port,
    /// The signal whose event is listened for.
    signal: Option<JsValue>,
    is_asleep: bool,
    /// The code whose late arrivals are reported to the host; others are dropped.
    pub late_failures: u32,
    _arrive: Arrive,
}

impl Arrivals {
    /// Opens the port.
    pub fn new(arrive: Arrive) -> Arrivals {
        Arrivals { port: open_port(&arrive), signal: None, is_asleep: false, late_failures: u32::MAX, _arrive: arrive }
    }

    /// Makes the outcome of a promise arrive under one of two codes.
    pub fn of_promise(&self, promise: &Promise, turn: u32, [fulfilled, rejected]: [u32; 2]) {
        when_settled(&self.port, promise, turn, fulfilled, rejected);
    }

    /// Makes the signal arrive when it fires.
    ///
    /// # Errors
    /// What the signal threw.
    pub fn of_abort(&mut self, signal: &JsValue, code: u32) -> Result<(), JsValue> {
        on_abort(signal, &self.port, code)?;
        self.signal = Some(signal.clone());
        Ok(())
    }

    /// Makes a wake-up arrive when the page is visible again, or the network is back.
    pub fn of_wake_up(&mut self, code: u32) {
        on_wake_up(&self.port, code);
        self.is_asleep = true;
    }

    /// Whether wake-ups are listened for.
    pub fn is_asleep(&self) -> bool {
        self.is_asleep
    }

    /// Stops listening for wake-ups.
    pub fn end_sleep(&mut self) {
        if std::mem::take(&mut self.is_asleep) {
            off_wake_up(&self.port);
        }
    }
}

impl Drop for Arrivals {
    fn drop(&mut self) {
        self.end_sleep();
        if let Some(signal) = &self.signal {
            off_abort(signal, &self.port);
        }
        close_port(&self.port, self.late_failures);
    }
}
