//! Progress events as plain JavaScript objects, given to `onProgress`.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use super::value::Js;
use crate::progress::{Event, Observer, WaitFrom};
use crate::protocol::operation::Operation;

#[wasm_bindgen(module = "/src/bindings/objects.js")]
extern "C" {
    // No result: where an import throws, wasm-bindgen never frees the place of its result.
    #[wasm_bindgen(catch)]
    fn notify(
        on_progress: &Function,
        r#type: &str,
        location: Option<&str>,
        state: Option<&str>,
        status: Option<&str>,
        previous_status: Option<&str>,
        operation: JsValue,
        next_poll_in_ms: Option<f64>,
        attempt: Option<u32>,
        retry_after_ms: Option<f64>,
        retry_after_from: Option<&str>,
        status_code: Option<u16>,
    ) -> Result<(), JsValue>;
}

/// The caller's `onProgress`, if there is one.
#[derive(Clone)]
pub struct OnProgress(pub Option<Function>);

impl Observer<Js> for OnProgress {
    fn notify(&self, location: Option<&str>, event: &Event<'_, Js>) -> Result<(), Js> {
        let Some(callback) = &self.0 else { return Ok(()) };
        let (mut seen, mut previous, mut next_poll) = (None::<&Operation<Js>>, None, None);
        let (mut retry, mut wait, mut wait_from, mut status_code) = (None, None, None, None);
        let kind = match *event {
            Event::Started => "started",
            Event::Attached { operation } => {
                seen = Some(operation);
                "attached"
            }
            Event::Status { operation, previous_status, next_poll_in_ms } => {
                seen = Some(operation);
                (previous, next_poll) = (previous_status, next_poll_in_ms);
                "status"
            }
            Event::Retry { attempt, retry_after_ms, retry_after_from, status_code: status } => {
                (retry, wait, status_code) = (Some(attempt), Some(retry_after_ms), status);
                wait_from = Some(match retry_after_from {
                    WaitFrom::Header => "header",
                    WaitFrom::Backoff => "backoff",
                });
                if status == Some(429) { "throttled" } else { "retry" }
            }
        };
        let told = notify(
            callback,
            kind,
            location,
            seen.map(|operation| operation.state.as_str()),
            seen.and_then(|operation| operation.status.as_deref()),
            previous,
            seen.map_or(JsValue::UNDEFINED, |operation| Js::or_undefined(&operation.document)),
            next_poll,
            retry,
            wait,
            wait_from,
            status_code,
        );
        told.map_err(Js)
    }
}
