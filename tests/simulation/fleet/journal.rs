//! The records that the caller keeps: as text, which a later process reads.

use std::cell::RefCell;

use serde_json::{Value, json};
use teams_device_diagnostics::machine::fleet::record::{Outcome, Record, RecordedState};
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::time::{Instant, UnixTime};

use crate::document::Document;

#[derive(Default)]
pub struct Journal(RefCell<Vec<Entry>>);

/// A record that is kept, or whose keeping is not acknowledged.
#[derive(Clone)]
pub struct Entry {
    pub device: String,
    pub number: u32,
    pub made_at: Instant,
    pub record: Record,
    pub text: String,
    pub is_acknowledged: bool,
}

impl Journal {
    pub fn add(&self, entry: Entry) {
        self.0.borrow_mut().push(entry);
    }

    /// Records that the fleet knows of a record that it is kept.
    pub fn acknowledge(&self, device: &str, number: u32) {
        let mut entries = self.0.borrow_mut();
        let is_it = |entry: &&mut Entry| entry.device == device && entry.number == number;
        if let Some(entry) = entries.iter_mut().rfind(is_it) {
            entry.is_acknowledged = true;
        }
    }

    /// Loses some of the records whose keeping was not acknowledged. The others count as kept from now on.
    pub fn crash(&self, is_kept: impl Fn() -> bool) {
        let mut entries = self.0.borrow_mut();
        entries.retain(|entry| entry.is_acknowledged || is_kept());
        entries.iter_mut().for_each(|entry| entry.is_acknowledged = true);
    }

    /// The last record of a device.
    pub fn last(&self, device: &str) -> Option<Entry> {
        self.0.borrow().iter().rfind(|entry| entry.device == device).cloned()
    }

    /// All records of a device, in order.
    pub fn of(&self, device: &str) -> Vec<Entry> {
        self.0.borrow().iter().filter(|entry| entry.device == device).cloned().collect()
    }
}

/// A record as text.
pub fn text(record: &Record) -> String {
    let state = match &record.state {
        RecordedState::Starting => json!({ "state": "starting" }),
        RecordedState::Running { location } => json!({ "state": "running", "location": location.as_str() }),
        RecordedState::Ended { outcome, location, error } => {
            json!({ "state": "ended", "outcome": outcome.as_str(), "location": location, "error": error })
        }
    };
    let mut document = json!({
        // As text, because `serde_json` does not read every number exactly.
        "time": record.time.0.to_string(),
        "serviceTime": record.service_time.map(|time| time.0.to_string()),
        "startedAt": record.started_at.map(|time| time.0.to_string()),
        "attempts": record.attempts,
    });
    if let (Value::Object(document), Value::Object(state)) = (&mut document, state) {
        document.extend(state);
    }
    document.to_string()
}

/// Reads a record as a later process does; `None` if it is none.
pub fn read(text: &str, root: &ServiceRoot) -> Option<Record> {
    let document: Value = serde_json::from_str(text).ok()?;
    let string = |name: &str| document[name].as_str().map(str::to_owned);
    let time = |name: &str| document[name].as_str()?.parse().ok().map(UnixTime);
    let state = match document["state"].as_str()? {
        "starting" => RecordedState::Starting,
        "running" => RecordedState::Running { location: root.trust::<Document>(document["location"].as_str()?).ok()? },
        "ended" => RecordedState::Ended {
            outcome: Outcome::from_name(document["outcome"].as_str()?)?,
            location: string("location"),
            error: serde_json::from_value(document["error"].clone()).ok()?,
        },
        _ => return None,
    };
    let attempts = document["attempts"].as_u64()?.try_into().ok()?;
    let (service_time, started_at) = (time("serviceTime"), time("startedAt"));
    Some(Record { state, time: time("time")?, service_time, started_at, attempts })
}
