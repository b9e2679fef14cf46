//! What is told while a call goes on.

use crate::protocol::operation::Operation;

/// Who named a wait.
#[derive(Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub enum WaitFrom {
    /// Graph, with `Retry-After`.
    Header,
    /// This client: Graph named none, or a browser hides it (CORS).
    Backoff,
}

/// Something that happened.
pub enum Event<'a, V> {
    /// Graph took the run.
    Started,
    /// An operation was already queued for the device, and is followed instead.
    Attached {
        /// The operation as the list of the device's operations shows it.
        operation: &'a Operation<V>,
    },
    /// A look at the operation.
    Status {
        /// What was seen.
        operation: &'a Operation<V>,
        /// Graph's word at the look before.
        previous_status: Option<&'a str>,
        /// Milliseconds until the next look; nothing when the operation has ended.
        next_poll_in_ms: Option<f64>,
    },
    /// A request failed and is sent again.
    Retry {
        /// Which retry follows; 1 is the first.
        attempt: u32,
        /// Milliseconds until then.
        retry_after_ms: f64,
        /// Who named that wait.
        retry_after_from: WaitFrom,
        /// The status of the failure; nothing when no answer came. 429 is told as `throttled`.
        status_code: Option<u16>,
    },
}

/// Is told what happens.
pub trait Observer<V> {
    /// Takes an event, and the operation's location as far as it is known.
    ///
    /// # Errors
    /// What the caller's callback threw: it ends the call.
    fn notify(&self, location: Option<&str>, event: &Event<'_, V>) -> Result<(), V>;
}
