//! The pauses of a fleet: for a new token, and for the network.

use teams_device_diagnostics::machine::fleet::effect::FleetInput;
use teams_device_diagnostics::machine::fleet::pause::PauseReason;
use teams_device_diagnostics::machine::fleet::record::Outcome;
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::{Disposition, Outcome as Ending, Request, Response, Scenario};

use crate::document::Document;
use crate::ends::{error_of, outcomes};
use crate::fixture::{Fixture, devices};

fn unauthorized() -> Disposition {
    Disposition::Respond(Response::whole(401, Vec::new(), String::new()))
}

fn has_token(request: &Request, token: &str) -> bool {
    request.headers.iter().any(|(_, value)| value.ends_with(token))
}

/// A service that refuses `token-1` from a moment on.
fn expires_at(fixture: &Fixture, moment: Instant) {
    let clock = fixture.clock.clone();
    fixture.intercept(move |request, _| (clock.now() >= moment && has_token(request, "token-1")).then(unauthorized));
}

#[test]
fn one_token_request_serves_all_who_wait() {
    let mut fixture = Fixture::of(100, Millis(20_000.0));
    fixture.token_length = Millis(2_000.0);
    fixture.run(100);
    let (asked, sent) = (fixture.token_requests.get(), fixture.sent.borrow().len());
    assert!(asked * 2 < sent, "{asked} token requests for {sent} requests");
}

#[test]
fn a_refused_token_pauses_the_fleet_until_the_source_gives_another() {
    let fixture = Fixture::of(40, Millis(60_000.0));
    *fixture.tokens.borrow_mut() = [vec![Some("token-1"); 60], vec![Some("token-2")]].concat();
    expires_at(&fixture, Instant(5_000.0));
    let ended = fixture.run(40);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
    assert!(fixture.has_event("paused Unauthorized"));
    let refused = fixture.sent.borrow().iter().filter(|sent| sent.status == 401).count();
    assert!(refused < 12, "{refused} requests with a refused token");
    let states = fixture.states.borrow();
    assert!(states.iter().any(|(_, state)| state.paused_for == Some(PauseReason::Unauthorized)));
}

#[test]
fn a_failing_token_source_pauses_the_fleet() {
    let fixture = Fixture::of(5, Millis(20_000.0));
    *fixture.tokens.borrow_mut() = vec![None, None, Some("token-2")];
    let ended = fixture.run(5);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
    let first = fixture.sent.borrow()[0].at;
    assert_eq!(first, Instant(15_001.0), "token requests after 5 and 10 more seconds");
    assert_eq!(fixture.events.borrow().iter().filter(|event| *event == "paused Unauthorized").count(), 1);
}

#[test]
fn without_another_token_the_fleet_ends() {
    let mut fixture = Fixture::of(40, Millis(600_000.0));
    fixture.can_renew_token = false;
    expires_at(&fixture, Instant(2_000.0));
    let ended = fixture.run(40);
    assert!(fixture.clock.now() < Instant(3_000.0));
    let count = |outcome| ended.iter().filter(|ended| ended.result.outcome == outcome).count();
    assert_eq!(count(Outcome::StillRunning) + count(Outcome::NotStarted) + count(Outcome::Refused), 40);
    assert!(count(Outcome::StillRunning) >= 10 && count(Outcome::NotStarted) >= 15, "{:?}", outcomes(&ended));
    assert!(ended.iter().all(|ended| error_of(std::slice::from_ref(ended), &ended.device).code == ErrorCode::Unauthorized));
    let running = ended.iter().filter(|ended| ended.result.outcome == Outcome::StillRunning);
    assert!(running.clone().all(|ended| ended.result.location.is_some()));
}

#[test]
fn nothing_is_sent_while_the_host_is_offline() {
    let mut fixture = Fixture::of(40, Millis(60_000.0));
    fixture.offline = Instant(3_000.0)..Instant(7_203_000.0);
    fixture.limits.patience = Millis(10_000.0);
    fixture.limits.operation_timeout = Millis(300_000.0);
    let ended = fixture.run(40);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
    assert!(fixture.has_event("paused Offline"));
}

#[test]
fn a_pause_does_not_count_as_time_of_a_device() {
    let mut fixture = Fixture::of(10, Millis(3_600_000.0 + 50_000.0));
    fixture.limits.operation_timeout = Millis(120_000.0);
    fixture.offline = Instant(5_000.0)..Instant(3_605_000.0);
    let ended = fixture.run(10);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
}

#[test]
fn a_pause_that_lasts_too_long_ends_the_fleet() {
    let mut fixture = Fixture::of(30, Millis(60_000.0));
    fixture.pause_timeout = Millis(600_000.0);
    *fixture.tokens.borrow_mut() = vec![Some("token-1")];
    expires_at(&fixture, Instant(2_000.0));
    let ended = fixture.run(30);
    let end = fixture.clock.now();
    assert!(end > Instant(602_000.0) && end < Instant(603_000.0), "{end:?}");
    assert_eq!(ended.len(), 30);
    let count = |outcome| ended.iter().filter(|ended| ended.result.outcome == outcome).count();
    assert!(count(Outcome::StillRunning) >= 10 && count(Outcome::NotStarted) >= 5, "{:?}", outcomes(&ended));
    assert_eq!(error_of(&ended, "d0").code, ErrorCode::Unauthorized);
    assert!(fixture.token_requests.get() < 60, "{} token requests", fixture.token_requests.get());
}

#[test]
fn a_post_whose_record_was_kept_offline_is_sent_later() {
    let mut fixture = Fixture::of(3, Millis(20_000.0));
    fixture.record_length = Millis(500.0);
    // The record of the first is being kept. The fixture checks that nothing is sent meanwhile.
    fixture.offline = Instant(250.0)..Instant(60_000.0);
    let ended = fixture.run(3);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
    assert_eq!(fixture.requests("POST"), 3);
}

#[test]
fn a_run_that_is_accepted_in_a_pause_has_its_time_limit() {
    let mut fixture = Fixture::new().with_devices(1, |_| Scenario { outcome: Ending::Never, ..Scenario::default() });
    fixture.limits.operation_timeout = Millis(120_000.0);
    // The POST is under way.
    fixture.offline = Instant(10.0)..Instant(60_000.0);
    let mut script = devices(0..1);
    script.push((Instant(20.0), FleetInput::Deadline));
    script.push((Instant(600_000.0), FleetInput::Abort(Document("it does not end".into()))));
    let ended = fixture.run_script(script);
    assert_eq!(outcomes(&ended), [("d0", Outcome::StillRunning)]);
    let end = fixture.clock.now();
    assert!(end < Instant(181_000.0), "{end:?}");
}

#[test]
fn a_source_of_ever_new_tokens_that_are_refused_does_not_prolong_the_pause() {
    let mut fixture = Fixture::of(3, Millis(60_000.0));
    fixture.pause_timeout = Millis(600_000.0);
    let mut tokens = vec![Some("token-1")];
    tokens.extend((0..200).flat_map(|_| [Some("token-2"), Some("token-3")]));
    *fixture.tokens.borrow_mut() = tokens;
    fixture.intercept(|_, _| Some(unauthorized()));
    let ended = fixture.run(3);
    assert_eq!(ended.len(), 3);
    let end = fixture.clock.now();
    assert!(end < Instant(720_000.0), "{end:?}");
}

#[test]
fn a_post_with_a_token_that_was_refused_meanwhile_gets_another_token() {
    let mut fixture = Fixture::of(4, Millis(60_000.0));
    fixture.record_length = Millis(9_000.0);
    *fixture.tokens.borrow_mut() = vec![Some("token-1"), Some("token-2"), Some("token-3")];
    fixture.keeps_token_until_refused = true;
    let clock = fixture.clock.clone();
    fixture
        .intercept(move |request, _| (clock.now() > Instant(20_500.0) && !has_token(request, "token-3")).then(unauthorized));
    // The first device is refused while the records of the others are being kept.
    let mut script = devices(0..4);
    script[1..].iter_mut().for_each(|(at, _)| *at = Instant(20_000.0));
    let ended = fixture.run_script(script);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
    let refused = fixture.sent.borrow().iter().filter(|sent| sent.status == 401).count();
    assert_eq!(refused, 2, "requests with a refused token");
}

#[test]
fn a_text_token_that_expires_while_a_run_is_looked_for_loses_no_run() {
    let mut fixture = Fixture::of(1, Millis(60_000.0));
    fixture.can_renew_token = false;
    fixture.lost_post = 1;
    expires_at(&fixture, Instant(100.0));
    let ended = fixture.run(1);
    assert_eq!((ended[0].result.outcome, error_of(&ended, "d0").code), (Outcome::Lost, ErrorCode::Unauthorized));
    // A later fleet has another token, and finds the run.
    fixture.intercept(|_, _| None);
    assert_eq!(outcomes(&fixture.resume(1)), [("d0", Outcome::Successful)]);
    assert_eq!(fixture.operations_of("d0"), 1);
}

#[test]
fn an_abort_requests_no_further_token() {
    let mut fixture = Fixture::of(5, Millis(60_000.0));
    fixture.token_length = Millis(2_980.0);
    // One device has been refused, and gets another token; the next ones wait for any.
    let mut script = devices(0..5);
    script.push((Instant(3_500.0), FleetInput::Abort(Document("stop".into()))));
    fixture.intercept(|request, device| (device == "d0" && has_token(request, "token-1")).then(unauthorized));
    fixture.run_script(script);
    let last = fixture.last_token_request.get();
    assert!(last < Instant(3_500.0), "{last:?}");
}

#[test]
fn the_token_of_another_device_is_shown_by_none() {
    const NEW: &str = "a-long-token-that-is-new";
    let mut fixture = Fixture::of(3, Millis(60_000.0));
    fixture.requests_per_second = 50.0;
    fixture.limits.poll_interval = Some(Millis(2_000.0));
    *fixture.tokens.borrow_mut() = vec![Some("token-1"), Some(NEW)];
    fixture.keeps_token_until_refused = true;
    // The last device is polled just before the one before it gets the new token.
    fixture.intercept(move |request, device| match (request.method.as_str(), device) {
        ("GET", "d1") if has_token(request, "token-1") => Some(unauthorized()),
        ("GET", "d2") if has_token(request, "token-1") => {
            let body = format!(r#"{{"error":{{"code":"Odd","message":"{NEW} is not accepted"}}}}"#);
            Some(Disposition::Respond(Response::whole(400, Vec::new(), body)))
        }
        _ => None,
    });
    let ended = fixture.run(3);
    assert!(!error_of(&ended, "d2").message.contains(NEW), "{}", error_of(&ended, "d2").message);
}

#[test]
fn nothing_is_open_when_the_last_device_is_taken_back_in_a_pause() {
    let mut fixture = Fixture::of(1, Millis(60_000.0));
    fixture.token_length = Millis(1_000.0);
    *fixture.tokens.borrow_mut() = vec![None];
    let mut script = devices(0..1);
    script.push((Instant(6_500.0), FleetInput::AbortDevice(0)));
    // The fixture checks that no token request is open after the end.
    assert_eq!(outcomes(&fixture.run_script(script)), [("d0", Outcome::NotStarted)]);
}

/// A service that refuses every token for some devices.
fn refuses_for(fixture: &Fixture, method: &'static str, devices: &'static [&str]) {
    fixture.intercept(move |request, device| (request.method == method && devices.contains(&device)).then(unauthorized));
}

#[test]
fn a_device_that_is_refused_alone_fails_alone() {
    for (method, outcome) in [("GET", Outcome::StillRunning), ("POST", Outcome::Refused)] {
        for count in [4, 60] {
            let fixture = Fixture::of(count, Millis(60_000.0));
            refuses_for(&fixture, method, &["d3"]);
            let ended = fixture.run(count);
            let others = ended.iter().filter(|ended| ended.device != "d3");
            assert!(others.clone().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
            assert_eq!(others.count(), count - 1);
            let error = error_of(&ended, "d3");
            assert_eq!((error.code, error.status_code), (ErrorCode::Unauthorized, Some(401)));
            assert!(
                ended.iter().any(|ended| ended.device == "d3" && ended.result.outcome == outcome),
                "{:?}",
                outcomes(&ended)
            );
            assert!(!fixture.has_event("paused Unauthorized"), "{method}, {count} devices");
            let refused = fixture.sent.borrow().iter().filter(|sent| sent.status == 401).count();
            assert_eq!(refused, 4, "each of two attempts gets another token once");
        }
    }
}

#[test]
fn a_refused_device_is_compared_with_one_that_sleeps() {
    let mut fixture = Fixture::of(3, Millis(1_000_000.0));
    fixture.limits.poll_interval = Some(Millis(600_000.0));
    refuses_for(&fixture, "GET", &["d0"]);
    let ended = fixture.run(3);
    let first = ended.iter().find(|ended| ended.device == "d0").expect("a result");
    assert_eq!(first.result.outcome, Outcome::StillRunning);
    let polled = fixture.sent.borrow().iter().find(|sent| sent.device == "d0" && sent.method == "GET").expect("a poll").at;
    let ended_at = Instant(first.result.ended_at.0 - crate::calendar::unix_time(Instant(0.0)).0);
    assert!(ended_at - polled < Millis(10_000.0), "{:?}", ended_at - polled);
}

#[test]
fn several_devices_that_are_refused_alone_fail_alone() {
    const REFUSED: &[&str] = &["d1", "d2", "d3", "d5", "d8", "d13"];
    let fixture = Fixture::of(30, Millis(60_000.0));
    refuses_for(&fixture, "GET", REFUSED);
    let ended = fixture.run(30);
    assert_eq!(ended.len(), 30);
    for ended in &ended {
        let is_refused = REFUSED.contains(&ended.device.as_str());
        let expected = if is_refused { Outcome::StillRunning } else { Outcome::Successful };
        assert_eq!(ended.result.outcome, expected, "{}", ended.device);
    }
    let end = fixture.clock.now();
    assert!(end < Instant(300_000.0), "{end:?}");
}

#[test]
fn the_only_device_pauses_the_fleet_until_there_is_another_token() {
    let fixture = Fixture::of(1, Millis(60_000.0));
    *fixture.tokens.borrow_mut() = [vec![Some("token-1"); 20], vec![Some("token-2")]].concat();
    expires_at(&fixture, Instant(20_000.0));
    let ended = fixture.run(1);
    assert_eq!(outcomes(&ended), [("d0", Outcome::Successful)]);
    assert!(fixture.has_event("paused Unauthorized"));
    let refused = fixture.sent.borrow().iter().filter(|sent| sent.status == 401).count();
    assert_eq!(refused, 2, "nothing is sent with the refused token in the pause");
}

#[test]
fn a_pause_sends_few_requests_with_the_refused_token() {
    let mut fixture = Fixture::of(100, Millis(7_200_000.0));
    fixture.limits.operation_timeout = Millis(7_200_000.0 * 2.0);
    *fixture.tokens.borrow_mut() = [vec![Some("token-1"); 100], vec![Some("token-2")]].concat();
    expires_at(&fixture, Instant(60_000.0));
    let ended = fixture.run(100);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
    let refused = fixture.sent.borrow().iter().filter(|sent| sent.status == 401).count();
    assert!(refused <= 14, "{refused} requests");
}

#[test]
fn a_fleet_whose_token_was_never_accepted_ends_after_its_patience() {
    for token in [Some("token-1"), None] {
        let fixture = Fixture::of(5, Millis(60_000.0));
        *fixture.tokens.borrow_mut() = vec![token];
        fixture.intercept(|_, _| Some(unauthorized()));
        let ended = fixture.run(5);
        let end = fixture.clock.now();
        assert!(end >= Instant(300_000.0) && end < Instant(302_000.0), "{end:?}");
        assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::NotStarted), "{:?}", outcomes(&ended));
        assert_eq!(error_of(&ended, "d0").code, ErrorCode::Unauthorized);
    }
}

#[test]
fn a_source_that_gives_no_token_ends_its_fleet_at_once_unless_it_gave_one_before() {
    let fixture = Fixture::of(5, Millis(60_000.0));
    *fixture.tokens.borrow_mut() = vec![Some("")];
    let ended = fixture.run(5);
    assert!(fixture.clock.now() < Instant(1_000.0), "{:?}", fixture.clock.now());
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::NotStarted), "{:?}", outcomes(&ended));
    assert_eq!(error_of(&ended, "d0").code, ErrorCode::InvalidArgument);
    let fixture = Fixture::of(1, Millis(60_000.0));
    *fixture.tokens.borrow_mut() = vec![Some("token-1"), Some(""), Some("token-1")];
    assert_eq!(outcomes(&fixture.run(1)), [("d0", Outcome::Successful)]);
    assert!(fixture.has_event("paused Unauthorized"));
}

#[test]
fn a_refused_device_does_not_hold_the_only_place() {
    let mut fixture = Fixture::of(4, Millis(6_000.0));
    fixture.concurrency = 1;
    refuses_for(&fixture, "POST", &["d1"]);
    let ended = fixture.run(4);
    for ended in &ended {
        let expected = if ended.device == "d1" { Outcome::Refused } else { Outcome::Successful };
        assert_eq!(ended.result.outcome, expected, "{}", ended.device);
    }
    assert!(fixture.clock.now() < Instant(120_000.0));
}

#[test]
fn a_refused_device_that_comes_last_fails_alone() {
    for count in [2, 20] {
        let mut fixture = Fixture::of(count, Millis(1_000.0));
        fixture.concurrency = 1;
        fixture.limits.poll_interval = Some(Millis(1_000.0));
        let last = format!("d{}", count - 1);
        let refused = last.clone();
        fixture.intercept(move |_, device| (device == refused).then(unauthorized));
        let ended = fixture.run(count);
        let of_last = ended.iter().find(|ended| ended.device == last).expect("a result");
        assert_eq!(of_last.result.outcome, Outcome::Refused);
        assert_eq!(ended.iter().filter(|ended| ended.result.outcome == Outcome::Successful).count(), count - 1);
    }
}
