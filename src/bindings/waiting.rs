//! Waiting for something in JavaScript, and ending that when nobody waits any more.

use js_sys::{Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

#[wasm_bindgen(module = "/src/bindings/waiting.js")]
extern "C" {
    /// Milliseconds.
    pub fn sleep(ms: f64, done: &Function) -> Function;
    /// The page is seen again, or the network is back.
    pub fn stirred(done: &Function) -> Function;
    /// The signal has fired.
    pub fn aborted(signal: &AbortSignal, done: &Function) -> Function;
    /// What ends a waiting, also after a trap, when nothing is dropped any more.
    fn ending(end: &Function) -> Function;
}

/// Waits for what `begin` sets going: a function that calls back, with a result or with an error, and returns the function that
/// ends it. Dropping this ends it.
///
/// # Errors
/// What it calls back with.
pub async fn outcome(begin: impl FnOnce(&Function, &Function) -> Function) -> Result<JsValue, JsValue> {
    let mut begin = Some(begin);
    let mut waiting = None;
    let outcome =
        Promise::new(&mut |done, failed| waiting = begin.take().map(|begin| Waiting(ending(&begin(&done, &failed)))));
    JsFuture::from(outcome).await
}

/// Waits for something that has no result.
pub async fn until(begin: impl FnOnce(&Function) -> Function) {
    let _ = outcome(|done, _| begin(done)).await;
}

struct Waiting(Function);

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}
