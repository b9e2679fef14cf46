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
use crate::guarantees;
use crate::plan::{DEVICE, Plan};
use crate::rng::Rng;
use crate::service::Service;

/// How often a failed wait is resumed before the service becomes healthy.
const RESUMPTIONS: usize = 3;

/// Runs a seed; panics with the guarantee that was broken.
pub fn run_seed(seed: u64, is_traced: bool) {
    let (rng, plan) = (Rng::new(seed, "course"), Plan::draw(seed));
    if is_traced {
        println!("{plan:#?}");
    }
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
    // The computer does not sleep any more either.
    service.clock().sleep_at(Instant::NEVER, Millis::ZERO);
    if first_poll_after > service.plan.operation_timeout {
        return;
    }
    let left = wait(&service, &root, &location, first_poll_after);
    assert!(left.is_none(), "the outcome is unknown although the service is healthy");
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
    let settings = Settings {
        root: root.clone(),
        limits: plan.limits(),
        can_renew_token: plan.token_renews,
        emits_events: true,
        awaits_turns: false,
    };
    let (end, call) = run(service, Call::new(kind, settings, service.now()), plan.drop_at());
    let took = service.clock().now() - began;
    guarantees::nothing_is_in_progress_after_a_call(record);
    guarantees::the_call_ends_in_time(took, plan);
    guarantees::every_request_ends_in_time(record, plan);
    guarantees::every_token_request_ends_in_time(record, plan);
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
        End::Stuck => panic!("the call is stuck"),
    };
    let is_located = matches!(result, Some(Ok(Output::Location(_))));
    guarantees::a_failed_callback_ends_the_call(thrown.as_ref(), is_located, record);
    Ended { call, result, took }
}

/// Starts a run; returns where it can be followed, if that is known, and the wait before the first poll.
fn start(service: &Service, root: &ServiceRoot) -> Option<(TrustedUrl, Millis)> {
    let record = &service.record;
    let device = DeviceId::new(DEVICE.into()).expect("a device id");
    let kind = CallKind::Start { device, on_conflict: service.plan.on_conflict(), interrupted: None };
    let Ended { call, result, took } = run_call(service, root, kind);
    let facts = call.facts();
    guarantees::at_most_one_run_is_started(record);
    guarantees::the_facts_report_a_started_run(facts, service.is_ambiguous(), record);
    match result {
        None => {
            service.trace(|| "the start is abandoned".into());
            facts.location.clone().map(|location| (location, until_first_poll(service, facts)))
        }
        Some(Ok(Output::Location(location))) => {
            guarantees::the_location_of_the_202_is_kept(facts, record);
            let operation = service.operation_at(location.as_str()).expect("a location of no operation");
            guarantees::the_followed_run_is_the_started_one(&operation, service.is_ambiguous(), record);
            Some((location, until_first_poll(service, facts)))
        }
        Some(Ok(_)) => panic!("a start without a location"),
        Some(Err(error)) => {
            service.trace(|| format!("start failed: {} {} {:?}", error.code.as_str(), error.message, error.location));
            guarantees::the_location_of_the_202_is_kept(facts, record);
            guarantees::an_error_reports_a_started_run(&error, record);
            guarantees::no_error_reports_a_run_that_was_not_started(&error, record);
            guarantees::a_hanging_token_source_is_reported(&error, record.is_posted.get(), took, record, &service.plan);
            check_error(service, &error);
            guarantees::a_start_uses_all_its_retries(&error, &service.plan);
            guarantees::retries_of_the_post_are_bounded(&error, &service.plan);
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
            service.trace(|| "the wait is abandoned".into());
            let location = call.facts().location.clone();
            guarantees::the_location_is_kept(location.as_ref().map(TrustedUrl::as_str), &model.id);
            location.map(|location| (location, until_first_poll(service, call.facts())))
        }
        Some(Ok(Output::Operation(operation))) => {
            service.trace(|| format!("wait succeeded: {:?}", operation.document));
            guarantees::success_matches_graph(&operation, truth, &model.id);
            None
        }
        Some(Ok(_)) => panic!("a wait without an operation"),
        Some(Err(error)) => {
            service.trace(|| format!("wait failed: {} {} {:?}", error.code.as_str(), error.message, error.location));
            guarantees::the_location_is_kept(error.location.as_deref(), &model.id);
            guarantees::failure_matches_graph(&error, truth);
            guarantees::a_hanging_token_source_is_reported(&error, false, took, &service.record, &service.plan);
            check_error(service, &error);
            let now = service.clock().now();
            guarantees::a_wait_uses_its_whole_patience(&error, now, &service.record, &service.plan);
            guarantees::a_wait_polls_once_more_after_a_sleep(&error, &service.record, &service.plan);
            guarantees::a_404_is_final_only_after_its_grace(&error, now, &service.record, &service.plan);
            let has_ended = matches!(error.code, ErrorCode::OperationFailed | ErrorCode::OperationCancelled);
            let location = error.location.filter(|_| !has_ended)?;
            let location = root.trust::<Document>(&location).expect("a trusted location");
            Some((location, until_first_poll(service, call.facts())))
        }
    }
}

fn check_error(service: &Service, error: &Error<Document>) {
    let plan = &service.plan;
    guarantees::no_error_contains_a_token(error);
    guarantees::an_available_token_is_requested(error, plan);
    guarantees::the_retry_after_of_an_error_is_a_length(error);
}
