//! Waiting for something in JavaScript, and ending that when nobody waits any more.

use alloc::rc::Rc;
use core::cell::{Cell, OnceCell};
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll, Waker};

use wasm_bindgen::prelude::*;
use web_sys::AbortSignal;

/// What a [`Waiting`] gives JavaScript: its id, and the function that settles it.
pub type Settle = Closure<dyn Fn(Id, bool, JsValue)>;

/// The address of what is known of a waiting.
pub type Id = usize;

#[wasm_bindgen(module = "/src/bindings/waiting.js")]
extern "C" {
    /// Milliseconds.
    pub fn sleep(ms: f64, id: Id, settle: &Settle);
    /// The page is seen again, or the network is back.
    pub fn stirred(id: Id, settle: &Settle);
    /// The signal has fired.
    pub fn aborted(signal: &AbortSignal, id: Id, settle: &Settle);
    /// Ends a waiting early; also one that has settled must be ended.
    fn end(id: Id);
}

/// Waits for one of the waitings of `waiting.js`. Dropping this ends it.
pub struct Waiting(Rc<Slot>);

#[derive(Default)]
struct Slot {
    waker: Cell<Option<Waker>>,
    outcome: Cell<Option<Result<JsValue, JsValue>>>,
}

impl Waiting {
    /// Sets it going.
    pub fn new(begin: impl FnOnce(Id, &Settle)) -> Waiting {
        let slot = Rc::<Slot>::default();
        // JavaScript's half is given back by `settle`.
        let id = Rc::into_raw(slot.clone()) as Id;
        begin(id, SETTLE.0.get_or_init(|| Closure::new(settle)));
        Waiting(slot)
    }
}

impl Future for Waiting {
    type Output = Result<JsValue, JsValue>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(outcome) = self.0.outcome.take() else {
            self.0.waker.set(Some(context.waker().clone()));
            return Poll::Pending;
        };
        Poll::Ready(outcome)
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        end(Rc::as_ptr(&self.0) as Id);
    }
}

fn settle(id: Id, is_done: bool, value: JsValue) {
    // SAFETY: the id comes from `Waiting::new`, and `waiting.js` settles each of them once.
    let slot = unsafe { Rc::from_raw(id as *const Slot) };
    slot.outcome.set(Some(if is_done { Ok(value) } else { Err(value) }));
    if let Some(waker) = slot.waker.take() {
        waker.wake();
    }
}

/// One function for all, made when it is needed first.
static SETTLE: SingleThreaded<OnceCell<Settle>> = SingleThreaded(OnceCell::new());

struct SingleThreaded<T>(T);

// SAFETY: the module is not built with threads, so there is one.
unsafe impl<T> Sync for SingleThreaded<T> {}
