//! AbortSignal: ending a call at once, wherever it is, without a listener or a request left behind.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, AbortSignal};

use crate::race::{First, race};

/// Runs a call until it ends or the signal fires. The call is then dropped, and with it its request and its timers.
///
/// # Errors
/// The error of the call, or the signal's own reason.
pub async fn abortable<R>(
    signal: Option<AbortSignal>,
    call: impl Future<Output = Result<R, JsValue>>,
) -> Result<R, JsValue> {
    let Some(signal) = signal else { return call.await };
    if signal.aborted() {
        return Err(signal.reason());
    }
    let mut listening = None;
    let aborted = js_sys::Promise::new(&mut |resolve, _| {
        let _ = signal.add_event_listener_with_callback("abort", &resolve);
        listening = Some(Listening { signal: &signal, listener: resolve });
    });
    match race(call, JsFuture::from(aborted)).await {
        First::Left(outcome) => outcome,
        First::Right(_) => Err(signal.reason()),
    }
}

struct Listening<'a> {
    signal: &'a AbortSignal,
    listener: js_sys::Function,
}

impl Drop for Listening<'_> {
    fn drop(&mut self) {
        let _ = self.signal.remove_event_listener_with_callback("abort", &self.listener);
        // A JsFuture is freed when its promise settles, not before.
        let _ = self.listener.call0(&JsValue::UNDEFINED);
    }
}

/// A signal of our own, for what a future sets going: it fires when the future is dropped. After the end this does nothing.
pub struct AbortOnDrop(AbortController);

impl AbortOnDrop {
    /// Not fired yet.
    ///
    /// # Errors
    /// Where there is no AbortController.
    pub fn new() -> Result<AbortOnDrop, JsValue> {
        AbortController::new().map(AbortOnDrop)
    }

    /// The signal.
    pub fn signal(&self) -> AbortSignal {
        self.0.signal()
    }
}

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}
