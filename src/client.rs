//! The stories of this client, each told from its first request to its end. [`Call::run`] runs them.

use crate::collection::{Pages, operations_path};
use crate::exchange::{Answered, Call, Outcome, out_of_time};
use crate::platform::Platform;
use crate::progress::{Event, Observer};
use crate::protocol::device_id::{DeviceId, percent_encoded};
use crate::protocol::error::{Code, Error, Failure};
use crate::protocol::http::{Method, Response};
use crate::protocol::operation::{Operation, State};
use crate::protocol::operation_match::{self, SentAt};
use crate::protocol::poll_interval;
use crate::race::race;
use crate::token::TokenSource;
use alloc::borrow::ToOwned;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// A run that Graph took.
pub struct Started {
    /// The operation's absolute URL.
    pub location: String,
    /// Milliseconds before which Graph does not want to be asked (`Retry-After` on the 202).
    pub look_after_ms: f64,
}

/// A look at an operation, and what the service said of the next one.
struct Look<V> {
    operation: Operation<V>,
    retry_after_ms: Option<f64>,
}

/// What is done when an operation is already queued for the device (409).
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub enum OnConflict {
    /// The call fails, with the queued operation as far as it can be found.
    #[default]
    Throw,
    /// The diagnostics that are already queued are followed instead.
    Attach,
}

impl<P: Platform, T: TokenSource<P::Value>, O: Observer<P::Value>> Call<'_, P, T, O> {
    /// Starts diagnostics on a device, at most once.
    ///
    /// `POST /teamwork/devices/{id}/runDiagnostics`, without a body; the 202 names the operation in `Location`. When its answer
    /// is lost, the run is looked for among the device's operations.
    /// Source: <https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta>.
    ///
    /// # Errors
    /// Whatever prevents it; `may_have_started` says whether a run may be under way all the same.
    pub async fn run_diagnostics(&self, device: &DeviceId, on_conflict: OnConflict) -> Outcome<P, Started> {
        self.known.borrow_mut().device_id = Some(device.as_str().to_owned());
        let path = ["/teamwork/devices/", &device.path_segment(), "/runDiagnostics"].concat();
        let mut error = match self.send(Method::Post, &self.root.url(&path)).await {
            Ok(response) if response.location.is_some() => return self.started(&response),
            Ok(_) => Error::new(Code::Protocol, NO_LOCATION),
            Err(Failure::Error(error)) => error,
            Err(thrown) => return Err(thrown),
        };
        // Looking for the run must not change what is told of the POST.
        self.complete(&mut error);
        if error.code == Code::Conflict {
            self.queued_instead(device, on_conflict, error).await
        } else if error.may_have_started && error.code != Code::UntrustedLocation {
            self.lost_run(device, error).await
        } else {
            Err(error.into())
        }
    }

    /// The 202: the run goes on whatever happens now.
    fn started(&self, response: &Response) -> Outcome<P, Started> {
        self.follow_location(response)?;
        self.known.borrow_mut().may_have_started = false;
        self.tell(&Event::Started)?;
        let look_after_ms = self.retry_after(response).unwrap_or(0.0);
        let mut known = self.known.borrow_mut();
        known.look_after_ms = look_after_ms;
        Ok(Started { location: known.location.clone().unwrap_or_default(), look_after_ms })
    }

    /// The answer was lost: the run is looked for, and taken for the caller's own when it is found.
    async fn lost_run(&self, device: &DeviceId, error: Box<Error<P::Value>>) -> Outcome<P, Started> {
        let search = async {
            let mut seen: Option<Vec<String>> = None;
            let mut asked = error.retry_after_ms;
            for wait in operation_match::WAITS_MS {
                self.platform.sleep(wait.max(asked.unwrap_or(0.0))).await;
                let operations = match self.operations(device).await {
                    Ok(operations) => operations,
                    Err(Failure::Error(error))
                        if is_passing(error.code)
                            && error.retry_after_ms.is_none_or(|ms| ms < operation_match::LIMIT_MS) =>
                    {
                        asked = error.retry_after_ms;
                        continue;
                    }
                    Err(Failure::Error(_)) => return Ok(None),
                    Err(thrown) => return Err(thrown),
                };
                asked = None;
                let found = operation_match::find_started(&operations, self.sent_at(), seen.as_deref());
                if found.is_some() {
                    return Ok(found);
                }
                seen.get_or_insert_with(|| operations.iter().filter_map(|operation| operation.text("id")).collect());
            }
            Ok(None)
        };
        match self.within_lookup(error.retry_after_ms, search).await? {
            Some(run) => {
                let location = self.know(device, &run);
                self.known.borrow_mut().may_have_started = false;
                self.tell(&Event::Started)?;
                Ok(Started { location, look_after_ms: 0.0 })
            }
            None => Err(error.into()),
        }
    }

    /// The 409: the operation that is queued is attached to the error, or followed when that is wanted.
    async fn queued_instead(
        &self,
        device: &DeviceId,
        on_conflict: OnConflict,
        mut error: Box<Error<P::Value>>,
    ) -> Outcome<P, Started> {
        let search = async {
            self.platform.sleep(error.retry_after_ms.unwrap_or(0.0)).await;
            match self.operations(device).await {
                Ok(operations) => Ok(operation_match::find_blocking(&operations)),
                Err(Failure::Error(_)) => Ok(None),
                Err(thrown) => Err(thrown),
            }
        };
        let Some(queued) = self.within_lookup(error.retry_after_ms, search).await? else { return Err(error.into()) };
        let location = self.know(device, &queued);
        if on_conflict == OnConflict::Attach && queued.is_diagnostics() {
            self.tell(&Event::Attached { operation: &queued })?;
            return Ok(Started { location, look_after_ms: 0.0 });
        }
        // Browsers send a request again by themselves when its connection broke: this may be the caller's own run.
        error.may_have_started = queued.is_diagnostics() && operation_match::is_created_since(&queued, self.sent_at());
        Err(error.into())
    }

    /// The operations of a device, all that can be read.
    async fn operations(&self, device: &DeviceId) -> Outcome<P, Vec<Operation<P::Value>>> {
        let mut pages = Pages::of_operations(self.root, device);
        let mut operations = Vec::new();
        loop {
            match self.next_page(&mut pages).await {
                Ok(Some(page)) => operations.extend(page.into_iter().map(Operation::of_document)),
                Ok(None) => return Ok(operations),
                // What was seen may already answer the question.
                Err(Failure::Error(_)) if !operations.is_empty() => return Ok(operations),
                Err(failure) => return Err(failure),
            }
        }
    }

    /// Looking for a run must end early enough that the reason for it can still be told; it is not begun when the service wants
    /// to be left alone for longer (`asked`, its `Retry-After`).
    async fn within_lookup<R>(
        &self,
        asked: Option<f64>,
        search: impl Future<Output = Outcome<P, Option<R>>>,
    ) -> Outcome<P, Option<R>> {
        let limit = operation_match::LIMIT_MS.min(self.remaining() / 2.0);
        if asked.is_some_and(|asked| asked >= limit) {
            return Ok(None);
        }
        race(search, self.platform.sleep(limit)).await.unwrap_or(Ok(None))
    }

    /// When the POST was sent, by the service's clock if the last answer told the time.
    fn sent_at(&self) -> SentAt {
        let known = self.known.borrow();
        let service_time = known.answer.as_ref().and_then(Answered::unix_time);
        let now = service_time.unwrap_or_else(|| self.platform.unix_time());
        let ago = self.platform.now() - known.posted_at.unwrap_or(self.began);
        SentAt { unix_time: now - ago, is_service_time: service_time.is_some() }
    }

    /// Takes an operation out of the list for the one that this call is about.
    fn know(&self, device: &DeviceId, operation: &Operation<P::Value>) -> String {
        let id = percent_encoded(&operation.text("id").unwrap_or_default());
        let location = self.root.url(&[&operations_path(device), "/", &id].concat());
        let mut known = self.known.borrow_mut();
        known.location = Some(location.clone());
        known.operation = operation.document.clone();
        location
    }

    /// Waits until the operation at the known location ended.
    ///
    /// The first look is taken after `look_after_ms` milliseconds.
    ///
    /// # Errors
    /// [`Code::OperationFailed`] and [`Code::OperationCancelled`] when Graph says so; every other failure means that the
    /// outcome is not known, and that waiting can go on from the error's location.
    pub async fn wait_for_operation(&self, look_after_ms: f64) -> Outcome<P, Operation<P::Value>> {
        if look_after_ms >= self.remaining() {
            return Err(too_late(look_after_ms).into());
        }
        self.pause(look_after_ms, Some(look_after_ms)).await;
        let mut previous_status: Option<String> = None;
        loop {
            let Look { operation, retry_after_ms } = self.look().await?;
            let next_poll_in_ms = (!operation.state.has_ended()).then(|| {
                let random = self.platform.random();
                let own = poll_interval::next_poll_ms(self.limits.poll_interval, self.elapsed(), self.remaining(), random);
                own.max(retry_after_ms.unwrap_or(0.0))
            });
            self.tell(&Event::Status {
                operation: &operation,
                previous_status: previous_status.as_deref(),
                next_poll_in_ms,
            })?;
            match (operation.state, next_poll_in_ms) {
                (State::Failed, _) => return Err(ended_badly(Code::OperationFailed, &operation).into()),
                (State::Cancelled, _) => return Err(ended_badly(Code::OperationCancelled, &operation).into()),
                (_, None) => return Ok(operation),
                (_, Some(wait)) => {
                    previous_status = operation.status;
                    // The own interval may reach to the end of the time; a longer word of the service ends it at once.
                    if let Some(asked) = retry_after_ms.filter(|&asked| asked >= self.remaining()) {
                        return Err(too_late(asked).into());
                    }
                    self.pause(wait, retry_after_ms).await;
                }
            }
        }
    }

    /// Looks at the operation at the known location once, whatever its state.
    ///
    /// # Errors
    /// Whatever prevents it.
    pub async fn get_operation(&self) -> Outcome<P, Operation<P::Value>> {
        Ok(self.look().await?.operation)
    }

    async fn look(&self) -> Outcome<P, Look<P::Value>> {
        let location = self.known.borrow().location.clone().unwrap_or_default();
        let response = self.send(Method::Get, &location).await?;
        let Some(operation) = Operation::read(response.status, &response.body) else {
            let error = Error::new(Code::Protocol, "Graph's answer is no operation: no JSON object with a status");
            return Err(error.into());
        };
        if operation.document.is_some() {
            let mut known = self.known.borrow_mut();
            known.operation = operation.document.clone();
            known.has_ended = operation.state.has_ended();
        }
        // A terminal state needs no further address; a running operation may move.
        if !operation.state.has_ended() && response.location.is_some() {
            self.follow_location(&response)?;
        }
        let retry_after_ms = self.retry_after(&response);
        Ok(Look { operation, retry_after_ms })
    }

    /// Takes the `Location` of an answer as the operation's new address, if it is trusted.
    fn follow_location(&self, response: &Response) -> Outcome<P, ()> {
        let location = response.location.as_deref().unwrap_or_default();
        if let Some(trusted) = self.root.trust(self.platform, location) {
            self.known.borrow_mut().location = Some(trusted);
            return Ok(());
        }
        let mut error = untrusted(location);
        // A run that has just started has no other address: its caller shall have the one that Graph sent.
        error.location = self.known.borrow().location.clone().or_else(|| Some(location.to_owned()));
        Err(error.into())
    }
}

const NO_LOCATION: &str = "Graph took the run but named no Location. In a page, CORS may hide it: a gateway must list Location in Access-Control-Expose-Headers";

/// The error of a location or a link that leads off the trusted origin.
pub fn untrusted<V>(location: &str) -> Box<Error<V>> {
    let mut error = Error::new(
        Code::UntrustedLocation,
        "The location is not on the origin that the token is for, so nothing was sent there: ",
    );
    error.message.push_str(location);
    error
}

/// The error of a wait that Graph asked for and that would outlast the call.
fn too_late<V>(asked_ms: f64) -> Box<Error<V>> {
    let mut error = out_of_time();
    error.retry_after_ms = Some(asked_ms);
    error
}

/// Whether a look may succeed a moment later.
fn is_passing(code: Code) -> bool {
    matches!(code, Code::Network | Code::Timeout | Code::ServiceError | Code::Throttled)
}

fn ended_badly<V: crate::protocol::json::Json>(code: Code, operation: &Operation<V>) -> Box<Error<V>> {
    let how = if code == Code::OperationFailed { "The operation failed" } else { "The operation was cancelled" };
    let mut error = Error::new(code, how);
    error.graph_code = operation.error_text("code");
    error.quote(operation.error_text("message"));
    error
}
