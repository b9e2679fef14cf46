//! The records of a fleet, and how a later process goes on with them.

use teams_device_diagnostics::machine::effect::Failure;
use teams_device_diagnostics::machine::fleet::effect::FleetInput;
use teams_device_diagnostics::machine::fleet::record::{Outcome, RecordedState};
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::{self as simulator, Disposition};

use crate::document::Document;
use crate::ends::{error_of, outcomes};
use crate::fixture::{Fixture, devices};
use crate::fleet_driver::Stop;

#[test]
fn a_record_is_kept_before_the_post_and_after_each_change() {
    let mut fixture = Fixture::of(1, Millis(20_000.0));
    fixture.record_length = Millis(500.0);
    let ended = fixture.run(1);
    let events = fixture.events.borrow();
    assert_eq!(*events, ["d0 record starting", "d0 started", "d0 record running", "d0 record successful"]);
    assert_eq!(fixture.sent.borrow()[0].at, Instant(500.0));
    assert_eq!(ended[0].result.outcome, Outcome::Successful);
    let (_, last) = fixture.last_records().remove(0);
    let RecordedState::Ended { outcome, location, .. } = &last.state else { panic!("not ended") };
    assert_eq!((*outcome, location), (Outcome::Successful, &ended[0].result.location));
    assert!(last.service_time.is_some() && last.attempts == ended[0].result.attempts);
}

#[test]
fn a_record_that_took_long_is_made_again_before_the_post() {
    let mut fixture = Fixture::of(1, Millis(20_000.0));
    fixture.record_length = Millis(25_000.0);
    fixture.run(1);
    let starting = fixture.events.borrow().iter().filter(|event| *event == "d0 record starting").count();
    assert_eq!(starting, 4);
    assert_eq!(fixture.sent.borrow()[0].at, Instant(100_000.0));
    assert_eq!(fixture.operations_of("d0"), 1);
}

#[test]
fn a_record_that_is_always_too_old_starts_nothing() {
    let mut fixture = Fixture::of(1, Millis(20_000.0));
    fixture.record_length = Millis(45_000.0);
    let ended = fixture.run(1);
    assert_eq!((ended[0].result.outcome, fixture.operations_of("d0")), (Outcome::Refused, 0));
    assert!(error_of(&ended, "d0").message.starts_with("options.onState took too long"));
}

#[test]
fn a_record_that_cannot_be_kept_ends_the_fleet_before_the_post() {
    let mut fixture = Fixture::of(30, Millis(20_000.0));
    fixture.failing_record = Some(5);
    let mut run = fixture.fleet(devices(0..30));
    run.run(Stop::Done);
    assert!(matches!(&run.thrown, Some(Some(Failure::Thrown(Document(reason)))) if reason == "disk full"));
    assert_eq!(run.results.len(), 30);
    let started = (0..30).filter(|number| fixture.operations_of(&format!("d{number}")) > 0).count();
    assert!(started <= 3, "{started} runs were started");
}

#[test]
fn what_has_ended_is_not_touched_and_what_runs_is_followed() {
    let fixture =
        Fixture::new().with_devices(3, |number| crate::fixture::lasting(Millis([3_000.0, 120_000.0, 3_000.0][number])));
    let mut run = fixture.fleet(devices(0..2));
    run.run(Stop::Killed(60));
    assert_eq!(outcomes(&run.results), [("d0", Outcome::Successful)]);
    drop(run);
    let before = fixture.sent.borrow().len();
    let ended = fixture.resume(3);
    assert_eq!(outcomes(&ended), [("d0", Outcome::Successful), ("d2", Outcome::Successful), ("d1", Outcome::Successful)]);
    let sent = fixture.sent.borrow();
    let since = &sent[before..];
    assert!(since.iter().all(|sent| sent.device != "d0"), "a device that has ended got a request");
    assert_eq!(since.iter().filter(|sent| sent.method == "POST").count(), 1, "only the third is started");
    let first = &ended[0].result;
    assert!(first.location.is_some() && first.started_at.is_some() && first.operation.is_none());
}

/// A fleet of two devices that is killed while the second POST is on its way.
fn killed_in_a_post(arrives: bool) -> Fixture {
    let fixture = Fixture::of(2, Millis(30_000.0));
    let mut run = fixture.fleet(devices(0..2));
    for count in 0.. {
        run.run(Stop::Killed(count));
        if fixture.requests("POST") == 2 {
            break;
        }
    }
    run.let_requests_arrive(|| arrives);
    fixture
}

#[test]
fn an_interrupted_start_that_arrived_is_found() {
    let fixture = killed_in_a_post(true);
    fixture.clock.advance(Millis(3_000.0));
    let ended = fixture.resume(2);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
    assert!(fixture.has_event("d1 recovered"));
    assert_eq!((fixture.operations_of("d1"), fixture.requests("POST")), (1, 2));
}

#[test]
fn an_interrupted_start_that_did_not_arrive_is_started_after_two_lists() {
    let fixture = killed_in_a_post(false);
    let interrupted = fixture.sent.borrow().last().expect("a POST").at;
    fixture.clock.advance(Millis(3_000.0));
    let ended = fixture.resume(2);
    assert_eq!(ended.len(), 2);
    assert_eq!((fixture.operations_of("d1"), fixture.requests("POST")), (1, 3));
    let sent = fixture.sent.borrow();
    let again = sent.iter().rfind(|sent| sent.method == "POST").expect("a POST").at;
    let lists = sent
        .iter()
        .filter(|sent| sent.url.ends_with("/d1/operations") && sent.at >= interrupted + Millis(60_000.0) && sent.at < again);
    assert_eq!(lists.count(), 2, "lists at least a minute after the interrupted start");
}

/// A fleet of one device that is killed while its POST is on its way. No response has named the service's time.
fn killed_in_the_first_post(arrives: bool, clock_skew: Millis) -> Fixture {
    let mut fixture = Fixture::of(1, Millis(30_000.0));
    fixture.clock_skew = clock_skew;
    let mut run = fixture.fleet(devices(0..1));
    for count in 0.. {
        run.run(Stop::Killed(count));
        if fixture.requests("POST") == 1 {
            break;
        }
    }
    run.let_requests_arrive(|| arrives);
    fixture
}

#[test]
fn the_clock_of_another_computer_does_not_prove_that_a_start_is_long_ago() {
    let mut fixture = killed_in_the_first_post(false, Millis::ZERO);
    let resumed = fixture.clock.now();
    fixture.clock_skew = Millis(3_600_000.0);
    fixture.resume(1);
    let sent = fixture.sent.borrow();
    let again = sent.iter().rfind(|sent| sent.method == "POST").expect("a POST").at;
    assert!(again > resumed + Millis(60_000.0), "{again:?}");
}

#[test]
fn a_response_that_took_long_does_not_say_what_time_it_is() {
    let mut fixture = Fixture::of(2, Millis(300_000.0));
    fixture.latency = Millis(8_000.0);
    fixture.run(2);
    let journal = fixture.journal.borrow();
    assert!(journal.iter().all(|(_, record)| record.service_time.is_none()), "{:?}", journal[2].1);
}

#[test]
fn a_device_that_is_taken_back_is_not_started_by_a_later_fleet() {
    let mut fixture = killed_in_the_first_post(false, Millis::ZERO);
    fixture.token_length = Millis(20_000.0);
    // Lists have shown that nothing was started, and the POST waits for its token.
    let mut script = fixture.resumption(1);
    script.push((Instant(115_000.0), FleetInput::AbortDevice(0)));
    assert_eq!(outcomes(&fixture.run_script(script)), [("d0", Outcome::NotStarted)]);
    assert_eq!(outcomes(&fixture.resume(1)), [("d0", Outcome::NotStarted)]);
    assert_eq!(fixture.operations_of("d0"), 0);
}

#[test]
fn a_device_whose_record_takes_longer_than_its_time_is_not_started() {
    let mut fixture = Fixture::of(1, Millis(30_000.0));
    fixture.record_length = Millis(200_000.0);
    fixture.limits.operation_timeout = Millis(60_000.0);
    let ended = fixture.run(1);
    let error = error_of(&ended, "d0");
    assert_eq!((ended[0].result.outcome, error.code), (Outcome::Refused, ErrorCode::OperationTimeout));
    assert!(!error.may_have_started && fixture.requests("POST") == 0);
}

fn refusal(status: u16) -> Disposition {
    let body = r#"{"error":{"code":"Refused","message":"no"}}"#.into();
    Disposition::Respond(simulator::Response::whole(status, Vec::new(), body))
}

#[test]
fn an_interrupted_start_whose_list_cannot_be_read_is_lost() {
    let fixture = killed_in_a_post(false);
    fixture.intercept(|request, _| request.target.ends_with("/operations").then(|| refusal(403)));
    let ended = fixture.resume(2);
    let lost = ended.iter().find(|ended| ended.device == "d1").expect("a result");
    assert_eq!(lost.result.outcome, Outcome::Lost);
    let error = error_of(&ended, "d1");
    assert!(error.may_have_started && (error.code, error.status_code) == (ErrorCode::Forbidden, Some(403)));
    assert!(error.message.contains("interrupted") && error.hint().is_some_and(|hint| hint.contains("Read.All")));
    assert_eq!(fixture.requests("POST"), 2, "nothing is started again");
    let records = fixture.last_records();
    let (_, record) = records.iter().find(|(device, _)| device == "d1").expect("a record");
    assert!(matches!(record.state, RecordedState::Starting), "a token with more permissions can find out");
}

#[test]
fn an_interrupted_start_whose_list_is_gone_is_lost_for_good() {
    let fixture = killed_in_a_post(false);
    fixture.intercept(|request, _| request.target.ends_with("/operations").then(|| refusal(410)));
    let ended = fixture.resume(2);
    let error = error_of(&ended, "d1");
    assert!(error.may_have_started && error.hint().is_some_and(|hint| hint.contains("admin center")));
    let records = fixture.last_records();
    let (_, record) = records.iter().find(|(device, _)| device == "d1").expect("a record");
    assert!(matches!(record.state, RecordedState::Ended { outcome: Outcome::Lost, .. }));
}

#[test]
fn a_record_of_a_clock_that_was_far_ahead_does_not_make_a_new_run_old() {
    for skew in [0.0, 3_600_000.0, 90_000_000.0, 3e12].map(Millis) {
        let mut fixture = killed_in_the_first_post(true, skew);
        fixture.clock_skew = Millis::ZERO;
        fixture.clock.advance(Millis(100_000.0));
        let ended = fixture.resume(1);
        assert_eq!(fixture.operations_of("d0"), 1, "{skew:?}: {:?}", outcomes(&ended));
        assert_ne!(ended[0].result.outcome, Outcome::NotStarted);
    }
}

#[test]
fn a_fleet_can_be_killed_at_any_moment() {
    // Every moment of a fleet of three devices; the response to the second POST is lost.
    let mut moment = 0;
    loop {
        let mut fixture = Fixture::of(3, Millis(20_000.0));
        fixture.lost_post = 2;
        let mut run = fixture.fleet(devices(0..3));
        run.run(Stop::Killed(moment));
        if run.thrown.is_some() {
            assert!(moment > 40);
            break;
        }
        run.let_requests_arrive(|| moment % 2 == 0);
        fixture.clock.advance(Millis([0.0, 5_000.0, 3_600_000.0][moment as usize % 3]));
        let ended = fixture.resume(3);
        assert_eq!(ended.len(), 3, "killed at {moment}");
        for number in 0..3 {
            assert_eq!(fixture.operations_of(&format!("d{number}")), 1, "killed at {moment}: {:?}", outcomes(&ended));
        }
        moment += 1;
    }
}

#[test]
fn a_record_that_is_never_kept_ends_the_fleet() {
    let mut fixture = Fixture::of(3, Millis(20_000.0));
    fixture.record_length = Millis::FOREVER;
    let ended = fixture.run(3);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::NotStarted), "{:?}", outcomes(&ended));
    let error = error_of(&ended, "d0");
    assert_eq!((error.code, error.may_have_started), (ErrorCode::Timeout, false));
    assert!(error.message.contains("options.onState"), "{}", error.message);
    assert_eq!((fixture.requests("POST"), fixture.clock.now()), (0, Instant(370_000.0)));
}

#[test]
fn a_record_that_is_never_kept_delays_an_abort_by_a_minute_at_most() {
    let fixture = Fixture::of(2, Millis(60_000.0));
    fixture.stops_keeping_at.set(Instant(5_000.0));
    let mut script = devices(0..2);
    script.push((Instant(10_000.0), FleetInput::Abort(Document("stop".into()))));
    let ended = fixture.run_script(script);
    assert_eq!(outcomes(&ended), [("d0", Outcome::Aborted), ("d1", Outcome::Aborted)]);
    assert!(ended.iter().all(|ended| ended.result.location.is_some()));
    assert_eq!(fixture.clock.now(), Instant(75_000.0));
}

#[test]
fn an_abort_waits_for_a_record_that_is_being_kept() {
    let mut fixture = Fixture::of(2, Millis(60_000.0));
    fixture.record_length = Millis(300.0);
    let mut script = devices(0..2);
    script.push((Instant(150.0), FleetInput::Abort(Document("stop".into()))));
    let ended = fixture.run_script(script);
    assert_eq!(outcomes(&ended), [("d1", Outcome::NotStarted), ("d0", Outcome::NotStarted)]);
    assert_eq!((fixture.requests("POST"), fixture.clock.now()), (0, Instant(300.0)));
}
