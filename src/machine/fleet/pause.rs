//! Why a fleet is paused, and until when: its token is refused, or the host is offline.

use crate::machine::effect::Refusal;
use crate::protocol::limits::KEPT_TOKENS;
use crate::protocol::time::{Instant, Millis};
use crate::protocol::token::Token;

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
    /// The last tokens that Graph refused, and when.
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
            refused: Vec::new(),
            since: None,
            fruitless,
            next_request,
            wait: FIRST_WAIT,
        }
    }
}

impl<V: PartialEq> Pauses<V> {
    /// Why the fleet is paused; `None` if it is not.
    pub fn reason(&self) -> Option<PauseReason> {
        match &self.refusal {
            _ if self.is_offline => Some(PauseReason::Offline),
            Some(_) => Some(PauseReason::Unauthorized),
            None => None,
        }
    }

    /// Records whether the host is online.
    pub fn on_host(&mut self, is_online: bool) {
        self.is_offline = !is_online;
    }

    /// Records that the token is refused.
    pub fn on_refusal(&mut self, refusal: Refusal<V>, now: Instant) {
        // Requests that were under way are refused too; one of them is enough.
        if self.refusal.is_none() {
            self.refusal = Some(refusal);
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

    /// Whether a token is another one than Graph refused.
    pub fn is_new(&self, token: &Token<V>) -> bool {
        self.refusal.as_ref().is_none_or(|refusal| refusal.request.refused.as_ref() != Some(token))
    }

    /// Records that Graph refused a request with this token.
    pub fn on_refused_token(&mut self, token: Token<V>, now: Instant) {
        if self.refused.len() == KEPT_TOKENS {
            self.refused.remove(0);
        }
        self.refused.push((token, now));
    }

    /// Whether Graph has refused this token since a moment.
    pub fn has_refused_since(&self, moment: Instant, token: &Token<V>) -> bool {
        self.refused.iter().any(|(refused, at)| *at >= moment && refused == token)
    }

    /// Records that there is a new token.
    pub fn on_new_token(&mut self) {
        self.refusal = None;
        self.next_request = Instant::NEVER;
    }

    /// Records that Graph accepted a token.
    pub fn on_accepted(&mut self) {
        self.wait = FIRST_WAIT;
        self.fruitless = Millis::ZERO;
    }

    /// When the next token is requested.
    pub fn next_request(&self) -> Instant {
        if self.refusal.is_some() { self.next_request } else { Instant::NEVER }
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

    /// When the pause has lasted too long.
    pub fn deadline(&self, timeout: Millis) -> Instant {
        self.since.map_or(Instant::NEVER, |since| since + (timeout - self.fruitless))
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
