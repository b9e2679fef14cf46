//! Conformance, natively: every case of `conformance.json` against the real core, under a virtual clock. The same cases run
//! against the built package in `conformance/conformance.test.mjs`.
#![cfg(not(target_arch = "wasm32"))]

#[path = "conformance/caller.rs"]
mod caller;
#[path = "conformance/checks.rs"]
mod checks;
#[path = "shared/document.rs"]
mod document;
#[expect(dead_code, reason = "not all of it is needed here")]
#[path = "shared/driver.rs"]
mod driver;
#[path = "conformance/script.rs"]
mod script;

use caller::{Caller, EventRecorder, Outcome, TokenSource};
use checks::Run;
use document::Document;
use driver::{DropAt, End, Environment, Running, run_chains};
use script::Script;
use serde_json::{Map, Value as Json};
use teams_device_diagnostics::machine::call::{Call, CallKind};
use teams_device_diagnostics::machine::effect::{Effect, Input, Output};
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::machine::state::{Limits, Settings};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::location::{ServiceRoot, TrustedUrl};
use teams_device_diagnostics::protocol::time::{Instant, Millis};

/// Nothing waits for so long: a call that is still going on then has no end.
const FOREVER: Millis = Millis(1e13);
/// After the end of a call, whatever was left of it would show itself.
const AFTERWARDS: Millis = Millis(86_400_000.0);

/// A test for each case, so that every one that fails is reported, and what it panics with is its own.
macro_rules! cases {
    ($($name:ident)*) => {
        const CASES: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                check_case(stringify!($name));
            }
        )*
    };
}

cases! {
    start_202_location location_moves location_relative_versioned location_absolute_same_origin location_foreign_host
    location_other_port location_lookalike_host custom_host_allowed plain_http_loopback_allowed poll_redirect_foreign
    status_successful status_succeeded status_canceled status_unknown status_absent poll_body_enveloped
    poll_202_body_inprogress failed_with_error post_400 poll_400 poll_bad_json error_body_not_json poll_retry_429
    poll_retry_500 poll_network_error retry_limit post_network_error_not_retried ra_zero ra_http_date ra_junk ra_overflow
    ra_on_running_poll abort_before abort_in_retry_after overall_timeout per_request_timeout token_asked_per_request
    token_null cae_second_scheme progress_each_poll start_handle_before_polls saved_state_has_no_token concurrency_limit
    log_redaction
}

#[test]
fn there_are_44_cases_and_a_test_for_each() {
    let file = file();
    let ids: Vec<_> = cases_of(&file).iter().map(name_of).collect();
    assert_eq!(ids, CASES);
    assert_eq!((ids.len(), file["count"].as_u64()), (44, Some(44)));
}

fn check_case(name: &str) {
    let file = file();
    let case = cases_of(&file).iter().find(|case| name_of(case) == name).expect("a case of that name");
    let once = vec![Json::Object(Map::new())];
    let runs = case["runs"].as_array().unwrap_or(&once);
    assert!(!runs.is_empty(), "a case without runs would pass whatever happens");
    for (number, run) in runs.iter().enumerate() {
        let failures = carry_out(&RunSpec::of(case, run)).failures();
        assert!(failures.is_empty(), "{name}, run {number}:\n  {}", failures.join("\n  "));
    }
}

fn file() -> Json {
    serde_json::from_str(include_str!("conformance.json")).expect("JSON")
}

fn cases_of(file: &Json) -> &[Json] {
    file["cases"].as_array().expect("cases")
}

/// A case's id, as Rust writes names.
fn name_of(case: &Json) -> String {
    case["id"].as_str().expect("an id").replace('-', "_")
}

/// What a run gives and expects: the case's own members, and the run's in place of those of the same name.
pub struct RunSpec(Map<String, Json>);

impl RunSpec {
    fn of(case: &Json, run: &Json) -> RunSpec {
        let parts = [&case["given"], &case["expected"], run].map(|part| part.as_object().cloned().unwrap_or_default());
        RunSpec(parts.into_iter().flatten().filter(|(name, _)| name != "note").collect())
    }

    /// A member; null when it is absent, or was taken away.
    pub fn get(&self, name: &str) -> &Json {
        self.0.get(name).unwrap_or(&Json::Null)
    }

    pub fn names(&self) -> impl Iterator<Item = &String> {
        self.0.iter().filter(|(_, value)| !value.is_null()).map(|(name, _)| name)
    }

    fn base_url(&self) -> &str {
        self.get("options")["baseUrl"].as_str().unwrap_or("https://graph.microsoft.com/beta")
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        for (name, value) in self.get("options").as_object().into_iter().flatten() {
            let number = if value == "Infinity" { f64::INFINITY } else { value.as_f64().unwrap_or(f64::NAN) };
            match name.as_str() {
                "timeout" => limits.timeout = Millis(number),
                "operationTimeout" => limits.operation_timeout = Millis(number),
                "maxRetries" => limits.max_retries = number as u32,
                "patience" => limits.patience = Millis(number),
                "pollInterval" => limits.poll_interval = Some(Millis(number)),
                "baseUrl" => {}
                _ => panic!("no option {name}"),
            }
        }
        limits
    }

    /// When the calls are aborted, if they are.
    fn abort(&self) -> Option<Abort> {
        match self.get("abort") {
            Json::Null => None,
            Json::String(when) if when == "before" => Some(Abort::BeforeBegin),
            when => Some(Abort::After(Millis(when["after_ms"].as_f64().expect("milliseconds")))),
        }
    }

    /// Whether each call is followed to the end of the operation, or only starts it.
    fn is_followed(&self) -> bool {
        let calls = self.get("calls").as_str();
        assert!(matches!(calls, None | Some("run" | "start")), "no calls {calls:?}");
        calls != Some("start")
    }

    /// The devices, and the exchanges with each of them.
    fn devices_and_exchanges(&self) -> (Vec<String>, Vec<Json>) {
        let devices: Vec<_> = (1..=self.get("devices").as_u64().unwrap_or(1)).map(|number| format!("d{number}")).collect();
        let exchanges = self.get("exchanges").to_string();
        let of_device = |device: &String| -> Vec<Json> {
            serde_json::from_str(&exchanges.replace("{device}", device)).expect("exchanges")
        };
        let each = devices.iter().flat_map(of_device).collect();
        (devices, each)
    }
}

enum Abort {
    BeforeBegin,
    After(Millis),
}

/// Makes the calls of a run, and lets time go on after them.
fn carry_out(spec: &RunSpec) -> Run<'_> {
    let (devices, exchanges) = spec.devices_and_exchanges();
    let origin = url::Url::parse(spec.base_url()).expect("a base URL").origin().ascii_serialization();
    let script = Script::new(&origin, exchanges, spec.get("now").as_str().unwrap_or("2026-06-01T00:00:00Z"));
    let tokens = TokenSource::new(spec.get("tokens").as_array().cloned());
    let caller = Caller { script, tokens, events: EventRecorder::default() };
    let root = ServiceRoot::new::<Document>(spec.base_url()).unwrap_or_else(|problem| panic!("baseUrl {problem}"));
    let calls = Calls {
        settings: Settings { root, limits: spec.limits(), can_renew_token: caller.tokens.can_renew(), emits_events: true },
        caller: &caller,
        spec,
    };
    let began = caller.clock().now();
    let (outcomes, mut finished) = calls.run(&devices);
    let ended = caller.clock().now();
    caller.clock().advance(AFTERWARDS);
    let effects_afterwards = finished.iter_mut().map(|call| calls.effects_afterwards(call)).sum();
    let Caller { script, tokens, events } = caller;
    let (token_requests, events) = (tokens.requests.take(), events.0.take());
    let calls = devices.len();
    Run { spec, origin, script, token_requests, events, outcomes, calls, began, ended, effects_afterwards }
}

/// The calls of a run.
struct Calls<'a> {
    caller: &'a Caller,
    settings: Settings,
    spec: &'a RunSpec,
}

impl<'a> Calls<'a> {
    fn call(&self, kind: CallKind<Document>) -> Call<Document> {
        Call::new(kind, self.settings.clone(), self.caller.now())
    }

    fn start(&self, device: &str) -> Call<Document> {
        let device = DeviceId::new(device.to_owned()).expect("a device id");
        self.call(CallKind::Start { device, on_conflict: OnConflict::Throw })
    }

    /// The call that follows what another has started.
    fn follow(&self, started: &Call<Document>, location: TrustedUrl) -> Call<Document> {
        let now = self.caller.clock().now();
        let first_poll_after = started.facts().not_before.map_or(Millis::ZERO, |at| (at - now).max(Millis::ZERO));
        self.call(CallKind::Follow { location, first_poll_after, until: Until::End })
    }

    /// Makes the call of a case for many devices side by side: how each ended, as far as it did, and the calls that ended by
    /// themselves.
    fn run(&self, devices: &[String]) -> (Vec<Outcome>, Vec<Call<Document>>) {
        let abort = self.spec.abort();
        let drop_at = match abort {
            Some(Abort::BeforeBegin) => {
                // A call that is made but not begun does nothing yet.
                return (devices.iter().map(|device| self.dropped_before(device)).collect(), Vec::new());
            }
            Some(Abort::After(length)) => DropAt::Moment(self.caller.clock().now() + length),
            None => DropAt::Moment(self.caller.clock().now() + FOREVER),
        };
        let mut running: Vec<_> = devices.iter().map(|device| Running::new(self.start(device), drop_at)).collect();
        let mut finished = Vec::new();
        run_chains(self.caller, &mut running, |ended| {
            let Some(End::Done(Ok(Output::Location(location)))) = &ended.end else { return };
            if self.spec.is_followed() {
                let next = Running::new(self.follow(&ended.call, location.clone()), drop_at);
                finished.push(std::mem::replace(ended, next).call);
            }
        });
        let mut outcomes = Vec::new();
        for Running { call, end, .. } in running {
            match end {
                Some(End::Done(result)) => {
                    outcomes.push(Outcome::of(result));
                    finished.push(call);
                }
                Some(End::Dropped) if abort.is_some() => outcomes.push(Outcome::Dropped),
                Some(End::Dropped | End::Stuck) | None => {}
            }
        }
        (outcomes, finished)
    }

    fn dropped_before(&self, device: &str) -> Outcome {
        let call = self.start(device);
        assert_eq!(call.deadline(), Instant::NEVER, "it waits for nothing");
        drop(call);
        Outcome::Dropped
    }

    /// How many things a call still wants to be done that has ended, whatever comes late.
    fn effects_afterwards(&self, call: &mut Call<Document>) -> usize {
        let late = [Input::Deadline, Input::WakeUp, Input::Emitted, Input::NoResponse(Document("late".into()))];
        let effects = late.map(|input| call.step(input, self.caller.now()));
        let is_waiting = call.deadline() != Instant::NEVER;
        effects.iter().filter(|effect| !matches!(effect, Effect::Pending)).count() + usize::from(is_waiting)
    }
}
