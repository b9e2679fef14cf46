//! Failures as JavaScript sees them: a DiagnosticsError, or what the caller's own callback threw.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::value::Js;
use crate::error::{Error, Failure};

#[wasm_bindgen(module = "/src/bindings/error.js")]
extern "C" {
    type DiagnosticsError;

    #[wasm_bindgen(constructor)]
    fn new(message: &str, fields: JsValue, cause: JsValue) -> DiagnosticsError;
}

/// The fields of a DiagnosticsError that stand beside message and cause.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields<'a> {
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    graph_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempts: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a Js>,
    may_have_started: bool,
}

/// What a promise is rejected with.
pub fn reason(failure: Failure<Js>) -> JsValue {
    match failure {
        Failure::Callback(thrown) => thrown.0,
        Failure::Error(error) => diagnostics_error(*error),
    }
}

/// The DiagnosticsError of a wrong argument or option: its name, then what is wrong with it.
pub fn invalid_argument(name: &str, problem: &str) -> JsValue {
    diagnostics_error(Error::invalid_argument(name, problem))
}

/// An error as a DiagnosticsError.
pub fn diagnostics_error(error: Error<Js>) -> JsValue {
    let fields = Fields {
        code: error.code.as_str(),
        hint: error.code.hint(error.location.is_some()),
        status_code: error.status_code,
        graph_code: error.graph_code.as_deref(),
        request_id: error.request_id.as_deref(),
        client_request_id: error.client_request_id.as_deref(),
        date: error.date.as_deref(),
        retry_after_ms: error.retry_after_ms,
        attempts: (error.attempts > 0).then_some(error.attempts),
        device_id: error.device_id.as_deref(),
        location: error.location.as_deref(),
        operation: error.operation.as_ref(),
        may_have_started: error.may_have_started,
    };
    let fields = serde_wasm_bindgen::to_value(&fields).unwrap_or_default();
    let cause = error.cause.map_or(JsValue::UNDEFINED, |cause| cause.0);
    DiagnosticsError::new(&error.message, fields, cause).into()
}
