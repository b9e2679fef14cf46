//! Failures as JavaScript sees them: a DiagnosticsError, or what the caller's own callback threw.

use wasm_bindgen::prelude::*;

use super::value::Js;
use crate::protocol::error::{Error, Failure};

#[wasm_bindgen(module = "/src/bindings/objects.js")]
extern "C" {
    #[wasm_bindgen(js_name = diagnosticsError)]
    fn new_diagnostics_error(
        message: &str,
        cause: JsValue,
        code: &str,
        hint: Option<&str>,
        status_code: Option<u16>,
        graph_code: Option<&str>,
        request_id: Option<&str>,
        client_request_id: Option<&str>,
        date: Option<&str>,
        retry_after_ms: Option<f64>,
        attempts: Option<u32>,
        device_id: Option<&str>,
        location: Option<&str>,
        operation: JsValue,
        may_have_started: bool,
    ) -> JsValue;
}

/// What a promise is rejected with.
pub fn reason(failure: Failure<Js>) -> JsValue {
    match failure {
        Failure::Callback(thrown) => thrown.0,
        Failure::Error(error) => diagnostics_error(&error),
    }
}

/// The DiagnosticsError of a wrong argument or option: its name, then what is wrong with it.
pub fn invalid_argument(name: &str, problem: &str) -> JsValue {
    diagnostics_error(&Error::invalid_argument(name, problem))
}

/// An error as a DiagnosticsError.
pub fn diagnostics_error(error: &Error<Js>) -> JsValue {
    new_diagnostics_error(
        &error.message,
        Js::or_undefined(&error.cause),
        error.code.as_str(),
        error.code.hint(error.location.is_some()),
        error.status_code,
        error.graph_code.as_deref(),
        error.request_id.as_deref(),
        error.client_request_id.as_deref(),
        error.date.as_deref(),
        error.retry_after_ms,
        (error.attempts > 0).then_some(error.attempts),
        error.device_id.as_deref(),
        error.location.as_deref(),
        Js::or_undefined(&error.operation),
        error.may_have_started,
    )
}
