//! The rate that a fleet may have at most: that of the options, less after Graph has throttled it.

use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::driver::Clock;

/// After a throttled request, the rate is this share of the rate before, but not less than that of the maximum.
const DECREASE: f64 = 0.7;
const LOWEST: f64 = 0.05;
/// The fastest recovery: this share of the maximum in a second.
const RECOVERY: f64 = 0.05;

/// Requests in a second, at most.
pub struct Rate {
    pub most: f64,
    rate: f64,
    changed_at: Instant,
    pub decreased_at: Instant,
}

impl Rate {
    pub fn new(most: f64, now: Instant) -> Rate {
        Rate { most, rate: most, changed_at: now, decreased_at: Clock::ORIGIN }
    }

    /// The rate now.
    pub fn at(&self, now: Instant) -> f64 {
        let recovered = self.most * RECOVERY * (now - self.changed_at).max(Millis::ZERO).0 / 1_000.0;
        (self.rate + recovered).min(self.most)
    }

    pub fn on_sent(&mut self, now: Instant) {
        self.rate = self.at(now);
        self.changed_at = self.changed_at.max(now);
    }

    /// Records that Graph throttles. Requests that were sent before the last decrease do not count.
    pub fn on_throttled(&mut self, sent_at: Instant, held_until: Instant, now: Instant) {
        self.rate = self.at(now);
        if sent_at >= self.decreased_at {
            self.rate = (self.rate * DECREASE).max(self.most * LOWEST);
            self.decreased_at = now;
        }
        self.changed_at = held_until;
    }
}
