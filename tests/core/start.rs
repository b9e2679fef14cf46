//! Starting a run: exactly once, and never lost.

use teams_device_diagnostics::protocol::error::Code;

use crate::platform::{Bench, TOKEN, Tokens};

#[tokio::test(start_paused = true)]
async fn one_post_starts_one_operation_and_resolves_to_its_absolute_url() {
    for device in ["successful", "absolute-location", "versioned-location"] {
        let bench = Bench::new();
        let started = bench.start(device).await.ok().expect(device);
        let expected = format!("https://graph.microsoft.com/beta/teamwork/devices/{device}/operations/");
        assert!(started.location.starts_with(&expected), "{}", started.location);
        assert_eq!((bench.platform.requests("POST"), bench.platform.operations_started()), (1, 1));
        assert_eq!(
            bench.platform.sent.borrow()[0].url,
            format!("https://graph.microsoft.com/beta/teamwork/devices/{device}/runDiagnostics")
        );
        assert_eq!(bench.platform.sent.borrow()[0].token, TOKEN);
        assert_eq!(bench.told(), [format!("started {}", started.location)]);
    }
}

#[tokio::test(start_paused = true)]
async fn the_post_is_repeated_after_429_and_503_not_before_the_service_said() {
    for device in ["throttled", "unavailable"] {
        let bench = Bench::new();
        assert!(bench.start(device).await.is_ok(), "{device}");
        let sent = bench.platform.sent.borrow();
        assert_eq!(sent.len(), 2);
        assert!(sent[1].at_ms - sent[0].at_ms >= 1_000.0, "{device}");
        assert_eq!(bench.platform.operations_started(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_post_is_never_repeated_when_it_may_have_been_taken() {
    for (device, code, status) in [
        ("start-server-error", Code::ServiceError, Some(500)),
        ("html-error", Code::ServiceError, Some(502)),
        ("empty-error", Code::ServiceError, Some(500)),
        ("foreign-location", Code::UntrustedLocation, Some(202)),
    ] {
        let bench = Bench::new();
        let error = bench.start(device).await.err().expect(device);
        assert!(error.code == code, "{device}: {}", error.code.as_str());
        assert_eq!(error.status_code, status, "{device}");
        assert!(error.may_have_started, "{device}");
        assert_eq!(bench.platform.requests("POST"), 1, "{device}");
        assert_eq!(error.device_id.as_deref(), Some(device));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_starts_nothing_and_says_so() {
    for (device, code, status) in [
        ("conflict", Code::Conflict, 409),
        ("withdrawn", Code::NotFound, 410),
        ("no-such-device", Code::NotFound, 404),
        ("echo", Code::ServiceError, 400),
    ] {
        let bench = Bench::new();
        let error = bench.start(device).await.err().expect(device);
        assert!(error.code == code, "{device}");
        assert_eq!(error.status_code, Some(status), "{device}");
        assert!(!error.may_have_started, "{device}");
        assert_eq!((bench.platform.requests("POST"), error.attempts), (1, 1), "{device}");
        assert_eq!(bench.platform.operations_started(), 0, "{device}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_without_answer_ends_after_its_timeout_and_may_have_started() {
    let mut bench = Bench::new();
    bench.limits.timeout = 10.0; // shorter than the way to the service
    let error = bench.start("successful").await.err().expect("no answer in time");
    assert!(error.code == Code::Timeout && error.may_have_started);
    assert_eq!(bench.platform.requests("POST"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_would_outlast_the_call_is_not_begun() {
    let mut bench = Bench::new();
    bench.limits.operation_timeout = 500.0;
    let error = bench.start("throttled").await.err().expect("Retry-After is longer");
    assert!(error.code == Code::OperationTimeout);
    assert_eq!((error.status_code, error.retry_after_ms, error.may_have_started), (Some(429), Some(1_000.0), false));
    assert!(bench.call().elapsed() < 100.0);
}

#[tokio::test(start_paused = true)]
async fn the_last_answer_is_reported_after_the_last_try() {
    let mut bench = Bench::new();
    bench.limits.max_retries = 0;
    let error = bench.start("throttled").await.err().expect("no retry");
    assert!(error.code == Code::Throttled);
    assert_eq!((error.attempts, error.retry_after_ms), (1, Some(1_000.0)));
}

#[tokio::test(start_paused = true)]
async fn a_bad_token_or_a_failing_source_sends_nothing() {
    for (tokens, code) in [
        (Tokens::of([Ok("")]), Code::InvalidArgument),
        (Tokens::of([Ok("Bearer abc")]), Code::InvalidArgument),
        (Tokens::of([Ok("a\r\nb")]), Code::InvalidArgument),
        (Tokens::of([Err("not signed in")]), Code::Unauthorized),
    ] {
        let bench = Bench { tokens, ..Bench::new() };
        let error = bench.start("successful").await.err().expect("no token");
        assert!(error.code == code);
        assert_eq!(error.cause.is_some(), code == Code::Unauthorized);
        assert!(bench.platform.sent.borrow().is_empty() && !error.may_have_started);
    }
}
