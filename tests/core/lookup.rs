//! The run behind a lost answer, and the operation behind a 409.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use teams_device_diagnostics::client::OnConflict;
use teams_device_diagnostics::protocol::error::Code;
use teams_device_diagnostics_simulator::{Answer, Response};

use crate::platform::{Bench, status};

fn is_list(target: &str) -> bool {
    target.ends_with("/operations")
}

/// A list of operations, each with id, type, status and the seconds since the Unix epoch when it was created.
fn list(operations: &[(&str, &str, &str, f64)]) -> Answer {
    let document = |&(id, kind, status, created): &(&str, &str, &str, f64)| {
        let seconds = created.rem_euclid(86_400.0);
        let time = format!("{:02}:{:02}:{:02}", seconds as u32 / 3600, seconds as u32 / 60 % 60, seconds as u32 % 60);
        serde_json::json!({ "id": id, "operationType": kind, "status": status, "createdDateTime": format!("2026-06-01T{time}Z") })
    };
    let value: Vec<_> = operations.iter().map(document).collect();
    Answer::Respond(Response { status: 200, headers: Vec::new(), body: serde_json::json!({ "value": value }).to_string() })
}

const JUNE: f64 = 1_780_272_000.0;

#[tokio::test(start_paused = true)]
async fn a_run_whose_answer_was_lost_is_found_and_followed() {
    for device in ["lost-start", "start-hang", "no-location"] {
        let bench = Bench::new();
        let started = bench.start(device).await.unwrap_or_else(|error| panic!("{device}: {}", error.message));
        assert_eq!((bench.platform.requests("POST"), bench.platform.operations_started()), (1, 1), "{device}");
        assert_eq!(bench.told().last(), Some(&format!("started {}", started.location)), "{device}");
        assert!(bench.wait(&started.location).await.is_ok(), "{device}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_ran_before_is_not_taken_for_the_lost_run() {
    for pause in [20, 3_600] {
        let bench = Bench::new();
        assert!(bench.run("start-server-error").await.is_err());
        bench.platform.post("successful/runDiagnostics");
        bench.platform.post("successful/restart");
        tokio::time::sleep(Duration::from_secs(pause)).await;
        *bench.platform.intercept.borrow_mut() =
            Some(Box::new(|_, request| (request.method == "POST").then(|| status(500))));
        let error = bench.start("successful").await.err().expect("nothing was started");
        assert!(error.code == Code::ServiceError && error.may_have_started && error.location.is_none(), "{pause}");
        assert_eq!((error.status_code, error.attempts), (Some(500), 1), "what is told is told of the POST");
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_clock_does_not_hide_the_lost_run() {
    // By the service's clock the run was created this many seconds after the POST was sent; the field Date is hidden.
    for (late, state, found) in [
        (0.0, "Queued", true),
        (-100.0, "Queued", true),
        (-200.0, "Queued", false),
        (300.0, "Queued", true),
        (0.0, "Successful", true),
        (-100.0, "Successful", false),
    ] {
        let bench = Bench::new();
        tokio::time::sleep(Duration::from_secs(1_000)).await;
        *bench.platform.intercept.borrow_mut() = Some(Box::new(move |_, request| {
            let created = JUNE + 1_000.0 + late;
            Some(if is_list(&request.target) { list(&[("a", "deviceDiagnostics", state, created)]) } else { Answer::Reset })
        }));
        let outcome = bench.start("successful").await;
        assert_eq!(outcome.is_ok(), found, "{late} {state}");
        let expected = "https://graph.microsoft.com/beta/teamwork/devices/successful/operations/a";
        assert!(outcome.is_ok_and(|started| started.location == expected) == found);
    }
}

#[tokio::test(start_paused = true)]
async fn the_diagnostics_closest_to_the_post_are_the_lost_run() {
    let bench = Bench::new();
    tokio::time::sleep(Duration::from_secs(10)).await;
    *bench.platform.intercept.borrow_mut() = Some(Box::new(|_, request| {
        let all = [
            ("earlier", "deviceDiagnostics", "Successful", JUNE + 6.0),
            ("own", "deviceDiagnostics", "Queued", JUNE + 10.0),
            ("later", "deviceDiagnostics", "Queued", JUNE + 16.0),
            ("restart", "deviceRestart", "Queued", JUNE + 10.0),
        ];
        Some(if is_list(&request.target) { list(&all) } else { Answer::Reset })
    }));
    let started = bench.start("successful").await.ok().expect("found");
    assert!(started.location.ends_with("/operations/own"), "{}", started.location);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_appears_in_the_list_later_is_found_whatever_its_time() {
    let bench = Bench::new();
    tokio::time::sleep(Duration::from_secs(50_000)).await;
    let looks = Rc::new(Cell::new(0));
    let counted = looks.clone();
    *bench.platform.intercept.borrow_mut() = Some(Box::new(move |_, request| {
        if !is_list(&request.target) {
            return Some(Answer::Reset);
        }
        counted.set(counted.get() + 1);
        let old = ("old", "deviceDiagnostics", "Successful", JUNE + 1_000.0);
        let new = ("new", "deviceDiagnostics", "Queued", JUNE + 2_000.0);
        Some(if counted.get() == 1 { list(&[old]) } else { list(&[old, new]) })
    }));
    let started = bench.start("successful").await.ok().expect("found");
    assert!(started.location.ends_with("/operations/new"));
    assert_eq!(looks.get(), 2);
}

#[tokio::test(start_paused = true)]
async fn looking_for_the_run_is_bounded_and_keeps_what_the_post_was_told() {
    for answer in [status(403), status(500), status(429), list(&[]), Answer::Reset, Answer::Hang] {
        let bench = Bench::new();
        let list_answer = answer.clone();
        *bench.platform.intercept.borrow_mut() =
            Some(Box::new(move |_, request| Some(if is_list(&request.target) { list_answer.clone() } else { status(504) })));
        let error = bench.start("successful").await.err().expect("not found");
        assert!(error.code == Code::ServiceError && error.may_have_started, "{answer:?}");
        assert_eq!((error.status_code, error.attempts, error.location), (Some(504), 1, None), "{answer:?}");
        assert!(bench.call().began <= 60_100.0, "{answer:?} took {} ms", bench.call().began);
        assert!(bench.platform.sent.borrow().len() < 20, "{answer:?}");
        let is_forbidden = matches!(&answer, Answer::Respond(response) if response.status == 403);
        assert!(!is_forbidden || bench.platform.requests("GET") == 1, "what is forbidden stays so");
    }
}

#[tokio::test(start_paused = true)]
async fn a_conflict_tells_which_operation_is_queued() {
    let bench = Bench::new();
    let error = bench.start("conflict").await.err().expect("409");
    assert!(error.code == Code::Conflict && !error.may_have_started);
    assert_eq!((error.status_code, error.attempts), (Some(409), 1));
    let operation = error.operation.expect("the queued operation");
    assert_eq!(operation.0["createdBy"]["user"]["displayName"], "Another administrator");
    assert!(error.location.is_some_and(|at| at.ends_with(operation.0["id"].as_str().unwrap_or("-"))));
    assert_eq!(bench.platform.requests("POST"), 1);
    assert_eq!(bench.platform.operations_started(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_conflict_is_one_also_when_nothing_can_be_found() {
    for answer in [status(403), status(500), list(&[]), list(&[("a", "deviceDiagnostics", "Failed", JUNE)])] {
        for on_conflict in [OnConflict::Throw, OnConflict::Attach] {
            let bench = Bench { on_conflict, ..Bench::new() };
            let list_answer = answer.clone();
            *bench.platform.intercept.borrow_mut() =
                Some(Box::new(move |_, request| is_list(&request.target).then(|| list_answer.clone())));
            let error = bench.start("conflict").await.err().expect("409");
            assert!(error.code == Code::Conflict, "{answer:?}");
            assert!(error.location.is_none() && error.operation.is_none() && !error.may_have_started, "{answer:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_diagnostics_that_are_queued_are_followed_when_that_is_wanted() {
    let bench = Bench { on_conflict: OnConflict::Attach, ..Bench::new() };
    bench.platform.post("successful/runDiagnostics");
    let started = bench.start("successful").await.ok().expect("attached");
    assert!(bench.told()[0].starts_with("attached to "), "{:?}", bench.told());
    assert!(bench.wait(&started.location).await.is_ok());
    assert_eq!(bench.platform.operations_started(), 1);
}

#[tokio::test(start_paused = true)]
async fn another_kind_of_operation_is_never_followed() {
    let bench = Bench { on_conflict: OnConflict::Attach, ..Bench::new() };
    bench.platform.post("successful/restart");
    let error = bench.start("successful").await.err().expect("409");
    assert!(error.code == Code::Conflict);
    assert_eq!(error.operation.map(|operation| operation.0["operationType"].clone()), Some("deviceRestart".into()));
}

#[tokio::test(start_paused = true)]
async fn a_conflict_with_a_run_of_this_very_moment_may_be_the_own_one() {
    // A browser sends the POST twice when the connection breaks: the second finds the first.
    let bench = Bench::new();
    bench.platform.post("queued/runDiagnostics");
    let error = bench.start("queued").await.err().expect("409");
    assert!(error.code == Code::Conflict && error.may_have_started && error.location.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_list_that_breaks_off_may_already_show_the_run() {
    let bench = Bench::new();
    *bench.platform.intercept.borrow_mut() = Some(Box::new(|_, request| {
        let mut first = list(&[("own", "deviceDiagnostics", "Queued", JUNE)]);
        if let Answer::Respond(response) = &mut first {
            response.body = response.body.replacen('{', r#"{"@odata.nextLink":"/second","#, 1);
        }
        Some(if is_list(&request.target) { first } else { status(500) })
    }));
    let started = bench.start("successful").await.ok().expect("found on the first page");
    assert!(started.location.ends_with("/operations/own"));
}

#[tokio::test(start_paused = true)]
async fn a_look_that_failed_does_not_make_old_runs_new() {
    let mut bench = Bench::new();
    bench.limits.max_retries = 0;
    tokio::time::sleep(Duration::from_secs(50_000)).await;
    *bench.platform.intercept.borrow_mut() = Some(Box::new(|number, request| {
        let old = list(&[("old", "deviceDiagnostics", "Successful", JUNE)]);
        Some(if is_list(&request.target) && number > 1 { old } else { status(500) })
    }));
    let error = bench.start("successful").await.err().expect("nothing new");
    assert!(error.may_have_started && error.location.is_none());
    assert_eq!(bench.platform.requests("GET"), 3);
}

#[tokio::test(start_paused = true)]
async fn looking_for_the_run_leaves_time_to_tell_what_the_post_was_told() {
    let mut bench = Bench::new();
    bench.limits.operation_timeout = 20_000.0;
    *bench.platform.intercept.borrow_mut() =
        Some(Box::new(|_, request| Some(if is_list(&request.target) { Answer::Hang } else { status(502) })));
    let error = bench.start("successful").await.err().expect("not found");
    assert!(error.code == Code::ServiceError, "{}", error.code.as_str());
    assert!((9_000.0..11_000.0).contains(&bench.call().began), "{}", bench.call().began);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_looked_for_when_the_service_wants_to_be_left_alone_for_longer() {
    for (code, after) in [(409, "20"), (502, "20"), (502, "60")] {
        let mut bench = Bench::new();
        bench.limits.operation_timeout = if after == "20" { 10_000.0 } else { 3_600_000.0 };
        *bench.platform.intercept.borrow_mut() = Some(Box::new(move |_, _| {
            let headers = vec![("Retry-After".to_owned(), after.to_owned())];
            Some(Answer::Respond(Response { status: code, headers, body: String::new() }))
        }));
        let error = bench.start("successful").await.err().expect("refused");
        assert_eq!(error.status_code, Some(code));
        assert_eq!(bench.platform.requests("GET"), 0, "{code}");
        assert!(bench.call().began < 100.0, "{code}: at once");
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_wants_to_be_left_alone_is_asked_again_when_that_is_over_or_not_at_all() {
    for (after, requests, ended_at) in
        [("20", 3, 41_000.0..41_100.0), ("60", 1, 1_000.0..1_100.0), ("100", 1, 1_000.0..1_100.0)]
    {
        let mut bench = Bench::new();
        bench.limits.max_retries = 0;
        *bench.platform.intercept.borrow_mut() = Some(Box::new(move |_, request| {
            let headers = vec![("Retry-After".to_owned(), after.to_owned())];
            let throttled = Answer::Respond(Response { status: 429, headers, body: String::new() });
            Some(if is_list(&request.target) { throttled } else { Answer::Reset })
        }));
        let error = bench.start("successful").await.err().expect("not found");
        assert!(error.code == Code::Network && error.may_have_started);
        assert_eq!(bench.platform.requests("GET"), requests, "{after}");
        assert!(ended_at.contains(&bench.call().began), "{after}: {}", bench.call().began);
    }
}
