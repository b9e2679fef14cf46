//! Starts diagnostics on a device, at most once.
//!
//! `POST /teamwork/devices/{id}/runDiagnostics`, without a body; the 202 names the operation in `Location`.
//! Source: <https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta>.
//!
//! ```text
//!   begin ──▶ Posting ──202──▶ Done
//!                │ no usable response: the run may have started; or a 409
//!                ▼
//!             Searching ──the run, or the operation in its way──▶ Done
//!                │ a gateway's 503 or an interrupted start, and certainly no run
//!                └──▶ Posting
//! ```
//!
//! A start that was interrupted in another process begins with the search.

use crate::machine::effect::{Effect, Host, Input, Output};
use crate::machine::event::EventKind;
use crate::machine::pages::operations_path;
use crate::machine::request::{Aim, RequestStep, RetryingRequest};
use crate::machine::search::{Found, Search, SearchStep, Wanted};
use crate::machine::state::{CallState, Limits};
use crate::protocol::device_id::{DeviceId, percent_encoded};
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::http::Response;
use crate::protocol::operation::Operation;
use crate::protocol::operation_match::is_created_since;
use crate::protocol::text::u32_to_string;
use crate::protocol::time::Instant;

/// What happens if an operation is already queued for the device (409).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// The call fails, with the queued operation if it can be found.
    #[default]
    Throw,
    /// The diagnostics that are already queued are followed instead.
    Attach,
}

/// A run that is being started.
pub struct Start<V> {
    device: DeviceId,
    on_conflict: OnConflict,
    /// Whether the POST was retried after a search.
    was_retried: bool,
    phase: Phase<V>,
}

enum Phase<V> {
    Posting(Box<RetryingRequest<V>>),
    Searching(Box<Searching<V>>),
    Ended,
}

struct Searching<V> {
    search: Search<V>,
    /// The POST; `None` if an earlier process sent it.
    request: Option<Box<RetryingRequest<V>>>,
    /// The failure of the POST: the result if nothing is found.
    error: Box<Error<V>>,
}

impl<V: Host> Start<V> {
    /// Begins with the POST, or after an interrupted start with the search for its run.
    pub fn begin(device: DeviceId, on_conflict: OnConflict, state: &mut CallState<V>) -> (Start<V>, Effect<V>) {
        state.facts.device_id = Some(device.as_str().to_owned());
        let mut start = Start { device, on_conflict, was_retried: false, phase: Phase::Ended };
        let effect = if state.interrupted().is_some() { start.search_interrupted(state) } else { start.post(state) };
        (start, effect)
    }

    fn post(&mut self, state: &CallState<V>) -> Effect<V> {
        let path = ["/teamwork/devices/", &self.device.path_segment(), "/runDiagnostics"].concat();
        let (request, effect) = RetryingRequest::begin(state.settings.root.url(&path), Aim::Start, state);
        self.phase = Phase::Posting(request);
        effect
    }

    fn search_interrupted(&mut self, state: &mut CallState<V>) -> Effect<V> {
        state.facts.may_have_started = true;
        let mut error = Error::new(ErrorCode::Protocol, INTERRUPTED);
        error.specific_hint = Some(CHECK_FIRST);
        self.search(Wanted::Interrupted, None, error, state)
    }

    /// Stops the timeout of the POST.
    pub fn stop_timeout(&mut self) {
        if let Phase::Posting(request) = &mut self.phase {
            request.stop_timeout();
        }
    }

    /// Restarts the timeout of the POST.
    pub fn restart_timeout(&mut self, limits: &Limits, now: Instant) {
        if let Phase::Posting(request) = &mut self.phase {
            request.restart_timeout(limits, now);
        }
    }

    /// The deadline of the current effect.
    pub fn deadline(&self) -> Instant {
        match &self.phase {
            Phase::Posting(request) => request.deadline(),
            Phase::Searching(searching) => searching.search.deadline(),
            Phase::Ended => Instant::NEVER,
        }
    }

    /// Handles an input.
    pub fn step(&mut self, input: Input<V>, state: &mut CallState<V>) -> Effect<V> {
        match &mut self.phase {
            Phase::Posting(request) => match request.step(input, state) {
                RequestStep::Effect(effect) => effect,
                RequestStep::Success(response) => self.on_accepted(&response, state),
                RequestStep::Failed(error) => self.on_failure(error, state),
            },
            Phase::Searching(searching) => match searching.search.step(input, state) {
                SearchStep::Effect(effect) => effect,
                SearchStep::Ended(found) => self.on_search_ended(found, state),
            },
            Phase::Ended => Effect::Pending,
        }
    }

    /// Handles a success. A 202 means that the run continues whatever happens now. Any other success is not Graph's, but
    /// comes from something in between.
    fn on_accepted(&mut self, response: &Response<V>, state: &mut CallState<V>) -> Effect<V> {
        // A location that cannot be followed is not requested: the run is searched for, as if its location were missing.
        let followed = match response.named_location() {
            _ if response.status != 202 => Err(not_from_graph(response)),
            None => Err(Error::new(ErrorCode::Protocol, NO_LOCATION)),
            Some(location) => state.follow_location(location),
        };
        if let Err(mut error) = followed {
            error.retry_after = state.retry_after();
            return self.on_failure(error, state);
        }
        self.phase = Phase::Ended;
        state.facts.may_have_started = false;
        state.emit(|| EventKind::Started { recovered: None });
        located(state)
    }

    fn on_failure(&mut self, mut error: Box<Error<V>>, state: &mut CallState<V>) -> Effect<V> {
        // Completed now, because the search must not change what the error says about the POST.
        state.complete(&mut error);
        let wanted = if error.code == ErrorCode::Conflict {
            Wanted::Blocking
        } else if error.may_have_started {
            Wanted::Started
        } else {
            self.phase = Phase::Ended;
            return error.into();
        };
        match std::mem::replace(&mut self.phase, Phase::Ended) {
            Phase::Posting(request) => self.search(wanted, Some(request), error, state),
            _ => error.into(),
        }
    }

    fn search(
        &mut self,
        wanted: Wanted,
        request: Option<Box<RetryingRequest<V>>>,
        error: Box<Error<V>>,
        state: &CallState<V>,
    ) -> Effect<V> {
        let Some((search, effect)) = Search::begin(self.device.clone(), wanted, state) else { return error.into() };
        self.phase = Phase::Searching(Box::new(Searching { search, request, error }));
        effect
    }

    fn on_search_ended(&mut self, found: Found<V>, state: &mut CallState<V>) -> Effect<V> {
        let Phase::Searching(searching) = std::mem::replace(&mut self.phase, Phase::Ended) else {
            unreachable!("only a search ends");
        };
        let Searching { request, error, .. } = *searching;
        match found {
            Found::Started(run) => self.recover(run, state),
            Found::Blocking(queued) => self.on_conflict(queued, error, state),
            Found::Nothing { is_certain: false } => error.into(),
            #[cfg(feature = "fleet")]
            Found::Unreadable(cause) => unreadable(cause).into(),
            Found::Nothing { .. } => match request {
                None => {
                    self.was_retried = true;
                    state.facts.may_have_started = false;
                    self.post(state)
                }
                Some(request) if error.status_code == Some(503) => self.retry_post(request, error, state),
                Some(_) => error.into(),
            },
        }
    }

    /// Retries the POST: a gateway's 503 says nothing about the run, but the search has proved that there is none.
    fn retry_post(
        &mut self,
        mut request: Box<RetryingRequest<V>>,
        error: Box<Error<V>>,
        state: &mut CallState<V>,
    ) -> Effect<V> {
        let Some(effect) = request.retry_once_searched(&error, state) else { return error.into() };
        self.was_retried = true;
        self.phase = Phase::Posting(request);
        effect
    }

    /// Adopts the run that was found after its response was lost.
    fn recover(&mut self, run: Operation<V>, state: &mut CallState<V>) -> Effect<V> {
        self.adopt(&run, state);
        state.facts.may_have_started = false;
        state.emit(|| EventKind::Started { recovered: Some(run) });
        located(state)
    }

    /// Handles a 409: the queued operation is attached to the error, or followed if the caller wants that.
    fn on_conflict(&mut self, queued: Operation<V>, mut error: Box<Error<V>>, state: &mut CallState<V>) -> Effect<V> {
        let is_diagnostics = queued.is_diagnostics();
        // Browsers retry a request by themselves if its connection broke, so this may be the caller's own run.
        let may_be_own = is_diagnostics && is_created_since(&queued, state.sent_at());
        if may_be_own && self.was_retried {
            return self.recover(queued, state);
        }
        self.adopt(&queued, state);
        if self.on_conflict == OnConflict::Attach && is_diagnostics {
            state.emit(|| EventKind::Attached { operation: queued });
            return located(state);
        }
        error.may_have_started = may_be_own;
        error.into()
    }

    /// Adopts a listed operation as the one that this call is about.
    fn adopt(&self, operation: &Operation<V>, state: &mut CallState<V>) {
        let id = percent_encoded(&operation.text("id").unwrap_or_default());
        let location = state.settings.root.url(&[&operations_path(&self.device), "/", &id].concat());
        state.facts.location = Some(location);
        state.facts.operation = operation.document.clone();
    }
}

/// The error for an interrupted start whose device does not show its operations.
#[cfg(feature = "fleet")]
fn unreadable<V>(mut cause: Box<Error<V>>) -> Box<Error<V>> {
    cause.message.insert_str(0, "An earlier start was interrupted, and whether it has started a run cannot be read: ");
    cause.specific_hint = Some(match cause.code {
        ErrorCode::Forbidden => "Resume with a token that has TeamworkDevice.Read.All or TeamworkDevice.ReadWrite.All.",
        _ => CHECK_FIRST,
    });
    cause.may_have_started = true;
    cause
}

const INTERRUPTED: &str =
    "An earlier start was interrupted, and the operations of the device do not show whether it has started a run";
const CHECK_FIRST: &str = "Check in the Teams admin center whether a run has started before you start another.";

/// The error for a success that Graph does not send, such as the response of a portal where people sign in to a network.
fn not_from_graph<V>(response: &Response<V>) -> Box<Error<V>> {
    let mut error = Error::new(ErrorCode::Protocol, "Something between this client and Graph responded: ");
    error.message.push_str(&u32_to_string(response.status.into()));
    if let Some(content_type) = &response.content_type {
        error.message.push_str(", ");
        error.message.push_str(content_type);
    }
    error
}

const NO_LOCATION: &str = "Graph accepted the run, but its response has no Location. In a page, CORS may hide it: a gateway must list Location in Access-Control-Expose-Headers";

/// The result of a start whose operation is known.
fn located<V>(state: &CallState<V>) -> Effect<V> {
    let location = state.facts.location.clone().expect("the location of the run is known");
    Effect::Done(Ok(Output::Location(location)))
}
