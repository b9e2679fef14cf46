//! Progress events.

use crate::protocol::operation::Operation;
use crate::protocol::time::Millis;

/// Where a delay comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelaySource {
    /// Graph requested it with `Retry-After`.
    Header,
    /// This client's backoff: Graph requested no delay, or a browser hides it (CORS).
    Backoff,
}

/// A progress event.
pub struct Event<V> {
    /// The URL of the operation, if it is known.
    pub location: Option<String>,
    /// What happened.
    pub kind: EventKind<V>,
}

/// What happened.
pub enum EventKind<V> {
    /// Graph accepted the run.
    Started {
        /// The operation by which the run was found after the response to the POST was lost; `None` if the response named
        /// it.
        recovered: Option<Operation<V>>,
    },
    /// An operation was already queued for the device, and is followed instead.
    Attached {
        /// The operation as in the list of the device's operations.
        operation: Operation<V>,
    },
    /// The operation was polled.
    Status {
        /// The current operation.
        operation: Operation<V>,
        /// Graph's `status` at the previous poll.
        previous_status: Option<String>,
        /// The wait until the next poll; `None` if the operation has ended.
        next_poll_in: Option<Millis>,
    },
    /// A request failed and is retried.
    Retry {
        /// The number of the retry, from 1.
        attempt: u32,
        /// The wait before the retry.
        delay: Millis,
        /// Where the delay comes from.
        delay_source: DelaySource,
        /// The status of the response; `None` if none came.
        status_code: Option<u16>,
    },
    /// The call was aborted after the POST was sent, before its response came or while a lost run was searched for: the run
    /// may have started.
    Abandoned {
        /// The device that the caller named.
        device_id: Option<String>,
    },
}
