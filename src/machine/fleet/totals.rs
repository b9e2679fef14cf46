//! The totals of a fleet, and an estimate of the time left.

use crate::machine::fleet::pause::PauseReason;
use crate::protocol::time::{Instant, Millis, UnixTime};

/// The totals of a fleet.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Totals {
    /// Devices that were not started yet.
    pub waiting: usize,
    /// Devices whose start is under way.
    pub starting: usize,
    /// Devices whose run has not ended.
    pub running: usize,
    /// Devices whose run succeeded.
    pub successful: usize,
    /// Devices whose run failed.
    pub failed: usize,
    /// Devices that ended otherwise.
    pub other: usize,
    /// The number of requests that were sent.
    pub requests_sent: u32,
}

/// The totals at a moment, as an event says them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FleetState {
    /// The totals.
    pub totals: Totals,
    /// When the next request may be sent, if Graph throttles.
    pub throttled_until: Option<UnixTime>,
    /// Why the fleet is paused.
    pub paused_for: Option<PauseReason>,
    /// An estimate of the time until the last device ends.
    pub time_left: Option<Millis>,
}

/// How long the runs take: how many have ended, and for how long all have been followed. Runs that have not ended count with
/// their time so far, so that the estimate does not know the short ones alone.
#[derive(Default)]
pub struct Durations {
    ended: f64,
    /// The sum of the times of the runs that have ended.
    total: Millis,
    /// The number of runs that have not ended, and the sum of the moments when they began.
    running: f64,
    began: f64,
}

/// Fewer runs say nothing about the others.
const FEWEST_ENDED: f64 = 3.0;

impl Durations {
    /// Records that a run began.
    pub fn on_begin(&mut self, now: Instant) {
        self.running += 1.0;
        self.began += now.0;
    }

    /// Records that a run, which began at `began`, is no longer followed. Only one that has ended says how long runs take.
    pub fn on_end(&mut self, began: Instant, has_ended: bool, now: Instant) {
        self.running -= 1.0;
        self.began -= began.0;
        self.total = self.total + (now - began);
        self.ended += f64::from(u8::from(has_ended));
    }

    /// An estimate of the time until the last of the runs has ended, as if runs ended at a constant rate: the last of n takes
    /// about ln n + 0.58 times as long as the mean. `None` if too few have ended.
    ///
    /// * `to_start`: the number of runs that will begin, and the time until the last of them begins
    /// * `longest`: the longest time of a run
    pub fn time_left(&self, to_start: (usize, Millis), longest: Millis, now: Instant) -> Option<Millis> {
        let (count, until_last) = to_start;
        let open = self.running + count as f64;
        if self.ended < FEWEST_ENDED || open < 1.0 {
            return None;
        }
        let followed = self.total + Millis(self.running * now.0 - self.began);
        let mean = followed / self.ended;
        Some(until_last + (mean * (open.ln() + 0.58)).min(longest))
    }
}
