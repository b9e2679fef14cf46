//! What promises are rejected with. The JavaScript half of the package turns it into a `DiagnosticsError` where the caller
//! awaits the call, so that `error.stack` names the caller.

use js_sys::Array;
use wasm_bindgen::prelude::*;

use super::object::{Member, number, object_of, set, text};
use super::value::Js;
use crate::machine::effect::Failure;
use crate::protocol::error::Error;

/// The value that a promise is rejected with: an object with the members of a `DiagnosticsError`; or an array around what
/// the caller's own code threw, which is passed on unchanged.
pub fn to_js_error(failure: Failure<Js>) -> JsValue {
    match failure {
        Failure::Thrown(thrown) => Array::of1(&thrown.0).into(),
        Failure::Error(error) => error_fields(&error),
    }
}

/// A failure with what the caller's own code threw.
pub fn thrown(value: JsValue) -> Failure<Js> {
    Failure::Thrown(Js(value))
}

/// A failure for an invalid argument or option: its name, then the problem.
pub fn invalid_argument(name: &str, problem: &str) -> Failure<Js> {
    Failure::Error(Error::invalid_argument(name, problem))
}

fn error_fields(error: &Error<Js>) -> JsValue {
    let object = object_of(&[
        ("message", text(&error.message)),
        ("code", text(error.code.as_str())),
        ("hint", error.hint().and_then(text)),
        ("statusCode", error.status_code.and_then(number)),
        ("graphCode", error.graph_code.as_deref().and_then(text)),
        ("requestId", error.request_id.as_deref().and_then(text)),
        ("clientRequestId", error.client_request_id.as_deref().and_then(text)),
        ("date", error.date.as_deref().and_then(text)),
        ("retryAfterMs", error.retry_after.and_then(|delay| number(delay.0))),
        ("attempts", Some(error.attempts).filter(|attempts| *attempts > 0).and_then(number)),
        ("deviceId", error.device_id.as_deref().and_then(text)),
        ("location", error.location.as_deref().and_then(text)),
        ("mayHaveStarted", Some(Member::Flag(error.may_have_started))),
    ]);
    set(&object, "operation", error.operation.as_ref());
    set(&object, "cause", error.cause.as_ref());
    object
}
