//! Follows an operation: polls it once, or until it has ended.
//!
//! ```text
//!   begin ──▶ Pausing ──▶ Polling ──ended, or only one poll is wanted──▶ Done
//!                ▲           │
//!                └──running──┘
//! ```

use crate::machine::effect::{Effect, Failure, Host, Input, Output};
use crate::machine::event::EventKind;
use crate::machine::pause::Pause;
use crate::machine::request::{Aim, RequestStep, RetryingRequest};
use crate::machine::state::CallState;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::http::Response;
use crate::protocol::json::Json;
use crate::protocol::location::TrustedUrl;
use crate::protocol::operation::{Operation, OperationState};
use crate::protocol::poll_interval::until_next_poll;
use crate::protocol::time::{Instant, Millis};

/// When to stop following an operation.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// After one poll, whatever the operation's state.
    FirstPoll,
    /// When it has ended.
    End,
}

/// An operation that is being followed.
pub struct Follow<V> {
    until: Until,
    phase: Phase<V>,
    previous_status: Option<String>,
}

enum Phase<V> {
    Pausing(Pause),
    Polling(Box<RetryingRequest<V>>),
    Ended,
}

impl<V: Host> Follow<V> {
    /// Begins with a poll: immediately, or after the wait that the 202 requested with `Retry-After`.
    pub fn begin(
        location: TrustedUrl,
        first_poll_after: Millis,
        until: Until,
        state: &mut CallState<V>,
    ) -> (Follow<V>, Effect<V>) {
        state.facts.location = Some(location);
        let has_wait = first_poll_after > Millis::ZERO;
        state.facts.not_before = has_wait.then(|| state.now.instant + first_poll_after);
        let mut follow = Follow { until, phase: Phase::Ended, previous_status: None };
        let effect = if first_poll_after >= state.remaining() {
            Error::retry_after_exceeds_deadline(first_poll_after).into()
        } else {
            follow.pause(first_poll_after, Some(first_poll_after), state)
        };
        (follow, effect)
    }

    /// The deadline of the current effect.
    pub fn deadline(&self) -> Instant {
        match &self.phase {
            Phase::Pausing(pause) => pause.until,
            Phase::Polling(request) => request.deadline(),
            Phase::Ended => Instant::NEVER,
        }
    }

    /// Handles an input.
    pub fn step(&mut self, input: Input<V>, state: &mut CallState<V>) -> Effect<V> {
        match &mut self.phase {
            Phase::Pausing(pause) => pause.step(&input, state.now.instant).unwrap_or_else(|| self.poll(state)),
            Phase::Polling(request) => match request.step(input, state) {
                RequestStep::Success(response) => match read(&response, state) {
                    Ok(operation) => self.receive(operation, state).unwrap_or_else(Effect::from),
                    Err(error) => request.on_unusable(error, &response, state).effect(),
                },
                step => step.effect(),
            },
            Phase::Ended => Effect::Pending,
        }
    }

    fn poll(&mut self, state: &CallState<V>) -> Effect<V> {
        let location = state.facts.location.clone().expect("a call that follows has a location");
        let aim = if self.until == Until::End { Aim::Wait } else { Aim::Poll };
        let (request, effect) = RetryingRequest::begin(location, aim, state);
        self.phase = Phase::Polling(request);
        effect
    }

    fn pause(&mut self, length: Millis, requested: Option<Millis>, state: &CallState<V>) -> Effect<V> {
        if length <= Millis::ZERO {
            return self.poll(state);
        }
        let (pause, effect) = Pause::begin(length, requested, state.now.instant);
        self.phase = Phase::Pausing(pause);
        effect
    }

    /// Handles the operation that a poll returned.
    fn receive(&mut self, operation: Operation<V>, state: &mut CallState<V>) -> Result<Effect<V>, Box<Error<V>>> {
        Ok(match self.until {
            Until::FirstPoll => Effect::Done(Ok(Output::Operation(operation.with_document()))),
            Until::End if operation.state.has_ended() => self.end(operation, state),
            Until::End => self.wait_for_next_poll(operation, state)?,
        })
    }

    fn end(&mut self, operation: Operation<V>, state: &mut CallState<V>) -> Effect<V> {
        self.emit_status(&operation, None, state);
        self.phase = Phase::Ended;
        match terminal_error(&operation) {
            Some(error) => Effect::Done(Err(Failure::Error(error))),
            None => Effect::Done(Ok(Output::Operation(operation))),
        }
    }

    fn wait_for_next_poll(&mut self, operation: Operation<V>, state: &mut CallState<V>) -> Result<Effect<V>, Box<Error<V>>> {
        let retry_after = state.retry_after();
        let (interval, remaining) = (state.settings.limits.poll_interval, state.remaining());
        let chosen = until_next_poll(interval, state.elapsed(), state.poll_stretch, remaining, state.now.random);
        let wait = chosen.max(retry_after.unwrap_or(Millis::ZERO));
        self.emit_status(&operation, Some(wait), state);
        self.previous_status = operation.status;
        if state.is_extended {
            return Err(Error::operation_timed_out());
        }
        // The poll interval may be capped by the deadline, but a longer wait that the service requests ends the call now.
        match retry_after {
            Some(requested) if requested >= remaining => Err(Error::retry_after_exceeds_deadline(requested)),
            _ => Ok(self.pause(wait, retry_after, state)),
        }
    }

    fn emit_status(&self, operation: &Operation<V>, next_poll_in: Option<Millis>, state: &mut CallState<V>) {
        state.emit(|| EventKind::Status {
            operation: operation.clone(),
            previous_status: self.previous_status.clone(),
            next_poll_in,
        });
    }
}

/// Reads the operation in a response, and its new URL: a running operation may move.
fn read<V: Host>(response: &Response<V>, state: &mut CallState<V>) -> Result<Operation<V>, Box<Error<V>>> {
    let operation = Operation::read(response.status, response.body.as_ref()).ok_or_else(|| {
        Error::new(
            ErrorCode::Protocol,
            "Graph's response is not an operation: it must be a JSON object with a status, of 1 MB at most",
        )
    })?;
    state.facts.was_seen = true;
    if operation.document.is_some() {
        state.facts.operation = operation.document.clone();
    }
    // A location that cannot be used is ignored: the previous URL still leads to the operation.
    if let Some(location) = response.named_location().filter(|_| !operation.state.has_ended()) {
        let _ = state.follow_location(location);
    }
    Ok(operation)
}

/// The error for an operation that failed or was cancelled; `None` otherwise.
fn terminal_error<V: Json>(operation: &Operation<V>) -> Option<Box<Error<V>>> {
    let mut error = match operation.state {
        OperationState::Failed => Error::new(ErrorCode::OperationFailed, "The operation failed"),
        OperationState::Cancelled => Error::new(ErrorCode::OperationCancelled, "The operation was cancelled"),
        _ => return None,
    };
    error.graph_code = operation.error_text("code");
    error.quote(operation.error_text("message"));
    Some(error)
}
