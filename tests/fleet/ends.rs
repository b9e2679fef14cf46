//! How devices end, and what ends with a fleet.

use teams_device_diagnostics::machine::effect::Failure;
use teams_device_diagnostics::machine::fleet::device::DeviceError;
use teams_device_diagnostics::machine::fleet::effect::FleetInput;
use teams_device_diagnostics::machine::fleet::record::Outcome;
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::{FaultResponse, Outcome as Ending, Scenario};

use crate::document::Document;
use crate::driver::Clock;
use crate::fixture::{Fixture, devices, lasting};
use crate::fleet_driver::{Ended, Stop};

/// The outcomes, in the order in which the devices ended.
pub fn outcomes(ended: &[Ended]) -> Vec<(&str, Outcome)> {
    ended.iter().map(|ended| (ended.device.as_str(), ended.result.outcome)).collect()
}

pub fn error_of<'a>(ended: &'a [Ended], device: &str) -> &'a Error<Document> {
    let ended = ended.iter().find(|ended| ended.device == device).expect("a result");
    match &ended.result.error {
        Some(DeviceError::Error(error)) => error,
        _ => panic!("no error"),
    }
}

#[test]
fn results_come_in_the_order_in_which_the_devices_end() {
    let fixture = Fixture::new().with_devices(3, |number| lasting(Millis([60_000.0, 5_000.0, 30_000.0][number])));
    let ended = fixture.run(3);
    let expected = [("d1", Outcome::Successful), ("d2", Outcome::Successful), ("d0", Outcome::Successful)];
    assert_eq!(outcomes(&ended), expected);
    for ended in &ended {
        let result = &ended.result;
        assert!(result.operation.is_some() && result.error.is_none());
        assert!(result.location.as_ref().is_some_and(|location| location.contains(&ended.device)));
        assert!(result.started_at.is_some_and(|started_at| started_at < result.ended_at));
        let sent = fixture.sent.borrow().iter().filter(|sent| sent.device == ended.device).count();
        assert_eq!(result.attempts as usize, sent);
    }
    let (_, last) = fixture.states.borrow().last().copied().expect("a state");
    assert_eq!((last.totals.successful, last.totals.running, last.totals.waiting), (3, 0, 0));
    assert_eq!(last.totals.requests_sent as usize, fixture.sent.borrow().len());
}

#[test]
fn each_device_has_its_own_outcome() {
    let mut fixture = Fixture::new().with_devices(5, |number| {
        let outcome = [Ending::Failed, Ending::Cancelled, Ending::Never, Ending::Successful, Ending::Successful][number];
        let post_faults = if number == 3 { vec![FaultResponse::new(400).into()] } else { Vec::new() };
        Scenario { outcome, post_faults, has_foreign_operation: number == 4, ..lasting(Millis(3_000.0)) }
    });
    fixture.limits.operation_timeout = Millis(60_000.0);
    let mut script = devices(0..6);
    script.insert(
        0,
        (
            Clock::ORIGIN,
            FleetInput::Device { id: Err(Error::invalid_argument("deviceId", "x")), record: None, is_aborted: false },
        ),
    );
    let ended = fixture.run_script(script);
    let of = |device: &str| ended.iter().find(|ended| ended.device == device).map(|ended| ended.result.outcome);
    assert_eq!(of("d0"), Some(Outcome::Failed));
    assert_eq!(of("d1"), Some(Outcome::Cancelled));
    assert_eq!(of("d2"), Some(Outcome::StillRunning));
    assert_eq!(of("d3"), Some(Outcome::Refused));
    assert_eq!(of("d4"), Some(Outcome::Conflict));
    assert_eq!((of("d5"), error_of(&ended, "d5").code), (Some(Outcome::Refused), ErrorCode::NotFound));
    assert_eq!((of(""), error_of(&ended, "").code), (Some(Outcome::Refused), ErrorCode::InvalidArgument));
    assert_eq!(error_of(&ended, "d2").code, ErrorCode::OperationTimeout);
    assert!(error_of(&ended, "d2").location.is_some());
}

#[test]
fn a_queued_run_can_be_followed_instead() {
    let mut fixture = Fixture::of(1, Millis(10_000.0));
    fixture.on_conflict = OnConflict::Attach;
    fixture.post_of_another("d0");
    assert_eq!(outcomes(&fixture.run(1)), [("d0", Outcome::Successful)]);
    assert_eq!((fixture.operations_of("d0"), fixture.has_event("d0 attached")), (1, true));
}

#[test]
fn a_conflict_names_the_queued_run_even_if_it_may_be_the_fleets_own() {
    // A browser repeats a POST if its connection breaks. The second request then conflicts with the run of the first.
    let fixture = Fixture::of(1, Millis(10_000.0));
    fixture.post_of_another("d0");
    let ended = fixture.run(1);
    assert_eq!(outcomes(&ended), [("d0", Outcome::Conflict)]);
    assert!(ended[0].result.location.is_some());
    assert!(error_of(&ended, "d0").may_have_started);
}

#[test]
fn a_token_that_was_passed_as_an_id_is_in_no_result_and_no_record() {
    let fixture = Fixture::of(1, Millis(3_000.0));
    let token = "opaque-token-of-a-user-0123456789";
    *fixture.tokens.borrow_mut() = vec![Some(token)];
    let mut script = devices(0..1);
    let id = DeviceId::new(token.into()).map_err(|_| unreachable!());
    script.insert(1, (Clock::ORIGIN, FleetInput::Device { id, record: None, is_aborted: false }));
    let ended = fixture.run_script(script);
    let of_token = ended.iter().find(|ended| ended.device == token).expect("a result");
    assert_eq!((of_token.result.outcome, of_token.result.is_token), (Outcome::Refused, true));
    let error = error_of(&ended, token);
    assert_eq!((error.code, error.device_id.clone()), (ErrorCode::InvalidArgument, None));
    assert!(fixture.last_records().iter().all(|(device, _)| device == "d0"));
}

#[test]
fn a_repeated_id_is_run_once() {
    let fixture = Fixture::of(2, Millis(3_000.0));
    let mut script = devices(0..2);
    script.splice(0..0, devices(0..1).into_iter().take(1));
    let ended = fixture.run_script(script);
    assert_eq!(ended.len(), 2);
    assert_eq!((fixture.operations_of("d0"), fixture.requests("POST")), (1, 2));
}

#[test]
fn devices_can_be_added_while_the_fleet_runs() {
    let fixture = Fixture::of(3, Millis(3_000.0));
    let mut script = devices(0..1);
    let end = script.pop().map(|(_, input)| (Instant(300_000.0), input));
    script.extend(devices(1..3).into_iter().take(2).map(|(_, input)| (Instant(120_000.0), input)));
    script.extend(end);
    assert_eq!(fixture.run_script(script).len(), 3);
    let sent = fixture.sent.borrow();
    let posted_at = |device: &str| sent.iter().find(|sent| sent.device == device).map(|sent| sent.at);
    assert_eq!(posted_at("d1"), Some(Instant(120_001.0)));
    assert_eq!(posted_at("d2"), Some(Instant(120_101.0)));
}

#[test]
fn a_device_alone_is_taken_back_or_stopped() {
    let fixture = Fixture::of(3, Millis(30_000.0));
    let mut script = devices(0..3);
    // The first is under way, the second waits for its turn, the third is being followed.
    script.push((Instant(20.0), FleetInput::AbortDevice(0)));
    script.push((Instant(30.0), FleetInput::AbortDevice(1)));
    script.push((Instant(10_000.0), FleetInput::AbortDevice(2)));
    let ended = fixture.run_script(script);
    let expected = [("d0", Outcome::Lost), ("d1", Outcome::NotStarted), ("d2", Outcome::Aborted)];
    assert_eq!(outcomes(&ended), expected);
    assert!(ended[2].result.location.is_some() && ended[2].result.operation.is_some());
    assert_eq!(fixture.operations_of("d1"), 0);
    assert_eq!(fixture.clock.now(), Instant(10_001.0), "nothing waits for a device that was stopped");
}

#[test]
fn an_abort_ends_everything_at_once_and_hands_over_every_location() {
    let fixture = Fixture::of(200, Millis(600_000.0));
    let mut script = devices(0..200);
    script.push((Instant(12_030.0), FleetInput::Abort(Document("stop".into()))));
    let mut run = fixture.fleet(script);
    run.run(Stop::Done);
    assert!(matches!(&run.thrown, Some(Some(Failure::Thrown(Document(reason)))) if reason == "stop"));
    assert_eq!(run.results.len(), 200);
    let count = |outcome| run.results.iter().filter(|ended| ended.result.outcome == outcome).count();
    let (aborted, lost, not_started) = (count(Outcome::Aborted), count(Outcome::Lost), count(Outcome::NotStarted));
    assert_eq!(aborted + lost + not_started, 200);
    assert!(aborted > 50 && lost <= 1 && not_started > 50, "{aborted} {lost} {not_started}");
    assert!(fixture.clock.now() <= Instant(12_031.1), "the end took until {:?}", fixture.clock.now());
    // The last record of each run that was started leads to it, or says that it was being started.
    let running = fixture.last_records().into_iter().filter(|(device, _)| fixture.operations_of(device) > 0).count();
    assert!(running >= aborted);
    let again = fixture.resume(200);
    assert_eq!(again.len(), 200);
    assert!(again.iter().all(|ended| fixture.operations_of(&ended.device) == 1), "one run for each device");
}

#[test]
fn concurrency_limits_the_devices_that_are_under_way() {
    let mut fixture = Fixture::of(20, Millis(30_000.0));
    fixture.concurrency = 3;
    assert_eq!(fixture.run(20).len(), 20);
    let states = fixture.states.borrow();
    let most = states.iter().map(|(_, state)| state.totals.starting + state.totals.running).max();
    assert_eq!(most, Some(3));
}

#[test]
fn the_state_is_emitted_at_most_ten_times_a_second_and_at_the_end() {
    let fixture = Fixture::of(100, Millis(1_000.0));
    fixture.run(100);
    let states = fixture.states.borrow();
    let last = states.len() - 1;
    assert!(states.windows(2).take(last - 1).all(|pair| pair[1].0 - pair[0].0 >= Millis(100.0)));
    let totals = states[last].1.totals;
    assert_eq!((totals.successful, totals.waiting + totals.starting + totals.running), (100, 0));
    let halfway = &states[last / 2].1;
    let left = halfway.time_left.expect("an estimate");
    assert!(left > Millis::ZERO && left < Millis(60_000.0), "{left:?}");
}
