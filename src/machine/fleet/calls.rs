//! The calls of the devices: how they begin, and what is done for them.

use crate::machine::call::{Call, CallKind};
use crate::machine::effect::{Effect, Failure, Host, Input, Now, Output};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::device::{Device, Key, Stage, outcome_of_start, outcome_of_wait};
use crate::machine::fleet::effect::FleetEffect;
use crate::machine::fleet::ends::Cause;
use crate::machine::fleet::record::Outcome;
use crate::machine::state::{Facts, Settings};
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::operation_match::SentAt;
use crate::protocol::time::{Instant, Millis, UnixTime};
use crate::protocol::token::Token;

/// How much longer than a start a start may take that first looks for the run of an interrupted one.
const LOOKING: Millis = Millis(300_000.0);

/// What the response to one call says about the whole service.
pub(super) struct ServiceFacts {
    pub(super) is_throttled: bool,
    pub(super) not_before: Option<Instant>,
    pub(super) service_clock: Option<(UnixTime, Instant)>,
}

impl<V: Host> Fleet<V> {
    /// Begins to start a device; after an interrupted start with the search for its run.
    pub(super) fn start(&mut self, key: Key, interrupted: Option<SentAt>) {
        let mut settings = self.call_settings();
        if interrupted.is_some() {
            let limits = &mut settings.limits;
            limits.operation_timeout = limits.operation_timeout + LOOKING;
        }
        let Some(Some(device)) = self.devices.get_mut(key as usize) else { return };
        let on_conflict = self.settings.on_conflict;
        let kind = CallKind::Start { device: device.id.clone(), on_conflict, interrupted };
        let call = new_call(kind, settings, &self.used_tokens, self.now);
        device.stage = Stage::Starting(Box::new(call));
        self.totals.starting += 1;
        self.step_call(key, Input::Begin);
    }

    pub(super) fn call_settings(&self) -> Settings {
        self.settings.call.clone()
    }

    /// Passes an input to the call of a device, and does what it wants.
    pub(super) fn step_call(&mut self, key: Key, input: Input<V>) {
        if let Some((effect, _)) = self.step_call_once(key, input) {
            self.carry_out(key, effect);
        }
    }

    /// Passes an input to the call of a device. Returns its effect, and what it knows of the whole service.
    pub(super) fn step_call_once(&mut self, key: Key, input: Input<V>) -> Option<(Effect<V>, ServiceFacts)> {
        let (now, stretch) = (self.now, self.poll_stretch());
        let call = self.device(key)?.call()?;
        call.stretch_polls(stretch);
        let effect = call.step(input, now);
        let Facts { is_throttled, not_before, service_clock, .. } = *call.facts();
        Some((effect, ServiceFacts { is_throttled, not_before, service_clock }))
    }

    /// Does what the call of a device wants.
    pub(super) fn carry_out(&mut self, key: Key, mut effect: Effect<V>) {
        let (now, is_paused) = (self.now, self.pauses.reason().is_some());
        while !matches!(effect, Effect::Pending) {
            self.end_turn(key);
            let Effect::Emit(event) = effect else {
                self.perform(key, effect);
                break;
            };
            self.effects.push(FleetEffect::Emit(key, event));
            let Some(call) = self.device(key).and_then(Device::call) else { return };
            effect = call.step(Input::Emitted, now);
        }
        if is_paused && let Some(call) = self.device(key).and_then(Device::call) {
            call.pause(now.instant);
        }
        self.set_timer(key);
    }

    pub(super) fn perform(&mut self, key: Key, effect: Effect<V>) {
        match effect {
            Effect::AwaitTurn { refusal } => {
                if let Some(refusal) = refusal {
                    self.on_refusal(key, *refusal);
                }
                self.await_turn(key);
            }
            Effect::GetToken(request) => {
                let of_probe = self.pauses.token_request().filter(|_| self.is_probe(key));
                self.tokens.add(key, of_probe.unwrap_or(*request));
                self.request_next_token();
            }
            Effect::Send(request) => self.send_or_hold(key, request),
            Effect::Done(result) => self.on_call_ended(key, result),
            Effect::Sleep { .. } | Effect::Emit(_) | Effect::Pending => {}
        }
    }

    /// Ends what a call did before: it has another effect now.
    pub(super) fn end_turn(&mut self, key: Key) {
        if self.end_request(key).is_some() {
            self.effects.push(FleetEffect::AbandonRequest(key));
        }
        if self.tokens.remove(key) {
            self.effects.push(FleetEffect::AbandonToken);
            self.request_next_token();
        }
        let Some(device) = self.device(key) else { return };
        let was_held = device.held_post.take().is_some();
        if std::mem::take(&mut device.is_queued) {
            self.gate.remove(key);
        }
        self.held -= usize::from(was_held);
    }

    /// Records that the request of a device is over. Returns when it was sent; `None` if there was none.
    pub(super) fn end_request(&mut self, key: Key) -> Option<Instant> {
        let sent_at = self.device(key)?.sent_at.take()?;
        self.in_flight -= 1;
        Some(sent_at)
    }

    pub(super) fn on_call_ended(&mut self, key: Key, result: Result<Output<V>, Failure<V>>) {
        let can_renew_token = self.settings.call.can_renew_token;
        let Some(device) = self.device(key) else { return };
        let is_start = matches!(device.stage, Stage::Starting(_));
        let is_refused = !can_renew_token && device.call().is_some_and(|call| call.facts().is_refused);
        let is_interrupted = device.call().is_some_and(|call| call.facts().interrupted.is_some());
        match result {
            Ok(Output::Location(location)) => self.follow_started(key, location),
            Ok(Output::Operation(operation)) => self.end_device(key, Outcome::Successful, operation.document, None),
            Ok(Output::Page(_)) | Err(Failure::Thrown(_)) => {
                unreachable!("neither a list nor an abort is among these calls")
            }
            Err(Failure::Error(error)) if error.code == ErrorCode::InvalidArgument => self.refuse_token(key, error),
            Err(Failure::Error(mut error)) => {
                let is_refused = is_refused || (error.code == ErrorCode::Unauthorized && !can_renew_token);
                // After two in a row it is the token, and not the device: without another one, no request can succeed.
                let is_final = is_refused && self.is_token_suspect;
                self.is_token_suspect |= is_refused;
                // A service that has never responded is at another address, or cannot be reached at all.
                let is_unreachable = !self.has_response && matches!(error.code, ErrorCode::Network | ErrorCode::Timeout);
                let ending = match is_final {
                    true => Some(unauthorized(&error)),
                    false => is_unreachable.then(|| error.clone()),
                };
                let operation = error.operation.take();
                let outcome = if is_start { outcome_of_start(&error) } else { outcome_of_wait(&error) };
                error.operation = operation.clone();
                if outcome == Outcome::Lost && is_interrupted && error.code == ErrorCode::Forbidden {
                    self.leave(key, error);
                } else if is_refused && outcome == Outcome::Lost {
                    // With another token, a later fleet can find the run that this one has to leave.
                    self.end_with_fleet(key, Some(&unauthorized(&error)));
                } else {
                    self.end_device(key, outcome, operation, Some(error));
                }
                if is_refused {
                    self.gate.probe(self.now.instant);
                }
                if let Some(error) = ending {
                    self.end_early(Cause::Failed(error));
                }
            }
        }
    }
}

pub(super) fn new_call<V: Host>(kind: CallKind<V>, settings: Settings, tokens: &[Token<V>], now: Now) -> Call<V> {
    let mut call = Call::new(kind, settings, now);
    call.keep_tokens(tokens);
    call
}

/// The error of a fleet without any other token. That of its last device may be about a search.
fn unauthorized<V: Host>(error: &Error<V>) -> Box<Error<V>> {
    match error.code {
        ErrorCode::Unauthorized => Box::new(error.clone()),
        _ => Error::new(ErrorCode::Unauthorized, "Graph refused the token, and there is no other"),
    }
}
