//! Everything that inputs and effects say, as text.

use teams_device_diagnostics::machine::effect::Failure;
use teams_device_diagnostics::machine::event::{Event, EventKind};
use teams_device_diagnostics::machine::fleet::device::{DeviceError, DeviceResult};
use teams_device_diagnostics::machine::fleet::effect::{FleetEffect, FleetInput};
use teams_device_diagnostics::protocol::error::Error;

use crate::document::Document;
use crate::fleet::journal;
use crate::network::token_of;

/// An input, if it is none of those that other lines show.
pub fn input(input: &FleetInput<Document>) -> String {
    match input {
        FleetInput::Device { id, record, .. } => {
            let id = id.as_ref().map(|id| id.as_str().to_owned()).map_err(|error| error.message.clone());
            format!("▶ device {id:?}, record {:?}", record.as_ref().map(journal::text))
        }
        FleetInput::NoMoreDevices => "▶ no more devices".into(),
        FleetInput::Token(Ok(_)) => "▶ a token".into(),
        FleetInput::Token(Err(_)) => "▶ no token".into(),
        FleetInput::Response(key, response) => format!("▶ response {key}: {}", response.status),
        FleetInput::NoResponse(key, _) => format!("▶ no response {key}"),
        FleetInput::RecordKept(key, number) => format!("▶ record {number} of {key} is kept"),
        FleetInput::Deadline => "▶ deadline".into(),
        FleetInput::WakeUp => "▶ wake-up".into(),
        FleetInput::AbortDevice(key) => format!("▶ {key} is taken back"),
        FleetInput::Abort(_) => "▶ abort".into(),
    }
}

/// An effect.
pub fn effect(effect: &FleetEffect<Document>) -> String {
    match effect {
        FleetEffect::GetToken(request) => {
            format!("token request, claims {:?}, refused {:?}", request.claims, request.refused.is_some())
        }
        FleetEffect::AbandonToken => "the token request is abandoned".into(),
        FleetEffect::Send(key, request) => {
            format!("send {key}: {} {} with {}", request.method.as_str(), request.url.as_str(), token_of(request))
        }
        FleetEffect::AbandonRequest(key) => format!("the request of {key} is abandoned"),
        FleetEffect::KeepRecord { key, number, record } => format!("record {number} of {key}: {}", journal::text(record)),
        FleetEffect::Emit(key, event) => format!("event of {key}: {}", of_event(event)),
        FleetEffect::EmitState(state) => format!("state: {state:?}"),
        FleetEffect::EmitPaused(reason, error) => {
            format!("paused {reason:?}: {}", error.as_ref().map(|error| of_error(error)).unwrap_or_default())
        }
        FleetEffect::Result(key, result) => format!("result of {key}: {}", of_result(result)),
        FleetEffect::Done(None) => "done".to_owned(),
        FleetEffect::Done(Some(Failure::Thrown(thrown))) => format!("done: {thrown:?}"),
        FleetEffect::Done(Some(Failure::Error(error))) => format!("done: {}", error.message),
    }
}

fn of_event(event: &Event<Document>) -> String {
    let what = match &event.kind {
        EventKind::Started { recovered } => {
            format!("started, recovered {:?}", recovered.as_ref().map(|operation| &operation.document))
        }
        EventKind::Attached { operation } => format!("attached {:?}", operation.document),
        EventKind::Status { operation, next_poll_in, .. } => {
            format!("status {:?}, next poll in {next_poll_in:?}", operation.document)
        }
        EventKind::Retry { delay, .. } => format!("retry in {} ms", delay.0),
        EventKind::Abandoned { device_id } => format!("abandoned {device_id:?}"),
    };
    format!("{what} at {:?}", event.location)
}

fn of_result(result: &DeviceResult<Document>) -> String {
    let error = match &result.error {
        None => String::new(),
        Some(DeviceError::Error(error)) => of_error(error),
        Some(DeviceError::Recorded(code, message)) => format!("{code} {message}"),
    };
    format!("{} at {:?}, {:?}, {error}", result.outcome.as_str(), result.location, result.operation)
}

fn of_error(error: &Error<Document>) -> String {
    let texts = [&error.graph_code, &error.request_id, &error.client_request_id, &error.date, &error.location];
    format!("{} {} {texts:?} {:?} {:?}", error.code.as_str(), error.message, error.operation, error.cause)
}
