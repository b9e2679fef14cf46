//! Five hundred devices of one organisation: most are healthy, and the others fail in common ways.

use time::SignedDuration;

use crate::device::Device;
use crate::sample_data::{KINDS, name};
use crate::scenario::{Outcome, Scenario};

const COUNT: usize = 500;

pub fn devices() -> Vec<Device> {
    (0..COUNT).map(device).collect()
}

fn device(number: usize) -> Device {
    let (device_type, manufacturer, model, is_personal) = KINDS[number % KINDS.len()];
    // The same numbers in every run, without a visible pattern (Knuth's multiplicative hash).
    let dice = (number as u64 + 1).wrapping_mul(2_654_435_761) % 4_294_967_296 / 65_536 % 100;
    let lag = SignedDuration::minutes(10 + (number % 9) as i64);
    let (health_status, activity_state, outcome, last_seen) = match dice {
        0..=4 => ("offline", "unavailable", Outcome::Never, lag + SignedDuration::days(1 + (number % 12) as i64)),
        5..=8 => ("critical", "idle", Outcome::Failed, lag),
        9..=16 => ("nonUrgent", "idle", Outcome::Successful, lag),
        17..=19 => ("unknown", "unknown", Outcome::Successful, lag),
        20..=44 => ("healthy", "busy", Outcome::Successful, lag),
        _ => ("healthy", "idle", Outcome::Successful, lag),
    };
    // Panels beside a door often have no user signed in.
    let has_user = device_type != "teamsPanel" || !(number / KINDS.len()).is_multiple_of(4);
    Device {
        id: format!("{:08x}-2c1e-4b7a-9d00-{number:012x}", (number as u32 + 1).wrapping_mul(2_654_435_761)),
        notes: String::new(),
        device_type: device_type.into(),
        health_status: health_status.into(),
        activity_state: activity_state.into(),
        manufacturer: manufacturer.into(),
        model: model.into(),
        current_user: if has_user { name(number, is_personal) } else { String::new() },
        last_seen,
        scenario: Scenario { outcome, slowness: 0.5 + (number % 4) as f64 / 2.0, ..Scenario::default() },
    }
}
