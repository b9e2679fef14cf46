//! Any input at any time, to a fleet: it never panics, has at most one token request open and one request a device, and ends
//! each device once.

use std::collections::BTreeSet;

use proptest::prelude::*;
use teams_device_diagnostics::machine::effect::{Now, TokenFailure};
use teams_device_diagnostics::machine::fleet::Fleet;
use teams_device_diagnostics::machine::fleet::device::Key;
use teams_device_diagnostics::machine::fleet::effect::{FleetEffect, FleetInput, FleetSettings};
use teams_device_diagnostics::machine::fleet::record::{Outcome, Record, RecordedState};
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::machine::state::{Limits, Settings};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::Error;
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::time::{Instant, Millis, UnixTime};
use teams_device_diagnostics::protocol::token::Token;

use crate::config;
use crate::document::Document;

/// More keys than devices, so that some inputs belong to nothing.
const KEYS: Key = 6;

#[derive(Clone, Debug)]
enum Given {
    Device { id: u8, record: u8, is_aborted: bool },
    InvalidDevice,
    NoMoreDevices,
    Token(u8),
    NoToken,
    Response(Key, u16, u8),
    NoResponse(Key),
    RecordKept(Key, u32),
    Deadline,
    WakeUp,
    AbortDevice(Key),
    Abort,
}

fn given() -> impl Strategy<Value = Given> {
    let status = prop::sample::select(vec![200, 202, 302, 401, 403, 404, 409, 429, 500, 503]);
    prop_oneof![
        4 => (0..4u8, 0..4u8, prop::bool::weighted(0.1))
            .prop_map(|(id, record, is_aborted)| Given::Device { id, record, is_aborted }),
        1 => Just(Given::InvalidDevice),
        1 => Just(Given::NoMoreDevices),
        8 => (0..3u8).prop_map(Given::Token),
        1 => Just(Given::NoToken),
        12 => (0..KEYS, status, 0..6u8).prop_map(|(key, status, body)| Given::Response(key, status, body)),
        2 => (0..KEYS).prop_map(Given::NoResponse),
        8 => (0..KEYS, 0..5u32).prop_map(|(key, number)| Given::RecordKept(key, number)),
        10 => Just(Given::Deadline),
        1 => Just(Given::WakeUp),
        1 => (0..KEYS).prop_map(Given::AbortDevice),
        1 => prop::bool::weighted(0.2).prop_map(|ends| if ends { Given::Abort } else { Given::Deadline }),
    ]
}

/// An input, the time until it comes, and whether the host is online then. `None` waits for the fleet's deadline.
type Step = (Given, Option<f64>, bool);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let wait = prop_oneof![6 => Just(None), 3 => (0.0..2_000.0f64).prop_map(Some), 1 => (0.0..1e8f64).prop_map(Some)];
    prop::collection::vec((given(), wait, prop::bool::weighted(0.95)), 1..120)
}

fn root() -> ServiceRoot {
    ServiceRoot::new::<Document>("https://graph.microsoft.com/beta").expect("the global cloud")
}

fn settings(renews: bool, keeps_records: bool, few: bool) -> FleetSettings {
    let call = Settings {
        root: root(),
        limits: Limits { operation_timeout: Millis(600_000.0), ..Limits::default() },
        can_renew_token: renews,
        emits_events: true,
        awaits_turns: true,
    };
    let concurrency = if few { 1 } else { usize::MAX };
    let pause_timeout = if few { Millis(30_000.0) } else { Millis::FOREVER };
    FleetSettings {
        call,
        on_conflict: OnConflict::Attach,
        concurrency,
        requests_per_second: 10.0,
        pause_timeout,
        keeps_records,
    }
}

fn record(kind: u8, now: UnixTime) -> Option<Record> {
    let location = root().trust::<Document>("/teamwork/devices/d/operations/o").expect("a location");
    let state = match kind {
        0 => RecordedState::Starting,
        1 => RecordedState::Running { location },
        2 => RecordedState::Ended { outcome: Outcome::Failed, location: None, error: None },
        _ => return None,
    };
    Some(Record { state, time: now - Millis(10_000.0), service_time: None, started_at: None, attempts: 1 })
}

fn response(status: u16, body: u8) -> Response<Document> {
    let text = [
        r#"{"id":"o","status":"Successful"}"#,
        r#"{"value":{"id":"o","status":"InProgress"}}"#,
        r#"{"value":[{"id":"o","status":"Queued","operationType":"deviceDiagnostics","createdDateTime":"2026-06-01T00:00:00Z"}]}"#,
        r#"{"value":[]}"#,
        r#"{"error":{"code":"x"}}"#,
        "<html>",
    ];
    let text = text[usize::from(body)];
    Response {
        location: Some("/teamwork/devices/d/operations/o".into()).filter(|_| body < 4),
        retry_after: Some("5".into()).filter(|_| body == 4),
        date: Some("Mon, 01 Jun 2026 00:00:00 GMT".into()).filter(|_| body.is_multiple_of(2)),
        body: Some(Document(text.into())),
        ..Response::of_status(status)
    }
}

fn input(given: &Given, now: UnixTime) -> FleetInput<Document> {
    let token = |number: u8| Token::new(Document(format!("token-{number}").into())).expect("a token");
    match given {
        Given::Device { id, record: kind, is_aborted } => {
            let id = DeviceId::new(format!("d{id}")).expect("a device id");
            FleetInput::Device { id: Ok(id), record: record(*kind, now), is_aborted: *is_aborted }
        }
        Given::InvalidDevice => {
            FleetInput::Device { id: Err(Error::invalid_argument("deviceId", "x")), record: None, is_aborted: false }
        }
        Given::NoMoreDevices => FleetInput::NoMoreDevices,
        Given::Token(number) => FleetInput::Token(Ok(token(*number))),
        Given::NoToken => FleetInput::Token(Err(TokenFailure::Failed(Document("signed out".into())))),
        Given::Response(key, status, body) => FleetInput::Response(*key, Box::new(response(*status, *body))),
        Given::NoResponse(key) => FleetInput::NoResponse(*key, Document("reset".into())),
        Given::RecordKept(key, number) => FleetInput::RecordKept(*key, *number),
        Given::Deadline => FleetInput::Deadline,
        Given::WakeUp => FleetInput::WakeUp,
        Given::AbortDevice(key) => FleetInput::AbortDevice(*key),
        Given::Abort => FleetInput::Abort(Document("stop".into())),
    }
}

/// What is open, from the effects so far.
#[derive(Default)]
struct Open {
    token: bool,
    requests: BTreeSet<Key>,
    results: BTreeSet<Key>,
    is_done: bool,
}

impl Open {
    fn before(&mut self, input: &FleetInput<Document>) {
        match input {
            FleetInput::Token(_) => self.token = false,
            FleetInput::Response(key, _) | FleetInput::NoResponse(key, _) => {
                self.requests.remove(key);
            }
            _ => {}
        }
    }

    fn see(&mut self, effect: &FleetEffect<Document>) {
        assert!(!self.is_done, "an effect after the end");
        match effect {
            FleetEffect::GetToken(_) => assert!(!std::mem::replace(&mut self.token, true), "two token requests are open"),
            FleetEffect::AbandonToken => assert!(std::mem::take(&mut self.token), "no token request is open"),
            FleetEffect::Send(key, _) => assert!(self.requests.insert(*key), "two requests of a device are open"),
            FleetEffect::AbandonRequest(key) => assert!(self.requests.remove(key), "no request is open"),
            FleetEffect::Result(key, _) => assert!(self.results.insert(*key), "a device has two results"),
            FleetEffect::Done(_) => {
                self.is_done = true;
                assert!(!self.token && self.requests.is_empty(), "something is open after the end");
            }
            FleetEffect::KeepRecord { .. }
            | FleetEffect::Emit(..)
            | FleetEffect::EmitState(_)
            | FleetEffect::EmitPaused(..) => {}
        }
    }
}

proptest! {
    #![proptest_config(config())]
    #[test]
    fn a_fleet_survives_any_input_at_any_time(
        steps in steps(), renews: bool, keeps_records: bool, few: bool, random in 0.0..1.0f64,
    ) {
        let mut at = Instant(0.0);
        let now = |at: Instant, is_online| {
            Now { instant: at, unix_time: UnixTime(1_780_272_000_000.0 + at.0), random, is_online }
        };
        let mut fleet = Fleet::new(settings(renews, keeps_records, few), now(at, true));
        let mut open = Open::default();
        for (given, wait, is_online) in steps {
            at = wait.map_or_else(|| at.max(fleet.deadline().min(at + Millis(1e7))), |wait| at + Millis(wait));
            let now = now(at, is_online);
            let input = input(&given, now.unix_time);
            open.before(&input);
            for effect in fleet.step(input, now) {
                open.see(&effect);
            }
        }
        // The host comes back online, and the caller ends the fleet.
        for effect in fleet.step(FleetInput::Abort(Document("stop".into())), now(at, true)) {
            open.see(&effect);
        }
    }
}
