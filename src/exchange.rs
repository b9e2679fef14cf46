//! One call: the life of its requests (token, send, judge, wait, send again) and the time it may take.

use alloc::boxed::Box;
use alloc::string::String;
use core::cell::RefCell;
use core::pin::Pin;

use crate::platform::Platform;
use crate::progress::{Event, Observer, WaitFrom};
use crate::protocol::date::http_date;
use crate::protocol::error::{Code, Error, Failure};
use crate::protocol::http::{Method, Request, Response};
use crate::protocol::location::ServiceRoot;
use crate::protocol::retry;
use crate::protocol::text::hex;
use crate::race::race;
use crate::token::{self, Renewal, TokenError, TokenSource};

/// Whatever happens in a page, a pause is not shorter than this, in milliseconds.
const SHORTEST_PAUSE_MS: f64 = 1_000.0;

/// How long after its start a call takes a 404 for "not yet", in milliseconds.
const GRACE_MS: f64 = 10_000.0;

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
    /// When the POST was sent for the first time, by [`Platform::now`].
    pub posted_at: Option<f64>,
    /// Milliseconds before which Graph does not want to be asked (`Retry-After` on the 202).
    pub look_after_ms: f64,
    /// Whether the operation was seen to have ended.
    pub has_ended: bool,
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

impl Answered {
    /// The service's own time when it answered, in milliseconds since the Unix epoch; pages cannot read it (CORS).
    pub fn unix_time(&self) -> Option<f64> {
        http_date(self.date.as_deref()?)
    }
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
        let known = Known {
            device_id: None,
            location: None,
            operation: None,
            may_have_started: false,
            posted_at: None,
            look_after_ms: 0.0,
            has_ended: false,
            answer: None,
        };
        Call { platform, tokens, root, limits, observer, began: platform.now(), known: RefCell::new(known) }
    }

    /// Runs the story of the call within `operation_timeout`, and completes the error that it may end with.
    pub async fn run<R>(&self, story: impl Future<Output = Outcome<P, R>>) -> Outcome<P, R> {
        let outcome = race(story, self.platform.sleep(self.limits.operation_timeout)).await;
        outcome.unwrap_or_else(|| Err(out_of_time().into())).map_err(|mut failure| {
            if let Failure::Error(error) = &mut failure {
                self.complete(error);
            }
            failure
        })
    }

    /// Gives an error all that the call knows.
    pub fn complete(&self, error: &mut Error<P::Value>) {
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

    /// Sends a request until it succeeds or may not be sent again; resolves to the answer with success.
    ///
    /// Boxed, so that a call that waits between two looks does not hold the place of a request.
    pub async fn send(&self, method: Method, url: &str) -> Outcome<P, Box<Response>> {
        let exchange: Pin<Box<dyn Future<Output = Outcome<P, Box<Response>>> + '_>> = Box::pin(self.exchange(method, url));
        exchange.await
    }

    async fn exchange(&self, method: Method, url: &str) -> Outcome<P, Box<Response>> {
        let mut attempts = 0;
        let mut renewal = Renewal::default();
        loop {
            let token = self.token(&mut renewal).await?;
            let client_request_id = guid(self.platform);
            attempts += 1;
            let request = Request { method, url, token: &token, client_request_id: &client_request_id };
            let Refused { mut error, www_authenticate } = match self.try_once(&request).await {
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
                Err(refused) => refused,
            };
            error.attempts = attempts;
            error.client_request_id = Some(client_request_id);
            let may_renew = error.status_code == Some(401) && self.tokens.can_renew();
            if may_renew && renewal.take(www_authenticate.as_deref(), token) {
                continue;
            }
            renewal.accepted();
            let failed = attempts - renewal.count();
            if !self.may_retry(method, &error, failed) {
                return Err(error.into());
            }
            let wait = retry::wait_ms(failed, error.retry_after_ms, self.platform.random());
            if wait >= self.remaining() {
                error.code = Code::OperationTimeout;
                error.message.push_str("; the wait before the next try would outlast operationTimeout");
                return Err(error.into());
            }
            self.tell(&Event::Retry {
                attempt: failed,
                retry_after_ms: wait,
                retry_after_from: if error.retry_after_ms.is_some() { WaitFrom::Header } else { WaitFrom::Backoff },
                status_code: error.status_code,
            })?;
            self.pause(wait, error.retry_after_ms).await;
        }
    }

    /// Waits; ends early when the page is seen again or the network is back, but never before what the service asked for, and
    /// never so early that this becomes a loop without waiting.
    pub async fn pause(&self, ms: f64, asked: Option<f64>) {
        let least = asked.unwrap_or(0.0).max(SHORTEST_PAUSE_MS);
        let began = self.platform.now();
        let stirred = async {
            while self.platform.now() - began < least {
                self.platform.stirred().await;
            }
        };
        if ms > 0.0 {
            race(self.platform.sleep(ms), stirred).await;
        }
    }

    /// Milliseconds that an answer asks to wait. Dates are held against the service's own clock, where it can be read.
    pub fn retry_after(&self, response: &Response) -> Option<f64> {
        let now = response.date.as_deref().and_then(http_date).unwrap_or_else(|| self.platform.unix_time());
        retry::retry_after_ms(response.retry_after.as_deref()?, now)
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

    async fn token(&self, renewal: &mut Renewal) -> Outcome<P, String> {
        let scope = self.root.scope();
        let error = match self.tokens.token(&renewal.wanted(&scope)).await {
            Ok(token) => match token::check(&token) {
                Ok(()) => {
                    renewal.renewed();
                    return Ok(token);
                }
                Err(problem) => Error::invalid_argument("token", problem),
            },
            Err(TokenError::Invalid(problem)) => Error::invalid_argument("token", problem),
            Err(TokenError::Failed(cause)) => Error::caused(cause, Code::Unauthorized, "The token source failed; see cause"),
        };
        Err(error.into())
    }

    /// One request.
    async fn try_once(&self, request: &Request<'_>) -> Result<Box<Response>, Refused<P::Value>> {
        let is_start = request.method == Method::Post;
        if is_start {
            let mut known = self.known.borrow_mut();
            known.may_have_started = true;
            known.posted_at.get_or_insert(self.platform.now());
        }
        let sent = race(self.platform.send(request), self.platform.sleep(self.limits.timeout)).await;
        let error = match sent {
            Some(Ok(response)) => {
                let mut response = Box::new(response);
                if is_start {
                    let started = response.is_success() || retry::may_have_started(response.status);
                    self.known.borrow_mut().may_have_started = started;
                }
                response.redact(request.token);
                if response.is_success() {
                    return Ok(response);
                }
                let mut error = Error::of_response(&response);
                error.retry_after_ms = self.retry_after(&response);
                return Err(Refused { error, www_authenticate: response.www_authenticate });
            }
            Some(Err(cause)) => Error::caused(cause, Code::Network, "No answer came from Graph; see cause"),
            None => Error::new(Code::Timeout, "Graph did not answer within options.timeout"),
        };
        Err(Refused { error, www_authenticate: None })
    }

    /// Whether a request may be sent again that has failed so many times.
    ///
    /// A 404 may also mean that Graph does not know yet what it has just started: for a bounded time, and as long as the operation
    /// was never seen, it is asked again however often that takes, unless the caller wants no retries at all.
    fn may_retry(&self, method: Method, error: &Error<P::Value>, failed: u32) -> bool {
        let is_get = method == Method::Get;
        let may_pass = match error.status_code {
            Some(404) => {
                let is_grace = self.limits.max_retries > 0 && self.elapsed() < GRACE_MS;
                return is_get && is_grace && self.known.borrow().operation.is_none();
            }
            Some(status) => retry::may_retry_status(method, status),
            None => is_get && matches!(error.code, Code::Network | Code::Timeout),
        };
        may_pass && failed <= self.limits.max_retries
    }
}

/// A request without success: what that means, and what the answer says of the token.
struct Refused<V> {
    error: Box<Error<V>>,
    www_authenticate: Option<String>,
}

/// The error of a call that took too long.
pub fn out_of_time<V>() -> Box<Error<V>> {
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
        let byte = match position {
            6 => byte & 0x0f | 0x40,
            8 => byte & 0x3f | 0x80,
            _ => byte,
        };
        guid.extend(hex(byte).map(char::from));
    }
    guid
}
