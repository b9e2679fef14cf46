//! An operation on a device: a pure function of the time since it was started.

use serde_json::{Value, json};

use crate::clock::date_time;
use crate::scenario::{Dates, Fault, Outcome, Scenario};

/// What is done on the device.
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
    /// The operation that an action's name in a path starts; a namespace before the name changes nothing.
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
    /// The device it runs on.
    pub device_id: String,
    /// What is done.
    pub operation_type: OperationType,
    /// When it was started.
    pub created_ms: f64,
    pub(crate) created_by: &'static str,
    pub(crate) pace_ms: f64,
    pub(crate) scenario: Scenario,
    /// Faults of the looks that are still to come, last first.
    pub(crate) looks: Vec<Option<Fault>>,
}

impl Operation {
    /// How many states lie behind it: 0 queued, 1 scheduled, 2 in progress, 3 ended.
    pub fn step(&self, now_ms: f64) -> usize {
        if self.scenario.outcome == Outcome::Never {
            return 0;
        }
        let slowness = if self.scenario.slowness > 0.0 { self.scenario.slowness } else { 1.0 };
        let pace = self.scenario.pace_ms.unwrap_or(self.pace_ms) * slowness;
        let elapsed = now_ms - self.created_ms;
        (1..=3).rev().find(|&step| elapsed >= pace * step as f64).unwrap_or(0)
    }

    /// The `status` at a time.
    pub fn status(&self, now_ms: f64) -> &str {
        let step = self.step(now_ms);
        if let Some(words) = &self.scenario.words {
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
    pub fn has_ended(&self, now_ms: f64) -> bool {
        self.step(now_ms) == 3
    }

    /// The teamworkDeviceOperation document.
    /// Source: <https://learn.microsoft.com/graph/api/resources/teamworkdeviceoperation?view=graph-rest-beta>.
    pub(crate) fn document(&self, now_ms: f64, dates: Dates) -> Value {
        let step = self.step(now_ms);
        let at = |ms: f64| Value::from(date_time(ms, dates));
        let ended = step == 3;
        let who = json!({
            "application": null,
            "device": null,
            "user": { "id": "6a1b7ed1-7f5c-4a2e-9d2d-8f6a0c1e5b77", "displayName": self.created_by },
        });
        let error = match self.scenario.outcome {
            Outcome::Failed if ended => json!({ "code": "DeviceUnreachable", "message": "The device stopped answering." }),
            Outcome::Successful if ended && self.scenario.junk_error => json!({ "code": null, "message": "Unknown" }),
            _ => Value::Null,
        };
        let last = self.created_ms + step as f64 * self.pace_ms;
        json!({
            "id": self.id,
            "operationType": self.operation_type.as_str(),
            "status": self.status(now_ms),
            "createdDateTime": at(self.created_ms),
            "startedDateTime": if step >= 2 { at(self.created_ms + 2.0 * self.pace_ms) } else { Value::Null },
            "lastActionDateTime": at(last.min(now_ms)),
            "completedDateTime": if ended { at(last.min(now_ms)) } else { Value::Null },
            "createdBy": who,
            "lastActionBy": who,
            "error": error,
        })
    }
}
