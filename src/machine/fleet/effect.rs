//! The inputs and effects of a fleet.

use crate::machine::effect::{Failure, TokenFailure};
use crate::machine::event::Event;
use crate::machine::fleet::device::{DeviceResult, Key};
use crate::machine::fleet::pause::PauseReason;
use crate::machine::fleet::record::Record;
use crate::machine::fleet::totals::FleetState;
use crate::machine::start::OnConflict;
use crate::machine::state::Settings;
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::Error;
use crate::protocol::http::{Request, Response};
use crate::protocol::time::Millis;
use crate::protocol::token::{Token, TokenRequest};

/// The settings that the caller chose.
pub struct FleetSettings {
    /// Those of each call.
    pub call: Settings,
    /// What happens after a 409.
    pub on_conflict: OnConflict,
    /// The maximum number of devices that are being started or followed.
    pub concurrency: usize,
    /// The maximum number of requests in a second.
    pub requests_per_second: f64,
    /// The timeout of one pause.
    pub pause_timeout: Millis,
    /// Whether the caller keeps records.
    pub keeps_records: bool,
}

/// What happened. An input that belongs to nothing is ignored.
pub enum FleetInput<V> {
    /// The caller named a device. The host chooses its key: each is one more than the one before, from 0.
    Device {
        /// Its id, or why it is none.
        id: Result<DeviceId, Box<Error<V>>>,
        /// Its record of an earlier fleet.
        record: Option<Record>,
        /// Whether the caller has taken it back already.
        is_aborted: bool,
    },
    /// The caller has named all devices.
    NoMoreDevices,
    /// The result of [`FleetEffect::GetToken`].
    Token(Result<Token<V>, TokenFailure<V>>),
    /// The response to [`FleetEffect::Send`].
    Response(Key, Box<Response<V>>),
    /// No complete response came; holds the host's error.
    NoResponse(Key, V),
    /// A record is kept: its device and its number.
    RecordKept(Key, u32),
    /// [`Fleet::deadline`](crate::machine::fleet::Fleet::deadline) has passed.
    Deadline,
    /// The page is visible again, or the network is back.
    WakeUp,
    /// The caller takes this device back, or no longer waits for it.
    AbortDevice(Key),
    /// The caller ends the fleet, or its own code failed; holds the reason.
    Abort(V),
}

/// What to do. Effects are independent of each other.
pub enum FleetEffect<V> {
    /// Request a token. At most one request is open.
    GetToken(Box<TokenRequest<V>>),
    /// Nobody waits for the token any more.
    AbandonToken,
    /// Send a request of a device, and read its whole response. A device has at most one.
    Send(Key, Box<Request<V>>),
    /// Abort the request of a device.
    AbandonRequest(Key),
    /// Pass a record to the caller, then continue with [`FleetInput::RecordKept`].
    KeepRecord {
        /// The device.
        key: Key,
        /// The number of the record, from 1.
        number: u32,
        /// The record.
        record: Box<Record>,
    },
    /// Call the caller's progress callback with an event of a device.
    Emit(Key, Box<Event<V>>),
    /// Call it with the state of the fleet.
    EmitState(FleetState),
    /// Call it with the reason of a pause, and the failure of the token.
    EmitPaused(PauseReason, Option<Box<Error<V>>>),
    /// A device has ended.
    Result(Key, Box<DeviceResult<V>>),
    /// Everything has ended; holds the reason if the caller ended it, and the failure that ended it before all devices were
    /// added.
    Done(Option<Failure<V>>),
}
