//! Reads the next page of a collection.

use crate::machine::effect::{Effect, Host, Input, Output};
use crate::machine::pages::PageCursor;
use crate::machine::request::{Aim, RequestStep, RetryingRequest};
use crate::machine::state::CallState;
use crate::protocol::error::Error;
use crate::protocol::operation::Operation;
use crate::protocol::time::Instant;

/// The call that reads one page. `request` is `None` if there is nothing to read.
pub struct List<V> {
    /// How far the collection has been read, even after a failure.
    pub cursor: PageCursor<V>,
    request: Option<Box<RetryingRequest<V>>>,
}

impl<V: Host> List<V> {
    /// Requests the next page.
    pub fn begin(mut cursor: PageCursor<V>, state: &mut CallState<V>) -> (List<V>, Effect<V>) {
        state.facts.device_id = cursor.device_id.clone();
        state.facts.not_before = cursor.not_before;
        state.tokens = std::mem::take(&mut cursor.tokens);
        let wait = state.requested_wait();
        let (request, effect) = match cursor.next_url() {
            Ok(None) => (None, Effect::Done(Ok(Output::Page(None)))),
            Err(error) => (None, error.into()),
            Ok(Some(_)) if wait >= state.remaining() => (None, Error::retry_after_exceeds_deadline(wait).into()),
            Ok(Some(url)) => {
                let (request, effect) = RetryingRequest::begin(url, Aim::Page, state);
                (Some(request), effect)
            }
        };
        (List { cursor, request }, effect)
    }

    /// The deadline of the current effect.
    pub fn deadline(&self) -> Instant {
        self.request.as_ref().map_or(Instant::NEVER, |request| request.deadline())
    }

    /// Handles an input.
    pub fn step(&mut self, input: Input<V>, state: &mut CallState<V>) -> Effect<V> {
        let Some(request) = &mut self.request else { return Effect::Pending };
        match request.step(input, state) {
            RequestStep::Success(response) => match self.cursor.read(&response, &state.settings.root) {
                Ok(items) => Effect::Done(Ok(Output::Page(Some(self.with_states(items))))),
                Err(error) => request.on_unusable(error, &response, state).effect(),
            },
            step => step.effect(),
        }
    }

    /// Adds its state to each item of a list of operations; devices are left as Graph sent them.
    fn with_states(&self, items: Vec<V>) -> Vec<V> {
        if self.cursor.device_id.is_none() {
            return items;
        }
        items.into_iter().filter_map(|item| Operation::of_document(item).document).collect()
    }
}
