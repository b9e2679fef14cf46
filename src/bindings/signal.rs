//! The caller's AbortSignals.

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

use super::errors::{invalid_argument, thrown};
use super::host::{abort_reason, is_aborted};
use super::value::Js;
use crate::machine::effect::Failure;

/// A checked signal.
#[derive(Clone)]
pub struct Signal(JsValue);

impl Signal {
    /// Checks the option.
    ///
    /// # Errors
    /// If it is not an AbortSignal; or what a getter threw.
    pub fn new(signal: JsValue) -> Result<Signal, Failure<Js>> {
        let get = |name: &str| Reflect::get(&signal, &name.into()).map_err(thrown);
        let is_signal = signal.is_object()
            && get("aborted")?.as_bool().is_some()
            && get("addEventListener")?.is_function()
            && get("removeEventListener")?.is_function();
        if is_signal { Ok(Signal(signal)) } else { Err(invalid_argument("options.signal", "must be an AbortSignal")) }
    }

    /// Whether it has fired.
    pub fn is_aborted(&self) -> bool {
        is_aborted(&self.0)
    }

    /// The reason of the abort.
    pub fn reason(&self) -> JsValue {
        abort_reason(&self.0)
    }

    /// The signal itself.
    pub fn value(&self) -> &JsValue {
        &self.0
    }
}
