//! The result of a call, on its way to the promise of the exported function.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;

/// What a promise is settled with.
pub type Settled = Result<JsValue, JsValue>;

/// Settles the promise of a call, once.
#[derive(Default)]
pub struct Outcome {
    result: Cell<Option<Settled>>,
    waker: RefCell<Option<Waker>>,
}

impl Outcome {
    /// Settles the promise.
    pub fn settle(&self, result: Settled) {
        self.result.set(Some(result));
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// The promise. Only the result passes through the queue that all futures share, because anything else would run there
    /// in the async context of another call.
    pub fn promise(self: Rc<Self>) -> Promise {
        future_to_promise(poll_fn(move |context| match self.result.take() {
            Some(result) => Poll::Ready(result),
            None => {
                self.waker.replace(Some(context.waker().clone()));
                Poll::Pending
            }
        }))
    }
}
