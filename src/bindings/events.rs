//! Progress events as plain JavaScript objects.

use wasm_bindgen::prelude::*;

use super::object::{Member, number, object_of, set, text};
use super::value::Js;
use crate::machine::event::{DelaySource, Event, EventKind};
use crate::protocol::operation::Operation;

/// The object that `onProgress` receives.
pub fn to_js_event(event: &Event<Js>) -> JsValue {
    let location = ("location", event.location.as_deref().and_then(text));
    match &event.kind {
        EventKind::Started { recovered: None } => object_of(&[("type", text("started")), location]),
        EventKind::Started { recovered: Some(operation) } => with_operation("started", location, operation, None, None),
        EventKind::Attached { operation } => with_operation("attached", location, operation, None, None),
        EventKind::Status { operation, previous_status, next_poll_in } => {
            let next_poll_in = next_poll_in.and_then(|wait| number(wait.0));
            with_operation("status", location, operation, previous_status.as_deref(), next_poll_in)
        }
        EventKind::Retry { attempt, delay, delay_source, status_code } => object_of(&[
            ("type", text(if *status_code == Some(429) { "throttled" } else { "retry" })),
            location,
            ("attempt", number(*attempt)),
            ("retryAfterMs", number(delay.0)),
            ("retryAfterFrom", text(if *delay_source == DelaySource::Header { "header" } else { "backoff" })),
            ("statusCode", status_code.and_then(number)),
        ]),
        EventKind::Abandoned { device_id } => {
            object_of(&[("type", text("abandoned")), ("deviceId", device_id.as_deref().and_then(text))])
        }
    }
}

fn with_operation(
    kind: &str,
    location: (&str, Option<Member<'_>>),
    operation: &Operation<Js>,
    previous_status: Option<&str>,
    next_poll_in: Option<Member<'_>>,
) -> JsValue {
    let object = object_of(&[
        ("type", text(kind)),
        location,
        ("state", text(operation.state.as_str())),
        ("status", operation.status.as_deref().and_then(text)),
        ("previousStatus", previous_status.and_then(text)),
        ("nextPollInMs", next_poll_in),
        ("recovered", Some(Member::Flag(true)).filter(|_| kind == "started")),
    ]);
    set(&object, "operation", operation.document.as_ref());
    object
}
