//! The probe after a refused token: the request of another device shows whether Graph refuses the token, or one device alone.
//!
//! While a token is refused, nothing but the probe is sent. If it is refused too, the fleet pauses; otherwise the refused device
//! is tried again, and fails if it is refused again alone. A pause has a few probes of its own, because several devices may be
//! refused each by itself.

use crate::machine::effect::{Host, Input, Refusal};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::device::{Key, Stage};
use crate::machine::fleet::ends::Cause;
use crate::protocol::error::ErrorCode;
use crate::protocol::time::{Instant, Millis};
use crate::protocol::token::Token;

/// A device that sleeps longer is no probe: the fleet would wait for it.
const SOON: Millis = Millis(2_000.0);
/// The number of probes in one pause.
const MOST_IN_PAUSE: u32 = 8;
/// A device fails when its refusals weigh this much: once may be an error of Graph's.
const HEAVIEST: u32 = 6;
/// What a refusal weighs if the same token is accepted from another device, and if another token is. The latter may only show
/// that the device has not had the new token so far.
const OF_SAME_TOKEN: u32 = 3;
const OF_ANOTHER_TOKEN: u32 = 1;
/// If no device is left that could be a probe, a token counts as valid for so long after it was accepted.
const LATELY: Millis = Millis(60_000.0);

/// The probe, and the refusals that it is about.
pub struct Probes<V> {
    /// The device whose request is the probe.
    current: Option<Key>,
    /// The devices that were refused, without a later response that shows whether the others are refused too.
    refused: Vec<Refused<V>>,
    /// The number of probes in this pause.
    in_pause: u32,
    /// The last token that Graph accepted, from which device, and when.
    accepted: Option<(Key, Instant, Token<V>)>,
}

/// A device that was refused.
struct Refused<V> {
    key: Key,
    at: Instant,
    token: Option<Token<V>>,
}

impl<V> Default for Probes<V> {
    fn default() -> Probes<V> {
        Probes { current: None, refused: Vec::new(), in_pause: 0, accepted: None }
    }
}

impl<V> Probes<V> {
    /// Whether a device was refused.
    fn has_refused(&self, key: Key) -> bool {
        self.refused.iter().any(|refused| refused.key == key)
    }
}

impl<V: Host> Fleet<V> {
    /// Whether the turn of a device may come although a token is refused.
    pub(super) fn is_probe(&self, key: Key) -> bool {
        self.probes.current == Some(key)
    }

    /// The probe, if it waits for its turn.
    pub(super) fn waiting_probe(&self) -> Option<Key> {
        let key = self.probes.current?;
        self.devices.get(key as usize)?.as_ref()?.is_queued.then_some(key)
    }

    /// Handles that Graph refuses a device every token, or that the token source failed.
    pub(super) fn on_refusal(&mut self, key: Key, refusal: Refusal<V>) {
        if refusal.error.code == ErrorCode::InvalidArgument && !self.pauses.has_accepted() {
            // The source is wrong: it gives something that is no token.
            return self.end_early(Cause::Failed(refusal.error));
        }
        let is_by_graph = refusal.error.status_code == Some(401);
        if is_by_graph {
            self.probes.refused.retain(|refused| refused.key != key);
            let token = refusal.request.refused.clone();
            self.probes.refused.push(Refused { key, at: self.now.instant, token });
        }
        self.pauses.on_refusal(refusal);
        if self.is_probe(key) || !is_by_graph {
            self.confirm_refusal();
        }
    }

    fn confirm_refusal(&mut self) {
        self.probes.current = None;
        self.pauses.confirm(self.now.instant);
    }

    /// Ends the doubt about a token: it is accepted, or there is another one.
    pub(super) fn forget_refusal(&mut self) {
        (self.probes.current, self.probes.in_pause) = (None, 0);
        self.pauses.forget_refusal();
    }

    /// Handles that the token of a request was accepted.
    pub(super) fn on_accepted(&mut self, key: Key, token: &Token<V>) {
        self.pauses.on_accepted(token);
        self.is_token_suspect = false;
        if self.is_probe(key) {
            self.forget_refusal();
        }
        if let Some(device) = self.device(key) {
            device.refusals_alone = 0;
        }
    }

    /// Handles that Graph accepted the token of a request: the devices that were refused before it was sent are refused alone.
    pub(super) fn judge_refusals(&mut self, accepted: Key, token: &Token<V>, sent_at: Instant) {
        self.probes.accepted = Some((accepted, self.now.instant, token.clone()));
        let judged: Vec<Refused<V>> = self.probes.refused.extract_if(.., |refused| refused.at <= sent_at).collect();
        for Refused { key, token: refused, .. } in judged.into_iter().filter(|refused| refused.key != accepted) {
            let Some(device) = self.device(key) else { continue };
            device.refusals_alone += if refused.as_ref() == Some(token) { OF_SAME_TOKEN } else { OF_ANOTHER_TOKEN };
            if device.refusals_alone >= HEAVIEST {
                self.step_call(key, Input::TurnRefused);
            }
        }
    }

    /// Chooses a probe while it is not known whom a refusal concerns. Without any other device, it concerns all.
    pub(super) fn update_probe(&mut self) {
        if !self.pauses.is_doubtful() || self.pauses.is_offline() || self.has_probe() {
            return;
        }
        self.probes.current = self.next_probe();
        if self.probes.current.is_none() && self.under_way() == 0 && !self.fail_last_refused() {
            self.confirm_refusal();
        }
    }

    /// Fails the last device of the fleet if it is refused alone, as far as that is known without a probe. Returns whether it does.
    fn fail_last_refused(&mut self) -> bool {
        let [Refused { key, token, .. }] = &self.probes.refused[..] else { return false };
        let key = *key;
        let mut others = (0..).zip(&self.devices).filter(|(other, _)| *other != key);
        if others.any(|(_, device)| device.as_ref().is_some_and(|device| !matches!(device.stage, Stage::Ended(_)))) {
            // One of them can be a probe later.
            return false;
        }
        let is_valid = self.probes.accepted.as_ref().is_some_and(|(other, at, accepted)| {
            *other != key && self.now.instant - *at <= LATELY && token.as_ref() == Some(accepted)
        });
        let was_alone = self.device(key).is_some_and(|device| device.refusals_alone >= OF_SAME_TOKEN);
        if was_alone || is_valid {
            self.forget_refusal();
            self.probes.refused.clear();
            self.step_call(key, Input::TurnRefused);
        }
        was_alone || is_valid
    }

    /// Chooses a probe in a pause, after the source has given the refused token again.
    pub(super) fn probe_in_pause(&mut self) {
        if self.probes.in_pause < MOST_IN_PAUSE && !self.has_probe() {
            self.probes.in_pause += 1;
            self.probes.current = self.next_probe();
            self.gate.probe(self.now.instant);
        }
    }

    /// Whether the probe is under way, or will be soon.
    fn has_probe(&mut self) -> bool {
        let soon = self.now.instant + SOON;
        let Some(key) = self.probes.current else { return false };
        let awaits_token = self.tokens.has(key);
        self.device(key)
            .is_some_and(|device| device.call().is_some() && (!device.is_sleeping() || awaits_token || device.timer <= soon))
    }

    fn next_probe(&mut self) -> Option<Key> {
        // Devices that are refused each by itself may be neighbours.
        let queued: Vec<Key> = self.gate.waiting().filter(|key| !self.probes.has_refused(*key)).collect();
        let any = queued.get((self.now.random * queued.len() as f64) as usize).copied();
        any.or_else(|| self.wake_another())
            .or_else(|| (self.has_room_for_probe() && self.has_startable()).then(|| self.begin_next()).flatten())
    }

    /// Wakes the device whose request comes next.
    fn wake_another(&mut self) -> Option<Key> {
        let soon = self.now.instant + SOON;
        let sleeping = (0..).zip(&self.devices).filter_map(|(key, device)| {
            let device = device.as_ref().filter(|device| device.is_sleeping() && !self.probes.has_refused(key))?;
            Some((key, device.timer))
        });
        let (key, _) = sleeping.min_by(|(_, one), (_, other)| one.0.total_cmp(&other.0))?;
        self.step_call(key, Input::WakeUp);
        self.device(key).is_some_and(|device| device.is_queued || device.timer <= soon).then_some(key)
    }
}
