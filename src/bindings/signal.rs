//! AbortSignals: one listener for each, whatever the calls that it can end.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use js_sys::{Map, Reflect};
use wasm_bindgen::prelude::*;
use web_sys::{AbortSignal, DomException};

use super::errors::{invalid_argument, thrown};
use super::host::Listener;
use super::value::Js;
use crate::machine::effect::Failure;

/// What is told when the signal fires.
pub trait OnAbort {
    /// The signal has fired.
    fn on_abort(self: Rc<Self>);
}

/// A signal of the caller's, checked.
#[derive(Clone)]
pub struct Signal(AbortSignal);

/// Calls that wait for the same signal.
struct Waiting {
    tasks: RefCell<Vec<Weak<dyn OnAbort>>>,
    /// Set once, right after the closure that it calls has been made.
    listener: RefCell<Option<Listener>>,
}

/// A call's place among those that wait for a signal. Dropping it takes the call away, and the listener after the last one.
pub struct Subscription {
    signal: Signal,
    waiting: Rc<Waiting>,
    task: Weak<dyn OnAbort>,
}

thread_local! {
    /// The numbers of signals in `WAITING`, by signal.
    static NUMBERS: Map = Map::new();
    static WAITING: RefCell<Vec<Option<Rc<Waiting>>>> = RefCell::default();
}

impl Signal {
    /// Takes the option.
    ///
    /// # Errors
    /// It is no AbortSignal; or what a getter threw.
    pub fn new(signal: JsValue) -> Result<Signal, Failure<Js>> {
        let get = |name: &str| Reflect::get(&signal, &name.into()).map_err(thrown);
        let is_signal = signal.is_object()
            && get("aborted")?.as_bool().is_some()
            && get("addEventListener")?.is_function()
            && get("removeEventListener")?.is_function();
        if is_signal {
            Ok(Signal(signal.unchecked_into()))
        } else {
            Err(invalid_argument("options.signal", "must be an AbortSignal"))
        }
    }

    /// The reason, when the signal has fired.
    pub fn abort_reason(&self) -> Option<JsValue> {
        let get = |name: &str| Reflect::get(&self.0, &name.into()).unwrap_or_default();
        get("aborted").is_truthy().then(|| get("reason")).map(
            |reason| {
                if reason.is_undefined() { abort_error() } else { reason }
            },
        )
    }

    /// Tells a call when the signal fires.
    ///
    /// # Errors
    /// What the signal threw.
    pub fn subscribe(&self, task: Weak<dyn OnAbort>) -> Result<Subscription, JsValue> {
        let waiting = self.waiting()?;
        waiting.tasks.borrow_mut().push(task.clone());
        Ok(Subscription { signal: self.clone(), waiting, task })
    }

    /// Those that wait for this signal.
    fn waiting(&self) -> Result<Rc<Waiting>, JsValue> {
        let number = NUMBERS.with(|numbers| numbers.get(&self.0)).as_f64();
        let known = number.and_then(|number| WAITING.with_borrow(|all| all.get(number as usize).cloned().flatten()));
        if let Some(waiting) = known {
            return Ok(waiting);
        }
        let waiting = Rc::new(Waiting { tasks: RefCell::default(), listener: RefCell::default() });
        let told = Rc::downgrade(&waiting);
        let closure = Closure::new(move || {
            if let Some(waiting) = told.upgrade() {
                waiting.tell_all();
            }
        });
        waiting.listener.replace(Some(Listener::add(&self.0, "abort", closure)?));
        let number = WAITING.with_borrow_mut(|all| {
            let free = all.iter().position(Option::is_none).unwrap_or(all.len());
            all.resize(all.len().max(free + 1), None);
            all[free] = Some(waiting.clone());
            free
        });
        NUMBERS.with(|numbers| numbers.set(&self.0, &JsValue::from_f64(number as f64)));
        Ok(waiting)
    }
}

impl Waiting {
    fn tell_all(&self) {
        let tasks = self.tasks.borrow().clone();
        for task in tasks.iter().filter_map(Weak::upgrade) {
            task.on_abort();
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut tasks = self.waiting.tasks.borrow_mut();
        tasks.retain(|task| !task.ptr_eq(&self.task));
        if !tasks.is_empty() {
            return;
        }
        let number = NUMBERS.with(|numbers| {
            let number = numbers.get(&self.signal.0).as_f64();
            numbers.delete(&self.signal.0);
            number
        });
        if let Some(number) = number {
            WAITING.with_borrow_mut(|all| all[number as usize] = None);
        }
        self.waiting.listener.take();
    }
}

/// What hosts give that do not know reasons yet.
fn abort_error() -> JsValue {
    let error = DomException::new_with_message_and_name("The operation was aborted", "AbortError");
    error.map_or_else(|thrown| thrown, JsValue::from)
}
