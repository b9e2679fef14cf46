//! AbortSignal: ending a call at once, wherever it is, without a listener or a request left behind.

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::waiting::{aborted, until};
use crate::race::race;

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
    match race(call, until(|done| aborted(&signal, done))).await {
        Some(outcome) => outcome,
        None => Err(signal.reason()),
    }
}
