//! The host's own functions: clocks, timers, listeners, and calls of what the caller handed in. See `host.js` for what each does.

use js_sys::{Array, Function, Promise};
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
    /// At least 0 and less than 1; NaN when a replacement threw.
    fn random() -> f64;
    /// Whether there may be a network.
    #[wasm_bindgen(js_name = isOnline)]
    pub fn is_online() -> bool;
    /// What a replacement of a clock or a timer threw; undefined when none did.
    #[wasm_bindgen(js_name = takeFailure)]
    pub fn take_failure() -> JsValue;
    /// Where what happens to a call arrives.
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
    /// Why a signal has fired.
    #[wasm_bindgen(js_name = abortReason)]
    pub fn abort_reason(signal: &JsValue) -> JsValue;
    /// The header fields of a request.
    pub fn headers(token: &JsValue, client_request_id: &str) -> JsValue;
    /// Sends a request; resolves to what is read of its response: its status, its fields in one text, and the text of its body.
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
    /// Aborts a request; what the exchange of a POST resolves to, where its 202 has been read but has not arrived.
    #[wasm_bindgen(js_name = endRequest)]
    pub fn end_request(controller: &web_sys::AbortController) -> JsValue;
    /// Asks a function for a token.
    #[wasm_bindgen(js_name = askFunction)]
    pub fn ask_function(source: &JsValue, scope: &str, claims: Option<&str>) -> Promise;
    /// Calls the progress callback; a promise that it returns goes into the array.
    #[wasm_bindgen(catch)]
    pub fn notify(on_progress: &Function, event: &JsValue, results: &Array) -> Result<(), JsValue>;
    /// Hands what a callback failed with to the host.
    pub fn report(failure: &JsValue);
    /// The options that are given, each read once; an array around what reading them throws. What is no object is returned as it is.
    #[wasm_bindgen(js_name = readOptions)]
    pub fn read_options(options: &JsValue) -> JsValue;
    /// A member of a document; undefined when there is none, and of what has no members.
    pub fn member(document: &JsValue, name: &str) -> JsValue;
    /// An object without any members, also inherited ones.
    pub fn empty() -> JsValue;
    /// Undefined when the text is not JSON.
    #[wasm_bindgen(js_name = parseJson)]
    pub fn parse_json(text: &JsValue) -> JsValue;
    /// Undefined when the text is no absolute URL.
    #[wasm_bindgen(js_name = parseUrl)]
    pub fn parse_url(text: &str) -> JsValue;
}

#[wasm_bindgen(module = "/src/bindings/redaction.js")]
extern "C" {
    /// A text without a token.
    pub fn redacted(text: &JsValue, token: &JsValue) -> JsValue;
}

/// The moment.
///
/// # Errors
/// What a replacement of a clock threw.
pub fn now() -> Result<Now, JsValue> {
    let (instant, unix_time, random) = (performance_now(), date_now(), random());
    if instant.is_nan() || unix_time.is_nan() || random.is_nan() {
        return Err(take_failure());
    }
    Ok(Now { instant: Instant(instant), unix_time: UnixTime(unix_time), random, is_online: true })
}

/// Takes what arrives: its code, the turn that it answers, and a value. One for each call: a closure for each promise would cost a
/// request four more of them. An abort within a callback of the caller's calls it while it is being called, so it is no `FnMut`.
pub type Arrive = Closure<dyn Fn(u32, u32, JsValue)>;

/// Where everything arrives that a call waits for; closed when it is dropped.
pub struct Arrivals {
    port: Port,
    /// What of it is listened for, to be ended.
    signal: Option<JsValue>,
    is_asleep: bool,
    /// Under which code what arrives too late is reported to the host; the codes of all others are dropped.
    pub late_failures: u32,
    _arrive: Arrive,
}

impl Arrivals {
    /// Opens the port.
    pub fn new(arrive: Arrive) -> Arrivals {
        Arrivals { port: open_port(&arrive), signal: None, is_asleep: false, late_failures: u32::MAX, _arrive: arrive }
    }

    /// What a promise settles with arrives under one of two codes.
    pub fn of_promise(&self, promise: &Promise, turn: u32, [fulfilled, rejected]: [u32; 2]) {
        when_settled(&self.port, promise, turn, fulfilled, rejected);
    }

    /// It arrives when the signal fires.
    ///
    /// # Errors
    /// What the signal threw.
    pub fn of_abort(&mut self, signal: &JsValue, code: u32) -> Result<(), JsValue> {
        on_abort(signal, &self.port, code)?;
        self.signal = Some(signal.clone());
        Ok(())
    }

    /// It arrives when waiting may have become pointless: the page is visible again, or the network is back.
    pub fn of_wake_up(&mut self, code: u32) {
        on_wake_up(&self.port, code);
        self.is_asleep = true;
    }

    /// Whether that is listened for.
    pub fn is_asleep(&self) -> bool {
        self.is_asleep
    }

    /// Ends that.
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
