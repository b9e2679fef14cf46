//! AbortSignal: ending a call at once, wherever it is, without a listener or a request left behind.

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

use super::waiting::{Waiting, aborted};
use crate::race::race;

/// Runs a call until it ends or the signal fires. The call is then dropped, and with it its request and its timers.
///
/// # Errors
/// The signal's own reason.
pub async fn until_aborted<R>(signal: &Option<AbortSignal>, call: impl Future<Output = R>) -> Result<R, JsValue> {
    let Some(signal) = signal else { return Ok(call.await) };
    if signal.aborted() {
        return Err(signal.reason());
    }
    let abort = async {
        let _ = Waiting::new(|id, settle| aborted(signal, id, settle)).await;
    };
    race(call, abort).await.ok_or_else(|| signal.reason())
}
