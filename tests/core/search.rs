//! The search for the run whose response was lost, and for the operation that caused a 409.

use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::{Millis, UnixTime};
use teams_device_diagnostics_simulator::Disposition;
use time::macros::format_description;

use crate::calendar::{EPOCH, utc};
use crate::fixture::{Builder, Fixture, ok, status};

/// An operation in a list: its id, type, status and creation time.
type Listed<'a> = (&'a str, &'a str, &'a str, UnixTime);

/// A list of operations.
fn list(operations: &[Listed]) -> Disposition {
    page(operations, None)
}

/// A page of a list, with a link to the next one.
fn page(operations: &[Listed], next: Option<&str>) -> Disposition {
    let document = |&(id, kind, status, created): &Listed| {
        let created = utc(created).format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"));
        let created = created.expect("a date");
        serde_json::json!({ "id": id, "operationType": kind, "status": status, "createdDateTime": created })
    };
    let value: Vec<_> = operations.iter().map(document).collect();
    ok(&serde_json::json!({ "value": value, "@odata.nextLink": next }).to_string())
}

#[test]
fn a_run_whose_response_was_lost_is_found_and_followed() {
    for device in ["lost-start", "start-hang", "no-location"] {
        let fixture = Fixture::new();
        let started = fixture.start(device).unwrap_or_else(|error| panic!("{device}: {}", error.message));
        assert_eq!((fixture.requests("POST"), fixture.operations_started()), (1, 1), "{device}");
        let (_, id) = started.location.rsplit_once('/').expect("a URL");
        let expected = format!("recovered {id} {}", started.location);
        assert_eq!(fixture.events.lines().last(), Some(&expected), "{device}");
        assert!(fixture.wait(&started.location).is_ok(), "{device}");
    }
}

#[test]
fn an_earlier_run_is_not_mistaken_for_the_lost_run() {
    for pause in [20_000.0, 3_600_000.0] {
        let fixture = Fixture::new();
        assert!(fixture.run("start-server-error").is_err());
        fixture.post("successful/runDiagnostics");
        fixture.post("successful/restart");
        fixture.clock.advance(Millis(pause));
        fixture.posts([status(500)]);
        let error = fixture.start("successful").err().expect("no run is found");
        assert!(error.code == ErrorCode::ServiceError && error.may_have_started && error.location.is_none(), "{pause}");
        assert_eq!((error.status_code, error.attempts), (Some(500), 1), "not the status and attempts of the POST");
    }
}

#[test]
fn a_queued_run_is_found_despite_a_plausibly_wrong_clock() {
    // How long after the POST was sent the run was created, by the service's clock; `Date` is hidden. A run that has
    // ended may be someone else's.
    for (clock_error, state, found) in [
        (Millis(0.0), "Queued", true),
        (Millis(-100_000.0), "Queued", true),
        (Millis(-200_000.0), "Queued", false),
        (Millis(300_000.0), "Queued", true),
        (Millis(0.0), "Successful", false),
        (Millis(300_000.0), "Successful", false),
    ] {
        let fixture = Fixture::new();
        fixture.clock.advance(Millis(1_000_000.0));
        fixture.posts([Disposition::Reset]);
        fixture.lists([list(&[("a", "deviceDiagnostics", state, EPOCH + Millis(1_000_000.0) + clock_error)])]);
        let outcome = fixture.start("successful");
        assert_eq!(outcome.is_ok(), found, "{clock_error:?} {state}");
        let expected = "https://graph.microsoft.com/beta/teamwork/devices/successful/operations/a";
        assert!(outcome.is_ok_and(|started| started.location == expected) == found);
    }
}

#[test]
fn the_diagnostics_run_closest_to_the_post_is_found() {
    let fixture = Fixture::new();
    fixture.clock.advance(Millis(10_000.0));
    fixture.posts([Disposition::Reset]);
    fixture.lists([list(&[
        ("earlier", "deviceDiagnostics", "Successful", EPOCH + Millis(6_000.0)),
        ("own", "deviceDiagnostics", "Queued", EPOCH + Millis(10_000.0)),
        ("later", "deviceDiagnostics", "Queued", EPOCH + Millis(16_000.0)),
        ("restart", "deviceRestart", "Queued", EPOCH + Millis(10_000.0)),
    ])]);
    let started = fixture.start("successful").ok().expect("found");
    assert!(started.location.ends_with("/operations/own"), "{}", started.location);
}

#[test]
fn a_run_that_appears_during_the_search_is_found_whatever_its_time() {
    let fixture = Fixture::new();
    fixture.clock.advance(Millis(50_000_000.0));
    let old = ("old", "deviceDiagnostics", "Successful", EPOCH + Millis(1_000_000.0));
    let new = ("new", "deviceDiagnostics", "Queued", EPOCH + Millis(2_000_000.0));
    fixture.posts([Disposition::Reset]);
    fixture.lists([list(&[old]), list(&[old, new])]);
    let started = fixture.start("successful").ok().expect("found");
    assert!(started.location.ends_with("/operations/new"));
    assert_eq!(fixture.requests("GET"), 2);
}

#[test]
fn the_search_is_bounded_and_keeps_the_error_of_the_post() {
    for disposition in [status(403), status(500), status(429), list(&[]), Disposition::Reset, Disposition::Hang] {
        let fixture = Fixture::new();
        fixture.posts([status(504)]);
        fixture.lists([disposition.clone()]);
        let error = fixture.start("successful").err().expect("not found");
        assert!(error.code == ErrorCode::ServiceError && error.may_have_started, "{disposition:?}");
        assert_eq!((error.status_code, error.attempts, error.location), (Some(504), 1, None), "{disposition:?}");
        assert!(fixture.elapsed() <= Millis(60_100.0), "{disposition:?} took {:?}", fixture.elapsed());
        assert!(fixture.sent.borrow().len() < 20, "{disposition:?}");
        let is_forbidden = matches!(&disposition, Disposition::Respond(response) if response.status == 403);
        assert!(!is_forbidden || fixture.requests("GET") == 1, "a 403 is not retried");
    }
}

#[test]
fn a_conflict_error_contains_the_queued_operation() {
    let fixture = Fixture::new();
    let error = fixture.start("conflict").err().expect("409");
    assert!(error.code == ErrorCode::Conflict && !error.may_have_started);
    assert_eq!((error.status_code, error.attempts), (Some(409), 1));
    let operation = error.operation.expect("the queued operation");
    assert_eq!(operation.0["createdBy"]["user"]["displayName"], "Another administrator");
    assert!(error.location.is_some_and(|at| at.ends_with(operation.0["id"].as_str().unwrap_or("-"))));
    assert_eq!(fixture.requests("POST"), 1);
    assert_eq!(fixture.operations_started(), 0);
}

#[test]
fn a_409_stays_a_conflict_when_nothing_is_found() {
    for disposition in [status(403), status(500), list(&[]), list(&[("a", "deviceDiagnostics", "Failed", EPOCH)])] {
        for on_conflict in [OnConflict::Throw, OnConflict::Attach] {
            let mut fixture = Fixture::new();
            fixture.on_conflict = on_conflict;
            fixture.lists([disposition.clone()]);
            let error = fixture.start("conflict").err().expect("409");
            assert!(error.code == ErrorCode::Conflict, "{disposition:?}");
            assert!(error.location.is_none() && error.operation.is_none() && !error.may_have_started, "{disposition:?}");
        }
    }
}

#[test]
fn with_attach_a_queued_diagnostics_run_is_followed() {
    let mut fixture = Fixture::new();
    fixture.on_conflict = OnConflict::Attach;
    fixture.post("successful/runDiagnostics");
    let started = fixture.start("successful").ok().expect("attached");
    assert!(fixture.events.lines()[0].starts_with("attached to "), "{:?}", fixture.events.lines());
    assert!(fixture.wait(&started.location).is_ok());
    assert_eq!(fixture.operations_started(), 1);
}

#[test]
fn with_attach_an_operation_of_another_type_is_not_followed() {
    let mut fixture = Fixture::new();
    fixture.on_conflict = OnConflict::Attach;
    fixture.post("successful/restart");
    let error = fixture.start("successful").err().expect("409");
    assert!(error.code == ErrorCode::Conflict);
    assert_eq!(error.operation.map(|operation| operation.0["operationType"].clone()), Some("deviceRestart".into()));
}

#[test]
fn a_conflict_with_a_new_run_may_be_this_calls_own() {
    // A browser repeats a POST if its connection breaks. The second request then conflicts with the run of the first.
    let fixture = Fixture::new();
    fixture.post("queued/runDiagnostics");
    let error = fixture.start("queued").err().expect("409");
    assert!(error.code == ErrorCode::Conflict && error.may_have_started && error.location.is_some());
}

#[test]
fn a_run_is_found_in_an_incomplete_or_circular_list() {
    for next in ["/second", "/teamwork/devices/successful/operations"] {
        let fixture = Fixture::new();
        fixture.posts([status(500)]);
        fixture.lists([page(&[("own", "deviceDiagnostics", "Queued", EPOCH)], Some(next))]);
        fixture.polls([status(500)]);
        let started = fixture.start("successful").ok().expect("found on the first page");
        assert!(started.location.ends_with("/operations/own"), "{next}");
    }
}

#[test]
fn a_failed_list_does_not_make_an_old_run_look_new() {
    let mut fixture = Fixture::new();
    fixture.limits.max_retries = 0;
    fixture.clock.advance(Millis(50_000_000.0));
    fixture.posts([status(500)]);
    fixture.lists([status(500), list(&[("old", "deviceDiagnostics", "Successful", EPOCH)])]);
    let error = fixture.start("successful").err().expect("nothing new");
    assert!(error.may_have_started && error.location.is_none());
    assert_eq!(fixture.requests("GET"), 3);
}

#[test]
fn an_incomplete_list_does_not_make_an_old_run_look_new() {
    let mut fixture = Fixture::new();
    fixture.limits.max_retries = 0;
    fixture.clock.advance(Millis(50_000_000.0));
    fixture.posts([status(500)]);
    fixture.lists([page(&[("recent", "deviceDiagnostics", "Successful", EPOCH + Millis(1_000.0))], Some("/second"))]);
    // The first round of the search reads only one page; later rounds also read the page with the old run.
    fixture.polls([status(500), list(&[("old", "deviceDiagnostics", "Successful", EPOCH)])]);
    let error = fixture.start("successful").err().expect("nothing new");
    assert!(error.may_have_started && error.location.is_none());
}

#[test]
fn a_refused_token_ends_the_search_at_any_page() {
    let first_page = page(&[("old", "deviceDiagnostics", "Successful", EPOCH)], Some("/second"));
    for (first, requests) in [(status(401), 1), (first_page, 2)] {
        let fixture = Fixture::new();
        fixture.clock.advance(Millis(50_000_000.0));
        fixture.posts([Disposition::Reset]);
        fixture.lists([first]);
        fixture.polls([status(401)]);
        let error = fixture.start("successful").err().expect("not found");
        assert!(error.code == ErrorCode::Network && error.may_have_started);
        assert_eq!(fixture.requests("GET"), requests);
    }
}

#[test]
fn the_search_leaves_time_to_report_the_error() {
    let mut fixture = Fixture::new();
    fixture.limits.operation_timeout = Millis(20_000.0);
    fixture.posts([status(502)]);
    fixture.lists([Disposition::Hang]);
    let error = fixture.start("successful").err().expect("not found");
    assert!(error.code == ErrorCode::ServiceError, "{}", error.code.as_str());
    assert!((Millis(9_000.0)..Millis(11_000.0)).contains(&fixture.elapsed()), "{:?}", fixture.elapsed());
}

#[test]
fn no_search_if_retry_after_exceeds_its_limit() {
    for (code, retry_after) in [(409, "20"), (502, "20"), (502, "60")] {
        let mut fixture = Fixture::new();
        fixture.limits.operation_timeout = Millis(if retry_after == "20" { 10_000.0 } else { 3_600_000.0 });
        fixture.posts([status(code).retry_after(retry_after)]);
        let error = fixture.start("successful").err().expect("no search");
        assert_eq!(error.status_code, Some(code));
        assert_eq!(fixture.requests("GET"), 0, "{code}");
        assert!(fixture.elapsed() < Millis(100.0), "{code}: the start did not end immediately");
    }
}

#[test]
fn a_list_is_retried_after_its_retry_after_or_not_at_all() {
    for (retry_after, requests, ended_at) in
        [("20", 3, Millis(41_000.0)), ("60", 1, Millis(1_000.0)), ("100", 1, Millis(1_000.0))]
    {
        let mut fixture = Fixture::new();
        fixture.limits.max_retries = 0;
        fixture.posts([Disposition::Reset]);
        fixture.lists([status(429).retry_after(retry_after)]);
        let error = fixture.start("successful").err().expect("not found");
        assert!(error.code == ErrorCode::Network && error.may_have_started);
        assert_eq!(fixture.requests("GET"), requests, "{retry_after}");
        let late = fixture.elapsed() - ended_at;
        assert!((Millis::ZERO..Millis(100.0)).contains(&late), "{retry_after}: {:?}", fixture.elapsed());
    }
}

#[test]
fn a_post_retried_after_a_search_respects_the_lists_retry_after() {
    let fixture = Fixture::new();
    fixture.posts([status(503), status(202).field("Location", "/teamwork/devices/d/operations/o")]);
    fixture.lists([list(&[]).retry_after("20")]);
    assert!(fixture.start("successful").is_ok());
    let sent = fixture.sent.borrow();
    let [.., listed, posted] = &sent[..] else { panic!("no search") };
    assert!(listed.method == "GET" && posted.method == "POST" && posted.at - listed.at >= Millis(20_000.0));
    assert_eq!(fixture.events.lines()[0], "retry 1 of 503 in 20000 ms from header");
}
