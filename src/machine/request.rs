//! The life of one request: ask for a token, send, judge the response, and perhaps send again.
//!
//! ```text
//!   begin ─▶ AwaitingToken ──token──▶ AwaitingResponse ──success──▶ Success
//!              ▲   │ no token           │ failed attempt, or an unusable answer; judged
//!              │   ▼                    ├── renew the token ──▶ AwaitingToken
//!              │  Failed ◀── give up ───┤
//!              └──────── Pausing ◀──────┘ retry after a delay
//! ```

use crate::machine::auth_retry::AuthRetry;
use crate::machine::effect::{Effect, Host, Input, Now, TokenFailure};
use crate::machine::event::{DelaySource, EventKind};
use crate::machine::judgement::{FailedAttempt, Persistence, Verdict, judge};
use crate::machine::patience::{FailureRow, Mark};
use crate::machine::pause::Pause;
use crate::machine::state::{CallState, LastResponse};
use crate::protocol::date::graph_date;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::http::{Method, Request, Response};
use crate::protocol::limits::{LONGEST_BODY, LONGEST_PAGE};
use crate::protocol::location::TrustedUrl;
use crate::protocol::redaction::redacted;
use crate::protocol::retry;
use crate::protocol::text::hex;
use crate::protocol::time::{Instant, Millis};
use crate::protocol::token::{Token, holds_jwt};

/// A request that is sent until it succeeds or may not be sent again.
pub struct RetryingRequest<V> {
    url: TrustedUrl,
    aim: Aim,
    attempts: u32,
    auth: AuthRetry<V>,
    row: FailureRow,
    phase: Phase<V>,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Aim {
    /// A poll of a wait, which goes on for as long as the caller has patience.
    Wait,
    /// A single poll of an operation.
    Poll,
    /// A page of a list.
    Page,
    /// A start.
    Start,
}

enum Phase<V> {
    AwaitingToken {
        until: Instant,
        asked: Mark,
    },
    /// Also when the response is there: what reads it may find that it is unusable.
    AwaitingResponse {
        token: Token<V>,
        client_request_id: String,
        until: Instant,
    },
    Pausing(Pause),
    Ended,
}

/// How a request goes on.
pub enum RequestStep<V> {
    /// It is not over: this comes next.
    Effect(Effect<V>),
    /// The response with success.
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
    /// What comes next. A success is for the caller to read.
    pub fn effect(self) -> Effect<V> {
        match self {
            RequestStep::Effect(effect) => effect,
            RequestStep::Failed(error) => error.into(),
            RequestStep::Success(_) => Effect::Pending,
        }
    }
}

impl<V: Host> RetryingRequest<V> {
    /// Begins with asking for a token.
    pub fn begin(url: TrustedUrl, aim: Aim, state: &CallState<V>) -> (Box<RetryingRequest<V>>, Effect<V>) {
        let (auth, row) = (AuthRetry::default(), FailureRow::default());
        let mut request = Box::new(RetryingRequest { url, aim, attempts: 0, auth, row, phase: Phase::Ended });
        let effect = request.begin_attempt(state);
        (request, effect)
    }

    /// Until when the last effect is awaited.
    pub fn deadline(&self) -> Instant {
        match &self.phase {
            Phase::AwaitingToken { until, .. } | Phase::AwaitingResponse { until, .. } => *until,
            Phase::Pausing(pause) => pause.until,
            Phase::Ended => Instant::NEVER,
        }
    }

    /// Goes on with what happened.
    pub fn step(&mut self, input: Input<V>, state: &mut CallState<V>) -> RequestStep<V> {
        let now = state.now.instant;
        let is_late = matches!(input, Input::Deadline) && now >= self.deadline();
        match (&mut self.phase, input) {
            (Phase::AwaitingToken { asked, .. }, Input::Token(Ok(token))) => {
                self.row.excuse(state.idle.busy_since(*asked, now));
                self.send(token, state)
            }
            (Phase::AwaitingToken { .. }, Input::Token(Err(failure))) => self.fail(no_token(failure, &state.tokens)),
            // Nobody could sign in while the machine slept, and what was answered has still to be read.
            (Phase::AwaitingToken { until, .. }, Input::Deadline) if is_late && state.has_slept => {
                *until = now + state.settings.limits.token_timeout;
                RequestStep::Effect(Effect::Pending)
            }
            (Phase::AwaitingResponse { until, .. }, Input::Deadline) if is_late && state.has_slept => {
                *until = now + state.settings.limits.timeout;
                RequestStep::Effect(Effect::Pending)
            }
            (Phase::AwaitingToken { .. }, Input::Deadline) if is_late => self.fail(token_timeout()),
            (Phase::AwaitingResponse { .. }, Input::Response(response)) => self.receive(response, state),
            (Phase::AwaitingResponse { .. }, Input::NoResponse(cause)) => {
                self.on_failed_attempt(no_response(cause, &state.tokens), None, state)
            }
            (Phase::AwaitingResponse { .. }, Input::Deadline) if is_late => {
                let error = Error::new(ErrorCode::Timeout, "Graph did not answer within options.timeout");
                self.on_failed_attempt(error, None, state)
            }
            (Phase::Pausing(pause), input) => {
                let effect = pause.step(&input, now);
                RequestStep::Effect(effect.unwrap_or_else(|| self.ask_for_token(state)))
            }
            _ => RequestStep::Effect(Effect::Pending),
        }
    }

    /// Asks for a token; before that, what the answer before asked for with `Retry-After` is kept.
    fn begin_attempt(&mut self, state: &CallState<V>) -> Effect<V> {
        let wait = state.asked_wait();
        self.ask_after(wait, Some(wait), state)
    }

    /// Asks for a token after a pause, of which what the service asked for (`asked`) is never cut short.
    fn ask_after(&mut self, pause: Millis, asked: Option<Millis>, state: &CallState<V>) -> Effect<V> {
        if pause <= Millis::ZERO {
            return self.ask_for_token(state);
        }
        let (pause, effect) = Pause::begin(pause, asked, state.now.instant);
        self.phase = Phase::Pausing(pause);
        effect
    }

    fn ask_for_token(&mut self, state: &CallState<V>) -> Effect<V> {
        let now = state.now.instant;
        let until = now + state.settings.limits.token_timeout;
        self.phase = Phase::AwaitingToken { until, asked: state.idle.mark(now) };
        Effect::GetToken(Box::new(self.auth.token_request(state.settings.root.scope(), state.settings.limits.token_timeout)))
    }

    fn send(&mut self, token: Token<V>, state: &mut CallState<V>) -> RequestStep<V> {
        // Tokens for Graph are longer than any URL here.
        if token.length() <= self.url.as_str().len() && token.is_in(self.url.as_str()) {
            return self.refuse_url(state);
        }
        self.auth.on_token();
        self.attempts += 1;
        state.keep_token(&token);
        let client_request_id = guid(state.now);
        let now = state.now.instant;
        self.row.on_request(now, &state.idle);
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

    /// The token would stand in the URL, and in every error: a caller has passed it as an id, or as a part of a location.
    fn refuse_url(&mut self, state: &mut CallState<V>) -> RequestStep<V> {
        (state.facts.device_id, state.facts.location) = (None, None);
        let argument = if matches!(self.aim, Aim::Wait | Aim::Poll) { "location" } else { "deviceId" };
        self.fail(Error::invalid_argument(argument, "must not hold the access token"))
    }

    fn receive(&mut self, mut response: Box<Response<V>>, state: &mut CallState<V>) -> RequestStep<V> {
        let Phase::AwaitingResponse { client_request_id, .. } = &mut self.phase else {
            return RequestStep::Effect(Effect::Pending);
        };
        response.redact(&state.tokens);
        if let Some(time) = response.service_time() {
            state.facts.service_clock = Some((time, state.now.instant));
        }
        // Also for whoever takes the wait up again when this call has ended.
        let asked = response.retry_after(state.now.unix_time);
        state.facts.not_before = asked.map(|asked| state.now.instant + asked);
        if !response.is_success() {
            let mut error = Error::of_response(&response);
            let is_trusted = |location: &str| state.settings.root.trust::<V>(location).is_ok();
            if error.code == ErrorCode::UntrustedLocation && response.named_location().is_some_and(is_trusted) {
                // It leads nowhere else, but is as little followed.
                error.code = ErrorCode::Protocol;
            }
            // Pages cannot read `Date` (CORS), but Graph says the time in its errors as well.
            if let (None, Some(time)) = (response.service_time(), error.date.as_deref().and_then(graph_date)) {
                state.facts.service_clock = Some((time, state.now.instant));
            }
            error.retry_after = asked;
            if self.aim == Aim::Start {
                let is_graphs = error.is_graphs || response.retry_after.is_some();
                state.facts.may_have_started = retry::may_have_started(response.status, is_graphs);
            }
            return self.on_failed_attempt(error, response.www_authenticate, state);
        }
        state.facts.last_response = Some(LastResponse {
            status_code: response.status,
            request_id: response.request_id.clone(),
            client_request_id: std::mem::take(client_request_id),
            date: response.date.clone(),
            attempts: self.attempts,
        });
        RequestStep::Success(response)
    }

    /// The response with success is not what was asked for: that is one more failed attempt.
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
        error.retry_after = response.retry_after(state.now.unix_time);
        self.on_failed_attempt(error, None, state)
    }

    /// Carries out what [`judge`] says.
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
        let attempt = self.failed_attempt(&error, challenge, state);
        match judge(&attempt) {
            Verdict::RenewToken => {
                self.auth.on_unauthorized(challenge, token);
                self.row.excuse(error.retry_after.unwrap_or(Millis::ZERO));
                RequestStep::Effect(self.begin_attempt(state))
            }
            Verdict::RetryAfter { delay, source } => {
                self.auth.on_other_failure();
                state.emit(|| EventKind::Retry {
                    attempt: attempt.failed,
                    delay,
                    delay_source: source,
                    status_code: error.status_code,
                });
                self.row.excuse(error.retry_after.unwrap_or(Millis::ZERO));
                RequestStep::Effect(self.ask_after(delay, error.retry_after, state))
            }
            Verdict::DelayExceedsDeadline => {
                error.code = ErrorCode::OperationTimeout;
                // Of a run that Graph has not taken, the hint of the code would be untrue.
                error.own_hint = Some(TRY_LATER).filter(|_| state.facts.location.is_none() && !state.facts.may_have_started);
                error.message.push_str("; the wait before the next try would outlast operationTimeout");
                RequestStep::Failed(error)
            }
            Verdict::GiveUp => {
                if error.status_code == Some(404) && attempt.is_operation_known {
                    error.own_hint = Some(GONE);
                }
                RequestStep::Failed(error)
            }
            Verdict::OutOfPatience => {
                error.message = [OUT_OF_PATIENCE, &error.message].concat();
                RequestStep::Failed(error)
            }
        }
    }

    /// Sends it once more, now that it is known not to have been taken (`error`); nothing when it was sent often enough.
    pub fn send_again(&mut self, error: &Error<V>, state: &mut CallState<V>) -> Option<Effect<V>> {
        if self.attempts - self.auth.count() > state.settings.limits.max_retries {
            return None;
        }
        let delay = state.asked_wait();
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
        let left = Millis(limits.patience.0 - self.row.length(now, &state.idle).0);
        let persistence = match self.aim {
            Aim::Wait => Persistence::Patience { whole: limits.patience, left },
            Aim::Poll | Aim::Page | Aim::Start => Persistence::Retries(limits.max_retries),
        };
        let is_missing = error.status_code == Some(404) && matches!(self.aim, Aim::Wait | Aim::Poll);
        let missing_for = is_missing.then(|| self.row.on_missing(now, &state.idle));
        FailedAttempt {
            method: self.aim.method(),
            code: error.code,
            status_code: error.status_code,
            retry_after: error.retry_after,
            failed: self.attempts - self.auth.count(),
            persistence,
            can_renew_token: state.settings.can_renew_token && self.auth.can_answer(challenge),
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

const GONE: &str =
    "The operation was there before, but Graph no longer knows it. Look for its logs in the Teams admin center.";
const TRY_LATER: &str =
    "Graph wants to be left alone for longer than operationTimeout: try again later, or with a longer one.";
const OUT_OF_PATIENCE: &str = "No usable answer came for longer than options.patience. The last was: ";

fn no_token<V: Host>(failure: TokenFailure<V>, tokens: &[Token<V>]) -> Box<Error<V>> {
    match failure {
        TokenFailure::Invalid(problem) => Error::invalid_argument("token", problem),
        TokenFailure::Failed(cause) => {
            let said = cause.text_member("message").or_else(|| cause.text()).map(|said| redacted(said, tokens));
            // It may name a token that this call has never seen.
            let said = said.filter(|said| !holds_jwt(said.as_bytes()));
            let mut error = Error::caused(cause, ErrorCode::Unauthorized, "The token source failed");
            error.own_hint = Some("Sign in, or see the cause: what the token source said is in it.");
            error.quote(said);
            error
        }
    }
}

/// Node says what went wrong in the cause of its error: `ECONNREFUSED` and its like.
fn no_response<V: Host>(cause: V, tokens: &[Token<V>]) -> Box<Error<V>> {
    let code = cause.text_member("code").or_else(|| cause.member("cause")?.text_member("code"));
    let mut error = Error::caused(cause, ErrorCode::Network, "No answer came from Graph");
    error.quote(code.map(|code| redacted(code, tokens)));
    error
}

fn token_timeout<V>() -> Box<Error<V>> {
    let mut error = Error::new(ErrorCode::Unauthorized, "The token source did not answer within options.tokenTimeout");
    error.own_hint = Some("Sign in again, or see why the token source never settles.");
    error
}

/// A random GUID (RFC 9562, version 4), for `client-request-id`. The times keep two clients with the same random number apart.
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
