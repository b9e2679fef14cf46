//! Progress events as plain JavaScript objects.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::errors::with_values;
use super::value::Js;
use crate::machine::event::{DelaySource, Event, EventKind};
use crate::protocol::operation::Operation;

/// The members of an event that are not values of JavaScript already. Those that do not apply are left out.
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventFields<'a> {
    r#type: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_status: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_poll_in_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    attempt: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retry_after_from: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_code: Option<u16>,
}

/// The object that `onProgress` receives.
pub fn to_js_event(event: &Event<Js>) -> JsValue {
    let mut fields = EventFields { location: event.location.as_deref(), ..EventFields::default() };
    let mut operation: Option<&Operation<Js>> = None;
    match &event.kind {
        EventKind::Started => fields.r#type = "started",
        EventKind::Attached { operation: attached } => {
            fields.r#type = "attached";
            operation = Some(attached);
        }
        EventKind::Status { operation: polled, previous_status, next_poll_in } => {
            fields.r#type = "status";
            fields.previous_status = previous_status.as_deref();
            fields.next_poll_in_ms = next_poll_in.map(|wait| wait.0);
            operation = Some(polled);
        }
        EventKind::Retry { attempt, delay, delay_source, status_code } => {
            fields.r#type = if *status_code == Some(429) { "throttled" } else { "retry" };
            fields.attempt = Some(*attempt);
            fields.retry_after_ms = Some(delay.0);
            fields.retry_after_from = Some(match delay_source {
                DelaySource::Header => "header",
                DelaySource::Backoff => "backoff",
            });
            fields.status_code = *status_code;
        }
    }
    fields.state = operation.map(|operation| operation.state.as_str());
    fields.status = operation.and_then(|operation| operation.status.as_deref());
    with_values(&fields, [("operation", operation.map_or(&None, |operation| &operation.document))])
}
