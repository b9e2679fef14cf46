//! Conformance, natively: every case of `conformance.json` against the real core, under a virtual clock. The same cases run
//! against the built package in `conformance/conformance.test.mjs`.
#![cfg(not(target_arch = "wasm32"))]

#[path = "conformance/caller.rs"]
mod caller;
#[path = "conformance/checks.rs"]
mod checks;
#[path = "shared/document.rs"]
mod document;
#[path = "conformance/script.rs"]
mod script;

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use caller::{Diary, Ending, Tokens, document, rejected};
use checks::Run;
use script::Script;
use serde_json::{Map, Value as Json};
use teams_device_diagnostics::client::OnConflict;
use teams_device_diagnostics::exchange::{Call, Limits};
use teams_device_diagnostics::platform::Platform;
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::race::race;

/// Nothing waits for so long: a call that goes on has no end.
const FOR_EVER_MS: f64 = 1e13;
/// After the end of a call, whatever was left of it would show itself.
const AFTERWARDS_MS: f64 = 86_400_000.0;

/// A test for each case, so that every one that fails is told, and what it panics with is its own.
macro_rules! cases {
    ($($name:ident)*) => {
        const CASES: &[&str] = &[$(stringify!($name)),*];
        $(
            #[tokio::test(start_paused = true)]
            async fn $name() {
                holds(stringify!($name)).await;
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

async fn holds(name: &str) {
    let file = file();
    let case = cases_of(&file).iter().find(|case| name_of(case) == name).expect("a case of that name");
    let once = vec![Json::Object(Map::new())];
    let runs = case["runs"].as_array().unwrap_or(&once);
    assert!(!runs.is_empty(), "a case without runs would hold whatever happens");
    for (number, run) in runs.iter().enumerate() {
        let broken = carry_out(&Said::of(case, run)).await.broken();
        assert!(broken.is_empty(), "{name}, run {number}:\n  {}", broken.join("\n  "));
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
pub struct Said(Map<String, Json>);

impl Said {
    fn of(case: &Json, run: &Json) -> Said {
        let parts = [&case["given"], &case["expected"], run].map(|part| part.as_object().cloned().unwrap_or_default());
        Said(parts.into_iter().flatten().filter(|(name, _)| name != "note").collect())
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
                "timeout" => limits.timeout = number,
                "operationTimeout" => limits.operation_timeout = number,
                "maxRetries" => limits.max_retries = number as u32,
                "pollInterval" => limits.poll_interval = Some(number),
                "baseUrl" => {}
                _ => panic!("no option {name}"),
            }
        }
        limits
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

/// Makes the calls of a run, and lets time go on after them.
async fn carry_out(said: &Said) -> Run<'_> {
    let (devices, exchanges) = said.devices_and_exchanges();
    let origin = url::Url::parse(said.base_url()).expect("a base URL").origin().ascii_serialization();
    let platform = Script::new(&origin, exchanges, said.get("now").as_str().unwrap_or("2026-06-01T00:00:00Z"));
    let root = ServiceRoot::new(&platform, said.base_url()).unwrap_or_else(|problem| panic!("baseUrl {problem}"));
    let tokens = Tokens::new(said.get("tokens").as_array().cloned());
    let diary = Diary::default();
    let caller = Caller { platform: &platform, root: &root, tokens: &tokens, diary: &diary, said };
    let began = platform.now();
    let endings = race(side_by_side(&caller, &devices), platform.sleep(FOR_EVER_MS)).await.unwrap_or_default();
    let (ended, requests) = (platform.now(), platform.sent.borrow().len());
    platform.sleep(AFTERWARDS_MS).await;
    let events = diary.0.take();
    Run { said, origin, platform, asked: tokens.asked.take(), events, endings, calls: devices.len(), began, ended, requests }
}

struct Caller<'a> {
    platform: &'a Script,
    root: &'a ServiceRoot,
    tokens: &'a Tokens,
    diary: &'a Diary,
    said: &'a Said,
}

impl Caller<'_> {
    fn call(&self) -> Call<'_, Script, Tokens, Diary> {
        Call::new(self.platform, self.tokens, self.root, self.said.limits(), self.diary)
    }

    /// The call of a case, aborted when the case says so.
    async fn call_and_abort(&self, device: &str) -> Ending {
        let abort_after = match self.said.get("abort") {
            Json::Null => f64::INFINITY,
            Json::String(when) if when == "before" => return self.dropped_before(device),
            when => when["after_ms"].as_f64().expect("milliseconds"),
        };
        match race(self.start_and_wait(device), self.platform.sleep(abort_after)).await {
            Some(ending) => ending,
            None => Ending::Dropped,
        }
    }

    /// A call that is made but not begun must do nothing yet.
    fn dropped_before(&self, device: &str) -> Ending {
        let (call, device) = (self.call(), DeviceId::new(device.to_owned()).expect("a device id"));
        drop(call.run(call.run_diagnostics(&device, OnConflict::Throw)));
        Ending::Dropped
    }

    async fn start_and_wait(&self, device: &str) -> Ending {
        let (starting, device) = (self.call(), DeviceId::new(device.to_owned()).expect("a device id"));
        let started = match starting.run(starting.run_diagnostics(&device, OnConflict::Throw)).await {
            Ok(started) => started,
            Err(failure) => return rejected(failure),
        };
        match self.said.get("calls").as_str() {
            Some("start") => return Ending::Resolved(started.location.into()),
            other => assert!(matches!(other, None | Some("run")), "no calls {other:?}"),
        }
        let waiting = self.call();
        waiting.known.borrow_mut().location = Some(started.location);
        match waiting.run(waiting.wait_for_operation(started.look_after_ms)).await {
            Ok(operation) => Ending::Resolved(document(&operation.document)),
            Err(failure) => rejected(failure),
        }
    }
}

/// Calls for many devices at the same time; how each ended.
async fn side_by_side(caller: &Caller<'_>, devices: &[String]) -> Vec<Ending> {
    let mut running: Vec<Pin<Box<dyn Future<Output = Ending> + '_>>> = Vec::new();
    for device in devices {
        running.push(Box::pin(caller.call_and_abort(device)));
    }
    let mut endings = Vec::new();
    poll_fn(|context| {
        running.retain_mut(|call| match call.as_mut().poll(context) {
            Poll::Ready(ending) => {
                endings.push(ending);
                false
            }
            Poll::Pending => true,
        });
        if running.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    endings
}
