//! Progress events as plain JavaScript objects, given to `onProgress`.

use js_sys::Function;
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::value::Js;
use crate::progress::{Event, Observer, WaitFrom};

#[wasm_bindgen]
extern "C" {
    /// A function whose result nobody wants: where an import throws, wasm-bindgen never frees the place of its result.
    type Callback;

    #[wasm_bindgen(method, catch)]
    fn call(this: &Callback, context: &JsValue, event: &JsValue) -> Result<(), JsValue>;
}

/// The caller's `onProgress`, if there is one.
pub struct OnProgress(pub Option<Function>);

/// An event with all the members that any of them has.
#[derive(Serialize, Default)]
#[serde(rename_all = "camelCase")]
struct ProgressEvent<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    operation: Option<&'a Js>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_poll_in_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_from: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
}

impl Observer<Js> for OnProgress {
    fn notify(&self, location: Option<&str>, event: &Event<'_, Js>) -> Result<(), Js> {
        let Some(callback) = &self.0 else { return Ok(()) };
        let told = match *event {
            Event::Started => ProgressEvent { r#type: "started", location, ..ProgressEvent::default() },
            Event::Attached { operation } => ProgressEvent {
                r#type: "attached",
                location,
                state: Some(operation.state.as_str()),
                status: operation.status.as_deref(),
                operation: operation.document.as_ref(),
                ..ProgressEvent::default()
            },
            Event::Status { operation, previous_status, next_poll_in_ms } => ProgressEvent {
                r#type: "status",
                location,
                state: Some(operation.state.as_str()),
                status: operation.status.as_deref(),
                previous_status,
                operation: operation.document.as_ref(),
                next_poll_in_ms,
                ..ProgressEvent::default()
            },
            Event::Retry { attempt, retry_after_ms, retry_after_from, status_code } => ProgressEvent {
                r#type: if status_code == Some(429) { "throttled" } else { "retry" },
                location,
                attempt: Some(attempt),
                retry_after_ms: Some(retry_after_ms),
                retry_after_from: Some(match retry_after_from {
                    WaitFrom::Header => "header",
                    WaitFrom::Backoff => "backoff",
                }),
                status_code,
                ..ProgressEvent::default()
            },
        };
        let told = serde_wasm_bindgen::to_value(&told).unwrap_or_default();
        callback.unchecked_ref::<Callback>().call(&JsValue::UNDEFINED, &told).map_err(Js)
    }
}
