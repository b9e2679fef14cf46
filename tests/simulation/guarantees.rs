//! The guarantees, one function each. Each panics if its guarantee is broken.

use teams_device_diagnostics::machine::event::{Event, EventKind};
use teams_device_diagnostics::machine::state::Facts;
use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::http::{Method, Request};
use teams_device_diagnostics::protocol::location::TrustedUrl;
use teams_device_diagnostics::protocol::operation::{Operation, OperationState};
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::TokenRequest;
use teams_device_diagnostics_simulator::{self as simulator, OperationType};

use crate::document::Document;
use crate::plan::{Plan, SLOWEST_TOKEN};
use crate::record::{Record, Series};
use crate::redaction::unescaped;

/// Part of every token, which must be visible nowhere.
pub const SECRET: &str = "tok3n+s/cret";
/// The tolerance for sums of times.
const ROUNDING: Millis = Millis(1e-3);

/// In any form: Rust's own form of a string, JSON, URLs and HTML escape it.
pub fn contains_a_token(text: &str) -> bool {
    // Most texts have no escapes, and decoding takes long.
    if !['%', '&', '\\'].into_iter().any(|escape| text.contains(escape)) {
        return text.contains(SECRET);
    }
    unescaped(&text.replace(r"\\", r"\")).contains(SECRET)
}

// At every request

pub fn tokens_are_sent_to_graph_only(request: &Request<Document>) {
    let url = request.url.as_str();
    assert!(url.starts_with("https://graph.microsoft.com/"), "a token is sent to {url}");
    assert!(!url.contains(SECRET), "a token in a URL");
}

pub fn every_token_is_from_the_token_source(request: &Request<Document>, record: &Record) {
    let token = request.token.value().0.as_str().unwrap_or_default();
    assert!(record.tokens.borrow().iter().any(|known| known == token), "a token that the token source never returned");
}

pub fn retry_after_is_respected(now: Instant, record: &Record) {
    let too_early = record.requested_wait_left(now);
    assert!(too_early <= ROUNDING, "sent {} ms before the Retry-After was over", too_early.0);
}

pub fn the_post_is_retried_only_if_it_was_not_accepted(request: &Request<Document>, record: &Record) {
    if request.method == Method::Post {
        let is_known_not_to_be = record.is_unavailable.get() && record.has_read_list.get();
        let may_have_been_accepted = record.is_posted.get() && !is_known_not_to_be;
        assert!(!may_have_been_accepted, "the POST is retried although it may have been accepted");
        let url = "https://graph.microsoft.com/beta/teamwork/devices/d%201%2F%C3%BC/runDiagnostics";
        assert_eq!(request.url.as_str(), url);
    }
}

pub fn the_number_of_requests_is_bounded(now: Instant, record: &Record, plan: &Plan) {
    let Millis(took) = now - record.call_began();
    let Millis(shortest_pause) = plan.poll_interval.unwrap_or(Millis(1_000.0)).min(Millis(1_000.0));
    let polls = 8.0 + took / shortest_pause;
    let most = polls * f64::from(2 * plan.max_retries + 5);
    let sent = record.requests.begun();
    assert!(sent as f64 <= most, "{sent} requests in {took} ms");
}

/// Patience ends with one more request, which may be sent this long after patience was exhausted. A missing operation (404)
/// may reappear for half a minute, however little patience there is.
pub fn patience_ends(now: Instant, record: &Record, plan: &Plan) {
    let series = record.series.borrow();
    let spent = now - series.began.unwrap_or(now) - series.excluded - plan.idle();
    let grace = if series.missing_since.is_some() { Millis(30_000.0) } else { Millis::ZERO };
    // What was in progress when the computer fell asleep gets its timeout again.
    let again = if plan.asleep() > Millis::ZERO { plan.timeout } else { Millis::ZERO };
    let most = plan.patience.max(grace) + again + plan.timeout + plan.token_timeout.min(SLOWEST_TOKEN) + Millis(1_000.0);
    let is_in_time = !record.is_wait.get() || series.requests <= 2 || spent <= most;
    assert!(is_in_time, "sent {} ms after the last usable response", spent.0);
}

pub fn retries_after_401_are_bounded(record: &Record) {
    let refusals = record.refusals.get();
    assert!(refusals <= 3, "retried after {refusals} 401s in a row");
}

// At every token request

pub fn token_requests_have_graphs_scope_and_claims(request: &TokenRequest<Document>) {
    assert_eq!(request.scope, "https://graph.microsoft.com/.default");
    assert!(request.claims.as_deref().is_none_or(|claims| claims == r#"{"x":1}"#), "{:?}", request.claims);
}

// At every event

pub fn no_event_contains_a_token(event: &str) {
    assert!(!contains_a_token(event), "a token in an event: {event}");
}

/// The wait includes what the service requested: until then nothing is sent.
pub fn events_state_the_whole_delay(event: &Event<Document>, now: Instant, record: &Record) {
    let length = match event.kind {
        EventKind::Status { next_poll_in, .. } => next_poll_in,
        EventKind::Retry { delay, .. } => Some(delay),
        EventKind::Started { .. } | EventKind::Attached { .. } | EventKind::Abandoned { .. } => None,
    };
    let Some(length) = length else { return };
    assert!(length >= Millis::ZERO && length < Millis::FOREVER, "a wait of {} ms", length.0);
    let more = record.requested_wait_left(now) - length;
    assert!(more <= ROUNDING, "an event has a wait that is {} ms too short", more.0);
}

// After every call

pub fn nothing_is_in_progress_after_a_call(record: &Record) {
    assert_eq!(record.requests.under_way(), 0, "open requests remain");
    assert_eq!(record.token_requests.under_way(), 0, "open token requests remain");
}

/// A computer that slept past the deadline has time for two more requests.
pub fn the_call_ends_in_time(took: Millis, plan: &Plan) {
    let more = after_sleep(plan, plan.timeout * 2.0);
    assert!(took <= plan.operation_timeout + more + ROUNDING, "took {} ms", took.0);
}

pub fn every_request_ends_in_time(record: &Record, plan: &Plan) {
    let longest = record.requests.longest();
    // A response that came while the computer was asleep has still to be read.
    let more = after_sleep(plan, plan.timeout);
    assert!(longest <= plan.timeout + more + ROUNDING, "a request took {} ms", longest.0);
}

pub fn every_token_request_ends_in_time(record: &Record, plan: &Plan) {
    let longest = record.token_requests.longest();
    // Nobody could sign in while the computer was asleep.
    let more = after_sleep(plan, plan.token_timeout);
    assert!(longest <= plan.token_timeout + more + ROUNDING, "a token request took {} ms", longest.0);
}

/// The time that the computer slept, and what there may be of time after it.
fn after_sleep(plan: &Plan, more: Millis) -> Millis {
    if plan.asleep() > Millis::ZERO { plan.asleep() + more } else { Millis::ZERO }
}

/// The caller gets exactly the failure of the callback, and nothing else is done. A run that Graph accepted is not lost
/// (`is_located`): the host reports what the callback throws then.
pub fn a_failed_callback_ends_the_call(thrown: Option<&Document>, is_located: bool, record: &Record) {
    let failed = record.callback_failed.get() && !is_located;
    assert!(!failed || thrown == Some(&Document("thrown".into())), "the callback failed, but the call went on");
    assert!(failed || thrown.is_none(), "nothing threw {thrown:?}");
}

// After a start

pub fn at_most_one_run_is_started(record: &Record) {
    let started = record.started.borrow();
    assert!(started.len() <= 1, "started {} times", started.len());
}

/// After a 202 with a usable location, as soon as the client has received it.
pub fn the_location_of_the_202_is_kept(facts: &Facts<Document>, record: &Record) {
    let location = facts.location.as_ref().map_or("", |location| location.as_str());
    if let Some(id) = record.located_operations.borrow().first() {
        assert!(location.contains(id), "the 202 came, but its location was lost: {location:?}");
    }
}

pub fn the_followed_run_is_the_started_one(operation: &simulator::Operation, is_ambiguous: bool, record: &Record) {
    let started = record.started.borrow();
    let is_attached = record.is_attached.get();
    let is_own = started.first() == Some(&operation.id);
    assert!(is_own || is_attached || is_ambiguous, "another run than the started one");
    assert!(!is_attached || started.is_empty(), "attached to something although a run was started");
    assert!(operation.operation_type == OperationType::DeviceDiagnostics, "following something else");
}

/// However the call ended, even if it was dropped.
pub fn the_facts_report_a_started_run(facts: &Facts<Document>, is_ambiguous: bool, record: &Record) {
    let location = facts.location.as_ref().map(TrustedUrl::as_str);
    let is_reported = reports_run(location, facts.may_have_started, record);
    assert!(is_reported || is_ambiguous, "a run was started, but the facts do not report it");
}

pub fn an_error_reports_a_started_run(error: &Error<Document>, record: &Record) {
    let is_reported = reports_run(error.location.as_deref(), error.may_have_started, record);
    assert!(is_reported, "a run was started, but {} does not report it", error.code.as_str());
}

fn reports_run(location: Option<&str>, may_have_started: bool, record: &Record) -> bool {
    let leads_to_it = |id: &String| location.is_some_and(|location| location.contains(id));
    record.started.borrow().first().is_none_or(|id| leads_to_it(id) || may_have_started)
}

pub fn no_error_reports_a_run_that_was_not_started(error: &Error<Document>, record: &Record) {
    let is_reported = error.may_have_started || error.location.is_some();
    assert!(record.is_posted.get() || !is_reported, "nothing was started, but {} reports a run", error.code.as_str());
}

// After a wait

pub fn success_matches_graph(operation: &Operation<Document>, truth: OperationState, id: &str) {
    let is_success = operation.state == OperationState::Successful && truth == OperationState::Successful;
    assert!(is_success, "reported success, but Graph's state is {truth:?}");
    assert_eq!(operation.text("id").as_deref(), Some(id), "another operation than the followed one");
}

pub fn failure_matches_graph(error: &Error<Document>, truth: OperationState) {
    match error.code {
        ErrorCode::OperationFailed => {
            assert!(truth == OperationState::Failed, "reported failure, but Graph's state is {truth:?}");
        }
        ErrorCode::OperationCancelled => {
            assert!(truth == OperationState::Cancelled, "reported cancellation, but Graph's state is {truth:?}");
        }
        _ => {}
    }
}

pub fn the_location_is_kept(location: Option<&str>, id: &str) {
    let location = location.expect("an error after the start without a location");
    assert!(location.contains(id), "another location than that of the run: {location}");
}

// For every error

pub fn no_error_contains_a_token(error: &Error<Document>) {
    let texts = [&error.graph_code, &error.request_id, &error.client_request_id, &error.date, &error.location];
    let surfaced = format!("{} {texts:?} {:?} {:?}", error.message, error.operation, error.cause);
    assert!(!contains_a_token(&surfaced), "a token in an error: {surfaced}");
}

/// The POST is retried as often as permitted.
pub fn a_start_uses_all_its_retries(error: &Error<Document>, plan: &Plan) {
    let may_pass = matches!(error.status_code, Some(429 | 503)) && !error.may_have_started;
    let is_start = error.location.is_none() && error.code != ErrorCode::OperationTimeout;
    assert!(
        !(may_pass && is_start) || error.attempts > plan.max_retries,
        "failed before all retries were used: {}",
        error.message
    );
}

/// A failure that can pass ends a wait only if the caller's patience is exhausted.
pub fn a_wait_uses_its_whole_patience(error: &Error<Document>, now: Instant, record: &Record, plan: &Plan) {
    let series = record.series.borrow();
    let is_redirect =
        error.code == ErrorCode::UntrustedLocation && error.status_code != Some(200) && error.status_code != Some(202);
    let is_failure = matches!(error.status_code, Some(408 | 421 | 423 | 425 | 500 | 502 | 503 | 504 | 506..));
    let may_pass = match error.code {
        ErrorCode::Network | ErrorCode::Timeout | ErrorCode::Throttled | ErrorCode::Protocol => true,
        ErrorCode::ServiceError => is_failure,
        ErrorCode::UntrustedLocation => is_redirect,
        _ => false,
    };
    if may_pass && plan.patience > Millis::ZERO {
        let began = series.began.unwrap_or(now);
        let took = now - began - (series.excluded - series.last_requested) - certainly_idle(began, now, &series, plan);
        let is_over = series.requests >= 2 && took >= plan.patience - ROUNDING;
        assert!(is_over, "patience ended after {} ms: {}", took.0, error.message);
    }
}

/// How long the machine was certainly asleep, or knew that it was offline, apart from pauses that it would have made anyway.
fn certainly_idle(began: Instant, now: Instant, series: &Series, plan: &Plan) -> Millis {
    const LONGEST_PAUSE: Millis = Millis(35_000.0);
    let slept = if (began..now).contains(&plan.sleep.0) { plan.sleep.1 - series.excluded } else { Millis::ZERO };
    let offline = plan.offline.end.min(now) - plan.offline.start.max(began);
    (slept.max(offline) - LONGEST_PAUSE).max(Millis::ZERO)
}

/// The operation may have ended while the computer slept past the deadline.
pub fn a_wait_polls_once_more_after_a_sleep(error: &Error<Document>, record: &Record, plan: &Plan) {
    let (asleep_at, awake_at) = (plan.sleep.0, plan.sleep.0 + plan.sleep.1);
    let ends = record.call_began() + plan.operation_timeout;
    let has_slept = record.call_began() < asleep_at && asleep_at <= ends && awake_at - ends > Millis(10_000.0);
    let is_out_of_time = error.code == ErrorCode::OperationTimeout && error.retry_after.is_none();
    // The extension is the time of two requests, which must also suffice for the token.
    let has_time = plan.has_tokens() && plan.timeout > SLOWEST_TOKEN;
    let has_polled = record.last_response_at.get().is_some_and(|heard| awake_at - heard <= ROUNDING);
    assert!(!(has_slept && is_out_of_time && has_time) || has_polled, "no poll after the sleep");
}

/// Graph may not know yet what it has just started, or one of its replicas may not.
pub fn a_404_is_final_only_after_its_grace(error: &Error<Document>, now: Instant, record: &Record, plan: &Plan) {
    let series = record.series.borrow();
    let is_missing = error.status_code == Some(404) && plan.patience > Millis::ZERO;
    let Some(missing_since) = series.missing_since.filter(|_| is_missing) else { return };
    let (missing, grace) = (now - missing_since, Millis(if series.was_seen { 30_000.0 } else { 10_000.0 }));
    let is_over = missing >= grace - ROUNDING;
    assert!(is_over || error.code != ErrorCode::NotFound, "a 404 was final after {} ms", missing.0);
}

pub fn an_available_token_is_requested(error: &Error<Document>, plan: &Plan) {
    let is_refused = error.code == ErrorCode::Unauthorized;
    assert!(!is_refused || !plan.has_tokens(), "a token was available, but not requested");
}

/// Every retry with a new token, and up to three tokens for challenges.
pub fn retries_of_the_post_are_bounded(error: &Error<Document>, plan: &Plan) {
    assert!(error.attempts <= 2 * plan.max_retries + 4, "{} attempts", error.attempts);
}

pub fn the_retry_after_of_an_error_is_a_length(error: &Error<Document>) {
    let is_length = error.retry_after.is_none_or(|length| length >= Millis::ZERO && length < Millis::FOREVER);
    assert!(is_length, "an error with a Retry-After of {:?}", error.retry_after);
}

/// If the token is for a search, the reason for the search is the error.
pub fn a_hanging_token_source_is_reported(
    error: &Error<Document>,
    may_have_searched: bool,
    took: Millis,
    record: &Record,
    plan: &Plan,
) {
    // A token request may also seem long because the computer was asleep.
    let hung = plan.asleep() == Millis::ZERO && record.token_requests.longest() >= plan.token_timeout - ROUNDING;
    let is_reported = error.code == ErrorCode::Unauthorized || took >= plan.operation_timeout - ROUNDING;
    assert!(!hung || may_have_searched || is_reported, "the token source hung, but {} does not say so", error.code.as_str());
}
