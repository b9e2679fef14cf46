//! Records: what must not be lost about a device if the process ends, and how a device goes on from it.

use crate::protocol::location::TrustedUrl;
use crate::protocol::time::UnixTime;

/// How a device ended. The names are those of `outcome` in the JavaScript API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The run succeeded.
    Successful,
    /// The run failed.
    Failed,
    /// The run was cancelled.
    Cancelled,
    /// The run was started, and its end is not known.
    StillRunning,
    /// The start failed, and nothing was started.
    Refused,
    /// Another operation is queued for the device.
    Conflict,
    /// A run may have been started, but it is not known; or Graph no longer knows it.
    Lost,
    /// The fleet ended before the device was started.
    NotStarted,
    /// The caller ended the wait.
    Aborted,
}

impl Outcome {
    /// All outcomes, with their names.
    pub const ALL: [(Outcome, &'static str); 9] = [
        (Outcome::Successful, "successful"),
        (Outcome::Failed, "failed"),
        (Outcome::Cancelled, "cancelled"),
        (Outcome::StillRunning, "stillRunning"),
        (Outcome::Refused, "refused"),
        (Outcome::Conflict, "conflict"),
        (Outcome::Lost, "lost"),
        (Outcome::NotStarted, "notStarted"),
        (Outcome::Aborted, "aborted"),
    ];

    /// The name in the JavaScript API.
    pub fn as_str(self) -> &'static str {
        let [(_, successful), ..] = Outcome::ALL;
        Outcome::ALL.iter().find(|(outcome, _)| *outcome == self).map_or(successful, |(_, name)| name)
    }

    /// The outcome with this name.
    pub fn from_name(name: &str) -> Option<Outcome> {
        Outcome::ALL.iter().find(|(_, known)| *known == name).map(|(outcome, _)| *outcome)
    }
}

/// The state of a device in a record. The names are those of `state` in the JavaScript API.
#[derive(Clone, Debug)]
pub enum RecordedState {
    /// A POST follows.
    Starting,
    /// Graph accepted the run.
    Running {
        /// Its URL.
        location: TrustedUrl,
    },
    /// The device has ended.
    Ended {
        /// How.
        outcome: Outcome,
        /// The URL of its run, if there is one.
        location: Option<String>,
        /// The code and the message of its error, if there is one.
        error: Option<(String, String)>,
    },
}

/// A record of one device: small, and without secrets.
#[derive(Clone, Debug)]
pub struct Record {
    /// The state of the device.
    pub state: RecordedState,
    /// When the record was made, by the caller's clock.
    pub time: UnixTime,
    /// The same moment by the service's clock, if that is known.
    pub service_time: Option<UnixTime>,
    /// When Graph accepted the run, by the caller's clock.
    pub started_at: Option<UnixTime>,
    /// The number of requests that were sent for the device.
    pub attempts: u32,
}
