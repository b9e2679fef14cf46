//! One call, from its first step to its result.

use crate::machine::effect::{Effect, Failure, Host, Input, Now, Output};
use crate::machine::event::EventKind;
use crate::machine::follow::{Follow, Until};
use crate::machine::list::List;
use crate::machine::pages::PageCursor;
use crate::machine::start::{OnConflict, Start};
use crate::machine::state::{CallState, Facts, Settings};
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::location::TrustedUrl;
use crate::protocol::operation_match::SentAt;
use crate::protocol::time::{Instant, Millis};
use crate::protocol::token::Token;

/// What a call does.
pub enum CallKind<V> {
    /// Starts diagnostics on a device.
    Start {
        /// The device.
        device: DeviceId,
        /// What happens after a 409.
        on_conflict: OnConflict,
        /// The time of an earlier start that was interrupted: its run is looked for first.
        interrupted: Option<SentAt>,
    },
    /// Follows an operation.
    Follow {
        /// Its URL.
        location: TrustedUrl,
        /// The wait that Graph requested (`Retry-After` on the 202).
        first_poll_after: Millis,
        /// When to stop following it.
        until: Until,
    },
    /// Reads the next page of a collection.
    List {
        /// How far it has been read.
        cursor: PageCursor<V>,
    },
}

/// A call. Dropping it ends it: nothing of it runs on by itself.
pub struct Call<V> {
    /// `None` only during a change of stage.
    stage: Option<Stage<V>>,
    has_ended: bool,
    state: CallState<V>,
    /// The effect that follows the event that is being emitted.
    next_effect: Option<Effect<V>>,
}

enum Stage<V> {
    NotBegun(CallKind<V>),
    Starting(Box<Start<V>>),
    Following(Follow<V>),
    Listing(Box<List<V>>),
}

impl<V: Host> Call<V> {
    /// A call that begins now. Its first input is [`Input::Begin`].
    pub fn new(kind: CallKind<V>, settings: Settings, now: Now) -> Call<V> {
        let stage = Some(Stage::NotBegun(kind));
        Call { stage, has_ended: false, state: CallState::new(settings, now), next_effect: None }
    }

    /// Takes an input and returns the next effect.
    pub fn step(&mut self, input: Input<V>, now: Now) -> Effect<V> {
        if self.has_ended {
            return Effect::Pending;
        }
        self.state.begin_step(now, self.deadline());
        let effect = match input {
            Input::CallbackFailed(thrown) if !self.is_decided() => Effect::Done(Err(Failure::Thrown(thrown))),
            Input::Deadline if now.instant >= self.state.deadline && self.has_begun() => Error::operation_timed_out().into(),
            Input::Emitted | Input::CallbackFailed(_) => match self.next_effect.take() {
                Some(effect) => effect,
                None => return Effect::Pending,
            },
            // While an event is being emitted, nothing else is in progress.
            _ if self.next_effect.is_some() => return Effect::Pending,
            input => self.dispatch(input),
        };
        self.after_event(effect)
    }

    /// Ends the call for the caller's own reason, at any time, and returns the next effect. The outcome of a POST in flight
    /// is unknown, so an event tells the caller, who can check for the run.
    pub fn abort(&mut self, reason: V) -> Effect<V> {
        if self.has_ended || self.is_decided() {
            return Effect::Pending;
        }
        self.next_effect = None;
        let device_id = self.state.facts.device_id.clone();
        if self.state.facts.may_have_started {
            self.state.emit(|| EventKind::Abandoned { device_id });
        }
        self.after_event(Effect::Done(Err(Failure::Thrown(reason))))
    }

    /// The deadline of the current effect; [`Input::Deadline`] is due then.
    pub fn deadline(&self) -> Instant {
        let own = match &self.stage {
            _ if self.has_ended => return Instant::NEVER,
            None | Some(Stage::NotBegun(_)) => return Instant::NEVER,
            // While an event is being emitted, nothing else is in progress.
            _ if self.next_effect.is_some() => Instant::NEVER,
            Some(Stage::Starting(start)) => start.deadline(),
            Some(Stage::Following(follow)) => follow.deadline(),
            Some(Stage::Listing(list)) => list.deadline(),
        };
        own.min(self.state.deadline)
    }

    /// The deadline of the whole call.
    pub fn operation_deadline(&self) -> Instant {
        self.state.deadline
    }

    /// Whether the result is final, whatever the caller's callbacks and signal still do: a run that Graph accepted must not
    /// be lost, and an aborted call fails with the reason of the abort. The host reports what a callback throws after that.
    pub fn is_decided(&self) -> bool {
        matches!(&self.next_effect, Some(Effect::Done(Ok(Output::Location(_)) | Err(Failure::Thrown(_)))))
    }

    /// The facts gathered so far, also after the end.
    pub fn facts(&self) -> &Facts<V> {
        &self.state.facts
    }

    /// Stops the call's deadline while its fleet is paused.
    pub fn pause(&mut self, now: Instant) {
        self.state.pause(now);
    }

    /// Ends a pause.
    pub fn resume(&mut self, now: Now) {
        self.state.resume(now);
    }

    /// Stretches the poll interval by this factor.
    pub fn stretch_polls(&mut self, factor: f64) {
        self.state.poll_stretch = factor;
    }

    /// Stops the timeout of the POST, which waits for its record.
    pub fn stop_timeout(&mut self) {
        if let Some(Stage::Starting(start)) = &mut self.stage {
            start.stop_timeout();
        }
    }

    /// Restarts the timeout of the POST, which was sent only now.
    pub fn restart_timeout(&mut self, now: Instant) {
        if let Some(Stage::Starting(start)) = &mut self.stage {
            start.restart_timeout(&self.state.settings.limits, now);
        }
    }

    /// Makes the call remove these tokens too from what the service sends: a service may repeat the token of another request.
    pub fn keep_tokens(&mut self, tokens: &[Token<V>]) {
        tokens.iter().for_each(|token| self.state.keep_token(token));
    }

    /// The time since the call began.
    pub fn elapsed(&self, now: Instant) -> Millis {
        now - self.state.began
    }

    /// The time until the deadline of the whole call.
    pub fn remaining(&self, now: Instant) -> Millis {
        self.state.remaining_at(now)
    }

    /// Ends the call; returns how far a collection has been read, even after a failure.
    pub fn into_cursor(self) -> Option<PageCursor<V>> {
        match self.stage? {
            Stage::Listing(list) => {
                let mut cursor = list.cursor;
                (cursor.tokens, cursor.not_before) = (self.state.tokens, self.state.facts.not_before);
                Some(cursor)
            }
            Stage::NotBegun(CallKind::List { cursor }) => Some(cursor),
            _ => None,
        }
    }

    fn has_begun(&self) -> bool {
        !matches!(self.stage, Some(Stage::NotBegun(_)))
    }

    fn dispatch(&mut self, input: Input<V>) -> Effect<V> {
        let state = &mut self.state;
        match &mut self.stage {
            Some(Stage::Starting(start)) => start.step(input, state),
            Some(Stage::Following(follow)) => follow.step(input, state),
            Some(Stage::Listing(list)) => list.step(input, state),
            Some(Stage::NotBegun(_)) if matches!(input, Input::Begin) => self.begin(),
            Some(Stage::NotBegun(_)) | None => Effect::Pending,
        }
    }

    fn begin(&mut self) -> Effect<V> {
        let Some(Stage::NotBegun(kind)) = self.stage.take() else { return Effect::Pending };
        let state = &mut self.state;
        let (stage, effect) = match kind {
            CallKind::Start { device, on_conflict, interrupted } => {
                state.facts.interrupted = interrupted;
                let (start, effect) = Start::begin(device, on_conflict, state);
                (Stage::Starting(Box::new(start)), effect)
            }
            CallKind::Follow { location, first_poll_after, until } => {
                let (follow, effect) = Follow::begin(location, first_poll_after, until, state);
                (Stage::Following(follow), effect)
            }
            CallKind::List { cursor } => {
                let (list, effect) = List::begin(cursor, state);
                (Stage::Listing(Box::new(list)), effect)
            }
        };
        self.stage = Some(stage);
        effect
    }

    /// Emits a pending event before the effect that follows it.
    fn after_event(&mut self, effect: Effect<V>) -> Effect<V> {
        if let Some(event) = self.state.event.take() {
            self.next_effect = Some(effect);
            return Effect::Emit(event);
        }
        let Effect::Done(mut result) = effect else { return effect };
        self.has_ended = true;
        self.state.facts.has_ended = is_end_of_operation(&result);
        if let Err(Failure::Error(error)) = &mut result {
            self.state.complete(error);
        }
        Effect::Done(result)
    }
}

/// Whether a result is that of an operation that has ended.
fn is_end_of_operation<V>(result: &Result<Output<V>, Failure<V>>) -> bool {
    match result {
        Ok(Output::Operation(operation)) => operation.state.has_ended(),
        Err(Failure::Error(error)) => matches!(error.code, ErrorCode::OperationFailed | ErrorCode::OperationCancelled),
        _ => false,
    }
}
