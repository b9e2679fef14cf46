//! A Teams device as Graph shows it. How it behaves when it runs an operation is its `Scenario`.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use time::{SignedDuration, UtcDateTime};

use crate::clock::{Dates, date_time, read_minutes};
use crate::scenario::Scenario;

/// A device and its behaviour.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Device {
    /// Its id.
    #[serde(deserialize_with = "read_id")]
    pub id: String,
    /// One sentence about it.
    #[serde(default)]
    pub notes: String,
    /// A teamworkDeviceType, such as `teamsRoom`.
    #[serde(default = "unknown")]
    pub device_type: String,
    /// A teamworkDeviceHealthStatus, such as `healthy`.
    #[serde(default = "unknown")]
    pub health_status: String,
    /// A teamworkDeviceActivityState, such as `idle`.
    #[serde(default = "unknown")]
    pub activity_state: String,
    /// The manufacturer.
    #[serde(default)]
    pub manufacturer: String,
    /// The model's name.
    #[serde(default)]
    pub model: String,
    /// The name of the user who is signed in; empty for nobody.
    #[serde(default)]
    pub current_user: String,
    /// How long ago the device was last heard from; in minutes in a file.
    #[serde(rename = "lastSeenMinutes", default = "ten_minutes", deserialize_with = "read_minutes")]
    pub last_seen: SignedDuration,
    /// Its behaviour.
    #[serde(default)]
    pub scenario: Scenario,
}

fn read_id<'de, D: Deserializer<'de>>(file: D) -> Result<String, D::Error> {
    let id = String::deserialize(file)?;
    if id.is_empty() { Err(D::Error::custom("an id has at least one character")) } else { Ok(id) }
}

fn unknown() -> String {
    "unknown".to_owned()
}

/// Health data lags behind by ten minutes or more.
fn ten_minutes() -> SignedDuration {
    SignedDuration::minutes(10)
}

impl Device {
    /// The teamworkDevice document.
    /// Source: <https://learn.microsoft.com/graph/api/resources/teamworkdevice?view=graph-rest-beta>.
    pub(crate) fn document(&self, now: UtcDateTime) -> Value {
        // An id has the same serial number in every run (FNV-1a).
        let serial: u32 =
            self.id.bytes().fold(2_166_136_261, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(16_777_619));
        let seen = now.checked_sub(self.last_seen).map(|seen| date_time(seen, Dates::Iso)).unwrap_or_default();
        let [a, b, c, d] = serial.to_be_bytes();
        // The first byte marks the address as locally administered.
        let mac_address = format!("02-00-{a:02X}-{b:02X}-{c:02X}-{d:02X}");
        let user = json!({
            "id": format!("{serial:08x}-1111-4111-8111-111111111111"),
            "displayName": self.current_user,
            "userIdentityType": "aadUser",
        });
        let current_user = if self.current_user.is_empty() { Value::Null } else { user };
        json!({
            "id": self.id,
            "deviceType": self.device_type,
            "healthStatus": self.health_status,
            "activityState": self.activity_state,
            "notes": self.notes,
            "companyAssetTag": format!("AV-{}", serial % 10_000),
            "hardwareDetail": {
                "serialNumber": format!("{serial:08X}"),
                "uniqueId": format!("{serial:08x}-0000-4000-8000-000000000000"),
                "macAddresses": [mac_address],
                "manufacturer": self.manufacturer,
                "model": self.model,
            },
            "currentUser": current_user,
            "createdDateTime": "2024-02-01T09:00:00Z",
            "createdBy": null,
            "lastModifiedDateTime": seen,
            "lastModifiedBy": null,
        })
    }
}
