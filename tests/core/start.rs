//! Starts of runs: a run is started exactly once and is never lost.

use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::Millis;

use crate::fixture::TokenResult::{Fails, Gives};
use crate::fixture::{Fixture, TOKEN};

#[test]
fn one_post_starts_one_operation_and_resolves_to_its_absolute_url() {
    for device in ["successful", "absolute-location", "versioned-location"] {
        let fixture = Fixture::new();
        let started = fixture.start(device).ok().expect(device);
        let expected = format!("https://graph.microsoft.com/beta/teamwork/devices/{device}/operations/");
        assert!(started.location.starts_with(&expected), "{}", started.location);
        assert_eq!((fixture.requests("POST"), fixture.operations_started()), (1, 1));
        assert_eq!(
            fixture.sent.borrow()[0].url,
            format!("https://graph.microsoft.com/beta/teamwork/devices/{device}/runDiagnostics")
        );
        assert_eq!(fixture.sent.borrow()[0].token, TOKEN);
        assert_eq!(fixture.events.lines(), [format!("started {}", started.location)]);
    }
}

#[test]
fn a_post_that_got_429_or_503_is_retried_after_its_retry_after() {
    for device in ["throttled", "unavailable"] {
        let fixture = Fixture::new();
        assert!(fixture.start(device).is_ok(), "{device}");
        let sent = fixture.sent.borrow();
        assert_eq!(sent.len(), 2);
        assert!(sent[1].at - sent[0].at >= Millis(1_000.0), "{device}");
        assert_eq!(fixture.operations_started(), 1);
    }
}

#[test]
fn a_post_that_may_have_been_accepted_is_not_retried() {
    for (device, code, status) in [
        ("start-server-error", ErrorCode::ServiceError, Some(500)),
        ("html-error", ErrorCode::ServiceError, Some(502)),
        ("empty-error", ErrorCode::ServiceError, Some(500)),
    ] {
        let fixture = Fixture::new();
        let error = fixture.start(device).err().expect(device);
        assert!(error.code == code, "{device}: {}", error.code.as_str());
        assert_eq!(error.status_code, status, "{device}");
        assert!(error.may_have_started, "{device}");
        assert_eq!(fixture.requests("POST"), 1, "{device}");
        assert_eq!(error.device_id.as_deref(), Some(device));
    }
}

#[test]
fn a_rejected_post_starts_nothing_and_is_not_retried() {
    for (device, code, status) in [
        ("conflict", ErrorCode::Conflict, 409),
        ("withdrawn", ErrorCode::NotFound, 410),
        ("no-such-device", ErrorCode::NotFound, 404),
        ("echo", ErrorCode::ServiceError, 400),
    ] {
        let fixture = Fixture::new();
        let error = fixture.start(device).err().expect(device);
        assert!(error.code == code, "{device}");
        assert_eq!(error.status_code, Some(status), "{device}");
        assert!(!error.may_have_started, "{device}");
        assert_eq!((fixture.requests("POST"), error.attempts), (1, 1), "{device}");
        assert_eq!(fixture.operations_started(), 0, "{device}");
    }
}

#[test]
fn a_post_without_a_response_times_out_and_may_have_started_a_run() {
    let mut fixture = Fixture::new();
    fixture.limits.timeout = Millis(10.0); // shorter than the latency of the service
    let error = fixture.start("successful").err().expect("a timeout");
    assert!(error.code == ErrorCode::Timeout && error.may_have_started);
    assert_eq!(fixture.requests("POST"), 1);
}

#[test]
fn a_retry_after_beyond_the_deadline_ends_the_start_immediately() {
    let mut fixture = Fixture::new();
    fixture.limits.operation_timeout = Millis(500.0);
    let error = fixture.start("throttled").err().expect("Retry-After exceeds the deadline");
    assert!(error.code == ErrorCode::OperationTimeout);
    assert_eq!((error.status_code, error.retry_after, error.may_have_started), (Some(429), Some(Millis(1_000.0)), false));
    assert!(fixture.elapsed() < Millis(100.0));
}

#[test]
fn the_error_reports_the_response_to_the_last_attempt() {
    let mut fixture = Fixture::new();
    fixture.limits.max_retries = 0;
    let error = fixture.start("throttled").err().expect("no retry");
    assert!(error.code == ErrorCode::Throttled);
    assert_eq!((error.attempts, error.retry_after), (1, Some(Millis(1_000.0))));
}

#[test]
fn an_invalid_token_or_a_failing_token_source_sends_nothing() {
    for (token, code) in [
        (Gives(""), ErrorCode::InvalidArgument),
        (Gives("Bearer abc"), ErrorCode::InvalidArgument),
        (Gives("a\r\nb"), ErrorCode::InvalidArgument),
        (Fails("not signed in"), ErrorCode::Unauthorized),
    ] {
        let fixture = Fixture::with_tokens([token]);
        let error = fixture.start("successful").err().expect("no token");
        assert!(error.code == code);
        assert_eq!(error.cause.is_some(), code == ErrorCode::Unauthorized);
        assert!(fixture.sent.borrow().is_empty() && !error.may_have_started);
    }
}
