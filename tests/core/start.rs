//! Starting a run: exactly once, and never lost.

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
fn the_post_is_repeated_after_429_and_503_not_before_the_service_said() {
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
fn the_post_is_never_repeated_when_it_may_have_been_taken() {
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
fn a_refusal_starts_nothing_and_says_so() {
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
fn a_post_without_answer_ends_after_its_timeout_and_may_have_started() {
    let mut fixture = Fixture::new();
    fixture.limits.timeout = Millis(10.0); // shorter than the way to the service
    let error = fixture.start("successful").err().expect("no answer in time");
    assert!(error.code == ErrorCode::Timeout && error.may_have_started);
    assert_eq!(fixture.requests("POST"), 1);
}

#[test]
fn a_wait_that_would_outlast_the_call_is_not_begun() {
    let mut fixture = Fixture::new();
    fixture.limits.operation_timeout = Millis(500.0);
    let error = fixture.start("throttled").err().expect("Retry-After is longer");
    assert!(error.code == ErrorCode::OperationTimeout);
    assert_eq!((error.status_code, error.retry_after, error.may_have_started), (Some(429), Some(Millis(1_000.0)), false));
    assert!(fixture.elapsed() < Millis(100.0));
}

#[test]
fn the_last_answer_is_reported_after_the_last_try() {
    let mut fixture = Fixture::new();
    fixture.limits.max_retries = 0;
    let error = fixture.start("throttled").err().expect("no retry");
    assert!(error.code == ErrorCode::Throttled);
    assert_eq!((error.attempts, error.retry_after), (1, Some(Millis(1_000.0))));
}

#[test]
fn a_bad_token_or_a_failing_source_sends_nothing() {
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
