//! What a device does when it is asked to run something: the normal course, the ways in which Graph's answers vary, and when
//! faults come. What a fault is stands in `fault`.

use serde::Deserialize;

use crate::clock::Dates;
use crate::fault::Fault;

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
    /// There is no such field.
    Missing,
    /// This text.
    Literal(String),
}

/// How an `@odata.nextLink` is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NextLinkForm {
    /// `/teamwork/devices?…`: without host and version, as documented.
    /// Source: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>.
    #[default]
    Relative,
    /// `https://graph.microsoft.com/beta/teamwork/devices?…`, as most of Graph writes it.
    Absolute,
}

/// How an operation is sent when it is asked for alone.
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
    /// Somebody called it off.
    Cancelled,
    /// It stays queued.
    Never,
}

/// What a device does.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct Scenario {
    /// Milliseconds in each state; the service's pace when there is none.
    pub pace_ms: Option<f64>,
    /// This times slower than the pace; 0 means 1.
    pub slowness: f64,
    /// How operations end.
    pub outcome: Outcome,
    /// The texts of the states Queued, Scheduled, InProgress and the last one, where they differ from the usual.
    pub status_texts: Option<[String; 4]>,
    /// How `Location` is written; the service's way when there is none.
    pub location: Option<LocationForm>,
    /// How one operation is sent; the service's way when there is none.
    pub envelope: Option<Envelope>,
    /// How times are written; the service's way when there is none.
    pub dates: Option<Dates>,
    /// Whether a successful operation has an `error` when it is asked for alone; in lists it always has, as documented.
    pub junk_error: bool,
    /// `Retry-After` on the 202 and on polls of a running operation, as Graph's guidelines allow.
    pub running_retry_after: Option<String>,
    /// Faults of the POST, one a request; after a run was started they begin again, so that it can be shown twice.
    pub post_faults: Vec<Fault>,
    /// Whether the last fault of `post_faults` comes again for every further POST.
    pub repeat_last_post_fault: bool,
    /// Faults of the polls of an operation, one a poll of each operation; `None` is a poll without fault.
    pub poll_faults: Vec<Option<Fault>>,
    /// Whether another administrator's operation is queued, for ever.
    pub has_foreign_operation: bool,
    /// Who queued operations, where that is not the usual administrator.
    pub administrator: Option<String>,
    /// Code and message of an operation that failed, where they differ from the usual.
    pub failure: Option<[String; 2]>,
}
