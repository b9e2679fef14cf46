//! One seed: a run is started, followed, abandoned and resumed; and the checks after every step.

use teams_device_diagnostics::machine::call::{Call, CallKind};
use teams_device_diagnostics::machine::effect::{Failure, Output};
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::machine::state::{Facts, Settings};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::location::{ServiceRoot, TrustedUrl};
use teams_device_diagnostics::protocol::operation::OperationState;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::Outcome;

use crate::calendar::utc;
use crate::document::Document;
use crate::driver::{End, Environment, run};
use crate::plan::{DEVICE, Plan};
use crate::promises;
use crate::rng::Rng;
use crate::service::Service;

/// How often a failed wait is resumed before the service becomes healthy.
const RESUMPTIONS: usize = 3;

/// Runs a seed; panics with the promise that was broken.
pub fn run_seed(seed: u64, is_traced: bool) {
    let rng = Rng::new(seed);
    let plan = Plan::draw(&rng);
    let mut service = Service::new(rng, plan, is_traced);
    let root = ServiceRoot::new::<Document>("https://graph.microsoft.com/beta").expect("the global cloud");
    let Some((mut location, mut first_poll_after)) = start(&service, &root) else { return };
    for _ in 0..RESUMPTIONS {
        match wait(&service, &root, &location, first_poll_after) {
            Some(next) => (location, first_poll_after) = next,
            None => return,
        }
    }
    if service.plan.scenario.outcome == Outcome::Never || service.operation_at(location.as_str()).is_none() {
        return;
    }
    service.plan = service.plan.healthy();
    // The machine does not sleep any more either.
    service.clock().sleep_at(Instant::NEVER, Millis::ZERO);
    if first_poll_after > service.plan.operation_timeout {
        return;
    }
    let left = wait(&service, &root, &location, first_poll_after);
    assert!(left.is_none(), "with a healthy service the outcome is not seen");
}

/// How a call ended, and how long it took.
struct Ended {
    call: Call<Document>,
    /// `None` if it was dropped, or if its callback failed.
    result: Option<Result<Output<Document>, Box<Error<Document>>>>,
    took: Millis,
}

fn run_call(service: &Service, root: &ServiceRoot, kind: CallKind<Document>) -> Ended {
    let (plan, record) = (&service.plan, &service.record);
    let began = service.clock().now();
    record.begin_call(matches!(kind, CallKind::Follow { .. }), began);
    let settings =
        Settings { root: root.clone(), limits: plan.limits(), can_renew_token: plan.token_renews, emits_events: true };
    let (end, call) = run(service, Call::new(kind, settings, service.now()), plan.drop_at());
    let took = service.clock().now() - began;
    promises::nothing_is_left_under_way(record);
    promises::the_call_is_over_in_time(took, plan);
    promises::every_request_is_over_in_time(record, plan);
    promises::every_token_question_is_over_in_time(record, plan);
    let (result, thrown) = match end {
        End::Done(Ok(output)) => (Some(Ok(output)), None),
        End::Done(Err(Failure::Error(error))) => (Some(Err(error)), None),
        End::Done(Err(Failure::Thrown(thrown))) => (None, Some(thrown)),
        End::Dropped => {
            // A response that was in transit when the call ended is ignored.
            if call.facts().not_before < record.not_before.get() {
                record.not_before.set(call.facts().not_before);
            }
            (None, None)
        }
        End::Stuck => panic!("it waits for something that never comes"),
    };
    let is_located = matches!(result, Some(Ok(Output::Location(_))));
    promises::a_failed_callback_ends_the_call(thrown.as_ref(), is_located, record);
    Ended { call, result, took }
}

/// Starts a run; returns where it can be followed, if that is known, and the wait before the first poll.
fn start(service: &Service, root: &ServiceRoot) -> Option<(TrustedUrl, Millis)> {
    let record = &service.record;
    let device = DeviceId::new(DEVICE.into()).expect("a device id");
    let kind = CallKind::Start { device, on_conflict: service.plan.on_conflict() };
    let Ended { call, result, took } = run_call(service, root, kind);
    let facts = call.facts();
    promises::one_run_at_most_is_started(record);
    promises::the_facts_tell_of_a_started_run(facts, service.is_ambiguous(), record);
    match result {
        None => {
            service.trace(|| "start is left".into());
            facts.location.clone().map(|location| (location, until_first_poll(service, facts)))
        }
        Some(Ok(Output::Location(location))) => {
            promises::the_location_of_the_202_is_not_lost(facts, record);
            let operation = service.operation_at(location.as_str()).expect("a location of no operation");
            promises::the_run_that_is_followed_is_the_own(&operation, service.is_ambiguous(), record);
            Some((location, until_first_poll(service, facts)))
        }
        Some(Ok(_)) => panic!("a start that gives no location"),
        Some(Err(error)) => {
            service.trace(|| format!("start ends: {} {} {:?}", error.code.as_str(), error.message, error.location));
            promises::the_location_of_the_202_is_not_lost(facts, record);
            promises::an_error_tells_of_a_started_run(&error, record);
            promises::no_error_tells_of_a_run_that_cannot_be(&error, record);
            promises::a_token_source_that_hangs_is_reported(&error, record.is_posted.get(), took, record, &service.plan);
            check_error(service, &error);
            promises::a_start_is_not_given_up_too_early(&error, &service.plan);
            promises::no_post_is_sent_again_too_often(&error, &service.plan);
            if error.code == ErrorCode::UntrustedLocation {
                return None;
            }
            let location = error.location?;
            assert!(service.operation_at(&location).is_some(), "an error with the location of no operation");
            let location = root.trust::<Document>(&location).expect("a trusted location");
            Some((location, until_first_poll(service, facts)))
        }
    }
}

/// The wait before the next poll, as the last response of the ended call requested it.
fn until_first_poll(service: &Service, facts: &Facts<Document>) -> Millis {
    let now = service.clock().now();
    facts.not_before.map_or(Millis::ZERO, |not_before| (not_before - now).max(Millis::ZERO))
}

/// Waits for an operation; if the outcome is unknown, returns where and when the wait can be resumed.
fn wait(
    service: &Service,
    root: &ServiceRoot,
    location: &TrustedUrl,
    first_poll_after: Millis,
) -> Option<(TrustedUrl, Millis)> {
    let kind = CallKind::Follow { location: location.clone(), first_poll_after, until: Until::End };
    let Ended { call, result, took } = run_call(service, root, kind);
    let model = service.operation_at(location.as_str()).expect("a location of no operation");
    let truth = OperationState::of_status(model.status(utc(service.service_time())));
    match result {
        None => {
            service.trace(|| "wait is left".into());
            let location = call.facts().location.clone();
            promises::the_location_is_never_lost(location.as_ref().map(TrustedUrl::as_str), &model.id);
            location.map(|location| (location, until_first_poll(service, call.facts())))
        }
        Some(Ok(Output::Operation(operation))) => {
            service.trace(|| format!("wait ends well: {:?}", operation.document));
            promises::a_success_is_one(&operation, truth, &model.id);
            None
        }
        Some(Ok(_)) => panic!("a wait that gives no operation"),
        Some(Err(error)) => {
            service.trace(|| format!("wait ends: {} {} {:?}", error.code.as_str(), error.message, error.location));
            promises::the_location_is_never_lost(error.location.as_deref(), &model.id);
            promises::a_bad_end_is_one(&error, truth);
            promises::a_token_source_that_hangs_is_reported(&error, false, took, &service.record, &service.plan);
            check_error(service, &error);
            let now = service.clock().now();
            promises::a_wait_is_not_given_up_too_early(&error, now, &service.record, &service.plan);
            promises::a_wait_that_slept_too_long_polls_once_more(&error, &service.record, &service.plan);
            promises::a_404_is_not_believed_too_early(&error, now, &service.record, &service.plan);
            let has_ended = matches!(error.code, ErrorCode::OperationFailed | ErrorCode::OperationCancelled);
            let location = error.location.filter(|_| !has_ended)?;
            let location = root.trust::<Document>(&location).expect("a trusted location");
            Some((location, until_first_poll(service, call.facts())))
        }
    }
}

fn check_error(service: &Service, error: &Error<Document>) {
    let plan = &service.plan;
    promises::no_error_holds_a_token(error);
    promises::a_token_that_can_be_had_is_asked_for(error, plan);
    promises::the_retry_after_of_an_error_is_a_length(error);
}
