//! How devices and fleets end.

use teams_device_diagnostics::machine::effect::Now;
use teams_device_diagnostics::machine::fleet::Fleet;
use teams_device_diagnostics::machine::fleet::device::{DeviceError, DeviceResult, Key};
use teams_device_diagnostics::machine::fleet::effect::FleetInput;
use teams_device_diagnostics::machine::fleet::record::{Outcome, RecordedState};
use teams_device_diagnostics::machine::fleet::totals::FleetState;
use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::operation::OperationState;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::{self as simulator, OperationType};

use crate::calendar::{duration, unix_time, utc};
use crate::document::Document;
use crate::fleet::device::Device;
use crate::fleet::guarantees::ROUNDING;
use crate::fleet::ledger::Ledger;
use crate::fleet::life::Life;
use crate::fleet_driver::FleetEnvironment;

/// How much longer a start may take that first looks for the run of an interrupted one.
const LOOKING: Millis = Millis(300_000.0);
/// Late timers, and states that are told late.
const LATENESS: Millis = Millis(5_000.0);

type Result = DeviceResult<Document>;

/// Checks a result before it is noted.
pub fn check_result(life: &Life, key: Key, result: &Result) {
    let ledger = life.ledger.borrow();
    let Some(id) = ledger.ids[key as usize].clone() else {
        assert!(result.outcome == Outcome::Refused, "an id that is invalid is not refused");
        return;
    };
    let (device, now) = (&ledger.devices[&id], life.service.clock.now());
    let paused = ledger.paused(now) - device.paused_before;
    assert!(device.results == 0, "two results of a device");
    an_end_is_kept_before_it_is_told(life, &id, device, result);
    a_result_matches_graph(life, &id, result);
    a_started_run_is_reported(life, &id, result);
    the_followed_run_is_the_started_one(life, &id, result);
    what_had_ended_is_repeated(device, result);
    nothing_is_lost_that_was_not_started(device, result);
    assert!(result.attempts >= device.attempts, "a result does not know all requests");
    if let Some(DeviceError::Error(error)) = &result.error {
        a_refused_token_fails_no_other_device(life, &id, error);
        a_pause_is_no_time_of_a_device(life, device, error, paused, now);
    }
    a_device_ends_in_time(life, device, paused, now);
    let ends_all = ends_all(life, &ledger, &id, result);
    drop(ledger);
    life.ledger.borrow_mut().is_over |= ends_all;
}

/// Whether the fleet ends with a device: a pause was too long, there is no other token, or the service never responded.
fn ends_all(life: &Life, ledger: &Ledger, id: &str, result: &Result) -> bool {
    let Some(DeviceError::Error(error)) = &result.error else { return false };
    let is_last = ledger.devices.iter().all(|(other, device)| other == id || !device.is_under_way);
    let is_alone = is_last && ledger.pause.current.is_none();
    match error.code {
        _ if result.outcome == Outcome::NotStarted => true,
        ErrorCode::Unauthorized => life.process.plan.token_renews && !is_alone && !life.may_be_refused_alone(id),
        ErrorCode::Network | ErrorCode::Timeout => !ledger.is_reachable,
        _ => false,
    }
}

/// No caller learns of an end that a later process would not know.
fn an_end_is_kept_before_it_is_told(life: &Life, id: &str, device: &Device, result: &Result) {
    if life.process.has_failing_record() {
        return;
    }
    let last = life.journal.last(id);
    // The end of a device that ends with its fleet, and that was being started, has no record.
    let is_starting = matches!(&last, Some(last) if matches!(last.record.state, RecordedState::Starting));
    assert!(is_starting || device.acknowledged == device.records, "a result before its record is kept");
    let ends = matches!(
        result.outcome,
        Outcome::Successful | Outcome::Failed | Outcome::Cancelled | Outcome::Refused | Outcome::Conflict
    );
    let state = last.as_ref().map(|last| &last.record.state);
    // What ends with its fleet can be gone on with.
    let ends_with_fleet = life.ledger.borrow().is_over || is_unauthorized(result);
    if ends && !ends_with_fleet {
        let is_kept = matches!(state, Some(RecordedState::Ended { outcome, .. }) if *outcome == result.outcome);
        assert!(is_kept, "the last record of a device does not say that it is {}", result.outcome.as_str());
    }
    if device.is_taken_back && !ends_with_fleet && state.is_some() {
        let is_kept = matches!(state, Some(RecordedState::Ended { .. })) || result.outcome == Outcome::StillRunning;
        assert!(is_kept, "a later process would go on with a device that was taken back");
    }
}

fn is_unauthorized(result: &Result) -> bool {
    matches!(&result.error, Some(DeviceError::Error(error)) if matches!(error.code, ErrorCode::Unauthorized | ErrorCode::Network))
}

fn a_result_matches_graph(life: &Life, id: &str, result: &Result) {
    let Some(operation) = result.location.as_ref().and_then(|location| life.service.operation_at(location)) else {
        let has_ended = matches!(result.outcome, Outcome::Successful | Outcome::Failed | Outcome::Cancelled);
        assert!(!has_ended, "{} without a run", result.outcome.as_str());
        return;
    };
    assert!(operation.device_id == id, "the location of another device");
    let truth = OperationState::of_status(operation.status(utc(life.service_time())));
    let expected = match result.outcome {
        Outcome::Successful => OperationState::Successful,
        Outcome::Failed => OperationState::Failed,
        Outcome::Cancelled => OperationState::Cancelled,
        _ => return,
    };
    assert!(truth == expected, "reported {}, but Graph's state is {truth:?}", result.outcome.as_str());
    assert!(operation.operation_type == OperationType::DeviceDiagnostics, "following something else");
}

/// With its location, as lost, or by a record with which a later process finds it.
fn a_started_run_is_reported(life: &Life, id: &str, result: &Result) {
    let Some(run) = life.started(id).first().cloned() else { return };
    let leads_to_it = result.location.as_ref().is_some_and(|location| location.contains(&run.id));
    let is_reported = leads_to_it || result.outcome == Outcome::Lost;
    let was_attached = life.attached.borrow().contains(id);
    assert!(
        is_reported || was_attached || life.is_ambiguous(id),
        "a run was started, but the device is {}",
        result.outcome.as_str()
    );
}

fn the_followed_run_is_the_started_one(life: &Life, id: &str, result: &Result) {
    let (Some(location), Some(run)) = (&result.location, life.started(id).first().cloned()) else { return };
    let was_attached = life.attached.borrow().contains(id);
    let is_own = location.contains(&run.id) || matches!(result.outcome, Outcome::Conflict | Outcome::Lost);
    assert!(is_own || was_attached || life.is_ambiguous(id), "another run than the started one");
}

fn nothing_is_lost_that_was_not_started(device: &Device, result: &Result) {
    let may_have_started = device.resumed.is_some() || device.attempts_to_post > 0;
    assert!(result.outcome != Outcome::Lost || may_have_started, "lost although nothing was started");
}

fn what_had_ended_is_repeated(device: &Device, result: &Result) {
    if let Some((RecordedState::Ended { outcome, .. }, _)) = &device.resumed {
        assert!(result.outcome == *outcome, "a device had ended otherwise in an earlier process");
    }
}

/// If the source can give another token, the fleet pauses instead; unless the pause lasts too long, or the device is refused alone.
fn a_refused_token_fails_no_other_device(life: &Life, id: &str, error: &Error<Document>) {
    let (process, ledger) = (&life.process, life.ledger.borrow());
    let is_refused_alone = life.may_be_refused_alone(id);
    if error.code == ErrorCode::Unauthorized && process.plan.token_renews && !is_refused_alone {
        let is_too_long = ledger.pause.may_be_too_long(process, ledger.began, life.service.clock.now());
        // The last device has no probe: it fails if the token was valid a moment ago.
        let is_last = ledger.devices.iter().all(|(other, device)| other == id || !device.is_under_way);
        assert!(is_too_long || ledger.is_over || is_last, "a refused token failed a device before the pause was too long");
    }
}

/// A device that fails because of `operationTimeout` had all of it, without the pauses.
fn a_pause_is_no_time_of_a_device(life: &Life, device: &Device, error: &Error<Document>, paused: Millis, now: Instant) {
    let is_out_of_time = error.code == ErrorCode::OperationTimeout
        && error.retry_after.is_none()
        && error.message.starts_with("The call did not end");
    if is_out_of_time {
        let busy = now - device.named_at - paused;
        let timeout = life.process.plan.operation_timeout;
        let told_late = Millis(200.0) * life.ledger.borrow().pause.count as f64;
        assert!(busy + told_late + ROUNDING >= timeout, "out of time after {} ms", busy.0);
    }
}

fn a_device_ends_in_time(life: &Life, device: &Device, paused: Millis, now: Instant) {
    let Some(began) = device.began else { return };
    let plan = &life.process.plan;
    let looking = if device.is_interrupted() { LOOKING + plan.operation_timeout } else { Millis::ZERO };
    let slept = if plan.asleep() > Millis::ZERO { plan.asleep() + plan.timeout * 2.0 } else { Millis::ZERO };
    let limit = plan.operation_timeout + looking + slept + LATENESS;
    let busy = now - began - paused - device.keeping;
    assert!(busy <= limit, "a device took {} ms", busy.0);
}

/// Checks a fleet that has ended, before that is noted.
pub fn check_end(life: &Life) {
    let ledger = life.ledger.borrow();
    for (id, device) in &ledger.devices {
        assert!(device.results == 1, "{id} has no result");
    }
    assert!(ledger.invalid_results == ledger.invalid, "an invalid id has no result");
    assert!(ledger.open.is_empty(), "a request is open after the end");
    assert!(life.service.record.requests.under_way() == 0, "a request is under way after the end");
    assert!(life.service.record.token_requests.under_way() == 0, "a token request is under way after the end");
    drop(ledger);
    at_most_one_run_is_started(life);
}

/// By this caller.
fn at_most_one_run_is_started(life: &Life) {
    for device in &life.plan.devices {
        let count = life.started(&device.id).len();
        assert!(count <= 1, "{} was started {count} times", device.id);
    }
}

pub fn the_totals_add_up(ledger: &Ledger, state: &FleetState) {
    let totals = &state.totals;
    let all = totals.waiting + totals.starting + totals.running + totals.successful + totals.failed + totals.other;
    assert!(all == ledger.named, "the totals are those of another number of devices: {totals:?}");
    assert!(totals.requests_sent as usize == ledger.sent.len(), "the totals count other requests");
    let told = |outcome| ledger.devices.values().filter(|device| device.outcome == Some(outcome)).count();
    let results = ledger.devices.values().filter(|device| device.results > 0).count() + ledger.invalid_results;
    assert!(totals.successful >= told(Outcome::Successful) && totals.failed >= told(Outcome::Failed), "{totals:?}");
    assert!(totals.successful + totals.failed + totals.other >= results, "more results than ends: {totals:?}");
}

/// Devices of an earlier process go on all together; new ones wait for their place.
pub fn concurrency_is_respected(ledger: &Ledger, state: &FleetState, concurrency: usize) {
    let under_way = state.totals.starting + state.totals.running;
    let resumed = ledger.devices.values().filter(|device| device.is_under_way && device.goes_on()).count();
    let new = under_way.saturating_sub(resumed);
    // A probe may take the place of a device that is refused.
    let most = concurrency.saturating_add(ledger.device_refused.into());
    assert!(new <= most, "{new} devices are under way instead of {concurrency}");
}

pub fn nothing_happens_after_the_end(fleet: &mut Fleet<Document>, life: &Life) {
    assert!(fleet.deadline() == Instant::NEVER, "a timer waits after the end");
    let now: Now = life.now();
    let inputs = [FleetInput::Deadline, FleetInput::WakeUp, FleetInput::RecordKept(0, 99), FleetInput::AbortDevice(0)];
    for input in inputs {
        assert!(fleet.step(input, now).is_empty(), "something happens after the end");
    }
}

/// Once the service is healthy and the caller patient, every device ends.
pub fn everything_has_ended(life: &Life) {
    at_most_one_run_is_started(life);
    for device in &life.plan.devices {
        let Some(last) = life.journal.last(&device.id) else { continue };
        let is_lasting = device.scenario.outcome == simulator::Outcome::Never
            || device.scenario.has_foreign_operation
            || life.told_to_wait.borrow().contains(&device.id);
        let has_ended = matches!(last.record.state, RecordedState::Ended { .. });
        assert!(has_ended || is_lasting, "{} has not ended although the service is healthy", device.id);
    }
}

impl Life {
    fn may_be_refused_alone(&self, id: &str) -> bool {
        self.process.has_short_tokens() || self.service.refused_alone.iter().any(|refused| refused == id)
    }

    /// The runs that this caller has started on a device.
    fn started(&self, id: &str) -> Vec<simulator::Operation> {
        let (started, graph) = (self.service.record.started.borrow(), self.service.graph.borrow());
        let operations = graph.operations().iter();
        operations.filter(|operation| operation.device_id == id && started.contains(&operation.id)).cloned().collect()
    }

    /// Whether someone else's diagnostics are so close to the start that they can be mistaken for the caller's.
    fn is_ambiguous(&self, id: &str) -> bool {
        let Some(posted) = self.first_posts.borrow().get(id).map(|at| utc(unix_time(*at))) else { return false };
        let (started, graph) = (self.service.record.started.borrow(), self.service.graph.borrow());
        // The clocks of all processes, because the first record is by the clock of its own.
        let wrong = |plan: &crate::plan::Plan| plan.clock_skew.0.abs() + plan.clock_jump.1.0.abs();
        let most_wrong = self.plan.processes.iter().map(|process| wrong(&process.plan)).fold(0.0, f64::max);
        let reach = duration(Millis(240_000.0 + most_wrong));
        let mut others = graph.operations().iter().filter(|operation| operation.device_id == id);
        others.any(|operation| !started.contains(&operation.id) && operation.created > posted - reach)
    }
}
