//! An operation on a device: a pure function of the time since its start. Access and envelopes are handled in `graph`.

use serde_json::{Value, json};
use time::macros::utc_datetime;
use time::{SignedDuration, UtcDateTime};

use crate::clock::Dates;
use crate::clock::date_time;
use crate::device::Device;
use crate::fault::Fault;
use crate::scenario::{Outcome, Scenario};

const JANUARY_2026: UtcDateTime = utc_datetime!(2026-01-01 0:00);

/// What the operation does on the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OperationType {
    /// `runDiagnostics`
    DeviceDiagnostics,
    /// `restart`
    DeviceRestart,
    /// `updateSoftware`
    SoftwareUpdate,
}

impl OperationType {
    /// The operation that an action starts. A namespace before the action's name is accepted.
    pub fn of_action(segment: &str) -> Option<OperationType> {
        let name = segment.to_ascii_lowercase();
        match name.strip_prefix("microsoft.graph.").unwrap_or(&name) {
            "rundiagnostics" => Some(OperationType::DeviceDiagnostics),
            "restart" => Some(OperationType::DeviceRestart),
            "updatesoftware" => Some(OperationType::SoftwareUpdate),
            _ => None,
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            OperationType::DeviceDiagnostics => "deviceDiagnostics",
            OperationType::DeviceRestart => "deviceRestart",
            OperationType::SoftwareUpdate => "softwareUpdate",
        }
    }
}

/// An operation.
#[derive(Clone, Debug)]
pub struct Operation {
    /// A GUID.
    pub id: String,
    /// The device that it runs on.
    pub device_id: String,
    /// Its type.
    pub operation_type: OperationType,
    /// When it was started.
    pub created: UtcDateTime,
    pub(crate) created_by: String,
    pub(crate) pace: SignedDuration,
    pub(crate) scenario: Scenario,
    /// The faults of the polls that are still to come, last first.
    pub(crate) poll_faults: Vec<Option<Fault>>,
}

impl Operation {
    /// The operation that another administrator queued earlier, and that stays queued.
    pub(crate) fn of_another_administrator(device: &Device) -> Operation {
        let administrator = device.scenario.administrator.as_deref();
        Operation {
            id: "0cc0bada-5157-4d00-8000-000000000000".to_owned(),
            device_id: device.id.clone(),
            operation_type: OperationType::DeviceDiagnostics,
            created: JANUARY_2026,
            created_by: administrator.unwrap_or("Another administrator").to_owned(),
            pace: SignedDuration::ZERO,
            scenario: Scenario { outcome: Outcome::Never, ..Scenario::default() },
            poll_faults: Vec::new(),
        }
    }

    /// How long it spends in each of the states Queued, Scheduled and InProgress.
    fn pace(&self) -> SignedDuration {
        let slowness = if self.scenario.slowness > 0.0 { self.scenario.slowness } else { 1.0 };
        let pace = self.scenario.pace.unwrap_or(self.pace);
        SignedDuration::saturating_seconds_f64(pace.as_seconds_f64() * slowness)
    }

    /// The number of states that it has passed: 0 queued, 1 scheduled, 2 in progress, 3 ended.
    pub fn step(&self, now: UtcDateTime) -> usize {
        if self.scenario.outcome == Outcome::Never {
            return 0;
        }
        (1..=3).rev().find(|&step| now >= self.reached(step)).unwrap_or(0)
    }

    /// When it reaches a step, if its outcome permits.
    fn reached(&self, step: usize) -> UtcDateTime {
        self.created.saturating_add(self.pace().saturating_mul(step as i32))
    }

    /// The `status` at a time.
    pub fn status(&self, now: UtcDateTime) -> &str {
        let step = self.step(now);
        if let Some(words) = &self.scenario.status_texts {
            return &words[step];
        }
        match (step, self.scenario.outcome) {
            (0, _) => "Queued",
            (1, _) => "Scheduled",
            (2, _) => "InProgress",
            (_, Outcome::Failed) => "Failed",
            (_, Outcome::Cancelled) => "Cancelled",
            _ => "Successful",
        }
    }

    /// Whether it has ended.
    pub fn has_ended(&self, now: UtcDateTime) -> bool {
        self.step(now) == 3
    }

    /// The teamworkDeviceOperation document.
    /// Source: <https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta>.
    pub(crate) fn document(&self, now: UtcDateTime, dates: Dates) -> Value {
        let step = self.step(now);
        let at = |time| Value::from(date_time(time, dates));
        let ended = step == 3;
        let who = json!({
            "application": null,
            "device": null,
            "user": { "id": "6a1b7ed1-7f5c-4a2e-9d2d-8f6a0c1e5b77", "displayName": self.created_by },
        });
        let error = match self.scenario.outcome {
            Outcome::Failed if ended => match &self.scenario.failure {
                Some([code, message]) => json!({ "code": code, "message": message }),
                None => json!({ "code": "DeviceUnreachable", "message": "The device stopped responding." }),
            },
            Outcome::Successful if ended && self.scenario.junk_error => no_error(),
            _ => Value::Null,
        };
        json!({
            "id": self.id,
            "operationType": self.operation_type.as_str(),
            "status": self.status(now),
            "createdDateTime": at(self.created),
            "startedDateTime": if step >= 2 { at(self.reached(2)) } else { Value::Null },
            "lastActionDateTime": at(self.reached(step)),
            "completedDateTime": if ended { at(self.reached(3)) } else { Value::Null },
            "createdBy": who,
            "lastActionBy": who,
            "error": error,
        })
    }

    /// The document in lists, where a successful operation has an `error`. Source: the documented example of
    /// <https://learn.microsoft.com/graph/api/teamworkdevice-list-operations?view=graph-rest-beta>.
    pub(crate) fn document_in_list(&self, now: UtcDateTime, dates: Dates) -> Value {
        let mut document = self.document(now, dates);
        if self.has_ended(now) && self.scenario.outcome == Outcome::Successful {
            document["error"] = no_error();
        }
        document
    }
}

/// The value by which Graph says that there was no error.
fn no_error() -> Value {
    json!({ "code": null, "message": "Unknown" })
}
