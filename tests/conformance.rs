//! Conformance, natively: every case of `conformance.json` against the real core, under a virtual clock. The same cases run
//! against the built package in `conformance/conformance.test.mjs`: that run includes the boundary to JavaScript, and this one
//! takes seconds and needs no wasm.
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

use caller::{Caller, EventRecorder, Outcome, TokenSource, members};
use checks::Run;
use document::Document;
use driver::{Clock, DropAt, End, Environment, Running, run_chains};
use script::Script;
use serde_json::{Map, Value as Json};
use teams_device_diagnostics::machine::call::{Call, CallKind};
use teams_device_diagnostics::machine::effect::{Effect, Input, Output};
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::machine::pages::PageCursor;
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::machine::state::{Limits, Settings};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::Error;
use teams_device_diagnostics::protocol::location::{ServiceRoot, TrustedUrl};
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::{Token, refuse_token};

/// No wait is this long: a call that is still in progress then never ends.
const FOREVER: Millis = Millis(1e13);
/// How long calls are observed after their end, so that whatever is left of them shows.
const AFTERWARDS: Millis = Millis(86_400_000.0);

/// One test per case, so that every failing case is reported with its own panic message.
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
    ra_on_running_poll abort_before abort_in_retry_after overall_timeout per_request_timeout token_for_each_request
    token_null cae_second_scheme progress_each_poll start_handle_before_polls saved_state_has_no_token concurrency_limit
    log_redaction ra_list ra_date_forms ra_quoted ra_unreadable ra_past_date_unknown_time ra_date_by_service_clock
    poll_no_usable_response get_no_usable_response list_no_usable_response search_no_usable_response search_after_cut_off_list
    poll_permanent_failure poll_202_without_body get_202_without_body byte_order_mark network_away patience_ends patience_zero patience_infinite
    patience_one_more_request patience_without_requested_waits max_retries_not_in_a_wait pauses_of_patience offline sleep
    queued_then_404 not_found_after_start not_found_for_good not_found_of_others_at_once ended_run_unknown_time
    ended_run_known_time ended_run_is_older queued_run_of_another conflict_with_a_known_status created_with_offset location_unusable_is_searched
    location_unusable_not_found location_twice location_of_a_poll_unusable captive_portal captive_portal_found portal_has_another_clock post_lost_response
    post_lost_response_not_found post_503_of_a_gateway post_503_of_a_gateway_uncertain post_503_of_graph post_not_processed
    post_not_processed_again post_refused token_not_b64token token_in_quotes token_trimmed unauthorized_with_retry_after token_for_each_call
    token_source_hangs token_source_fails token_repeated_by_the_service token_repeated_elsewhere token_of_the_request_before
    token_short argument_is_a_token list_circle list_repeats_an_item next_link_empty next_link_with_blanks
    next_link_elsewhere redirect_same_origin gateway_words licence network_inner_code
}

#[test]
fn there_is_a_test_for_each_case() {
    let file = file();
    let ids: Vec<_> = cases_of(&file).iter().map(name_of).collect();
    assert_eq!(ids, CASES);
    assert_eq!(Some(ids.len() as u64), file["count"].as_u64());
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

/// A case's id as a Rust identifier.
fn name_of(case: &Json) -> String {
    case["id"].as_str().expect("an id").replace('-', "_")
}

/// The inputs and expectations of a run: the case's members, overridden by the run's own.
pub struct RunSpec(Map<String, Json>);

impl RunSpec {
    fn of(case: &Json, run: &Json) -> RunSpec {
        let parts = [&case["given"], &case["expected"], run].map(|part| part.as_object().cloned().unwrap_or_default());
        RunSpec(parts.into_iter().flatten().filter(|(name, _)| name != "note").collect())
    }

    /// A member; null if it is absent or was removed.
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
                "tokenTimeout" => limits.token_timeout = Millis(number),
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

    /// When the calls are aborted, if at all.
    fn abort(&self) -> Option<Abort> {
        match self.get("abort") {
            Json::Null => None,
            Json::String(when) if when == "before" => Some(Abort::BeforeBegin),
            when => Some(Abort::After(millis(&when["after_ms"]).expect("milliseconds"))),
        }
    }

    /// What is called: `run` is a start, followed by a wait for the operation that it started.
    fn calls(&self) -> &str {
        self.get("calls").as_str().unwrap_or("run")
    }

    /// The token that the caller passed as text; `T` by default.
    pub fn token_text(&self) -> Json {
        self.get("token_text").as_str().unwrap_or("T").into()
    }

    fn location(&self) -> &str {
        let default = "https://graph.microsoft.com/beta/teamwork/devices/d1/operations/op1";
        self.get("location").as_str().unwrap_or(default)
    }

    /// The start and end of the time without a network.
    fn offline(&self) -> Option<(Instant, Instant)> {
        let times = self.get("offline_ms");
        instant(&times[0]).zip(instant(&times[1]))
    }

    /// When the machine falls asleep, and for how long.
    fn sleep(&self) -> Option<(Instant, Millis)> {
        let times = self.get("sleep_ms");
        instant(&times[0]).zip(millis(&times[1]))
    }

    /// The devices, and the exchanges with each of them.
    fn devices_and_exchanges(&self) -> (Vec<String>, Vec<Json>) {
        let id = |number| self.get("device").as_str().map_or(format!("d{number}"), str::to_owned);
        let devices: Vec<_> = (1..=self.get("devices").as_u64().unwrap_or(1)).map(id).collect();
        let values = self.get("with").as_object().into_iter().flatten();
        let exchanges = values.fold(self.get("exchanges").to_string(), |text, (name, value)| {
            text.replace(&format!("\"<{name}>\""), &value.to_string())
        });
        let of_device = |device: &String| -> Vec<Json> {
            serde_json::from_str(&exchanges.replace("{device}", device)).expect("exchanges")
        };
        let each = devices.iter().flat_map(of_device).collect();
        (devices, each)
    }
}

/// A length of time, which a case gives in milliseconds.
pub fn millis(given: &Json) -> Option<Millis> {
    given.as_f64().map(Millis)
}

/// A point in time, which a case gives in milliseconds from the first call.
pub fn instant(given: &Json) -> Option<Instant> {
    millis(given).map(|length| Clock::ORIGIN + length)
}

enum Abort {
    BeforeBegin,
    After(Millis),
}

/// Makes the calls of a run, and lets time pass after them.
fn carry_out(spec: &RunSpec) -> Run<'_> {
    let (devices, exchanges) = spec.devices_and_exchanges();
    let origin = url::Url::parse(spec.base_url()).expect("a base URL").origin().ascii_serialization();
    let now = spec.get("now").as_str().unwrap_or("2026-06-01T00:00:00Z");
    let script = Script::new(&origin, exchanges, now, spec.offline());
    if let Some((begin, length)) = spec.sleep() {
        script.clock.sleep_at(begin, length);
    }
    let tokens = TokenSource::new(spec.token_text(), spec.get("tokens").as_array().cloned());
    let caller = Caller { script, tokens, events: EventRecorder::default() };
    let root = ServiceRoot::new::<Document>(spec.base_url()).unwrap_or_else(|problem| panic!("baseUrl {problem}"));
    let calls = Calls {
        settings: Settings {
            root,
            limits: spec.limits(),
            can_renew_token: caller.tokens.can_renew(),
            emits_events: true,
            awaits_turns: false,
        },
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

    /// The first call for a device.
    fn first(&self, device: &str) -> Call<Document> {
        let device = || DeviceId::new(device.to_owned()).expect("a device id");
        let root = &self.settings.root;
        self.call(match self.spec.calls() {
            "run" | "start" => CallKind::Start { device: device(), on_conflict: OnConflict::Throw, interrupted: None },
            "wait" => self.follow_kind(Until::End),
            "get" => self.follow_kind(Until::FirstPoll),
            "operations" => CallKind::List { cursor: PageCursor::of_operations(root, &device()) },
            "devices" => CallKind::List { cursor: PageCursor::of_devices(root) },
            calls => panic!("no calls {calls}"),
        })
    }

    fn follow_kind(&self, until: Until) -> CallKind<Document> {
        let location = self.settings.root.trust::<Document>(self.spec.location()).expect("a location");
        CallKind::Follow { location, first_poll_after: Millis::ZERO, until }
    }

    /// The error if the arguments are invalid; nothing is begun then.
    fn wrong_argument(&self, device: &str) -> Option<Outcome> {
        let token = Token::new(Document(self.spec.token_text()));
        let device_problem = || {
            let in_use = token.as_ref().ok();
            DeviceId::new(device.to_owned()).err().or_else(|| refuse_token(device, in_use).err())
        };
        let wrong = match &token {
            Err(problem) => Some(("token", *problem)),
            Ok(_) => device_problem().map(|problem| ("deviceId", problem)),
        };
        wrong.map(|(name, problem)| Outcome::Rejected(members(&Error::invalid_argument(name, problem))))
    }

    /// The call that follows the operation which another call started.
    fn follow(&self, started: &Call<Document>, location: TrustedUrl) -> Call<Document> {
        let now = self.caller.clock().now();
        let first_poll_after = started.facts().not_before.map_or(Millis::ZERO, |at| (at - now).max(Millis::ZERO));
        self.call(CallKind::Follow { location, first_poll_after, until: Until::End })
    }

    /// Makes the call of a case for many devices in parallel. Returns the outcome of each call that has one, and the calls
    /// that ended by themselves.
    fn run(&self, devices: &[String]) -> (Vec<Outcome>, Vec<Call<Document>>) {
        let wrong: Vec<_> = devices.iter().filter_map(|device| self.wrong_argument(device)).collect();
        if !wrong.is_empty() {
            return (wrong, Vec::new());
        }
        let drop_at = match self.spec.abort() {
            Some(Abort::BeforeBegin) => {
                // A call that has been created but not begun does nothing.
                return (devices.iter().map(|device| self.dropped_before(device)).collect(), Vec::new());
            }
            Some(Abort::After(length)) => DropAt::Moment(self.caller.clock().now() + length),
            None => DropAt::Moment(self.caller.clock().now() + FOREVER),
        };
        let mut running: Vec<_> = devices.iter().map(|device| Running::new(self.first(device), drop_at)).collect();
        let (mut finished, mut ids) = (Vec::new(), Vec::new());
        run_chains(self.caller, &mut running, |ended| match &mut ended.end {
            Some(End::Done(Ok(Output::Location(location)))) if self.spec.calls() == "run" => {
                let next = Running::new(self.follow(&ended.call, location.clone()), drop_at);
                finished.push(std::mem::replace(ended, next).call);
            }
            Some(End::Done(Ok(Output::Page(Some(items))))) => {
                ids.extend(items.iter().map(|item| item.0["id"].clone()));
                let no_page = Running::new(self.call(CallKind::List { cursor: PageCursor::default() }), drop_at);
                let cursor = std::mem::replace(ended, no_page).call.into_cursor().expect("a list has a cursor");
                ended.call = self.call(CallKind::List { cursor });
            }
            _ => {}
        });
        let outcomes = self.outcomes(running, &ids, &mut finished);
        (outcomes, finished)
    }

    /// The outcome of each call that has one; calls that ended by themselves are added to `finished`.
    fn outcomes(&self, running: Vec<Running<'_>>, ids: &[Json], finished: &mut Vec<Call<Document>>) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for Running { call, end, .. } in running {
            match end {
                Some(End::Done(Ok(Output::Page(_)))) => outcomes.push(Outcome::Resolved(ids.into())),
                Some(End::Done(result)) => {
                    outcomes.push(Outcome::of(result));
                    finished.push(call);
                }
                Some(End::Dropped) if self.spec.abort().is_some() => outcomes.push(Outcome::Dropped),
                Some(End::Dropped | End::Stuck) | None => {}
            }
        }
        outcomes
    }

    fn dropped_before(&self, device: &str) -> Outcome {
        let call = self.first(device);
        assert_eq!(call.deadline(), Instant::NEVER, "it waits for nothing");
        drop(call);
        Outcome::Dropped
    }

    /// The number of effects that an ended call still returns for late inputs.
    fn effects_afterwards(&self, call: &mut Call<Document>) -> usize {
        let late = [Input::Deadline, Input::WakeUp, Input::Emitted, Input::NoResponse(Document("late".into()))];
        let effects = late.map(|input| call.step(input, self.caller.now()));
        let is_waiting = call.deadline() != Instant::NEVER;
        effects.iter().filter(|effect| !matches!(effect, Effect::Pending)).count() + usize::from(is_waiting)
    }
}
