//! One call: the life of its requests (token, send, judge, wait, send again) and the time it may take.

use std::cell::RefCell;

use crate::error::{Code, Error, Failure};
use crate::http::{Method, Platform, Request, Response};
use crate::location::ServiceRoot;
use crate::progress::{Event, Observer, WaitFrom};
use crate::race::{First, race};
use crate::retry;
use crate::text::hex;
use crate::token::{self, TokenError, TokenSource};

/// How long things may take, and how often they are tried.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Milliseconds for one HTTP request.
    pub timeout: f64,
    /// Milliseconds for the whole call; infinity for no limit.
    pub operation_timeout: f64,
    /// How often one request is sent again.
    pub max_retries: u32,
    /// Milliseconds between two looks; adaptive when there is none.
    pub poll_interval: Option<f64>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { timeout: 30_000.0, operation_timeout: 3_600_000.0, max_retries: 3, poll_interval: None }
    }
}

/// What every error of a call tells, whatever went wrong: nothing that was started may be lost.
pub struct Known<V> {
    /// The device that was asked for.
    pub device_id: Option<String>,
    /// Where the operation lives now.
    pub location: Option<String>,
    /// The operation as last seen.
    pub operation: Option<V>,
    /// Whether a run may be under way that no location is known of.
    pub may_have_started: bool,
    /// The last answer with success.
    pub answer: Option<Answered>,
}

/// What identifies an answer to those who run the service.
#[derive(Clone)]
pub struct Answered {
    status_code: u16,
    request_id: Option<String>,
    client_request_id: String,
    date: Option<String>,
    attempts: u32,
}

/// A call that is under way.
pub struct Call<'a, P: Platform, T, O> {
    /// The surroundings.
    pub platform: &'a P,
    /// Where tokens come from.
    pub tokens: &'a T,
    /// The trusted service.
    pub root: &'a ServiceRoot,
    /// How long things may take.
    pub limits: Limits,
    /// Who is told.
    pub observer: &'a O,
    /// When the call began, by [`Platform::now`].
    pub began: f64,
    /// What its errors tell.
    pub known: RefCell<Known<P::Value>>,
}

/// How a call, or a step of it, ends.
pub type Outcome<P, R> = Result<R, Failure<<P as Platform>::Value>>;

impl<'a, P: Platform, T: TokenSource<P::Value>, O: Observer<P::Value>> Call<'a, P, T, O> {
    /// Begins a call now.
    pub fn new(platform: &'a P, tokens: &'a T, root: &'a ServiceRoot, limits: Limits, observer: &'a O) -> Self {
        let known = Known { device_id: None, location: None, operation: None, may_have_started: false, answer: None };
        Call { platform, tokens, root, limits, observer, began: platform.now(), known: RefCell::new(known) }
    }

    /// Runs the story of the call within `operation_timeout`, and completes the error that it may end with.
    pub async fn run<R>(&self, story: impl Future<Output = Outcome<P, R>>) -> Outcome<P, R> {
        let outcome = match race(story, self.platform.sleep(self.limits.operation_timeout)).await {
            First::Left(outcome) => outcome,
            First::Right(()) => Err(out_of_time().into()),
        };
        outcome.map_err(|mut failure| {
            if let Failure::Error(error) = &mut failure {
                let known = self.known.borrow();
                error.device_id = known.device_id.clone();
                error.location = error.location.take().or_else(|| known.location.clone());
                error.operation = known.operation.clone();
                error.may_have_started |= known.may_have_started;
                // An error that is not of a request itself is of what the last answer said.
                if let (0, Some(answer)) = (error.attempts, known.answer.clone()) {
                    error.status_code = Some(answer.status_code);
                    error.request_id = answer.request_id;
                    error.client_request_id = Some(answer.client_request_id);
                    error.date = answer.date;
                    error.attempts = answer.attempts;
                }
            }
            failure
        })
    }

    /// Sends a request until it succeeds or may not be sent again; resolves to the answer with success.
    pub async fn send(&self, method: Method, url: &str) -> Outcome<P, Response> {
        let mut attempts = 0;
        loop {
            let token = self.token().await?;
            let client_request_id = guid(self.platform);
            attempts += 1;
            let request = Request { method, url, token: &token, client_request_id: &client_request_id };
            let (mut error, retry_after) = match self.try_once(&request).await {
                Ok(response) => {
                    self.known.borrow_mut().answer = Some(Answered {
                        status_code: response.status,
                        request_id: response.request_id.clone(),
                        client_request_id,
                        date: response.date.clone(),
                        attempts,
                    });
                    return Ok(response);
                }
                Err(failed) => *failed,
            };
            error.attempts = attempts;
            error.client_request_id = Some(client_request_id);
            let unix_time = self.platform.unix_time();
            error.retry_after_ms = retry_after.and_then(|field| retry::retry_after_ms(&field, unix_time));
            if attempts > self.limits.max_retries || !self.may_retry(method, &error) {
                return Err(error.into());
            }
            let (wait, from) = match error.retry_after_ms {
                Some(wait) => (wait, WaitFrom::Header),
                None => (retry::backoff_ms(attempts, self.platform.random()), WaitFrom::Backoff),
            };
            if wait >= self.remaining() {
                error.code = Code::OperationTimeout;
                error.message.push_str("; the wait before the next try would outlast operationTimeout");
                return Err(error.into());
            }
            self.tell(&Event::Retry {
                attempt: attempts,
                retry_after_ms: wait,
                retry_after_from: from,
                status_code: error.status_code,
            })?;
            self.platform.sleep(wait).await;
        }
    }

    /// Tells the observer.
    pub fn tell(&self, event: &Event<'_, P::Value>) -> Outcome<P, ()> {
        let location = self.known.borrow().location.clone();
        self.observer.notify(location.as_deref(), event).map_err(Failure::Callback)
    }

    /// Milliseconds since the call began.
    pub fn elapsed(&self) -> f64 {
        self.platform.now() - self.began
    }

    /// Milliseconds until the call is given up.
    pub fn remaining(&self) -> f64 {
        self.limits.operation_timeout - self.elapsed()
    }

    async fn token(&self) -> Outcome<P, String> {
        let error = match self.tokens.token(&self.root.scope()).await {
            Ok(token) => match token::check(&token) {
                Ok(()) => return Ok(token),
                Err(problem) => Error::invalid_argument("token", problem),
            },
            Err(TokenError::Invalid(problem)) => Error::invalid_argument("token", problem),
            Err(TokenError::Failed(cause)) => {
                Error { cause: Some(cause), ..Error::new(Code::Unauthorized, "The token source failed; see cause") }
            }
        };
        Err(error.into())
    }

    /// One request. The error comes with the `Retry-After` field of the answer.
    async fn try_once(&self, request: &Request<'_>) -> Result<Response, Box<(Error<P::Value>, Option<String>)>> {
        let is_start = request.method == Method::Post;
        self.known.borrow_mut().may_have_started |= is_start;
        let sent = race(self.platform.send(request), self.platform.sleep(self.limits.timeout)).await;
        let error = match sent {
            First::Left(Ok(mut response)) => {
                if is_start {
                    let started = response.is_success() || retry::may_have_started(response.status);
                    self.known.borrow_mut().may_have_started = started;
                }
                response.redact(request.token);
                if response.is_success() {
                    return Ok(response);
                }
                return Err(Box::new((Error::of_response(&response), response.retry_after)));
            }
            First::Left(Err(cause)) => {
                Error { cause: Some(cause), ..Error::new(Code::Network, "No answer came from Graph; see cause") }
            }
            First::Right(()) => Error::new(Code::Timeout, "Graph did not answer within options.timeout"),
        };
        Err(Box::new((error, None)))
    }

    /// A 404 may also mean that Graph does not know yet what it has just started: as long as the operation was never seen, it
    /// is asked again.
    fn may_retry(&self, method: Method, error: &Error<P::Value>) -> bool {
        match error.status_code {
            Some(404) => method == Method::Get && self.known.borrow().operation.is_none(),
            Some(status) => retry::may_retry_status(method, status),
            None => method == Method::Get && matches!(error.code, Code::Network | Code::Timeout),
        }
    }
}

/// The error of a call that took too long.
pub fn out_of_time<V>() -> Error<V> {
    Error::new(Code::OperationTimeout, "Not ended within options.operationTimeout")
}

/// A random GUID (RFC 9562, version 4), for `client-request-id`.
fn guid(platform: &impl Platform) -> String {
    let mut guid = String::with_capacity(36);
    for position in 0..16 {
        if matches!(position, 4 | 6 | 8 | 10) {
            guid.push('-');
        }
        let byte = (platform.random() * 256.0) as u8;
        guid.extend(hex(match position {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => byte,
        }));
    }
    guid
}
