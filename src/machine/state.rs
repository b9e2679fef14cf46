//! What a call knows: its settings, the time, and the facts that every error carries.

use crate::machine::effect::{Host, Now};
use crate::machine::event::{Event, EventKind};
use crate::machine::patience::IdleTime;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::limits::KEPT_TOKENS;
use crate::protocol::location::{ServiceRoot, TrustedUrl};
use crate::protocol::operation_match::SentAt;
use crate::protocol::time::{Instant, Millis, UnixTime};
use crate::protocol::token::Token;

/// How long things may take, and how often they are tried.
#[derive(Clone, Copy)]
pub struct Limits {
    /// One HTTP request, from sending it to the end of its response.
    pub timeout: Millis,
    /// The whole call; [`Millis::FOREVER`] for no limit.
    pub operation_timeout: Millis,
    /// One question to the token source: people may have to sign in.
    pub token_timeout: Millis,
    /// How often one request of a start, of a list or of a single poll is sent again.
    pub max_retries: u32,
    /// How long a wait goes on without a usable answer; see [`crate::machine::patience`]. With 0 the first failure ends it.
    pub patience: Millis,
    /// Between two polls; adaptive when there is none.
    pub poll_interval: Option<Millis>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            timeout: Millis(30_000.0),
            operation_timeout: Millis(3_600_000.0),
            token_timeout: Millis(300_000.0),
            max_retries: 3,
            patience: Millis(300_000.0),
            poll_interval: None,
        }
    }
}

/// What the caller of a call has chosen.
#[derive(Clone)]
pub struct Settings {
    /// The trusted service.
    pub root: ServiceRoot,
    /// How long things may take.
    pub limits: Limits,
    /// Whether asking the token source again can give another token; not when the caller gave the token itself.
    pub can_renew_token: bool,
    /// Whether anybody receives progress events.
    pub emits_events: bool,
}

/// Facts gathered during a call. They are copied into every error, so that a started run can always be resumed.
pub struct Facts<V> {
    /// The device that was asked for.
    pub device_id: Option<String>,
    /// Where the operation lives now.
    pub location: Option<TrustedUrl>,
    /// The operation as last seen.
    pub operation: Option<V>,
    /// Whether any poll found it.
    pub was_seen: bool,
    /// Whether a run may be under way that no location is known of.
    pub may_have_started: bool,
    /// When the POST was sent for the first time.
    pub posted_at: Option<Instant>,
    /// When the next call may poll for the first time: what the last answer asked for with `Retry-After`, whatever it answered.
    pub not_before: Option<Instant>,
    /// Whether the call has ended with an operation that has ended. Not when a callback failed at that event: it can be waited for again.
    pub has_ended: bool,
    /// The last response with success.
    pub last_response: Option<LastResponse>,
    /// What the service's own clock said, and when that was.
    pub service_clock: Option<(UnixTime, Instant)>,
}

/// What identifies a response to those who run the service.
pub struct LastResponse {
    /// The HTTP status.
    pub status_code: u16,
    /// The `request-id` field.
    pub request_id: Option<String>,
    /// The `client-request-id` that was sent.
    pub client_request_id: String,
    /// The `Date` field.
    pub date: Option<String>,
    /// How often the request was sent.
    pub attempts: u32,
}

/// What all parts of a call share.
pub struct CallState<V> {
    /// What the caller has chosen.
    pub settings: Settings,
    /// When the call began.
    pub began: Instant,
    /// When the whole call is given up.
    pub deadline: Instant,
    /// Whether that has been put off, because the machine slept until then.
    pub is_extended: bool,
    /// Whether the machine has slept since the last step.
    pub has_slept: bool,
    /// Time that no patience is spent on.
    pub idle: IdleTime,
    /// The moment of the step that is under way.
    pub now: Now,
    /// What is known.
    pub facts: Facts<V>,
    /// The tokens that were used, the last ones: a service may repeat one of a request before.
    pub tokens: Vec<Token<V>>,
    /// The event of this step, which is still to be emitted.
    pub event: Option<Box<Event<V>>>,
}

impl<V: Host> CallState<V> {
    /// The state of a call that begins now.
    pub fn new(settings: Settings, now: Now) -> CallState<V> {
        let facts = Facts {
            device_id: None,
            location: None,
            operation: None,
            may_have_started: false,
            posted_at: None,
            not_before: None,
            was_seen: false,
            has_ended: false,
            last_response: None,
            service_clock: None,
        };
        let deadline = now.instant + settings.limits.operation_timeout;
        CallState {
            settings,
            began: now.instant,
            deadline,
            is_extended: false,
            has_slept: false,
            idle: IdleTime::default(),
            now,
            facts,
            tokens: Vec::new(),
            event: None,
        }
    }

    /// Another step begins. One that comes long after it was due tells that the machine has slept; when the call was to end
    /// meanwhile, it gets the time of two requests, once: of one that was under way, and of another, since the operation may have ended.
    ///
    /// * `due`: when it was awaited at the latest
    pub fn begin_step(&mut self, now: Now, due: Instant) {
        let late = now.instant - due.max(self.now.instant);
        self.has_slept = self.idle.on_step(now.instant, late, now.is_online);
        self.now = now;
        if self.has_slept && now.instant >= self.deadline && !self.is_extended {
            self.is_extended = true;
            let timeout = self.settings.limits.timeout;
            self.deadline = now.instant + timeout + timeout;
        }
    }

    /// Remembers a token that is used, so that no response can show it.
    pub fn keep_token(&mut self, token: &Token<V>) {
        if self.tokens.contains(token) {
            return;
        }
        if self.tokens.len() == KEPT_TOKENS {
            self.tokens.remove(0);
        }
        self.tokens.push(token.clone());
    }

    /// Since the call began.
    pub fn elapsed(&self) -> Millis {
        self.now.instant - self.began
    }

    /// Until the whole call is given up.
    pub fn remaining(&self) -> Millis {
        self.deadline - self.now.instant
    }

    /// How long the last answer still wants no further request.
    pub fn asked_wait(&self) -> Millis {
        let wait = self.facts.not_before.map_or(Millis::ZERO, |not_before| not_before - self.now.instant);
        wait.max(Millis::ZERO)
    }

    /// Emits a progress event before the next effect, if anybody receives it. A step has one at most.
    pub fn emit(&mut self, kind: impl FnOnce() -> EventKind<V>) {
        if self.settings.emits_events {
            let location = self.facts.location.as_ref().map(|location| location.as_str().to_owned());
            self.event = Some(Box::new(Event { location, kind: kind() }));
        }
    }

    /// Takes a `Location` as the operation's new URL, if it is trusted.
    ///
    /// # Errors
    /// It is not.
    pub fn follow_location(&mut self, location: &str) -> Result<(), Box<Error<V>>> {
        let mut error = match self.settings.root.trust_operation::<V>(location) {
            Ok(trusted) => {
                self.facts.location = Some(trusted);
                return Ok(());
            }
            Err(untrusted) => Error::untrusted_location(location, untrusted),
        };
        // A run that has just started has no other URL: its caller shall have the one that Graph sent.
        if self.facts.location.is_none() && error.code == ErrorCode::UntrustedLocation {
            error.location = Some(location.to_owned());
        }
        Err(error)
    }

    /// When the POST was sent, by the service's clock if any response told the time.
    pub fn sent_at(&self) -> SentAt {
        let (time, at) = self.facts.service_clock.unwrap_or((self.now.unix_time, self.now.instant));
        let ago = at - self.facts.posted_at.unwrap_or(self.began);
        SentAt { time: time - ago, is_service_time: self.facts.service_clock.is_some() }
    }

    /// Gives an error all that the call knows.
    pub fn complete(&self, error: &mut Error<V>) {
        let facts = &self.facts;
        error.device_id = facts.device_id.clone();
        if error.location.is_none() {
            error.location = facts.location.as_ref().map(|location| location.as_str().to_owned());
        }
        error.operation = facts.operation.clone();
        error.may_have_started |= facts.may_have_started;
        // An error that is not of a request itself is of what the last response said.
        if let (0, Some(last)) = (error.attempts, &facts.last_response) {
            error.status_code = Some(last.status_code);
            error.request_id = last.request_id.clone();
            error.client_request_id = Some(last.client_request_id.clone());
            error.date = last.date.clone();
            error.attempts = last.attempts;
        }
    }
}
