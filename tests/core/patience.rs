//! Patience: how long a wait continues without a usable response. It is measured in time, not in attempts.

use teams_device_diagnostics::machine::effect::{Effect, Input};
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::Disposition;

use crate::driver::{Clock, Environment};
use crate::fixture::{Builder, Fixture, ok, status};

const OPERATION: &str = "https://graph.microsoft.com/beta/x";
const MINUTE: Millis = Millis(60_000.0);

fn successful() -> Disposition {
    ok(r#"{"status":"Successful"}"#)
}

fn queued() -> Disposition {
    ok(r#"{"status":"Queued"}"#)
}

/// Responds with a failure until this time, then with a successful operation.
fn recover_at(fixture: &Fixture, time: Millis, failure: Disposition) {
    let recovery = Clock::ORIGIN + time;
    let clock = fixture.clock.clone();
    fixture.intercept(move |_, _| Some(if clock.now() < recovery { failure.clone() } else { successful() }));
}

#[test]
fn a_poll_without_a_usable_response_is_retried() {
    let unusable = [
        status(0),
        status(302),
        status(408),
        status(421),
        status(423),
        status(425),
        status(429),
        status(500),
        status(502),
        status(503),
        status(504),
        status(509),
        status(520),
        status(200),
        status(204),
        ok(r#"{"status":"Succ"#),
        ok(r#"{"status":"Successful"}{"status":"Failed"}"#),
        ok("<html>Sign in to the network</html>"),
        ok(r#"{"error":{"code":"UnknownError","message":""}}"#),
        ok(r#"{"status":null}"#),
        ok(r#"[{"status":"Successful"}]"#),
        Disposition::Reset,
        Disposition::Hang,
    ];
    for unusable in unusable {
        let fixture = Fixture::new();
        fixture.respond_with([queued(), unusable.clone(), unusable.clone(), successful()]);
        let operation = fixture.wait(OPERATION);
        assert!(operation.is_ok_and(|operation| operation.status.as_deref() == Some("Successful")), "{unusable:?}");
    }
}

#[test]
fn a_usable_final_response_ends_the_wait() {
    for final_status in [400, 401, 403, 409, 410, 501, 505] {
        let fixture = Fixture::new();
        fixture.respond_with([queued(), status(503), status(final_status), successful()]);
        let error = fixture.wait(OPERATION).err().expect("a final response");
        assert_eq!(error.status_code, Some(final_status));
        assert!(!error.message.contains("patience"), "{}", error.message);
    }
}

#[test]
fn a_wait_ends_after_five_minutes_without_a_usable_response() {
    let fixture = Fixture::new();
    recover_at(&fixture, MINUTE * 4.9, Disposition::Reset);
    assert!(fixture.wait(OPERATION).is_ok());

    let fixture = Fixture::new();
    fixture.respond_with([queued(), status(503).body(r#"{"error":{"code":"Busy","message":"Try later"}}"#)]);
    let error = fixture.wait(OPERATION).err().expect("no usable response");
    assert!(error.code == ErrorCode::ServiceError && error.location.is_some());
    assert!(
        error.message.contains("options.patience") && error.message.ends_with("503: Busy: Try later"),
        "{}",
        error.message
    );
    assert!((MINUTE * 5.0..MINUTE * 5.2).contains(&fixture.elapsed()), "{:?}", fixture.elapsed());
    assert!(fixture.sent.borrow().len() > 10, "a delay of more than 30 s");
    assert!(fixture.sent.borrow().windows(2).all(|pair| pair[1].at - pair[0].at <= Millis(31_000.0)));
}

#[test]
fn patience_limits_a_wait_and_max_retries_does_not() {
    for (patience, polls) in [(0.0, 1), (1.0, 2)] {
        let mut fixture = Fixture::new();
        fixture.limits.patience = Millis(patience);
        fixture.respond_with([Disposition::Hang]);
        assert!(fixture.wait(OPERATION).is_err_and(|error| error.code == ErrorCode::Timeout), "{patience}");
        assert_eq!(
            fixture.sent.borrow().len(),
            polls,
            "with any patience there is a second attempt, however long the first one took"
        );
    }
    let mut fixture = Fixture::new();
    (fixture.limits.patience, fixture.limits.max_retries) = (Millis::FOREVER, 0);
    recover_at(&fixture, MINUTE * 50.0, status(500));
    assert!(fixture.wait(OPERATION).is_ok());
}

#[test]
fn a_requested_delay_uses_no_patience() {
    let fixture = Fixture::new();
    let busy = status(429).retry_after("315");
    fixture.respond_with([busy.clone(), busy, successful()]);
    assert!(fixture.wait(OPERATION).is_ok());
    assert!(fixture.elapsed() >= Millis(630_000.0));
}

#[test]
fn a_wait_continues_after_half_an_hour_without_a_network() {
    let mut fixture = Fixture::new();
    let online_again = Clock::ORIGIN + MINUTE * 30.0;
    fixture.offline = Some((Instant(10_000.0), online_again));
    recover_at(&fixture, online_again - Clock::ORIGIN, queued());
    assert!(fixture.wait(OPERATION).is_ok());
    let resumed = fixture.sent.borrow().iter().map(|sent| sent.at).find(|at| *at >= online_again).expect("sent");
    assert!(resumed - online_again <= Millis(1_000.0), "the next poll came only after {:?}", resumed - online_again);
}

#[test]
fn the_sleep_of_the_computer_uses_no_patience() {
    for sleeps_at in [1_000.0, 5_000.0, 20_000.0, 33_000.0] {
        let mut fixture = Fixture::new();
        fixture.limits.operation_timeout = Millis::FOREVER;
        fixture.clock.sleep_at(Instant(sleeps_at), MINUTE * 600.0);
        recover_at(&fixture, MINUTE * 602.0, Disposition::Hang);
        assert!(fixture.wait(OPERATION).is_ok(), "{sleeps_at}");
    }
}

#[test]
fn after_a_sleep_beyond_its_deadline_a_wait_polls_once_more() {
    for (sleeps_at, has_ended) in [(500.0, true), (5_000.0, true), (5_000.0, false)] {
        let fixture = Fixture::new();
        fixture.clock.sleep_at(Instant(sleeps_at), MINUTE * 90.0);
        let clock = fixture.clock.clone();
        let after = if has_ended { successful() } else { queued() };
        let ends = Clock::ORIGIN + MINUTE * 80.0;
        fixture.intercept(move |_, _| Some(if clock.now() < ends { queued() } else { after.clone() }));
        let outcome = fixture.wait(OPERATION);
        assert_eq!(outcome.is_ok(), has_ended, "{sleeps_at}");
        assert!(outcome.is_ok() || outcome.is_err_and(|error| error.code == ErrorCode::OperationTimeout));
        assert!(fixture.elapsed() < MINUTE * 91.0, "the wait continues after its deadline");
        assert!(fixture.sent.borrow().last().is_some_and(|sent| sent.at - Clock::ORIGIN >= MINUTE * 90.0), "no last poll");
    }
}

/// A page becomes visible before its timers fire.
#[test]
fn a_wake_up_after_a_sleep_restarts_the_timeout_in_progress() {
    for has_token in [false, true] {
        let fixture = Fixture::new();
        let mut call = fixture.follow_call(OPERATION, Millis::ZERO, Until::End);
        assert!(matches!(call.step(Input::Begin, fixture.now()), Effect::GetToken(_)));
        if has_token {
            assert!(matches!(call.step(fixture.token_input(), fixture.now()), Effect::Send(_)));
        }
        fixture.clock.advance_to(Clock::ORIGIN + MINUTE * 30.0);
        for input in [Input::WakeUp, Input::WakeUp, Input::Deadline] {
            assert!(matches!(call.step(input, fixture.now()), Effect::Pending), "{has_token}");
        }
        let limit = if has_token { fixture.limits.timeout } else { fixture.limits.token_timeout };
        assert_eq!(call.deadline(), Clock::ORIGIN + MINUTE * 30.0 + limit);
    }
}

#[test]
fn a_404_of_a_seen_operation_is_final_after_thirty_seconds() {
    let fixture = Fixture::new();
    fixture.respond_with([queued(), status(404), successful()]);
    assert!(fixture.wait(OPERATION).is_ok());

    let fixture = Fixture::new();
    fixture.respond_with([queued(), status(404), queued(), status(404)]);
    let error = fixture.wait(OPERATION).err().expect("a 404");
    assert!(error.code == ErrorCode::NotFound && error.specific_hint.is_some(), "{}", error.message);
    let sent = fixture.sent.borrow();
    let missing = sent[sent.len() - 1].at - sent[3].at;
    assert!((Millis(30_000.0)..Millis(31_000.0)).contains(&missing), "{missing:?}");
}

#[test]
fn a_404_of_an_unseen_operation_is_final_after_ten_seconds() {
    let fixture = Fixture::new();
    fixture.respond_with([status(404)]);
    assert!(fixture.wait(OPERATION).is_err_and(|error| error.code == ErrorCode::NotFound));
    assert!((Millis(10_000.0)..Millis(11_000.0)).contains(&fixture.elapsed()), "{:?}", fixture.elapsed());

    let fixture = Fixture::new();
    fixture.respond_with([status(404).retry_after("60")]);
    assert!(fixture.wait(OPERATION).is_err());
    assert_eq!(fixture.sent.borrow().len(), 2, "one more poll, after the Retry-After");
    assert!(fixture.elapsed() >= MINUTE);
}

#[test]
fn a_single_poll_is_limited_by_max_retries() {
    let fixture = Fixture::new();
    fixture.respond_with([ok("<html>")]);
    let once = fixture.follow(OPERATION, Millis::ZERO, Until::FirstPoll);
    assert!(once.is_err_and(|error| error.code == ErrorCode::Protocol && error.attempts == 4));
}
