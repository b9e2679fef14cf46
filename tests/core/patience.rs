//! How long a wait goes on without a usable response: measured in time, not in attempts.

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

/// Makes the service fail until a moment; then it has a successful operation.
fn back_at(fixture: &Fixture, moment: Millis, until_then: Disposition) {
    let back = Clock::ORIGIN + moment;
    let clock = fixture.clock.clone();
    fixture.intercept(move |_, _| Some(if clock.now() < back { until_then.clone() } else { successful() }));
}

#[test]
fn whatever_says_nothing_of_the_operation_is_waited_out() {
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
fn an_answer_that_says_something_ends_the_wait() {
    for final_status in [400, 401, 403, 409, 410, 501, 505] {
        let fixture = Fixture::new();
        fixture.respond_with([queued(), status(503), status(final_status), successful()]);
        let error = fixture.wait(OPERATION).err().expect("it is final");
        assert_eq!(error.status_code, Some(final_status));
        assert!(!error.message.contains("patience"), "{}", error.message);
    }
}

#[test]
fn five_minutes_without_a_usable_answer_end_a_wait_and_the_last_cause_is_named() {
    let fixture = Fixture::new();
    back_at(&fixture, MINUTE * 4.9, Disposition::Reset);
    assert!(fixture.wait(OPERATION).is_ok());

    let fixture = Fixture::new();
    fixture.respond_with([queued(), status(503).body(r#"{"error":{"code":"Busy","message":"Try later"}}"#)]);
    let error = fixture.wait(OPERATION).err().expect("no answer");
    assert!(error.code == ErrorCode::ServiceError && error.location.is_some());
    assert!(
        error.message.contains("options.patience") && error.message.ends_with("503: Busy: Try later"),
        "{}",
        error.message
    );
    assert!((MINUTE * 5.0..MINUTE * 5.2).contains(&fixture.elapsed()), "{:?}", fixture.elapsed());
    assert!(fixture.sent.borrow().len() > 10, "no pause is longer than 30 s");
    assert!(fixture.sent.borrow().windows(2).all(|pair| pair[1].at - pair[0].at <= Millis(31_000.0)));
}

#[test]
fn patience_is_an_option_and_retries_are_none_of_a_wait() {
    for (patience, polls) in [(0.0, 1), (1.0, 2)] {
        let mut fixture = Fixture::new();
        fixture.limits.patience = Millis(patience);
        fixture.respond_with([Disposition::Hang]);
        assert!(fixture.wait(OPERATION).is_err_and(|error| error.code == ErrorCode::Timeout), "{patience}");
        assert_eq!(fixture.sent.borrow().len(), polls, "it ends with a further request, however long the first one took");
    }
    let mut fixture = Fixture::new();
    (fixture.limits.patience, fixture.limits.max_retries) = (Millis::FOREVER, 0);
    back_at(&fixture, MINUTE * 50.0, status(500));
    assert!(fixture.wait(OPERATION).is_ok());
}

#[test]
fn a_wait_that_was_asked_for_takes_no_patience() {
    let fixture = Fixture::new();
    let busy = status(429).retry_after("315");
    fixture.respond_with([busy.clone(), busy, successful()]);
    assert!(fixture.wait(OPERATION).is_ok());
    assert!(fixture.elapsed() >= Millis(630_000.0));
}

#[test]
fn a_wait_survives_half_an_hour_without_a_network_and_goes_on_when_it_is_back() {
    let mut fixture = Fixture::new();
    let online_again = Clock::ORIGIN + MINUTE * 30.0;
    fixture.offline = Some((Instant(10_000.0), online_again));
    back_at(&fixture, online_again - Clock::ORIGIN, queued());
    assert!(fixture.wait(OPERATION).is_ok());
    let back = fixture.sent.borrow().iter().map(|sent| sent.at).find(|at| *at >= online_again).expect("sent");
    assert!(back - online_again <= Millis(1_000.0), "it did not go on at once, but after {:?}", back - online_again);
}

#[test]
fn a_machine_that_sleeps_during_a_wait_loses_no_patience() {
    for sleeps_at in [1_000.0, 5_000.0, 20_000.0, 33_000.0] {
        let mut fixture = Fixture::new();
        fixture.limits.operation_timeout = Millis::FOREVER;
        fixture.clock.sleep_at(Instant(sleeps_at), MINUTE * 600.0);
        back_at(&fixture, MINUTE * 602.0, Disposition::Hang);
        assert!(fixture.wait(OPERATION).is_ok(), "{sleeps_at}");
    }
}

#[test]
fn after_a_sleep_beyond_its_end_a_wait_polls_once_more() {
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
        assert!(fixture.elapsed() < MINUTE * 91.0, "it goes on beyond its end");
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
fn an_operation_that_was_seen_may_be_missing_for_a_moment() {
    let fixture = Fixture::new();
    fixture.respond_with([queued(), status(404), successful()]);
    assert!(fixture.wait(OPERATION).is_ok());

    let fixture = Fixture::new();
    fixture.respond_with([queued(), status(404), queued(), status(404)]);
    let error = fixture.wait(OPERATION).err().expect("it is gone");
    assert!(error.code == ErrorCode::NotFound && error.specific_hint.is_some(), "{}", error.message);
    let sent = fixture.sent.borrow();
    let missing = sent[sent.len() - 1].at - sent[3].at;
    assert!((Millis(30_000.0)..Millis(31_000.0)).contains(&missing), "{missing:?}");
}

#[test]
fn an_operation_that_was_never_seen_is_missed_for_ten_seconds() {
    let fixture = Fixture::new();
    fixture.respond_with([status(404)]);
    assert!(fixture.wait(OPERATION).is_err_and(|error| error.code == ErrorCode::NotFound));
    assert!((Millis(10_000.0)..Millis(11_000.0)).contains(&fixture.elapsed()), "{:?}", fixture.elapsed());

    let fixture = Fixture::new();
    fixture.respond_with([status(404).retry_after("60")]);
    assert!(fixture.wait(OPERATION).is_err());
    assert_eq!(fixture.sent.borrow().len(), 2, "one more poll at least, not before it was asked for");
    assert!(fixture.elapsed() >= MINUTE);
}

#[test]
fn what_there_is_no_wait_for_is_retried_so_many_times() {
    let fixture = Fixture::new();
    fixture.respond_with([ok("<html>")]);
    let once = fixture.follow(OPERATION, Millis::ZERO, Until::FirstPoll);
    assert!(once.is_err_and(|error| error.code == ErrorCode::Protocol && error.attempts == 4));
}
