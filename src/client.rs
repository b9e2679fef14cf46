//! The stories of this client, each told from its first request to its end.

use crate::device::DeviceId;
use crate::error::{Code, Error};
use crate::exchange::{Call, Outcome, out_of_time};
use crate::http::{Method, Platform, Response};
use crate::operation::{Operation, State};
use crate::poll;
use crate::progress::{Event, Observer};
use crate::retry;
use crate::token::TokenSource;

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

impl<P: Platform, T: TokenSource<P::Value>, O: Observer<P::Value>> Call<'_, P, T, O> {
    /// Starts diagnostics on a device.
    ///
    /// `POST /teamwork/devices/{id}/runDiagnostics`, without a body; the 202 names the operation in `Location`.
    /// Source: <https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta>.
    ///
    /// # Errors
    /// Whatever prevents it; `may_have_started` says whether a run may be under way all the same.
    pub async fn run_diagnostics(&self, device: &DeviceId) -> Outcome<P, Started> {
        self.known.borrow_mut().device_id = Some(device.as_str().to_owned());
        self.run(async {
            let path = ["/teamwork/devices/", &device.path_segment(), "/runDiagnostics"].concat();
            let response = self.send(Method::Post, &self.root.url(&path)).await?;
            if response.location.is_none() {
                let error = Error::new(
                    Code::Protocol,
                    "Graph took the run but named no Location. In a page, CORS may hide it: a gateway must list Location in Access-Control-Expose-Headers",
                );
                return Err(error.into());
            }
            self.follow_location(&response)?;
            self.known.borrow_mut().may_have_started = false;
            let location = self.known.borrow().location.clone().unwrap_or_default();
            self.tell(&Event::Started)?;
            Ok(Started { location, look_after_ms: self.retry_after(&response).unwrap_or(0.0) })
        })
        .await
    }

    /// Waits until the operation at the known location ended.
    ///
    /// The first look is taken after `look_after_ms` milliseconds.
    ///
    /// # Errors
    /// [`Code::OperationFailed`] and [`Code::OperationCancelled`] when Graph says so; every other failure means that the
    /// outcome is not known, and that waiting can go on from the error's location.
    pub async fn wait_for_operation(&self, look_after_ms: f64) -> Outcome<P, Operation<P::Value>> {
        self.run(async {
            self.pause(look_after_ms).await?;
            let mut previous_status: Option<String> = None;
            loop {
                let Look { operation, retry_after_ms } = self.look().await?;
                let next_poll_in_ms = (!operation.state.has_ended()).then(|| {
                    let random = self.platform.random();
                    let own = poll::next_look_ms(self.limits.poll_interval, self.elapsed(), self.remaining(), random);
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
                        if retry_after_ms.is_some_and(|asked| asked >= self.remaining()) {
                            return Err(Error { retry_after_ms, ..out_of_time() }.into());
                        }
                        self.platform.sleep(wait).await;
                    }
                }
            }
        })
        .await
    }

    /// Looks at the operation at the known location once, whatever its state.
    ///
    /// # Errors
    /// Whatever prevents it.
    pub async fn get_operation(&self) -> Outcome<P, Operation<P::Value>> {
        self.run(async { Ok(self.look().await?.operation) }).await
    }

    async fn look(&self) -> Outcome<P, Look<P::Value>> {
        let location = self.known.borrow().location.clone().unwrap_or_default();
        let response = self.send(Method::Get, &location).await?;
        let Some(operation) = Operation::read(response.status, &response.body) else {
            let error = Error::new(Code::Protocol, "Graph's answer is no operation: no JSON object with a status");
            return Err(error.into());
        };
        if operation.document.is_some() {
            self.known.borrow_mut().operation = operation.document.clone();
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

    /// Waits as the service asked, unless that outlasts the call.
    async fn pause(&self, asked: f64) -> Outcome<P, ()> {
        if asked >= self.remaining() {
            return Err(Error { retry_after_ms: Some(asked), ..out_of_time() }.into());
        }
        if asked > 0.0 {
            self.platform.sleep(asked).await;
        }
        Ok(())
    }

    fn retry_after(&self, response: &Response) -> Option<f64> {
        retry::retry_after_ms(response.retry_after.as_deref()?, self.platform.unix_time())
    }
}

/// The error of a location that leads off the trusted origin.
pub fn untrusted<V>(location: &str) -> Error<V> {
    let message = ["The location is not on the origin that the token is for, so nothing was sent there: ", location];
    Error::new(Code::UntrustedLocation, message.concat())
}

fn ended_badly<V: crate::http::Value>(code: Code, operation: &Operation<V>) -> Error<V> {
    let (graph_code, text) = (operation.error_text("code"), operation.error_text("message"));
    let how = if code == Code::OperationFailed { "The operation failed" } else { "The operation was cancelled" };
    let said = [Some(how), graph_code.as_deref(), text.as_deref()];
    let message = said.into_iter().flatten().collect::<Vec<_>>().join(": ");
    Error { graph_code, ..Error::new(code, message) }
}
