//! The calendar times of a virtual clock: for the core, and for the simulated Graph, which has types of its own.

use teams_device_diagnostics::protocol::time::{Instant, Millis, UnixTime};
use teams_device_diagnostics_simulator::milliseconds;
use time::macros::utc_datetime;
use time::{SignedDuration, UtcDateTime};

use crate::driver::Clock;

/// When every virtual clock begins: 2026-06-01T00:00:00Z.
pub const EPOCH: UnixTime = UnixTime(1_780_272_000_000.0);

/// The calendar time at a point in time of the virtual clock.
pub fn unix_time(at: Instant) -> UnixTime {
    EPOCH + (at - Clock::ORIGIN)
}

/// A calendar time for the simulated Graph.
pub fn utc(time: UnixTime) -> UtcDateTime {
    // The difference is small enough to be exact.
    utc_datetime!(2026-06-01 0:00) + duration(time - EPOCH)
}

/// A length of time for the simulated Graph.
pub fn duration(length: Millis) -> SignedDuration {
    milliseconds(length.0)
}
