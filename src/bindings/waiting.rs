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
}

/// Waits for what `begin` sets going: a function that calls back and returns the function that ends it. Dropping this ends it.
pub async fn until(begin: impl FnOnce(&Function) -> Function) {
    let mut begin = Some(begin);
    let mut waiting = None;
    let happened = Promise::new(&mut |done, _| waiting = begin.take().map(|begin| Waiting(begin(&done))));
    let _ = JsFuture::from(happened).await;
}

struct Waiting(Function);

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.call0(&JsValue::UNDEFINED);
    }
}
