//! Results, records and the state of a fleet as plain JavaScript objects, and records back. Times are in milliseconds since
//! the Unix epoch.

use teams_device_diagnostics::bindings::errors::to_js_error;
use teams_device_diagnostics::bindings::object::{Member, number, object_of, set, text};
use teams_device_diagnostics::bindings::options::{Checked, wrong};
use teams_device_diagnostics::bindings::value::Js;
use teams_device_diagnostics::machine::effect::Failure;
use teams_device_diagnostics::machine::fleet::device::{DeviceError, DeviceResult};
use teams_device_diagnostics::machine::fleet::pause::PauseReason;
use teams_device_diagnostics::machine::fleet::record::{Outcome, Record, RecordedState};
use teams_device_diagnostics::machine::fleet::totals::FleetState;
use teams_device_diagnostics::protocol::error::Error;
use teams_device_diagnostics::protocol::json::Json;
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::time::UnixTime;
use wasm_bindgen::prelude::*;

/// The result of a device.
pub fn to_js_result(result: DeviceResult<Js>) -> JsValue {
    let recorded = match &result.error {
        Some(DeviceError::Recorded(code, message)) => Some((code.as_str(), message.as_str())),
        _ => None,
    };
    let object = object_of(&[
        ("outcome", text(result.outcome.as_str())),
        ("location", result.location.as_deref().and_then(text)),
        ("startedAt", result.started_at.and_then(time)),
        ("endedAt", time(result.ended_at)),
        ("attempts", number(result.attempts)),
        ("isToken", Some(Member::Flag(result.is_token))),
        ("errorCode", recorded.and_then(|(code, _)| text(code))),
        ("errorMessage", recorded.and_then(|(_, message)| text(message))),
    ]);
    set(&object, "operation", result.operation.as_ref());
    if let Some(DeviceError::Error(error)) = result.error {
        set(&object, "error", Some(&Js(to_js_error(Failure::Error(error)))));
    }
    object
}

/// A record.
pub fn to_js_record(record: &Record) -> JsValue {
    let (state, location, outcome, error) = match &record.state {
        RecordedState::Starting => ("starting", None, None, None),
        RecordedState::Running { location } => ("running", Some(location.as_str()), None, None),
        RecordedState::Ended { outcome, location, error } => {
            ("ended", location.as_deref(), Some(outcome.as_str()), error.as_ref())
        }
    };
    object_of(&[
        ("state", text(state)),
        ("time", time(record.time)),
        ("serviceTime", record.service_time.and_then(time)),
        ("location", location.and_then(text)),
        ("startedAt", record.started_at.and_then(time)),
        ("outcome", outcome.and_then(text)),
        ("errorCode", error.and_then(|(code, _)| text(code))),
        ("errorMessage", error.and_then(|(_, message)| text(message))),
        ("attempts", number(record.attempts)),
    ])
}

/// Reads a record in the form of [`to_js_record`].
///
/// # Errors
/// `invalidArgument`, because it is no record, or its location is not one of the service.
pub fn from_js_record(record: &JsValue, root: &ServiceRoot) -> Checked<Record> {
    let record = Js(record.clone());
    let moment = |name: &str| record.member(name).and_then(|value| value.0.as_f64()).map(UnixTime);
    let invalid = || wrong("resume", "has a record that is not one of a fleet: pass what onState received");
    let state = match record.text_member("state").as_deref() {
        Some("starting") => RecordedState::Starting,
        Some("running") => {
            let location = record.text_member("location").ok_or_else(invalid)?;
            let problem = "has a record whose location is not one of the service: pass the same cloud or baseUrl";
            let location = root.trust_operation::<Js>(&location).map_err(|_| wrong("resume", problem))?;
            RecordedState::Running { location }
        }
        Some("ended") => {
            let outcome = record.text_member("outcome").and_then(|name| Outcome::from_name(&name)).ok_or_else(invalid)?;
            let error = record.text_member("errorCode").zip(record.text_member("errorMessage"));
            RecordedState::Ended { outcome, location: record.text_member("location"), error }
        }
        _ => return Err(invalid()),
    };
    let attempts = record.member("attempts").and_then(|value| value.0.as_f64()).unwrap_or_default() as u32;
    let (service_time, started_at) = (moment("serviceTime"), moment("startedAt"));
    Ok(Record { state, time: moment("time").ok_or_else(invalid)?, service_time, started_at, attempts })
}

/// The event with the state of the fleet.
pub fn to_js_state(state: &FleetState) -> JsValue {
    let FleetState { totals, throttled_until, paused_for, time_left } = state;
    let count = |count: usize| number(count as f64);
    object_of(&[
        ("type", text("fleet")),
        ("waiting", count(totals.waiting)),
        ("starting", count(totals.starting)),
        ("running", count(totals.running)),
        ("successful", count(totals.successful)),
        ("failed", count(totals.failed)),
        ("other", count(totals.other)),
        ("requestsSent", number(totals.requests_sent)),
        ("throttledUntil", throttled_until.and_then(time)),
        ("pausedFor", paused_for.and_then(|reason| text(name(reason)))),
        ("timeLeftMs", time_left.and_then(|left| number(left.0))),
    ])
}

/// The event of a pause.
pub fn to_js_pause(reason: PauseReason, error: Option<Box<Error<Js>>>) -> JsValue {
    let object = object_of(&[("type", text("paused")), ("reason", text(name(reason)))]);
    set(&object, "error", error.map(|error| Js(to_js_error(Failure::Error(error)))).as_ref());
    object
}

fn name(reason: PauseReason) -> &'static str {
    match reason {
        PauseReason::Unauthorized => "unauthorized",
        PauseReason::Offline => "offline",
    }
}

fn time<'a>(UnixTime(ms): UnixTime) -> Option<Member<'a>> {
    number(ms)
}
