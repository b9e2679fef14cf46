//! Searches the device's operations: for the run behind a POST whose response was lost, for that of a start that was
//! interrupted, or for the operation that blocks a POST (409).
//!
//! ```text
//!   begin ──▶ Sleeping ──▶ Reading (page by page) ──found──▶ Ended
//!                ▲            │ not yet: the next of three rounds
//!                └────────────┘
//! ```

use crate::machine::effect::{Effect, Host, Input};
use crate::machine::pages::PageCursor;
use crate::machine::request::{Aim, RequestStep, RetryingRequest};
use crate::machine::state::CallState;
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::Error;
use crate::protocol::http::Response;
use crate::protocol::operation::Operation;
use crate::protocol::operation_match::{SEARCH_LIMIT, SEARCH_WAITS, find_blocking, find_started, has_started_nothing};
use crate::protocol::retry::lacks_usable_response;
use crate::protocol::time::{Instant, Millis};

/// What to search for.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// The run that the POST may have started.
    Started,
    /// The operation that is queued for the device.
    Blocking,
    /// The run that an interrupted start may have started.
    Interrupted,
}

/// A search in progress.
pub struct Search<V> {
    device: DeviceId,
    wanted: Wanted,
    /// When the search is given up.
    deadline: Instant,
    /// The number of rounds so far.
    round: usize,
    /// When the last round began.
    round_began: Instant,
    /// The ids of the first complete round.
    seen: Option<V>,
    /// Whether the last round was complete, and proved that nothing was started.
    is_certain: bool,
    /// The number of rounds that proved it after an interrupted start.
    proofs: usize,
    phase: Phase<V>,
}

enum Phase<V> {
    Sleeping { until: Instant },
    Reading(Box<Reading<V>>),
}

/// The device's operations, as far as they have been read in this round.
struct Reading<V> {
    request: Box<RetryingRequest<V>>,
    cursor: PageCursor<V>,
    operations: Vec<Operation<V>>,
}

/// How a search continues.
pub enum SearchStep<V> {
    /// It is not over: perform this effect.
    Effect(Effect<V>),
    /// It is over.
    Ended(Found<V>),
}

/// The result of a search.
pub enum Found<V> {
    /// The run that the POST started.
    Started(Operation<V>),
    /// The operation that is queued for the device.
    Blocking(Operation<V>),
    /// Nothing was found.
    Nothing {
        /// Whether that is certain, because the last round has read everything.
        is_certain: bool,
    },
    /// The operations of a device whose start was interrupted cannot be read: this is why.
    #[cfg(feature = "fleet")]
    Unreadable(Box<Error<V>>),
}

impl<V: Host> Search<V> {
    /// Begins a search whose time limit leaves enough time to report its result. `None` if the service requested a longer
    /// wait (`Retry-After`).
    pub fn begin(device: DeviceId, wanted: Wanted, state: &CallState<V>) -> Option<(Search<V>, Effect<V>)> {
        let (limit, requested) = (time_limit(state), state.requested_wait());
        if requested >= limit && requested > Millis::ZERO {
            return None;
        }
        let now = state.now.instant;
        let phase = Phase::Sleeping { until: now };
        let deadline = now + limit;
        let mut search =
            Search { device, wanted, deadline, round: 0, round_began: now, seen: None, is_certain: false, proofs: 0, phase };
        let effect = search.sleep(state)?;
        Some((search, effect))
    }

    /// The deadline of the current effect.
    pub fn deadline(&self) -> Instant {
        self.deadline.min(match &self.phase {
            Phase::Sleeping { until } => *until,
            Phase::Reading(reading) => reading.request.deadline(),
        })
    }

    /// Handles an input.
    pub fn step(&mut self, input: Input<V>, state: &mut CallState<V>) -> SearchStep<V> {
        let now = state.now.instant;
        if state.has_slept {
            self.deadline = now + time_limit(state);
        }
        if matches!(input, Input::Deadline) && now >= self.deadline {
            return SearchStep::Ended(Found::Nothing { is_certain: false });
        }
        match &mut self.phase {
            Phase::Sleeping { until } if matches!(input, Input::Deadline) && now >= *until => self.read(state),
            Phase::Sleeping { .. } => SearchStep::Effect(Effect::Pending),
            Phase::Reading(reading) => {
                let step = reading.request.step(input, state);
                self.on_step(step, state)
            }
        }
    }

    fn on_step(&mut self, step: RequestStep<V>, state: &mut CallState<V>) -> SearchStep<V> {
        match step {
            RequestStep::Effect(effect) => SearchStep::Effect(effect),
            RequestStep::Success(response) => self.receive(&response, state),
            RequestStep::Failed(error) => self.on_failure(error, state),
        }
    }

    /// Waits before the next round, if there is one. Its first request also respects the wait that the service requested.
    fn sleep(&mut self, state: &CallState<V>) -> Option<Effect<V>> {
        let wait = match self.wanted {
            Wanted::Started => *SEARCH_WAITS.get(self.round)?,
            Wanted::Blocking | Wanted::Interrupted if self.round == 0 => Millis::ZERO,
            Wanted::Blocking => return None,
            Wanted::Interrupted if self.proofs == PROOFS || self.round == MOST_ROUNDS => return None,
            Wanted::Interrupted => (INTERRUPTED_AGE + ROUNDING - age(state)).max(BETWEEN_PROOFS),
        };
        self.round += 1;
        self.phase = Phase::Sleeping { until: state.now.instant + wait };
        Some(Effect::Sleep { wakes_early: false })
    }

    fn read(&mut self, state: &CallState<V>) -> SearchStep<V> {
        self.is_certain = false;
        self.round_began = state.now.instant;
        let cursor = PageCursor::of_operations(&state.settings.root, &self.device);
        self.read_page(cursor, Vec::new(), state)
    }

    /// Requests the next page, or decides if all have been read.
    fn read_page(&mut self, cursor: PageCursor<V>, operations: Vec<Operation<V>>, state: &CallState<V>) -> SearchStep<V> {
        match cursor.next_url() {
            Ok(Some(url)) => {
                let (request, effect) = RetryingRequest::begin(url, Aim::Page, state);
                self.phase = Phase::Reading(Box::new(Reading { request, cursor, operations }));
                SearchStep::Effect(effect)
            }
            // If the links form a loop, everything there is has been read.
            end => {
                self.is_certain = end.is_ok()
                    && cursor.is_complete
                    && has_started_nothing(&operations, state.sent_at(), self.seen.as_ref());
                let age_then = age(state) - (state.now.instant - self.round_began);
                self.proofs += usize::from(self.is_certain && age_then >= INTERRUPTED_AGE);
                let found = self.find(&operations, state);
                let step = found.map_or_else(|| self.next_round(state), SearchStep::Ended);
                // Only a complete round counts: what one that broke off did not show may be old.
                if matches!(step, SearchStep::Effect(_)) {
                    self.seen.get_or_insert_with(|| ids(&operations));
                }
                step
            }
        }
    }

    fn receive(&mut self, response: &Response<V>, state: &mut CallState<V>) -> SearchStep<V> {
        let Phase::Reading(reading) = &mut self.phase else { return SearchStep::Effect(Effect::Pending) };
        let Reading { cursor, operations, .. } = &mut **reading;
        match cursor.read(response, &state.settings.root) {
            Ok(items) => {
                operations.extend(items.into_iter().map(Operation::of_document));
                let (cursor, operations) = (std::mem::take(cursor), std::mem::take(operations));
                self.read_page(cursor, operations, state)
            }
            Err(error) => {
                let step = reading.request.on_unusable(error, response, state);
                self.on_step(step, state)
            }
        }
    }

    /// Handles a page that cannot be read: what was read before it may be enough. With a refused token, no other round can do
    /// better.
    fn on_failure(&mut self, error: Box<Error<V>>, state: &mut CallState<V>) -> SearchStep<V> {
        let operations = match &mut self.phase {
            Phase::Reading(reading) => std::mem::take(&mut reading.operations),
            Phase::Sleeping { .. } => Vec::new(),
        };
        let is_first_page = operations.is_empty();
        match self.find(&operations, state) {
            Some(found) => SearchStep::Ended(found),
            None if lacks_usable_response(error.code, error.status_code) => self.next_round(state),
            None if !is_first_page && error.status_code != Some(401) => self.next_round(state),
            #[cfg(feature = "fleet")]
            None if matches!(self.wanted, Wanted::Interrupted) => SearchStep::Ended(Found::Unreadable(error)),
            None => SearchStep::Ended(Found::Nothing { is_certain: false }),
        }
    }

    /// Finds the operation among those of a list.
    fn find(&self, operations: &[Operation<V>], state: &CallState<V>) -> Option<Found<V>> {
        match self.wanted {
            Wanted::Started | Wanted::Interrupted => {
                find_started(operations, state.sent_at(), self.seen.as_ref()).map(Found::Started)
            }
            Wanted::Blocking => find_blocking(operations).map(Found::Blocking),
        }
    }

    fn next_round(&mut self, state: &CallState<V>) -> SearchStep<V> {
        let next = if state.requested_wait() < time_limit(state) { self.sleep(state) } else { None };
        let is_certain = if let Wanted::Interrupted = self.wanted { self.proofs == PROOFS } else { self.is_certain };
        next.map_or(SearchStep::Ended(Found::Nothing { is_certain }), SearchStep::Effect)
    }
}

/// The time limit of a search, which leaves time to report its result. In a fleet the search may wait for its turns for
/// long, so only the call limits it.
fn time_limit<V: Host>(state: &CallState<V>) -> Millis {
    if state.settings.awaits_turns() { Millis::FOREVER } else { SEARCH_LIMIT.min(state.remaining() / 2.0) }
}

/// The time since the start that was interrupted, if both times are known by the service's clock. By any other it is not
/// certain, because this may be another computer, or its clock may have been changed: then only the time since the call began
/// counts.
fn age<V: Host>(state: &CallState<V>) -> Millis {
    let Some(interrupted) = state.interrupted() else { return Millis::ZERO };
    match state.facts.service_clock {
        Some((time, at)) if interrupted.is_service_time => time + (state.now.instant - at) - interrupted.time,
        _ => state.elapsed(),
    }
}

/// After an interrupted start, two complete lists must prove that it started nothing, both at least this long after it: the
/// POST may still have been on its way, and lists may lag behind.
const INTERRUPTED_AGE: Millis = Millis(61_000.0);
/// By how much the age may seem to be less later on: the service's times are in whole seconds.
const ROUNDING: Millis = Millis(1_000.0);
const PROOFS: usize = 2;
/// The wait between the two lists.
const BETWEEN_PROOFS: Millis = Millis(5_000.0);
/// The maximum number of lists.
const MOST_ROUNDS: usize = 5;

/// The ids of operations, as a set.
fn ids<V: Host>(operations: &[Operation<V>]) -> V {
    let mut ids = V::empty();
    operations.iter().filter_map(|operation| operation.text("id")).for_each(|id| ids.insert(&id));
    ids
}
