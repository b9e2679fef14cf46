//! Progress events.

use crate::protocol::operation::Operation;
use crate::protocol::time::Millis;

/// Who named a delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DelaySource {
    /// Graph, with `Retry-After`.
    Header,
    /// This client: Graph named none, or a browser hides it (CORS).
    Backoff,
}

/// A progress event.
pub struct Event<V> {
    /// Where the operation is, as far as that is known.
    pub location: Option<String>,
    /// What happened.
    pub kind: EventKind<V>,
}

/// What happened.
pub enum EventKind<V> {
    /// Graph took the run.
    Started {
        /// The operation in which a run was found whose answer had been lost; nothing when the answer told of it.
        recovered: Option<Operation<V>>,
    },
    /// An operation was already queued for the device, and is followed instead.
    Attached {
        /// The operation as the list of the device's operations shows it.
        operation: Operation<V>,
    },
    /// A poll of the operation.
    Status {
        /// The operation as it is now.
        operation: Operation<V>,
        /// Graph's `status` at the poll before.
        previous_status: Option<String>,
        /// Until the next poll; nothing when the operation has ended.
        next_poll_in: Option<Millis>,
    },
    /// A request failed and is sent again.
    Retry {
        /// Which retry follows; 1 is the first.
        attempt: u32,
        /// Until then.
        delay: Millis,
        /// Who named that delay.
        delay_source: DelaySource,
        /// The status of the failure; nothing when no response came.
        status_code: Option<u16>,
    },
    /// The signal fired after the POST was sent and before its answer came: the run may have started.
    Abandoned {
        /// The device that was asked for.
        device_id: Option<String>,
    },
}
