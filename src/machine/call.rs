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
use crate::protocol::time::{Instant, Millis};

/// What a call is about.
pub enum CallKind<V> {
    /// Starts diagnostics on a device.
    Start {
        /// The device.
        device: DeviceId,
        /// What is done about a 409.
        on_conflict: OnConflict,
    },
    /// Follows an operation.
    Follow {
        /// Where it is.
        location: TrustedUrl,
        /// How long Graph wants to be left alone (`Retry-After` on the 202).
        first_poll_after: Millis,
        /// How long it is followed.
        until: Until,
    },
    /// Reads the next page of a collection.
    List {
        /// How far it has been read.
        cursor: PageCursor<V>,
    },
}

/// A call. Dropping it ends it: it holds nothing that goes on by itself.
pub struct Call<V> {
    /// Nothing only while it changes.
    stage: Option<Stage<V>>,
    has_ended: bool,
    state: CallState<V>,
    /// The effect that comes after the event that is being emitted.
    next_effect: Option<Effect<V>>,
}

enum Stage<V> {
    NotBegun(CallKind<V>),
    Starting(Box<Start<V>>),
    Following(Follow<V>),
    Listing(Box<List<V>>),
}

impl<V: Host> Call<V> {
    /// A call that begins now, with [`Input::Begin`].
    pub fn new(kind: CallKind<V>, settings: Settings, now: Now) -> Call<V> {
        let stage = Some(Stage::NotBegun(kind));
        Call { stage, has_ended: false, state: CallState::new(settings, now), next_effect: None }
    }

    /// Takes what happened, and says what to do next.
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
            // While an event is being emitted nothing else is under way.
            _ if self.next_effect.is_some() => return Effect::Pending,
            input => self.go_on(input),
        };
        self.after_event(effect)
    }

    /// Ends the call for the caller's own reason, and says what to do next, at any time. Of a POST that is out nobody knows what becomes:
    /// the caller is told, and can look.
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

    /// Until when the last effect is awaited; then [`Input::Deadline`] is due.
    pub fn deadline(&self) -> Instant {
        let own = match &self.stage {
            _ if self.has_ended => return Instant::NEVER,
            None | Some(Stage::NotBegun(_)) => return Instant::NEVER,
            // While an event is being emitted nothing else is under way.
            _ if self.next_effect.is_some() => Instant::NEVER,
            Some(Stage::Starting(start)) => start.deadline(),
            Some(Stage::Following(follow)) => follow.deadline(),
            Some(Stage::Listing(list)) => list.deadline(),
        };
        own.min(self.state.deadline)
    }

    /// Until when the whole call is given up, whatever it waits for.
    pub fn operation_deadline(&self) -> Instant {
        self.state.deadline
    }

    /// Whether the result stands, whatever the caller's callbacks and signal still do: a run that Graph took is not lost, and of an
    /// abort the reason is told. What a callback fails with then is for the host to report.
    pub fn is_decided(&self) -> bool {
        matches!(&self.next_effect, Some(Effect::Done(Ok(Output::Location(_)) | Err(Failure::Thrown(_)))))
    }

    /// What is known so far, also after the end.
    pub fn facts(&self) -> &Facts<V> {
        &self.state.facts
    }

    /// Ends the call; returns how far a collection has been read, also after a failure.
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

    fn go_on(&mut self, input: Input<V>) -> Effect<V> {
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
            CallKind::Start { device, on_conflict } => {
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

    /// An event comes before the effect that follows it.
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

/// Whether a result tells of an operation that has ended.
fn is_end_of_operation<V>(result: &Result<Output<V>, Failure<V>>) -> bool {
    match result {
        Ok(Output::Operation(operation)) => operation.state.has_ended(),
        Err(Failure::Error(error)) => matches!(error.code, ErrorCode::OperationFailed | ErrorCode::OperationCancelled),
        _ => false,
    }
}
