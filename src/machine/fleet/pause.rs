//! Why a fleet is paused, and until when: its token is refused, or the host is offline.

use crate::machine::effect::Refusal;
use crate::protocol::limits::KEPT_TOKENS;
use crate::protocol::time::{Instant, Millis};
use crate::protocol::token::{Token, TokenRequest};

/// The wait before the next token request; it doubles up to the maximum.
const FIRST_WAIT: Millis = Millis(5_000.0);
const LONGEST_WAIT: Millis = Millis(60_000.0);

/// Why a fleet is paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseReason {
    /// Graph refused the token, or the token source failed.
    Unauthorized,
    /// The host is offline.
    Offline,
}

/// The pauses of a fleet.
pub struct Pauses<V> {
    is_offline: bool,
    /// The last failure of the token; `None` if it is not refused.
    pub refusal: Option<Refusal<V>>,
    /// Whether that is known to concern all devices, and not one alone.
    is_confirmed: bool,
    /// Whether Graph has ever accepted a token, and since when there is none that it might.
    has_accepted: bool,
    unusable_since: Option<Instant>,
    /// The last tokens that Graph refused without accepting them later, and when.
    refused: Vec<(Token<V>, Instant)>,
    /// When the current pause began.
    since: Option<Instant>,
    /// The length of the pauses before it since Graph accepted a token: a pause for a token that is refused too has not ended.
    fruitless: Millis,
    /// When the next token is requested, and the wait before the one after that.
    next_request: Instant,
    wait: Millis,
}

impl<V> Default for Pauses<V> {
    fn default() -> Pauses<V> {
        let (fruitless, next_request) = (Millis::ZERO, Instant::NEVER);
        Pauses {
            is_offline: false,
            refusal: None,
            is_confirmed: false,
            has_accepted: false,
            unusable_since: None,
            refused: Vec::new(),
            since: None,
            fruitless,
            next_request,
            wait: FIRST_WAIT,
        }
    }
}

impl<V: Clone + PartialEq> Pauses<V> {
    /// Why the fleet is paused; `None` if it is not.
    pub fn reason(&self) -> Option<PauseReason> {
        match &self.refusal {
            _ if self.is_offline => Some(PauseReason::Offline),
            Some(_) if self.is_confirmed => Some(PauseReason::Unauthorized),
            _ => None,
        }
    }

    /// Whether Graph has ever accepted a token.
    pub fn has_accepted(&self) -> bool {
        self.has_accepted
    }

    /// Whether nothing may be sent at all.
    pub fn is_offline(&self) -> bool {
        self.is_offline
    }

    /// Whether a token is refused, and it is not known yet whether that concerns all devices.
    pub fn is_doubtful(&self) -> bool {
        self.refusal.is_some() && !self.is_confirmed
    }

    /// Records whether the host is online.
    pub fn on_host(&mut self, is_online: bool, now: Instant) {
        if self.is_offline {
            // No token could be tried meanwhile.
            self.unusable_since = self.unusable_since.map(|_| now);
        }
        self.is_offline = !is_online;
    }

    /// Records that Graph refuses a device every token, or that the token source failed.
    pub fn on_refusal(&mut self, refusal: Refusal<V>) {
        // The last token that Graph refused must not end the pause; a failure of the source says nothing about it.
        if self.refusal.is_none() || refusal.request.refused.is_some() {
            self.refusal = Some(refusal);
        }
    }

    /// Records that the refusal concerns all devices.
    pub fn confirm(&mut self, now: Instant) {
        if !self.is_confirmed {
            self.is_confirmed = true;
            if !self.has_accepted {
                self.unusable_since.get_or_insert(now);
            }
            self.plan_request(now);
        }
    }

    /// Records that the token source failed again, or gave a token that Graph has refused.
    pub fn on_no_token(&mut self, now: Instant) {
        self.plan_request(now);
    }

    fn plan_request(&mut self, now: Instant) {
        self.next_request = now + self.wait;
        self.wait = (self.wait * 2.0).min(LONGEST_WAIT);
    }

    /// Whether a token is another one than Graph refused. After a failure of the source, any token is.
    pub fn is_new(&self, token: &Token<V>) -> bool {
        let is_by_source = self.refusal.as_ref().is_none_or(|refusal| refusal.request.refused.is_none());
        is_by_source || !self.refused.iter().any(|(refused, _)| refused == token)
    }

    /// The request for a token that may end the doubt. The source learns which token Graph refused last, also another device's.
    pub fn token_request(&self) -> Option<TokenRequest<V>> {
        let mut request = self.refusal.as_ref()?.request.clone();
        if let (Some(refused), Some((last, _))) = (&mut request.refused, self.refused.last()) {
            *refused = last.clone();
        }
        Some(request)
    }

    /// Records that the source gave a refused token again: the next request names this one.
    pub fn on_repeated_token(&mut self, token: &Token<V>) {
        if let Some(place) = self.refused.iter().position(|(refused, _)| refused == token) {
            let repeated = self.refused.remove(place);
            self.refused.push(repeated);
        }
    }

    /// Records that Graph refused a request with this token.
    pub fn on_refused_token(&mut self, token: Token<V>, now: Instant) {
        self.refused.retain(|(refused, _)| *refused != token);
        if self.refused.len() == KEPT_TOKENS {
            self.refused.remove(0);
        }
        self.refused.push((token, now));
    }

    /// Whether Graph has refused this token since a moment.
    pub fn has_refused_since(&self, moment: Instant, token: &Token<V>) -> bool {
        self.refused.iter().any(|(refused, at)| *at >= moment && refused == token)
    }

    /// Records that there is a new token: requests that were made before it must not use the refused ones.
    pub fn on_new_token(&mut self, now: Instant) {
        self.refused.iter_mut().for_each(|(_, at)| *at = now);
    }

    /// Records that there is a new token, or that the refusal concerns one device alone.
    pub fn forget_refusal(&mut self) {
        self.refusal = None;
        self.is_confirmed = false;
        self.next_request = Instant::NEVER;
    }

    /// Records that Graph accepted a token.
    pub fn on_accepted(&mut self, token: &Token<V>) {
        self.refused.retain(|(refused, _)| refused != token);
        self.has_accepted = true;
        self.unusable_since = None;
        self.wait = FIRST_WAIT;
        self.fruitless = Millis::ZERO;
    }

    /// When the next token is requested.
    pub fn next_request(&self) -> Instant {
        if self.is_confirmed { self.next_request } else { Instant::NEVER }
    }

    /// Requests the next token as soon as possible.
    pub fn hurry(&mut self, now: Instant) {
        self.next_request = self.next_request.min(now);
    }

    /// Records that a token is being requested.
    pub fn on_request(&mut self) {
        self.next_request = Instant::NEVER;
    }

    /// Begins or ends the pause, as the reasons demand.
    pub fn update(&mut self, now: Instant) -> Change {
        match (self.reason(), self.since) {
            (Some(reason), None) => {
                self.since = Some(now);
                Change::Paused(reason)
            }
            (None, Some(since)) => {
                self.since = None;
                self.fruitless = self.fruitless + (now - since);
                Change::Resumed
            }
            _ => Change::None,
        }
    }

    /// Forgets every pause: the fleet has ended.
    pub fn end(&mut self) {
        *self = Pauses::default();
    }

    /// When the pause has lasted too long. Where no token was ever accepted, something is wrong with the source, and nothing is
    /// lost by an end: the fleet waits no longer than `patience` then.
    pub fn deadline(&self, timeout: Millis, patience: Millis) -> Instant {
        let of_pause = self.since.map_or(Instant::NEVER, |since| since + (timeout - self.fruitless));
        let unusable_since = self.unusable_since.filter(|_| self.reason() == Some(PauseReason::Unauthorized));
        of_pause.min(unusable_since.map_or(Instant::NEVER, |since| since + patience))
    }
}

/// How a pause changed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It began.
    Paused(PauseReason),
    /// It ended.
    Resumed,
    /// Neither.
    None,
}
