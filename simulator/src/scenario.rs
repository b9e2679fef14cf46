//! How a device behaves when it runs an operation: the normal course, the variations in Graph's responses, and when faults
//! occur. Faults are defined in `fault`.

use serde::Deserialize;
use time::SignedDuration;

use crate::clock::{Dates, read_factor, read_milliseconds};
use crate::fault::Fault;
use crate::header::{read_optional_value, read_value};

/// How the `Location` of a 202 is written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LocationForm {
    /// `/teamwork/devices/{id}/operations/{id}`: without host and version, as documented.
    /// Source: <https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta>.
    #[default]
    Relative,
    /// `/beta/teamwork/…`
    Versioned,
    /// `https://graph.microsoft.com/beta/teamwork/…`
    Absolute,
    /// `/teamwork/devices('{id}')/operations('{id}')`, as sibling resources write it.
    QuotedKeys,
    /// No `Location`.
    Missing,
    /// This text.
    #[serde(deserialize_with = "read_value")]
    Literal(String),
}

/// How an `@odata.nextLink` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NextLinkForm {
    /// `/teamwork/devices?…`: without host and version, as documented.
    /// Source: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>.
    #[default]
    Relative,
    /// `https://graph.microsoft.com/beta/teamwork/devices?…`, as most of Graph writes it.
    Absolute,
}

/// How a single operation is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Envelope {
    /// `{ "value": { … } }`, as documented.
    #[default]
    Wrapped,
    /// `{ … }`, as the metadata says.
    Bare,
}

/// How an operation ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    /// The logs were collected.
    #[default]
    Successful,
    /// The device reported an error.
    Failed,
    /// It was cancelled.
    Cancelled,
    /// It stays queued.
    Never,
}

/// The behaviour of a device.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Scenario {
    /// How long an operation spends in each state, in milliseconds in a file; the service's pace if `None`.
    #[serde(rename = "paceMs", deserialize_with = "read_milliseconds")]
    pub pace: Option<SignedDuration>,
    /// The factor by which it is slower than the pace; 0 means 1.
    #[serde(deserialize_with = "read_factor")]
    pub slowness: f64,
    /// How operations end.
    pub outcome: Outcome,
    /// The texts of the states Queued, Scheduled, InProgress and the final one, if they differ from the default.
    pub status_texts: Option<[String; 4]>,
    /// How `Location` is written; the service's setting if `None`.
    pub location: Option<LocationForm>,
    /// How a single operation is sent; the service's setting if `None`.
    pub envelope: Option<Envelope>,
    /// How times are written; the service's setting if `None`.
    pub dates: Option<Dates>,
    /// Whether a successful operation has an `error` when it is polled; in lists it always has one, as documented.
    pub junk_error: bool,
    /// `Retry-After` on the 202 and on polls of a running operation, as Graph's guidelines allow.
    #[serde(deserialize_with = "read_optional_value")]
    pub running_retry_after: Option<String>,
    /// The faults of the POST, one per request. They begin again after a run has started, so that they can be shown twice.
    pub post_faults: Vec<Fault>,
    /// Whether the last of `post_faults` is repeated for every further POST.
    pub repeat_last_post_fault: bool,
    /// The faults of the polls, one per poll of each operation; `None` is a poll without a fault.
    pub poll_faults: Vec<Option<Fault>>,
    /// Whether another administrator's operation is always queued.
    pub has_foreign_operation: bool,
    /// The administrator who queued the operations, if not the default one.
    pub administrator: Option<String>,
    /// Code and message of a failed operation, if they differ from the default.
    pub failure: Option<[String; 2]>,
}
