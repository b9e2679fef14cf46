//! Waiting for an operation: only Graph's own terminal state ends it well or badly.

use teams_device_diagnostics::protocol::error::{Code, Failure};
use teams_device_diagnostics::protocol::operation::State;
use teams_device_diagnostics_simulator::{Answer, Envelope, Response, Settings};

use crate::platform::{Bench, Diary};

#[tokio::test(start_paused = true)]
async fn a_run_is_followed_through_its_states() {
    let bench = Bench::new();
    let operation = bench.run("successful").await.ok().expect("it succeeds");
    let document = operation.document.expect("a document");
    assert_eq!(document.0["status"], "Successful");
    assert_eq!(document.0["state"], "successful");
    assert_eq!(document.0["operationType"], "deviceDiagnostics");
    let told = bench.told();
    assert_eq!(told[1], "Queued after nothing goes on");
    assert_eq!(told.last().map(String::as_str), Some("Successful after InProgress ended"));
}

#[tokio::test(start_paused = true)]
async fn every_quirk_of_a_success_is_a_success() {
    for device in
        ["bare", "odd-dates", "junk-error", "unknown-status", "succeeded", "quoted-location", "running-retry-after", "slow"]
    {
        let bench = Bench::new();
        let operation = bench.run(device).await.unwrap_or_else(|error| panic!("{device}: {}", error.message));
        assert!(operation.state == State::Successful, "{device}");
        assert_eq!(bench.platform.requests("POST"), 1, "{device}");
    }
    let bare = Bench::with(Settings { envelope: Envelope::Bare, ..Settings::default() });
    assert!(bare.run("successful").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_bad_end_rejects_with_the_operation() {
    for (device, code) in
        [("failed", Code::OperationFailed), ("cancelled", Code::OperationCancelled), ("canceled", Code::OperationCancelled)]
    {
        let bench = Bench::new();
        let error = bench.run(device).await.err().expect(device);
        assert!(error.code == code, "{device}");
        assert!(error.operation.is_some() && error.location.is_some(), "{device}");
        assert_eq!(error.graph_code.is_some(), device == "failed");
        let how =
            if device == "failed" { "The operation failed: DeviceUnreachable: " } else { "The operation was cancelled" };
        assert!(error.message.starts_with(how), "{}", error.message);
        assert_eq!(error.status_code, Some(200));
        assert!(error.request_id.is_some(), "support asks for it");
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_is_not_an_operation_that_failed() {
    for device in ["throttled", "throttled-hidden", "unavailable", "poll-server-error", "poll-reset", "poll-hang", "late"] {
        let bench = Bench::new();
        let operation = bench.run(device).await.unwrap_or_else(|error| panic!("{device}: {}", error.message));
        assert!(operation.state == State::Successful, "{device}");
        assert!(bench.told().iter().any(|line| line.starts_with("retry")), "{device}");
        assert_eq!(bench.platform.operations_started(), 1, "{device}");
    }
}

#[tokio::test(start_paused = true)]
async fn half_a_document_is_not_an_operation() {
    let error = Bench::new().run("truncated").await.err().expect("no JSON");
    assert!(error.code == Code::Protocol && error.location.is_some());
}

#[tokio::test(start_paused = true)]
async fn retry_after_on_a_running_operation_is_never_undercut() {
    let mut bench = Bench::new();
    bench.limits.poll_interval = Some(10.0);
    assert!(bench.run("running-retry-after").await.is_ok());
    let sent = bench.platform.sent.borrow();
    for pair in sent[1..].windows(2) {
        assert!(pair[1].at_ms - pair[0].at_ms >= 1_000.0);
    }
}

#[tokio::test(start_paused = true)]
async fn the_service_is_not_asked_before_the_time_that_the_202_named() {
    let bench = Bench::new();
    let started = bench.start("running-retry-after").await.ok().expect("started");
    assert_eq!(started.look_after_ms, 1_000.0);
    let call = bench.call();
    call.known.borrow_mut().location = Some(started.location);
    assert!(call.run(call.wait_for_operation(started.look_after_ms)).await.is_ok());
    let sent = bench.platform.sent.borrow();
    assert!(sent[1].at_ms - sent[0].at_ms >= 1_000.0);
}

#[tokio::test(start_paused = true)]
async fn a_wait_ends_with_its_time_and_keeps_location_and_operation() {
    let mut bench = Bench::new();
    bench.limits.operation_timeout = 60_000.0;
    let error = bench.run("queued").await.err().expect("queued for ever");
    assert!(error.code == Code::OperationTimeout);
    assert!(error.location.is_some());
    assert_eq!(error.operation.as_ref().map(|operation| &operation.0["status"]), Some(&"Queued".into()));
    let now = bench.call().began;
    assert!((60_000.0..60_200.0).contains(&now), "{now}");
    assert!(bench.platform.requests("GET") < 20);
    let last = bench.platform.sent.borrow().last().map_or(0.0, |sent| sent.at_ms);
    assert!(last > 58_000.0, "the last look is taken just before the end: {last}");
}

#[tokio::test(start_paused = true)]
async fn a_dropped_call_sends_nothing_more() {
    let bench = Bench::new();
    let started = bench.start("queued").await.ok().expect("started");
    let waiting = bench.wait(&started.location);
    assert!(tokio::time::timeout(std::time::Duration::from_secs(5), waiting).await.is_err());
    let sent = bench.platform.sent.borrow().len();
    tokio::time::sleep(std::time::Duration::from_secs(3_600)).await;
    assert_eq!(bench.platform.sent.borrow().len(), sent);
}

#[tokio::test(start_paused = true)]
async fn a_look_takes_any_state_for_an_answer() {
    let bench = Bench::new();
    let started = bench.start("failed").await.ok().expect("started");
    tokio::time::sleep(std::time::Duration::from_secs(10)).await;
    let call = bench.call();
    call.known.borrow_mut().location = Some(started.location);
    assert!(call.run(call.get_operation()).await.is_ok_and(|operation| operation.state == State::Failed));
}

#[tokio::test(start_paused = true)]
async fn what_the_callback_throws_ends_the_wait_as_it_is() {
    let bench = Bench { diary: Diary { throws_at: Some(2), ..Diary::default() }, ..Bench::new() };
    let started = bench.start("successful").await.ok().expect("started");
    let call = bench.call();
    call.known.borrow_mut().location = Some(started.location);
    let failure = call.run(call.wait_for_operation(0.0)).await.err().expect("the callback threw");
    assert!(matches!(failure, Failure::Callback(thrown) if thrown.0 == "the callback's own error"));
}

#[tokio::test(start_paused = true)]
async fn coming_back_to_the_page_looks_at_once_but_never_before_the_service_allows() {
    for (device, waits_for) in [("queued", None), ("running-retry-after", Some(1_000.0))] {
        let mut bench = Bench::new();
        bench.limits.poll_interval = Some(20_000.0);
        let started = bench.start(device).await.ok().expect("started");
        let coming_back = async {
            for _ in 0..200 {
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                bench.platform.stirs.notify_waiters();
            }
        };
        let waiting = bench.wait(&started.location);
        let _ = tokio::time::timeout(std::time::Duration::from_secs(10), async { tokio::join!(waiting, coming_back) }).await;
        let sent = bench.platform.sent.borrow();
        assert!(sent.len() > 3, "{device}: it did not come back");
        for pair in sent[1..].windows(2) {
            assert!(pair[1].at_ms - pair[0].at_ms >= waits_for.unwrap_or(1_000.0), "{device}: a loop without waiting");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_service_that_keeps_saying_at_once_is_not_asked_without_a_pause() {
    let mut bench = Bench::new();
    bench.limits.max_retries = 50;
    *bench.platform.intercept.borrow_mut() = Some(Box::new(|_, _| {
        let headers = vec![("Retry-After".to_owned(), "0".to_owned())];
        Some(Answer::Respond(Response { status: 429, headers, body: String::new() }))
    }));
    assert!(bench.wait("https://graph.microsoft.com/beta/x").await.is_err());
    let sent = bench.platform.sent.borrow();
    assert_eq!(sent.len(), 51);
    assert!(sent[2..].windows(2).all(|pair| pair[1].at_ms - pair[0].at_ms >= 100.0));
}

#[tokio::test(start_paused = true)]
async fn a_date_is_held_against_the_services_own_clock() {
    let bench = Bench::new();
    *bench.platform.intercept.borrow_mut() = Some(Box::new(|number, _| {
        // The service's clock is years away from the caller's.
        let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let headers =
            vec![field("Date", "Wed, 21 Oct 2015 07:28:00 GMT"), field("Retry-After", "Wed, 21 Oct 2015 07:28:07 GMT")];
        let body = r#"{"status":"Successful"}"#.to_owned();
        let status = if number == 0 { 503 } else { 200 };
        Some(Answer::Respond(Response { status, headers, body }))
    }));
    assert!(bench.wait("https://graph.microsoft.com/beta/x").await.is_ok());
    let sent = bench.platform.sent.borrow();
    assert!((7_000.0..7_100.0).contains(&(sent[1].at_ms - sent[0].at_ms)));
}

#[tokio::test(start_paused = true)]
async fn a_first_look_that_would_come_too_late_is_not_waited_for() {
    let mut bench = Bench::new();
    bench.limits.operation_timeout = 5_000.0;
    let call = bench.call();
    call.known.borrow_mut().location = Some("https://graph.microsoft.com/beta/x".into());
    let Err(Failure::Error(error)) = call.run(call.wait_for_operation(5_000.0)).await else { panic!("it waited") };
    assert!(error.code == Code::OperationTimeout && error.location.is_some());
    assert_eq!((error.retry_after_ms, bench.platform.sent.borrow().len()), (Some(5_000.0), 0));
    assert!(bench.call().elapsed() < 1.0);
}
