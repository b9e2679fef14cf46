//! The life of one request: get a token, send, judge the response, and perhaps retry.
//!
//! ```text
//!   begin ─▶ AwaitingToken ──token──▶ AwaitingResponse ──success──▶ Success
//!              ▲   │ no token           │ failed attempt, or an unusable response; judged
//!              │   ▼                    ├── renew the token ──▶ AwaitingToken
//!              │  Failed ◀── give up ───┤
//!              └──────── Pausing ◀──────┘ retry after a delay
//! ```
//!
//! In a fleet, `AwaitingTurn` comes before each `AwaitingToken`, and a token that is refused for good leads back to it.

use crate::machine::auth_retry::AuthRetry;
use crate::machine::effect::{Effect, Host, Input, Now, Refusal, TokenFailure};
use crate::machine::event::{DelaySource, EventKind};
use crate::machine::judgement::{FailedAttempt, Persistence, Verdict, judge};
use crate::machine::patience::{FailureSeries, Mark};
use crate::machine::pause::Pause;
use crate::machine::state::{CallState, LastResponse, Limits};
use crate::protocol::date::graph_date;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::hint;
use crate::protocol::http::{Method, Request, Response};
use crate::protocol::limits::{LONGEST_BODY, LONGEST_PAGE};
use crate::protocol::location::TrustedUrl;
use crate::protocol::redaction::redacted;
use crate::protocol::retry;
use crate::protocol::text::hex;
use crate::protocol::time::{Instant, Millis};
use crate::protocol::token::{Token, TokenRequest, contains_jwt};

/// A request that is retried until it succeeds or must not be retried any more.
pub struct RetryingRequest<V> {
    url: TrustedUrl,
    aim: Aim,
    attempts: u32,
    /// Attempts of a call of a fleet that were refused because of too many requests: they do not count as failed.
    throttled: u32,
    auth: AuthRetry<V>,
    series: FailureSeries,
    phase: Phase<V>,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// A poll of a wait, which is retried as long as the caller has patience.
    Wait,
    /// A single poll of an operation.
    Poll,
    /// A page of a list.
    Page,
    /// A start.
    Start,
}

enum Phase<V> {
    AwaitingTurn {
        since: Mark,
        /// Why the last attempt failed, if another token is needed.
        #[cfg(feature = "fleet")]
        refusal: Option<Box<Error<V>>>,
    },
    AwaitingToken {
        until: Instant,
        requested_at: Mark,
    },
    /// Also after the response has come: its reader may find it unusable.
    AwaitingResponse {
        token: Token<V>,
        client_request_id: String,
        until: Instant,
    },
    Pausing(Pause),
    Ended,
}

/// How a request continues.
pub enum RequestStep<V> {
    /// It is not over: perform this effect.
    Effect(Effect<V>),
    /// It succeeded: this is the response.
    Success(Box<Response<V>>),
    /// It failed for good.
    Failed(Box<Error<V>>),
}

impl Aim {
    fn method(self) -> Method {
        if self == Aim::Start { Method::Post } else { Method::Get }
    }
}

impl<V> RequestStep<V> {
    /// The next effect. A success must be read by the caller instead.
    pub fn effect(self) -> Effect<V> {
        match self {
            RequestStep::Effect(effect) => effect,
            RequestStep::Failed(error) => error.into(),
            RequestStep::Success(_) => unreachable!("the caller reads a success"),
        }
    }
}

impl<V: Host> RetryingRequest<V> {
    /// Begins by requesting a token.
    pub fn begin(url: TrustedUrl, aim: Aim, state: &CallState<V>) -> (Box<RetryingRequest<V>>, Effect<V>) {
        let (auth, series) = (AuthRetry::default(), FailureSeries::default());
        let mut request =
            Box::new(RetryingRequest { url, aim, attempts: 0, throttled: 0, auth, series, phase: Phase::Ended });
        let effect = request.begin_attempt(state);
        (request, effect)
    }

    /// The deadline of the current effect.
    pub fn deadline(&self) -> Instant {
        match &self.phase {
            Phase::AwaitingToken { until, .. } | Phase::AwaitingResponse { until, .. } => *until,
            Phase::Pausing(pause) => pause.until,
            Phase::AwaitingTurn { .. } | Phase::Ended => Instant::NEVER,
        }
    }

    /// Handles an input.
    pub fn step(&mut self, input: Input<V>, state: &mut CallState<V>) -> RequestStep<V> {
        let now = state.now.instant;
        if state.has_slept && now >= self.deadline() {
            self.restart_timeout(&state.settings.limits, now);
        }
        let is_late = matches!(input, Input::Deadline) && now >= self.deadline();
        match (&mut self.phase, input) {
            #[cfg(feature = "fleet")]
            (Phase::AwaitingTurn { refusal, .. }, Input::TurnRefused) => {
                match refusal.take_if(|error| error.status_code == Some(401)) {
                    Some(error) => self.fail(error),
                    None => RequestStep::Effect(Effect::Pending),
                }
            }
            (Phase::AwaitingTurn { since, .. }, Input::Turn) => {
                self.series.exclude(state.idle.busy_since(*since, now));
                RequestStep::Effect(self.request_token(state))
            }
            (Phase::AwaitingToken { .. } | Phase::AwaitingResponse { .. }, Input::TurnLost) => {
                RequestStep::Effect(self.on_turn_lost(state))
            }
            (Phase::AwaitingToken { requested_at, .. }, Input::Token(Ok(token))) => {
                self.series.exclude(state.idle.busy_since(*requested_at, now));
                self.send(token, state)
            }
            (Phase::AwaitingToken { .. }, Input::Token(Err(failure))) => {
                self.on_no_token(no_token(failure, &state.tokens), state)
            }
            (Phase::AwaitingToken { .. }, Input::Deadline) if is_late => self.on_no_token(token_timeout(), state),
            (Phase::AwaitingResponse { .. }, Input::Response(response)) => self.receive(response, state),
            (Phase::AwaitingResponse { .. }, Input::NoResponse(cause)) => {
                self.on_failed_attempt(no_response(cause, &state.tokens), None, state)
            }
            (Phase::AwaitingResponse { .. }, Input::Deadline) if is_late => {
                let error = Error::new(ErrorCode::Timeout, "Graph did not respond within options.timeout");
                self.on_failed_attempt(error, None, state)
            }
            (Phase::Pausing(pause), input) => {
                let effect = pause.step(&input, now);
                RequestStep::Effect(effect.unwrap_or_else(|| self.await_turn(state)))
            }
            _ => RequestStep::Effect(Effect::Pending),
        }
    }

    /// Waits as long as it takes: the request is not sent yet.
    pub fn stop_timeout(&mut self) {
        if let Phase::AwaitingResponse { until, .. } = &mut self.phase {
            *until = Instant::NEVER;
        }
    }

    /// Nobody could sign in while the computer was asleep, and a response that came may still be unread.
    pub fn restart_timeout(&mut self, limits: &Limits, now: Instant) {
        match &mut self.phase {
            Phase::AwaitingToken { until, .. } => *until = now + limits.token_timeout,
            Phase::AwaitingResponse { until, .. } => *until = now + limits.timeout,
            Phase::AwaitingTurn { .. } | Phase::Pausing(_) | Phase::Ended => {}
        }
    }

    /// Requests a token, after the wait that the previous response requested with `Retry-After`.
    fn begin_attempt(&mut self, state: &CallState<V>) -> Effect<V> {
        let wait = state.requested_wait();
        self.request_token_after(wait, Some(wait), state)
    }

    /// Requests a token after a pause, which is never shorter than the service requested (`requested`).
    fn request_token_after(&mut self, pause: Millis, requested: Option<Millis>, state: &CallState<V>) -> Effect<V> {
        if pause <= Millis::ZERO {
            return self.await_turn(state);
        }
        let (pause, effect) = Pause::begin(pause, requested, state.now.instant);
        self.phase = Phase::Pausing(pause);
        effect
    }

    /// In a fleet, waits for the turn of the next attempt; otherwise it has come.
    fn await_turn(&mut self, state: &CallState<V>) -> Effect<V> {
        if !state.settings.awaits_turns() {
            return self.request_token(state);
        }
        self.phase = Phase::AwaitingTurn {
            since: state.idle.mark(state.now.instant),
            #[cfg(feature = "fleet")]
            refusal: None,
        };
        Effect::AwaitTurn { refusal: None }
    }

    /// Awaits another turn. A request that was made already was not sent.
    fn on_turn_lost(&mut self, state: &mut CallState<V>) -> Effect<V> {
        if let Phase::AwaitingResponse { .. } = self.phase {
            self.attempts -= 1;
            if self.aim == Aim::Start {
                state.facts.may_have_started = false;
                state.facts.posted_at = state.facts.posted_at.filter(|_| self.attempts > 0);
            }
        }
        self.await_turn(state)
    }

    fn request_token(&mut self, state: &CallState<V>) -> Effect<V> {
        let now = state.now.instant;
        let until = now + state.settings.limits.token_timeout;
        self.phase = Phase::AwaitingToken { until, requested_at: state.idle.mark(now) };
        Effect::GetToken(Box::new(self.token_request(state)))
    }

    fn token_request(&self, state: &CallState<V>) -> TokenRequest<V> {
        self.auth.token_request(state.settings.root.scope(), state.settings.limits.token_timeout)
    }

    /// Fails, unless the fleet of the call can wait until the source gives a token again.
    fn on_no_token(&mut self, error: Box<Error<V>>, state: &CallState<V>) -> RequestStep<V> {
        if state.settings.awaits_turns() && state.settings.can_renew_token {
            RequestStep::Effect(self.await_new_token(error, state))
        } else {
            self.fail(error)
        }
    }

    /// Waits until the fleet has another token. The error is that of the whole fleet, and not of this request.
    fn await_new_token(&mut self, error: Box<Error<V>>, state: &CallState<V>) -> Effect<V> {
        self.phase = Phase::AwaitingTurn {
            since: state.idle.mark(state.now.instant),
            #[cfg(feature = "fleet")]
            refusal: Some(error.clone()),
        };
        Effect::AwaitTurn { refusal: Some(Box::new(Refusal { error, request: self.token_request(state) })) }
    }

    fn send(&mut self, token: Token<V>, state: &mut CallState<V>) -> RequestStep<V> {
        // A real token for Graph is longer than any URL here, so this check is cheap.
        if token.length() <= self.url.as_str().len() && token.is_in(self.url.as_str()) {
            return self.refuse_url(state);
        }
        self.auth.on_token();
        self.attempts += 1;
        state.keep_token(&token);
        let client_request_id = guid(state.now);
        let now = state.now.instant;
        self.series.on_request(now, &state.idle);
        if self.aim == Aim::Start {
            state.facts.may_have_started = true;
            state.facts.posted_at.get_or_insert(now);
        }
        let request = Box::new(Request {
            method: self.aim.method(),
            url: self.url.clone(),
            token: token.clone(),
            client_request_id: client_request_id.clone(),
            longest_body: if self.aim == Aim::Page { LONGEST_PAGE } else { LONGEST_BODY },
        });
        self.phase = Phase::AwaitingResponse { token, client_request_id, until: now + state.settings.limits.timeout };
        RequestStep::Effect(Effect::Send(request))
    }

    /// Fails because the URL contains the token, which would appear in every error: a caller passed it as an id, or as part
    /// of a location.
    fn refuse_url(&mut self, state: &mut CallState<V>) -> RequestStep<V> {
        (state.facts.device_id, state.facts.location) = (None, None);
        let argument = if matches!(self.aim, Aim::Wait | Aim::Poll) { "location" } else { "deviceId" };
        self.fail(Error::invalid_argument(argument, "must not contain the access token"))
    }

    fn receive(&mut self, mut response: Box<Response<V>>, state: &mut CallState<V>) -> RequestStep<V> {
        let Phase::AwaitingResponse { client_request_id, .. } = &mut self.phase else {
            return RequestStep::Effect(Effect::Pending);
        };
        response.redact(&state.tokens);
        if let Some(time) = response.service_time() {
            state.facts.service_clock = Some((time, state.now.instant));
        }
        // A later call that resumes the wait must respect this too.
        let retry_after = response.retry_after(state.now.unix_time);
        state.facts.not_before = retry_after.map(|wait| state.now.instant + wait);
        state.facts.is_throttled = false;
        state.facts.is_refused = response.status == 401;
        if !response.is_success() {
            let mut error = Error::of_response(&response);
            let is_trusted = |location: &str| state.settings.root.trust::<V>(location).is_ok();
            if error.code == ErrorCode::UntrustedLocation && response.named_location().is_some_and(is_trusted) {
                // It does not leave the service, but is not followed either.
                error.code = ErrorCode::Protocol;
            }
            // Scripts in a page cannot read `Date` (CORS), but Graph's errors contain the time too.
            if let (None, Some(time)) = (response.service_time(), error.date.as_deref().and_then(graph_date)) {
                state.facts.service_clock = Some((time, state.now.instant));
            }
            error.retry_after = retry_after;
            let is_from_graph = error.is_from_graph || response.retry_after.is_some();
            state.facts.is_throttled = retry::is_throttled(response.status, is_from_graph);
            if self.aim == Aim::Start {
                state.facts.may_have_started = retry::may_have_started(response.status, is_from_graph);
            }
            return self.on_failed_attempt(error, response.www_authenticate, state);
        }
        state.facts.last_response = Some(LastResponse {
            status_code: response.status,
            request_id: response.request_id.clone(),
            client_request_id: std::mem::take(client_request_id),
            date: response.date.clone(),
            attempts: self.attempts,
            retry_after,
        });
        RequestStep::Success(response)
    }

    /// Handles a success with an unusable body: it counts as another failed attempt.
    pub fn on_unusable(
        &mut self,
        mut error: Box<Error<V>>,
        response: &Response<V>,
        state: &mut CallState<V>,
    ) -> RequestStep<V> {
        if let (Phase::AwaitingResponse { client_request_id, .. }, Some(last)) =
            (&mut self.phase, &state.facts.last_response)
        {
            *client_request_id = last.client_request_id.clone();
        }
        error.name_response(response);
        error.retry_after = state.retry_after();
        self.on_failed_attempt(error, None, state)
    }

    /// Carries out the verdict of [`judge`].
    fn on_failed_attempt(
        &mut self,
        mut error: Box<Error<V>>,
        www_authenticate: Option<String>,
        state: &mut CallState<V>,
    ) -> RequestStep<V> {
        let Phase::AwaitingResponse { token, client_request_id, .. } = std::mem::replace(&mut self.phase, Phase::Ended)
        else {
            return RequestStep::Effect(Effect::Pending);
        };
        error.attempts = self.attempts;
        error.client_request_id = Some(client_request_id);
        let challenge = www_authenticate.as_deref();
        let settings = &state.settings;
        if settings.awaits_turns() && state.facts.is_throttled && settings.limits.max_retries > 0 {
            self.throttled += 1;
        }
        let attempt = self.failed_attempt(&error, challenge, state);
        match judge(&attempt) {
            Verdict::RenewToken => {
                self.auth.on_unauthorized(challenge, token);
                self.series.exclude(error.retry_after.unwrap_or(Millis::ZERO));
                RequestStep::Effect(self.begin_attempt(state))
            }
            Verdict::Retry { delay, source } => {
                self.auth.on_other_failure();
                state.emit(|| EventKind::Retry {
                    attempt: attempt.failed + self.throttled,
                    delay,
                    delay_source: source,
                    status_code: error.status_code,
                });
                self.series.exclude(error.retry_after.unwrap_or(Millis::ZERO));
                RequestStep::Effect(self.request_token_after(delay, error.retry_after, state))
            }
            Verdict::DelayExceedsDeadline => {
                error.code = ErrorCode::OperationTimeout;
                // The hint of the code assumes that Graph accepted the run.
                error.specific_hint =
                    Some(hint::TRY_LATER).filter(|_| state.facts.location.is_none() && !state.facts.may_have_started);
                error.message.push_str("; the delay before the next retry would exceed operationTimeout");
                RequestStep::Failed(error)
            }
            Verdict::GiveUp if error.status_code == Some(401) && settings.awaits_turns() && settings.can_renew_token => {
                self.auth.on_refused(challenge, token);
                RequestStep::Effect(self.await_new_token(error, state))
            }
            Verdict::GiveUp => {
                if error.status_code == Some(404) && attempt.is_operation_known {
                    error.specific_hint = Some(GONE);
                }
                RequestStep::Failed(error)
            }
            Verdict::OutOfPatience => {
                error.message = [OUT_OF_PATIENCE, &error.message].concat();
                RequestStep::Failed(error)
            }
        }
    }

    /// Retries the request after proof that `error` left nothing started; `None` if no retries are left.
    pub fn retry_once_searched(&mut self, error: &Error<V>, state: &mut CallState<V>) -> Option<Effect<V>> {
        if self.attempts - self.auth.count() - self.throttled > state.settings.limits.max_retries {
            return None;
        }
        let delay = state.requested_wait();
        state.emit(|| EventKind::Retry {
            attempt: error.attempts,
            delay,
            delay_source: if delay > Millis::ZERO { DelaySource::Header } else { DelaySource::Backoff },
            status_code: error.status_code,
        });
        Some(self.begin_attempt(state))
    }

    fn failed_attempt(&mut self, error: &Error<V>, challenge: Option<&str>, state: &CallState<V>) -> FailedAttempt {
        let (limits, now) = (&state.settings.limits, state.now.instant);
        let left = limits.patience - self.series.length(now, &state.idle);
        let persistence = match self.aim {
            Aim::Wait => Persistence::Patience { whole: limits.patience, left },
            Aim::Poll | Aim::Page | Aim::Start => Persistence::Retries(limits.max_retries),
        };
        let is_missing = error.status_code == Some(404) && matches!(self.aim, Aim::Wait | Aim::Poll);
        let missing_for = is_missing.then(|| self.series.on_missing(now, &state.idle));
        FailedAttempt {
            method: self.aim.method(),
            code: error.code,
            status_code: error.status_code,
            retry_after: error.retry_after,
            failed: self.attempts - self.auth.count() - self.throttled,
            throttled: self.throttled,
            persistence,
            can_renew_token: state.settings.can_renew_token && self.auth.can_renew(challenge),
            is_operation_known: state.facts.was_seen,
            may_have_started: state.facts.may_have_started,
            missing_for,
            remaining: state.remaining(),
            random: state.now.random,
        }
    }

    fn fail(&mut self, error: Box<Error<V>>) -> RequestStep<V> {
        self.phase = Phase::Ended;
        RequestStep::Failed(error)
    }
}

const GONE: &str = "Graph knew the operation before, and no longer does. Look for its logs in the Teams admin center.";
const OUT_OF_PATIENCE: &str = "No usable response came for longer than options.patience. The last failure: ";

fn no_token<V: Host>(failure: TokenFailure<V>, tokens: &[Token<V>]) -> Box<Error<V>> {
    match failure {
        TokenFailure::Invalid(problem) => Error::invalid_argument("token", problem),
        TokenFailure::Failed(cause) => {
            let message = cause.text_member("message").or_else(|| cause.text()).map(|message| redacted(message, tokens));
            // It may contain a token that this call has never seen.
            let message = message.filter(|message| !contains_jwt(message.as_bytes()));
            let mut error = Error::caused(cause, ErrorCode::Unauthorized, "The token source failed");
            error.specific_hint = Some("Sign in. The error of the token source is in `cause`.");
            error.quote(message);
            error
        }
    }
}

/// Node puts the reason into the cause of its error, such as `ECONNREFUSED`.
fn no_response<V: Host>(cause: V, tokens: &[Token<V>]) -> Box<Error<V>> {
    let code = cause.text_member("code").or_else(|| cause.member("cause")?.text_member("code"));
    let mut error = Error::caused(cause, ErrorCode::Network, "Graph did not respond");
    error.quote(code.map(|code| redacted(code, tokens)));
    error
}

fn token_timeout<V>() -> Box<Error<V>> {
    let mut error = Error::new(ErrorCode::Unauthorized, "The token source did not respond within options.tokenTimeout");
    error.specific_hint = Some("Sign in again, or find out why the token source never settles.");
    error
}

/// A random GUID (RFC 9562, version 4), for `client-request-id`. The times make two clients with the same random number
/// differ.
fn guid(now: Now) -> String {
    let mut seed =
        now.random.to_bits() ^ now.unix_time.0.to_bits().rotate_left(32) ^ now.instant.0.to_bits().rotate_left(17);
    // splitmix64
    let mut next = || {
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let mut guid = String::with_capacity(36);
    let mut bits = 0;
    for position in 0..16 {
        if position % 8 == 0 {
            bits = next();
        }
        if matches!(position, 4 | 6 | 8 | 10) {
            guid.push('-');
        }
        let byte = match position {
            6 => bits as u8 & 0x0f | 0x40,
            8 => bits as u8 & 0x3f | 0x80,
            _ => bits as u8,
        };
        guid.extend(hex(byte).map(char::from));
        bits >>= 8;
    }
    guid.make_ascii_lowercase();
    guid
}
