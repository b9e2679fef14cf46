//! The search for the run behind a lost response, and for the operation behind a 409.

use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::{Millis, UnixTime};
use teams_device_diagnostics_simulator::Disposition;
use time::macros::format_description;

use crate::calendar::{EPOCH, utc};
use crate::fixture::{Builder, Fixture, ok, status};

/// An operation: its id, type, status and when it was created.
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
fn a_run_whose_answer_was_lost_is_found_and_followed() {
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
fn what_ran_before_is_not_taken_for_the_lost_run() {
    for pause in [20_000.0, 3_600_000.0] {
        let fixture = Fixture::new();
        assert!(fixture.run("start-server-error").is_err());
        fixture.post("successful/runDiagnostics");
        fixture.post("successful/restart");
        fixture.clock.advance(Millis(pause));
        fixture.posts([status(500)]);
        let error = fixture.start("successful").err().expect("nothing was started");
        assert!(error.code == ErrorCode::ServiceError && error.may_have_started && error.location.is_none(), "{pause}");
        assert_eq!((error.status_code, error.attempts), (Some(500), 1), "status and attempts are those of the POST");
    }
}

#[test]
fn a_wrong_clock_does_not_hide_the_lost_run() {
    // By the service's clock, the run was created this long after the POST was sent; `Date` is hidden. A run that
    // has ended may be someone else's.
    for (late, state, found) in [
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
        fixture.lists([list(&[("a", "deviceDiagnostics", state, EPOCH + Millis(1_000_000.0) + late)])]);
        let outcome = fixture.start("successful");
        assert_eq!(outcome.is_ok(), found, "{late:?} {state}");
        let expected = "https://graph.microsoft.com/beta/teamwork/devices/successful/operations/a";
        assert!(outcome.is_ok_and(|started| started.location == expected) == found);
    }
}

#[test]
fn the_diagnostics_closest_to_the_post_are_the_lost_run() {
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
fn a_run_that_appears_in_the_list_later_is_found_whatever_its_time() {
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
fn the_search_is_bounded_and_keeps_what_the_post_was_told() {
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
        assert!(!is_forbidden || fixture.requests("GET") == 1, "what is forbidden stays so");
    }
}

#[test]
fn a_conflict_tells_which_operation_is_queued() {
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
fn a_conflict_is_one_also_when_nothing_can_be_found() {
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
fn the_diagnostics_that_are_queued_are_followed_when_that_is_wanted() {
    let mut fixture = Fixture::new();
    fixture.on_conflict = OnConflict::Attach;
    fixture.post("successful/runDiagnostics");
    let started = fixture.start("successful").ok().expect("attached");
    assert!(fixture.events.lines()[0].starts_with("attached to "), "{:?}", fixture.events.lines());
    assert!(fixture.wait(&started.location).is_ok());
    assert_eq!(fixture.operations_started(), 1);
}

#[test]
fn another_kind_of_operation_is_never_followed() {
    let mut fixture = Fixture::new();
    fixture.on_conflict = OnConflict::Attach;
    fixture.post("successful/restart");
    let error = fixture.start("successful").err().expect("409");
    assert!(error.code == ErrorCode::Conflict);
    assert_eq!(error.operation.map(|operation| operation.0["operationType"].clone()), Some("deviceRestart".into()));
}

#[test]
fn a_conflict_with_a_run_of_this_very_moment_may_be_the_own_one() {
    // A browser sends the POST again if the connection breaks: the second request finds the first run.
    let fixture = Fixture::new();
    fixture.post("queued/runDiagnostics");
    let error = fixture.start("queued").err().expect("409");
    assert!(error.code == ErrorCode::Conflict && error.may_have_started && error.location.is_some());
}

#[test]
fn a_list_that_breaks_off_or_goes_in_a_circle_may_already_show_the_run() {
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
fn a_reading_that_failed_does_not_make_old_runs_new() {
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
fn a_reading_that_broke_off_does_not_make_old_runs_new() {
    let mut fixture = Fixture::new();
    fixture.limits.max_retries = 0;
    fixture.clock.advance(Millis(50_000_000.0));
    fixture.posts([status(500)]);
    fixture.lists([page(&[("recent", "deviceDiagnostics", "Successful", EPOCH + Millis(1_000.0))], Some("/second"))]);
    // The first round has only one page, the others also have the old run.
    fixture.polls([status(500), list(&[("old", "deviceDiagnostics", "Successful", EPOCH)])]);
    let error = fixture.start("successful").err().expect("nothing new");
    assert!(error.may_have_started && error.location.is_none());
}

#[test]
fn the_search_leaves_time_to_tell_what_the_post_was_told() {
    let mut fixture = Fixture::new();
    fixture.limits.operation_timeout = Millis(20_000.0);
    fixture.posts([status(502)]);
    fixture.lists([Disposition::Hang]);
    let error = fixture.start("successful").err().expect("not found");
    assert!(error.code == ErrorCode::ServiceError, "{}", error.code.as_str());
    assert!((Millis(9_000.0)..Millis(11_000.0)).contains(&fixture.elapsed()), "{:?}", fixture.elapsed());
}

#[test]
fn nothing_is_searched_for_when_the_service_wants_to_be_left_alone_for_longer() {
    for (code, after) in [(409, "20"), (502, "20"), (502, "60")] {
        let mut fixture = Fixture::new();
        fixture.limits.operation_timeout = Millis(if after == "20" { 10_000.0 } else { 3_600_000.0 });
        fixture.posts([status(code).retry_after(after)]);
        let error = fixture.start("successful").err().expect("refused");
        assert_eq!(error.status_code, Some(code));
        assert_eq!(fixture.requests("GET"), 0, "{code}");
        assert!(fixture.elapsed() < Millis(100.0), "{code}: at once");
    }
}

#[test]
fn a_list_that_wants_to_be_left_alone_is_asked_again_when_that_is_over_or_not_at_all() {
    for (after, requests, ended_at) in [("20", 3, Millis(41_000.0)), ("60", 1, Millis(1_000.0)), ("100", 1, Millis(1_000.0))]
    {
        let mut fixture = Fixture::new();
        fixture.limits.max_retries = 0;
        fixture.posts([Disposition::Reset]);
        fixture.lists([status(429).retry_after(after)]);
        let error = fixture.start("successful").err().expect("not found");
        assert!(error.code == ErrorCode::Network && error.may_have_started);
        assert_eq!(fixture.requests("GET"), requests, "{after}");
        let late = fixture.elapsed() - ended_at;
        assert!((Millis::ZERO..Millis(100.0)).contains(&late), "{after}: {:?}", fixture.elapsed());
    }
}

#[test]
fn a_start_that_is_sent_again_after_a_search_first_waits_as_long_as_the_list_asked() {
    let fixture = Fixture::new();
    fixture.posts([status(503), status(202).field("Location", "/teamwork/devices/d/operations/o")]);
    fixture.lists([list(&[]).retry_after("20")]);
    assert!(fixture.start("successful").is_ok());
    let sent = fixture.sent.borrow();
    let [.., listed, posted] = &sent[..] else { panic!("nothing was searched") };
    assert!(listed.method == "GET" && posted.method == "POST" && posted.at - listed.at >= Millis(20_000.0));
    assert_eq!(fixture.events.lines()[0], "retry 1 of 503 in 20000 ms from header");
}
