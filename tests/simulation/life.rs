//! The life of one seed: a run is started, followed, given up, followed again; and what must hold after every step.

use teams_device_diagnostics::client::Started;
use teams_device_diagnostics::exchange::Call;
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::{Code, Error, Failure};
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::operation::{Operation, State};
use teams_device_diagnostics_simulator::{OperationType, Outcome};

use crate::chance::Chance;
use crate::document::Document;
use crate::plan::{DEVICE, Plan};
use crate::service::{SECRET, Service};
use crate::world::{End, World};

type Result<T> = std::result::Result<T, Failure<Document>>;

/// How often a wait that failed is taken up again before the service gets into a good mood.
const RESUMPTIONS: usize = 3;

/// Lives through a seed; panics with the promise that was broken.
pub fn live(seed: u64, is_traced: bool) {
    let (world, chance) = (World::default(), Chance::new(seed));
    let plan = Plan::draw(&chance);
    let mut service = Service::new(&world, &chance, plan, is_traced);
    let root = ServiceRoot::new(&service, "https://graph.microsoft.com/beta").expect("the global cloud");
    let Some((mut location, mut look_after_ms)) = start(&service, &root) else { return };
    for _ in 0..RESUMPTIONS {
        match wait(&service, &root, &location, look_after_ms) {
            Some(next) => location = next,
            None => return,
        }
        // Who takes a wait up again is a new caller: what the last one was told is not his business.
        look_after_ms = 0.0;
        service.forget_waits();
    }
    if service.plan.scenario.outcome == Outcome::Never || service.operation_at(&location).is_none() {
        return;
    }
    service.plan = service.plan.calm();
    let left = wait(&service, &root, &location, 0.0);
    assert!(left.is_none(), "with a calm service the outcome is not seen");
}

/// Starts a run; returns where it can be followed, if that is known, and how many milliseconds from now at the earliest.
fn start(service: &Service<'_>, root: &ServiceRoot) -> Option<(String, f64)> {
    let device = DeviceId::new(DEVICE.into()).expect("a device id");
    let call = Call::new(service, service, root, service.plan.limits, service);
    service.sent.set(0);
    let story = call.run(call.run_diagnostics(&device, service.plan.on_conflict));
    let end = service.world.run(story, service.plan.drop_after);
    after_every_call(service, call.began);

    let started = service.started.borrow().clone();
    assert!(started.len() <= 1, "started {} times", started.len());
    let told = service.told_started.borrow().first().cloned();
    let known = call.known.into_inner();
    if let Some(id) = &told
        && let End::Ready(_) = end
    {
        let location = known.location.as_deref().unwrap_or_default();
        assert!(location.contains(id), "the 202 came, but its location was lost: {location:?}");
    }
    match end {
        End::Dropped => {
            service.forget_waits();
            known.location.map(|location| (location, 0.0))
        }
        End::Ready(Ok(Started { location, look_after_ms })) => {
            let operation = service.operation_at(&location).expect("a location of no operation");
            let attached = service.events.borrow().contains("attached");
            let is_own = started.first() == Some(&operation.id);
            assert!(is_own || attached || service.is_ambiguous(), "another run than the one that was started");
            assert!(!attached || started.is_empty(), "attached to something although a run was started");
            assert!(operation.operation_type == OperationType::DeviceDiagnostics, "following something else");
            assert!(look_after_ms >= 0.0);
            Some((location, look_after_ms))
        }
        End::Ready(Err(failure)) => {
            let error = own(failure);
            service.trace(|| format!("start ends: {} {} {:?}", error.code.as_str(), error.message, error.location));
            check_error(service, &error);
            let leads_to_it = |id: &String| error.location.as_ref().is_some_and(|location| location.contains(id));
            let is_reported = started.first().is_none_or(|id| leads_to_it(id) || error.may_have_started);
            assert!(is_reported, "a run was started, but {} does not say so", error.code.as_str());
            if error.code == Code::UntrustedLocation {
                return None;
            }
            let operation = error.location.as_ref().map(|location| service.operation_at(location));
            assert!(!matches!(operation, Some(None)), "an error with the location of no operation");
            service.forget_waits();
            error.location.map(|location| (location, 0.0))
        }
    }
}

/// Waits for an operation; returns where waiting can go on, if the outcome is not known.
fn wait(service: &Service<'_>, root: &ServiceRoot, location: &str, look_after_ms: f64) -> Option<String> {
    let call = Call::new(service, service, root, service.plan.limits, service);
    call.known.borrow_mut().location = Some(location.to_owned());
    service.sent.set(0);
    let end = service.world.run(call.run(call.wait_for_operation(look_after_ms)), service.plan.drop_after);
    after_every_call(service, call.began);

    let model = service.operation_at(location).expect("a location of no operation");
    let truth = |now| State::of_status(model.status(now));
    let now = service.service_time();
    let outcome: Result<Operation<Document>> = match end {
        End::Dropped => return call.known.into_inner().location,
        End::Ready(outcome) => outcome,
    };
    let error = match outcome {
        Ok(operation) => {
            service.trace(|| format!("wait ends well: {:?}", operation.document));
            assert!(operation.state == State::Successful && truth(now) == State::Successful, "a success that was none");
            assert_eq!(operation.text("id"), Some(model.id), "the success of another operation");
            return None;
        }
        Err(failure) => own(failure),
    };
    service.trace(|| format!("wait ends: {} {} {:?}", error.code.as_str(), error.message, error.location));
    check_error(service, &error);
    let location = error.location.expect("an error after the start without its location");
    assert!(location.contains(&model.id), "the location got lost: {location}");
    match error.code {
        Code::OperationFailed => assert!(truth(now) == State::Failed, "a failure that was none"),
        Code::OperationCancelled => assert!(truth(now) == State::Cancelled, "a cancellation that was none"),
        _ => return Some(location),
    }
    None
}

fn after_every_call(service: &Service<'_>, began: f64) {
    let limits = service.plan.limits;
    let took = service.world.now() - began;
    assert_eq!(service.in_flight.get(), 0, "requests are left");
    assert_eq!(service.world.live_timers(), 0, "timers are left");
    assert!(took <= limits.operation_timeout + 1e-3, "took {took} ms");
    let longest = service.longest_request.replace(0.0);
    assert!(longest <= limits.timeout + 1e-3, "a request took {longest} ms");
    let looks = 8.0 + took / limits.poll_interval.unwrap_or(1_000.0).min(1_000.0);
    let most = looks * f64::from(2 * limits.max_retries + 5);
    assert!((service.sent.get() as f64) <= most, "{} requests in {took} ms", service.sent.get());
    assert!(!service.events.borrow().contains(SECRET), "a token in an event");
}

fn check_error(service: &Service<'_>, error: &Error<Document>) {
    let texts = [&error.graph_code, &error.request_id, &error.client_request_id, &error.date, &error.location];
    let surfaced = format!("{} {texts:?} {:?} {:?}", error.message, error.operation, error.cause);
    assert!(!surfaced.contains(SECRET), "a token in an error: {surfaced}");
    let plan = &service.plan;
    let is_passing = match error.code {
        Code::Network | Code::Timeout => error.location.is_some(),
        Code::Throttled => true,
        Code::ServiceError if error.location.is_some() => matches!(error.status_code, Some(408 | 500 | 502 | 503 | 504)),
        Code::ServiceError => error.status_code == Some(503),
        _ => false,
    };
    assert!(!is_passing || error.attempts > plan.limits.max_retries, "given up too early: {}", error.message);
    let has_tokens = plan.token_renews && plan.token_fault_rate == 0.0 && plan.token_life_ms > 10_000.0;
    assert!(error.code != Code::Unauthorized || !has_tokens, "a token was there, but it was not asked for");
    // Every retry, each with a fresh token, up to three tokens for challenges, and for some seconds every 404 of an operation that is not known yet.
    let grace = if service.plan.replication_ms > 0.0 { 40 } else { 0 };
    assert!(error.attempts <= 2 * service.plan.limits.max_retries + 4 + grace, "{} attempts", error.attempts);
    assert!(error.retry_after_ms.is_none_or(|ms| ms.is_finite() && ms >= 0.0));
}

fn own(failure: Failure<Document>) -> Error<Document> {
    match failure {
        Failure::Error(error) => *error,
        Failure::Callback(thrown) => panic!("nobody threw {thrown:?}"),
    }
}
