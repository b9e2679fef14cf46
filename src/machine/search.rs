//! Searches the device's operations: for the run behind a POST whose answer was lost, or for what stands in its way (409).
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
use crate::protocol::retry::is_no_usable_answer;
use crate::protocol::time::{Instant, Millis};

/// What is searched for.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// The run that the POST may have started.
    Started,
    /// The operation that is queued for the device.
    Blocking,
}

/// A search that is under way.
pub struct Search<V> {
    device: DeviceId,
    wanted: Wanted,
    /// When the whole search is given up.
    deadline: Instant,
    /// How often the operations have been read.
    round: usize,
    /// The ids of the first reading that was whole.
    seen: Option<V>,
    /// Whether the last reading was whole, and showed that nothing was started.
    is_certain: bool,
    phase: Phase<V>,
}

enum Phase<V> {
    Sleeping { until: Instant },
    Reading(Box<Reading<V>>),
}

/// The device's operations, as far as they have been read.
struct Reading<V> {
    request: Box<RetryingRequest<V>>,
    cursor: PageCursor<V>,
    operations: Vec<Operation<V>>,
}

/// How a search goes on.
pub enum SearchStep<V> {
    /// It is not over: this comes next.
    Effect(Effect<V>),
    /// It is over.
    Ended(Found<V>),
}

/// What a search has found.
pub enum Found<V> {
    /// The run that the POST has started.
    Started(Operation<V>),
    /// The operation that is queued for the device.
    Blocking(Operation<V>),
    /// Nothing.
    Nothing {
        /// Whether that is certain: the last round has read all there is.
        is_certain: bool,
    },
}

impl<V: Host> Search<V> {
    /// Begins a search that ends early enough for its reason still to be told; nothing when the service wants to be left alone for
    /// longer (`Retry-After`).
    pub fn begin(device: DeviceId, wanted: Wanted, state: &CallState<V>) -> Option<(Search<V>, Effect<V>)> {
        let (limit, asked) = (limit(state), state.asked_wait());
        if asked >= limit && asked > Millis::ZERO {
            return None;
        }
        let now = state.now.instant;
        let phase = Phase::Sleeping { until: now };
        let mut search = Search { device, wanted, deadline: now + limit, round: 0, seen: None, is_certain: false, phase };
        let effect = search.sleep(state)?;
        Some((search, effect))
    }

    /// Until when the last effect is awaited.
    pub fn deadline(&self) -> Instant {
        self.deadline.min(match &self.phase {
            Phase::Sleeping { until } => *until,
            Phase::Reading(reading) => reading.request.deadline(),
        })
    }

    /// Goes on with what happened.
    pub fn step(&mut self, input: Input<V>, state: &mut CallState<V>) -> SearchStep<V> {
        let now = state.now.instant;
        if state.has_slept {
            self.deadline = now + limit(state);
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
            RequestStep::Failed(error) => self.on_failure(&error, state),
        }
    }

    /// Waits before the next round, if there is one. Its first request keeps what the service asked for.
    fn sleep(&mut self, state: &CallState<V>) -> Option<Effect<V>> {
        let wait = match self.wanted {
            Wanted::Started => *SEARCH_WAITS.get(self.round)?,
            Wanted::Blocking if self.round == 0 => Millis::ZERO,
            Wanted::Blocking => return None,
        };
        self.round += 1;
        self.phase = Phase::Sleeping { until: state.now.instant + wait };
        Some(Effect::Sleep { wakes_early: false })
    }

    fn read(&mut self, state: &CallState<V>) -> SearchStep<V> {
        self.is_certain = false;
        let cursor = PageCursor::of_operations(&state.settings.root, &self.device);
        self.read_page(cursor, Vec::new(), state)
    }

    /// Asks for the next page, or decides when all have been read.
    fn read_page(&mut self, cursor: PageCursor<V>, operations: Vec<Operation<V>>, state: &CallState<V>) -> SearchStep<V> {
        match cursor.next_url() {
            Ok(Some(url)) => {
                let (request, effect) = RetryingRequest::begin(url, Aim::Page, state);
                self.phase = Phase::Reading(Box::new(Reading { request, cursor, operations }));
                SearchStep::Effect(effect)
            }
            // Of links in a circle all was read that there is.
            end => {
                self.is_certain =
                    end.is_ok() && cursor.is_whole && has_started_nothing(&operations, state.sent_at(), self.seen.as_ref());
                let step = self.decide(&operations, state);
                // Of a reading that broke off, what comes later may be as old as the device.
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

    /// A page that cannot be read: what was read before it may already answer the question.
    fn on_failure(&mut self, error: &Error<V>, state: &mut CallState<V>) -> SearchStep<V> {
        if let Phase::Reading(reading) = &mut self.phase
            && !reading.operations.is_empty()
        {
            let operations = std::mem::take(&mut reading.operations);
            return self.decide(&operations, state);
        }
        if is_no_usable_answer(error.code, error.status_code) {
            self.next_round(state)
        } else {
            SearchStep::Ended(Found::Nothing { is_certain: false })
        }
    }

    /// Ends with what is found, or goes on.
    fn decide(&mut self, operations: &[Operation<V>], state: &CallState<V>) -> SearchStep<V> {
        let found = match self.wanted {
            Wanted::Started => find_started(operations, state.sent_at(), self.seen.as_ref()).map(Found::Started),
            Wanted::Blocking => find_blocking(operations).map(Found::Blocking),
        };
        found.map_or_else(|| self.next_round(state), SearchStep::Ended)
    }

    fn next_round(&mut self, state: &CallState<V>) -> SearchStep<V> {
        let next = if state.asked_wait() < SEARCH_LIMIT { self.sleep(state) } else { None };
        next.map_or(SearchStep::Ended(Found::Nothing { is_certain: self.is_certain }), SearchStep::Effect)
    }
}

/// How long a search may take: so that there is time left to tell what it was for.
fn limit<V: Host>(state: &CallState<V>) -> Millis {
    SEARCH_LIMIT.min(state.remaining() / 2.0)
}

/// The set of their ids.
fn ids<V: Host>(operations: &[Operation<V>]) -> V {
    let mut ids = V::empty();
    operations.iter().filter_map(|operation| operation.text("id")).for_each(|id| ids.insert(&id));
    ids
}
