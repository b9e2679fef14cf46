//! The state of a call: its settings, the time, and the facts that every error carries.

use crate::machine::effect::{Host, Now};
use crate::machine::event::{Event, EventKind};
use crate::machine::patience::IdleTime;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::location::{ServiceRoot, TrustedUrl};
use crate::protocol::operation_match::SentAt;
use crate::protocol::time::{Instant, Millis, UnixTime};
use crate::protocol::token::{Token, keep_token};

/// Timeouts and the limits of retries and polls.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The timeout of one HTTP request, from sending it to the end of its response. Default: 30 seconds.
    pub timeout: Millis,
    /// The timeout of the whole call; [`Millis::FOREVER`] for no limit. Default: one hour.
    pub operation_timeout: Millis,
    /// The timeout of one token request, in which people may have to sign in. Default: five minutes.
    pub token_timeout: Millis,
    /// The maximum number of retries of one request of a start, a list or a single poll. Default: 3.
    pub max_retries: u32,
    /// How long a wait goes on without a usable response; see [`crate::machine::patience`]. With 0 the first failure ends
    /// it. Default: five minutes.
    pub patience: Millis,
    /// The wait between two polls; adaptive if `None`, the default.
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

/// The settings that the caller chose.
#[derive(Clone)]
pub struct Settings {
    /// The trusted service.
    pub root: ServiceRoot,
    /// Timeouts and the limits of retries and polls.
    pub limits: Limits,
    /// Whether the token source can provide a new token; `false` if the caller passed the token itself.
    pub can_renew_token: bool,
    /// Whether the caller receives progress events.
    pub emits_events: bool,
    /// Whether each attempt waits for its turn, because the call is one of a fleet.
    pub awaits_turns: bool,
}

impl Settings {
    /// Whether each attempt waits for its turn. Never without the feature `fleet`, so that the two calls do not pay for it.
    pub fn awaits_turns(&self) -> bool {
        cfg!(feature = "fleet") && self.awaits_turns
    }
}

/// Facts gathered during a call. They are copied into every error, so that a started run can always be resumed.
pub struct Facts<V> {
    /// The device that the caller named.
    pub device_id: Option<String>,
    /// The current URL of the operation.
    pub location: Option<TrustedUrl>,
    /// The operation as last seen.
    pub operation: Option<V>,
    /// Whether any poll has found the operation.
    pub was_seen: bool,
    /// Whether a run may be in progress whose location is not known.
    pub may_have_started: bool,
    /// When the POST was sent for the first time.
    pub posted_at: Option<Instant>,
    /// The earliest time of the next request: what the last response, whatever its status, requested with `Retry-After`.
    pub not_before: Option<Instant>,
    /// Whether the last response said that there were too many requests.
    pub is_throttled: bool,
    /// Whether the last response was a 401.
    pub is_refused: bool,
    /// The time of a start that was interrupted: the run may have been started since.
    pub interrupted: Option<SentAt>,
    /// Whether the call has ended with an operation that has ended. `false` if a callback failed at that event: the
    /// operation can be waited for again.
    pub has_ended: bool,
    /// The last response that was a success.
    pub last_response: Option<LastResponse>,
    /// The last time by the service's own clock, and when it was read.
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
    /// The number of attempts of the request.
    pub attempts: u32,
    /// The wait that `Retry-After` requested.
    pub retry_after: Option<Millis>,
}

/// The state that all parts of a call share.
pub struct CallState<V> {
    /// The settings that the caller chose.
    pub settings: Settings,
    /// When the call began.
    pub began: Instant,
    /// The deadline of the whole call.
    pub deadline: Instant,
    /// The time that was left at the deadline when the call was paused; `None` if it is not paused.
    remaining_at_pause: Option<(Millis, Instant)>,
    /// By how much the fleet stretches the poll interval, because there are more polls than its rate permits.
    pub poll_stretch: f64,
    /// Whether the deadline has been extended, because the computer was asleep when it passed.
    pub is_extended: bool,
    /// Whether the computer was asleep since the last step.
    pub has_slept: bool,
    /// Time that does not count as patience.
    pub idle: IdleTime,
    /// The time of the current step.
    pub now: Now,
    /// The facts gathered so far.
    pub facts: Facts<V>,
    /// The last tokens that were used: a service may repeat the token of an earlier request.
    pub tokens: Vec<Token<V>>,
    /// The event of this step, not yet emitted.
    pub event: Option<Box<Event<V>>>,
}

impl<V: Host> CallState<V> {
    /// The time of the start that was interrupted, if there was one. Never without the feature `fleet`.
    pub fn interrupted(&self) -> Option<SentAt> {
        if cfg!(feature = "fleet") { self.facts.interrupted } else { None }
    }

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
            is_throttled: false,
            is_refused: false,
            interrupted: None,
            has_ended: false,
            last_response: None,
            service_clock: None,
        };
        let deadline = now.instant + settings.limits.operation_timeout;
        CallState {
            settings,
            began: now.instant,
            deadline,
            remaining_at_pause: None,
            poll_stretch: 1.0,
            is_extended: false,
            has_slept: false,
            idle: IdleTime::default(),
            now,
            facts,
            tokens: Vec::new(),
            event: None,
        }
    }

    /// Begins a step. If it comes long after it was due, the computer was asleep. If the deadline of the call passed
    /// meanwhile, it is extended once by the timeout of two requests: one that was in flight, and another, because the
    /// operation may have ended.
    ///
    /// * `due`: the deadline of the last effect
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

    /// Stops the deadline of the call: its fleet is paused.
    pub fn pause(&mut self, now: Instant) {
        if self.remaining_at_pause.is_none() {
            self.remaining_at_pause = Some((self.deadline - now, now));
            self.deadline = Instant::NEVER;
        }
    }

    /// Ends a pause, whose time counts as idle.
    pub fn resume(&mut self, now: Now) {
        if let Some((remaining, paused_at)) = self.remaining_at_pause.take() {
            self.deadline = now.instant + remaining;
            self.idle.add(now.instant - paused_at);
            self.now = now;
        }
    }

    /// Remembers a token that is used, so that it can be removed from every response.
    pub fn keep_token(&mut self, token: &Token<V>) {
        keep_token(&mut self.tokens, token);
    }

    /// The time since the call began.
    pub fn elapsed(&self) -> Millis {
        self.now.instant - self.began
    }

    /// The time until the call's deadline. In a pause, none of it passes.
    pub fn remaining(&self) -> Millis {
        self.remaining_at(self.now.instant)
    }

    /// The same at a moment.
    pub fn remaining_at(&self, now: Instant) -> Millis {
        self.remaining_at_pause.map_or(self.deadline - now, |(remaining, _)| remaining)
    }

    /// The rest of the wait that the last response requested; zero if there is none.
    pub fn requested_wait(&self) -> Millis {
        let wait = self.facts.not_before.map_or(Millis::ZERO, |not_before| not_before - self.now.instant);
        wait.max(Millis::ZERO)
    }

    /// The wait that the last successful response requested with `Retry-After`.
    pub fn retry_after(&self) -> Option<Millis> {
        self.facts.last_response.as_ref()?.retry_after
    }

    /// Emits a progress event before the next effect, if the caller receives events. At most one per step.
    pub fn emit(&mut self, kind: impl FnOnce() -> EventKind<V>) {
        if self.settings.emits_events {
            let location = self.facts.location.as_ref().map(|location| location.as_str().to_owned());
            self.event = Some(Box::new(Event { location, kind: kind() }));
        }
    }

    /// Adopts a `Location` as the operation's new URL, if it is trusted.
    ///
    /// # Errors
    /// If it is not trusted.
    pub fn follow_location(&mut self, location: &str) -> Result<(), Box<Error<V>>> {
        let mut error = match self.settings.root.trust_operation::<V>(location) {
            Ok(trusted) => {
                self.facts.location = Some(trusted);
                return Ok(());
            }
            Err(untrusted) => Error::untrusted_location(location, untrusted),
        };
        // A run that has just started has no other URL, so the caller gets the one that Graph sent.
        if self.facts.location.is_none() && error.code == ErrorCode::UntrustedLocation {
            error.location = Some(location.to_owned());
        }
        Err(error)
    }

    /// When the POST was sent, by the service's clock if any response contained its time.
    pub fn sent_at(&self) -> SentAt {
        if let Some(interrupted) = self.interrupted() {
            return self.not_in_the_future(interrupted);
        }
        let (time, at) = self.facts.service_clock.unwrap_or((self.now.unix_time, self.now.instant));
        let ago = at - self.facts.posted_at.unwrap_or(self.began);
        SentAt { time: time - ago, is_service_time: self.facts.service_clock.is_some() }
    }

    /// A time that has not come yet was written by a wrong clock: the POST was sent now at the latest.
    fn not_in_the_future(&self, sent: SentAt) -> SentAt {
        let by_service = self.facts.service_clock.map(|(time, at)| time + (self.now.instant - at));
        let latest = if sent.is_service_time { by_service } else { by_service.or(Some(self.now.unix_time)) };
        SentAt { time: latest.filter(|latest| *latest < sent.time).unwrap_or(sent.time), ..sent }
    }

    /// Adds the facts of the call to an error.
    pub fn complete(&self, error: &mut Error<V>) {
        let facts = &self.facts;
        error.device_id = facts.device_id.clone();
        if error.location.is_none() {
            error.location = facts.location.as_ref().map(|location| location.as_str().to_owned());
        }
        error.operation = facts.operation.clone();
        error.may_have_started |= facts.may_have_started;
        // An error that no request of its own caused gets the details of the last response.
        if let (0, Some(last)) = (error.attempts, &facts.last_response) {
            error.status_code = Some(last.status_code);
            error.request_id = last.request_id.clone();
            error.client_request_id = Some(last.client_request_id.clone());
            error.date = last.date.clone();
            error.attempts = last.attempts;
        }
    }
}
