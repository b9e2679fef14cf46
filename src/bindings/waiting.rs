//! Waiting for something in JavaScript, and ending that when nobody waits any more.

use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

#[wasm_bindgen(module = "/src/bindings/waiting.js")]
extern "C" {
    /// Milliseconds.
    pub fn sleep(ms: f64) -> Promise;
    /// The page is seen again, or the network is back.
    pub fn stirred() -> Promise;
    /// The signal has fired.
    pub fn aborted(signal: &AbortSignal) -> Promise;
    /// Ends a waiting early; also what has settled must be ended.
    fn end(waiting: &Promise);
}

/// Waits for one of the promises of `waiting.js`. Dropping this ends what it waits for.
pub struct Waiting {
    settled: JsFuture,
    promise: Promise,
}

impl Waiting {
    /// Takes the promise.
    pub fn new(promise: Promise) -> Waiting {
        Waiting { settled: promise.clone().into(), promise }
    }
}

impl Future for Waiting {
    type Output = Result<JsValue, JsValue>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.settled).poll(context)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        end(&self.promise);
    }
}
