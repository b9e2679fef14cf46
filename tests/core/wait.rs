//! Waits for an operation: only a final state from Graph is the success or failure of the operation.

use teams_device_diagnostics::machine::effect::Failure;
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::operation::OperationState;
use teams_device_diagnostics::protocol::time::Millis;
use teams_device_diagnostics_simulator::{Envelope, Settings};

use crate::driver::{Clock, DropAt, End, run};
use crate::fixture::{Builder, Fixture, ok, status};

#[test]
fn a_run_is_followed_through_its_states() {
    let fixture = Fixture::new();
    let operation = fixture.run("successful").ok().expect("a success");
    let document = operation.document.expect("a document");
    assert_eq!(document.0["status"], "Successful");
    assert_eq!(document.0["state"], "successful");
    assert_eq!(document.0["operationType"], "deviceDiagnostics");
    let lines = fixture.events.lines();
    assert_eq!(lines[1], "Queued after nothing goes on");
    assert_eq!(lines.last().map(String::as_str), Some("Successful after InProgress ended"));
}

#[test]
fn every_variant_of_a_successful_operation_is_a_success() {
    for device in
        ["bare", "odd-dates", "junk-error", "unknown-status", "succeeded", "quoted-location", "running-retry-after", "slow"]
    {
        let fixture = Fixture::new();
        let operation = fixture.run(device).unwrap_or_else(|error| panic!("{device}: {}", error.message));
        assert!(operation.state == OperationState::Successful, "{device}");
        assert_eq!(fixture.requests("POST"), 1, "{device}");
    }
    let bare = Fixture::with(Settings { envelope: Envelope::Bare, ..Settings::default() });
    assert!(bare.run("successful").is_ok());
}

#[test]
fn a_failed_or_cancelled_operation_rejects_with_the_operation() {
    for (device, code) in [
        ("failed", ErrorCode::OperationFailed),
        ("cancelled", ErrorCode::OperationCancelled),
        ("canceled", ErrorCode::OperationCancelled),
    ] {
        let fixture = Fixture::new();
        let error = fixture.run(device).err().expect(device);
        assert!(error.code == code, "{device}");
        assert!(error.operation.is_some() && error.location.is_some(), "{device}");
        assert_eq!(error.graph_code.is_some(), device == "failed");
        let beginning =
            if device == "failed" { "The operation failed: DeviceUnreachable: " } else { "The operation was cancelled" };
        assert!(error.message.starts_with(beginning), "{}", error.message);
        assert_eq!(error.status_code, Some(200));
        assert!(error.request_id.is_some(), "the id that Microsoft's support needs");
    }
}

#[test]
fn a_failed_poll_is_retried_and_does_not_fail_the_operation() {
    for device in ["throttled", "throttled-hidden", "unavailable", "poll-server-error", "poll-reset", "poll-hang", "late"] {
        let fixture = Fixture::new();
        let operation = fixture.run(device).unwrap_or_else(|error| panic!("{device}: {}", error.message));
        assert!(operation.state == OperationState::Successful, "{device}");
        assert!(fixture.events.lines().iter().any(|line| line.starts_with("retry")), "{device}");
        assert_eq!(fixture.operations_started(), 1, "{device}");
    }
}

#[test]
fn a_truncated_document_is_a_protocol_error() {
    let mut fixture = Fixture::new();
    fixture.limits.patience = Millis::ZERO;
    let error = fixture.run("truncated").err().expect("no JSON");
    assert!(error.code == ErrorCode::Protocol && error.location.is_some());
}

#[test]
fn the_retry_after_of_a_running_operation_is_respected() {
    let mut fixture = Fixture::new();
    fixture.limits.poll_interval = Some(Millis(10.0));
    assert!(fixture.run("running-retry-after").is_ok());
    let sent = fixture.sent.borrow();
    for pair in sent[1..].windows(2) {
        assert!(pair[1].at - pair[0].at >= Millis(1_000.0));
    }
}

#[test]
fn the_first_poll_respects_the_retry_after_of_the_202() {
    let fixture = Fixture::new();
    let started = fixture.start("running-retry-after").ok().expect("started");
    let first_poll_after = started.not_before.expect("the 202 has a Retry-After") - fixture.clock.now();
    assert_eq!(first_poll_after, Millis(1_000.0));
    assert!(fixture.follow(&started.location, first_poll_after, Until::End).is_ok());
    let sent = fixture.sent.borrow();
    assert!(sent[1].at - sent[0].at >= Millis(1_000.0));
}

#[test]
fn a_wait_that_times_out_keeps_location_and_operation() {
    let mut fixture = Fixture::new();
    fixture.limits.operation_timeout = Millis(60_000.0);
    let error = fixture.run("queued").err().expect("the operation stays queued");
    assert!(error.code == ErrorCode::OperationTimeout);
    assert!(error.location.is_some());
    assert_eq!(error.operation.as_ref().map(|operation| &operation.0["status"]), Some(&"Queued".into()));
    assert!((Millis(60_000.0)..Millis(60_200.0)).contains(&fixture.elapsed()), "{:?}", fixture.elapsed());
    assert!(fixture.requests("GET") < 20);
    let last = fixture.sent.borrow().last().expect("a poll").at - Clock::ORIGIN;
    assert!(last > Millis(58_000.0), "the last poll was sent at {last:?}, not just before the deadline");
}

#[test]
fn a_dropped_call_sends_no_more_requests() {
    let fixture = Fixture::new();
    let started = fixture.start("queued").ok().expect("started");
    let waiting = fixture.follow_call(&started.location, Millis::ZERO, Until::End);
    let moment = fixture.clock.now() + Millis(5_000.0);
    let (end, call) = run(&fixture, waiting, DropAt::Moment(moment));
    assert!(matches!(end, End::Dropped));
    assert_eq!(fixture.clock.now(), moment);
    drop(call);
    let sent = fixture.sent.borrow().len();
    assert!(sent > 1, "the call had not polled yet");
    fixture.clock.advance(Millis(3_600_000.0));
    assert_eq!(fixture.sent.borrow().len(), sent);
}

#[test]
fn get_operation_accepts_any_state() {
    let fixture = Fixture::new();
    let started = fixture.start("failed").ok().expect("started");
    fixture.clock.advance(Millis(10_000.0));
    let operation = fixture.follow(&started.location, Millis::ZERO, Until::FirstPoll);
    assert!(operation.is_ok_and(|operation| operation.state == OperationState::Failed));
}

#[test]
fn an_error_of_the_callback_ends_the_wait_unchanged() {
    let mut fixture = Fixture::new();
    fixture.events.throws_at = Some(2);
    let started = fixture.start("successful").ok().expect("started");
    let waiting = fixture.follow_call(&started.location, Millis::ZERO, Until::End);
    let (end, _) = run(&fixture, waiting, DropAt::Never);
    let End::Done(Err(Failure::Thrown(thrown))) = end else { panic!("the callback threw") };
    assert_eq!(thrown.0, "the callback's own error");
}

#[test]
fn a_return_to_the_page_polls_early_but_at_most_once_a_second() {
    for (device, retry_after) in [("queued", None), ("running-retry-after", Some(Millis(1_000.0)))] {
        let mut fixture = Fixture::new();
        fixture.limits.poll_interval = Some(Millis(20_000.0));
        fixture.page_returns_every = Some(Millis(50.0));
        let started = fixture.start(device).ok().expect("started");
        let waiting = fixture.follow_call(&started.location, Millis::ZERO, Until::End);
        run(&fixture, waiting, DropAt::Moment(fixture.clock.now() + Millis(10_000.0)));
        let sent = fixture.sent.borrow();
        assert!(sent.len() > 3, "{device}: the return to the page caused no poll");
        for pair in sent[1..].windows(2) {
            assert!(pair[1].at - pair[0].at >= retry_after.unwrap_or(Millis(1_000.0)), "{device}: two polls in a second");
        }
    }
}

#[test]
fn a_return_to_the_page_does_not_shorten_a_retry_after() {
    for code in [200, 429] {
        let mut fixture = Fixture::new();
        fixture.limits.max_retries = 10;
        fixture.limits.poll_interval = Some(Millis(20_000.0));
        fixture.page_returns_every = Some(Millis(50.0));
        fixture.respond_with([status(code).body(r#"{"status":"InProgress"}"#).retry_after("4")]);
        let waiting = fixture.follow_call("https://graph.microsoft.com/beta/x", Millis::ZERO, Until::End);
        run(&fixture, waiting, DropAt::Moment(fixture.clock.now() + Millis(15_000.0)));
        let sent = fixture.sent.borrow();
        assert_eq!(sent.len(), 4, "{code}");
        assert!(sent.windows(2).all(|pair| pair[1].at - pair[0].at >= Millis(4_000.0)), "{code}");
    }
}

#[test]
fn a_repeated_retry_after_of_zero_causes_no_busy_loop() {
    let mut fixture = Fixture::new();
    fixture.limits.max_retries = 50;
    fixture.respond_with([status(429).retry_after("0")]);
    let once = fixture.follow("https://graph.microsoft.com/beta/x", Millis::ZERO, Until::FirstPoll);
    assert!(once.is_err());
    let sent = fixture.sent.borrow();
    assert_eq!(sent.len(), 51);
    assert!(sent[2..].windows(2).all(|pair| pair[1].at - pair[0].at >= Millis(100.0)));
}

#[test]
fn a_retry_after_date_is_compared_with_the_services_clock() {
    let fixture = Fixture::new();
    // The service's clock is years away from the caller's.
    let busy = status(503).field("Date", "Wed, 21 Oct 2015 07:28:00 GMT").retry_after("Wed, 21 Oct 2015 07:28:07 GMT");
    fixture.respond_with([busy, ok(r#"{"status":"Successful"}"#)]);
    assert!(fixture.wait("https://graph.microsoft.com/beta/x").is_ok());
    let sent = fixture.sent.borrow();
    assert!((7_000.0..7_100.0).contains(&(sent[1].at - sent[0].at).0));
}

#[test]
fn a_first_poll_after_the_deadline_rejects_immediately() {
    let mut fixture = Fixture::new();
    fixture.limits.operation_timeout = Millis(5_000.0);
    let followed = fixture.follow("https://graph.microsoft.com/beta/x", Millis(5_000.0), Until::End);
    let error = followed.err().expect("a timeout");
    assert!(error.code == ErrorCode::OperationTimeout && error.location.is_some());
    assert_eq!((error.retry_after, fixture.sent.borrow().len()), (Some(Millis(5_000.0)), 0));
    assert!(fixture.elapsed() < Millis(1.0));
}
