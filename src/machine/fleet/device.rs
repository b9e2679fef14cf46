//! One device of a fleet: what it is doing, and its result.

use crate::machine::call::Call;
use crate::machine::effect::Now;
use crate::machine::fleet::record::{Outcome, Record};
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::http::Request;
use crate::protocol::location::TrustedUrl;
use crate::protocol::time::{Instant, Millis, UnixTime};
use crate::protocol::token::Token;

/// A device of a fleet, as the host knows it.
pub type Key = u32;

/// A device that has not ended.
pub struct Device<V> {
    /// Its id.
    pub id: DeviceId,
    /// What it is doing.
    pub stage: Stage<V>,
    /// The number of requests that were sent for it.
    pub attempts: u32,
    /// The URL of its run, once that is known.
    pub location: Option<TrustedUrl>,
    /// When Graph accepted the run, or it was found.
    pub started_at: Option<UnixTime>,
    /// When following the run began.
    pub followed_since: Instant,
    /// The next deadline.
    pub timer: Instant,
    /// When its request was sent, while there is no response.
    pub sent_at: Option<Instant>,
    /// The token of its last request.
    pub token: Option<Token<V>>,
    /// Whether it waits for its turn at the gate.
    pub is_queued: bool,
    /// The wait between its polls, before it is stretched.
    pub poll_interval: Option<Millis>,
    /// The POST that waits until its record is kept, and when that record was made.
    pub held_post: Option<(Box<Request<V>>, Made)>,
    /// Whether an earlier fleet has kept a record of it.
    pub is_resumed: bool,
    /// The number of its records that are made, and that are kept.
    pub records: u32,
    /// The number of kept records.
    pub records_kept: u32,
    /// How often the POST's record became too old while it was being kept.
    pub renewed_records: u32,
    /// How much the refusals of its tokens weigh since one was accepted, although those of others were.
    pub refusals_alone: u32,
}

/// When a record was made, by both clocks: the monotonic one may stand still while the computer is asleep.
#[derive(Clone, Copy)]
pub struct Made {
    /// By the monotonic clock.
    pub at: Instant,
    /// By the calendar clock.
    pub time: UnixTime,
}

impl Made {
    /// The age of the record.
    pub fn age(self, now: Now) -> Millis {
        (now.instant - self.at).max(now.unix_time - self.time)
    }
}

/// What a device is doing.
pub enum Stage<V> {
    /// It waits for its turn to be started.
    Waiting,
    /// It is being started.
    Starting(Box<Call<V>>),
    /// Its run is being followed.
    Following(Box<Call<V>>),
    /// It has ended, and its last record is being kept.
    Ended(Box<DeviceResult<V>>),
}

/// The result of a device.
pub struct DeviceResult<V> {
    /// How it ended.
    pub outcome: Outcome,
    /// The operation as last seen.
    pub operation: Option<V>,
    /// Why it is not successful.
    pub error: Option<DeviceError<V>>,
    /// The URL of its run.
    pub location: Option<String>,
    /// When Graph accepted the run, or it was found.
    pub started_at: Option<UnixTime>,
    /// When it ended.
    pub ended_at: UnixTime,
    /// The number of requests that were sent for it.
    pub attempts: u32,
    /// Whether its id contains an access token, which must not be shown.
    pub is_token: bool,
}

/// The error of a device.
pub enum DeviceError<V> {
    /// Of this fleet.
    Error(Box<Error<V>>),
    /// Of an earlier fleet, from a record: its code and message.
    Recorded(String, String),
}

impl<V> Device<V> {
    /// A device that waits.
    pub fn new(id: DeviceId) -> Device<V> {
        Device {
            id,
            stage: Stage::Waiting,
            attempts: 0,
            location: None,
            started_at: None,
            followed_since: Instant::NEVER,
            timer: Instant::NEVER,
            sent_at: None,
            token: None,
            is_queued: false,
            poll_interval: None,
            held_post: None,
            is_resumed: false,
            records: 0,
            records_kept: 0,
            renewed_records: 0,
            refusals_alone: 0,
        }
    }

    /// A device of an earlier fleet.
    pub fn resumed(id: DeviceId, record: &Record) -> Device<V> {
        let Record { attempts, started_at, .. } = *record;
        Device { attempts, started_at, is_resumed: true, ..Device::new(id) }
    }

    /// Whether its call waits until a moment.
    pub fn is_sleeping(&self) -> bool {
        let has_call = matches!(self.stage, Stage::Starting(_) | Stage::Following(_));
        has_call && !self.is_queued && self.sent_at.is_none() && self.held_post.is_none()
    }

    /// Its call, if one is in progress.
    pub fn call(&mut self) -> Option<&mut Call<V>> {
        match &mut self.stage {
            Stage::Starting(call) | Stage::Following(call) => Some(call),
            Stage::Waiting | Stage::Ended(_) => None,
        }
    }
}

/// The outcome of a start that failed.
pub fn outcome_of_start<V>(error: &Error<V>) -> Outcome {
    match error.code {
        // The queued operation is known, even if it may be this run.
        ErrorCode::Conflict => Outcome::Conflict,
        _ if error.may_have_started => Outcome::Lost,
        _ => Outcome::Refused,
    }
}

/// The outcome of a run that did not succeed, or cannot be followed.
pub fn outcome_of_wait<V>(error: &Error<V>) -> Outcome {
    match error.code {
        ErrorCode::OperationFailed => Outcome::Failed,
        ErrorCode::OperationCancelled => Outcome::Cancelled,
        ErrorCode::NotFound => Outcome::Lost,
        _ => Outcome::StillRunning,
    }
}
