//! What promises are rejected with. The JavaScript half of the package makes a `DiagnosticsError` of it where the caller awaits the
//! call, so that `error.stack` names the caller.

use js_sys::{Array, Reflect};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::value::Js;
use crate::machine::effect::Failure;
use crate::protocol::error::Error;

/// The members of a `DiagnosticsError` that are not values of JavaScript already. Those that are not known are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ErrorFields<'a> {
    message: &'a str,
    code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
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
    may_have_started: bool,
}

/// What a promise is rejected with: an object with the members of a `DiagnosticsError`, or an array around what the caller's own
/// code threw, which is handed on as it is.
pub fn to_js_error(failure: Failure<Js>) -> JsValue {
    match failure {
        Failure::Callback(thrown) => Array::of1(&thrown.0).into(),
        Failure::Error(error) => error_fields(&error),
    }
}

/// What the caller's own code threw, as a failure.
pub fn thrown(value: JsValue) -> Failure<Js> {
    Failure::Callback(Js(value))
}

/// A wrong argument or option: its name, then what is wrong with it.
pub fn invalid_argument(name: &str, problem: &str) -> Failure<Js> {
    Failure::Error(Error::invalid_argument(name, problem))
}

fn error_fields(error: &Error<Js>) -> JsValue {
    let fields = ErrorFields {
        message: &error.message,
        code: error.code.as_str(),
        hint: error.hint(),
        status_code: error.status_code,
        graph_code: error.graph_code.as_deref(),
        request_id: error.request_id.as_deref(),
        client_request_id: error.client_request_id.as_deref(),
        date: error.date.as_deref(),
        retry_after_ms: error.retry_after.map(|delay| delay.0),
        attempts: (error.attempts > 0).then_some(error.attempts),
        device_id: error.device_id.as_deref(),
        location: error.location.as_deref(),
        may_have_started: error.may_have_started,
    };
    with_values(&fields, [("operation", &error.operation), ("cause", &error.cause)])
}

/// An object with the members of a struct, and with values that JavaScript has already.
pub fn with_values<const N: usize>(fields: &impl Serialize, values: [(&str, &Option<Js>); N]) -> JsValue {
    // Texts and numbers: nothing in them can fail.
    let object = serde_wasm_bindgen::to_value(fields).unwrap_or_default();
    for (name, value) in values {
        if let Some(value) = value {
            let _ = Reflect::set(&object, &name.into(), &value.0);
        }
    }
    object
}
