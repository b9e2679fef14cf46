//! Patience: how long a wait goes on without a usable response. It is measured in time, not in attempts.

use crate::protocol::time::{Instant, Millis};

/// A timer that fires later than this after it was due shows that the computer was asleep.
const SLEEP: Millis = Millis(5_000.0);

/// Time that does not count, because the computer was asleep or offline.
#[derive(Default)]
pub struct IdleTime {
    /// The total since the call began.
    total: Millis,
    offline_since: Option<Instant>,
}

/// A point in time, with the idle time before it.
#[derive(Clone, Copy)]
pub struct Mark(Instant, Millis);

impl IdleTime {
    /// Records a step.
    ///
    /// * `late`: how long after it was due the step comes
    ///
    /// Returns whether the computer has been asleep.
    pub fn on_step(&mut self, now: Instant, late: Millis, is_online: bool) -> bool {
        let has_slept = late > SLEEP;
        let slept = if has_slept { late } else { Millis::ZERO };
        let offline = self.offline_since.map_or(Millis::ZERO, |since| now - since);
        self.total = self.total + slept.max(offline);
        self.offline_since = (!is_online).then_some(now);
        has_slept
    }

    /// Adds time that does not count.
    pub fn add(&mut self, length: Millis) {
        self.total = self.total + length;
    }

    /// Marks this point in time as the start of a measurement.
    pub fn mark(&self, now: Instant) -> Mark {
        Mark(now, self.total)
    }

    /// The time since a mark, without idle time.
    pub fn busy_since(&self, mark: Mark, now: Instant) -> Millis {
        let Mark(began, idle_before) = mark;
        (now - began) - (self.total - idle_before)
    }
}

/// A series of requests without a usable response.
#[derive(Default)]
pub struct FailureSeries {
    /// When the first of them was sent.
    began: Option<Mark>,
    /// The time that the service requested to wait, and the time that the token source took.
    excluded: Millis,
    /// When the first 404 of the series came.
    missing_since: Option<Mark>,
}

impl FailureSeries {
    /// Records that a request is sent.
    pub fn on_request(&mut self, now: Instant, idle: &IdleTime) {
        self.began.get_or_insert(idle.mark(now));
    }

    /// Excludes a time from the series: a requested wait, or the time that the token source took. Time before the first
    /// request of the series does not belong to it.
    pub fn exclude(&mut self, length: Millis) {
        if self.began.is_some() {
            self.excluded = self.excluded + length;
        }
    }

    /// The length of the series so far, without idle and excluded time.
    pub fn length(&self, now: Instant, idle: &IdleTime) -> Millis {
        let Some(began) = self.began else { return Millis::ZERO };
        idle.busy_since(began, now) - self.excluded
    }

    /// Records a 404. Returns the time since the first 404 of the series, without idle time.
    pub fn on_missing(&mut self, now: Instant, idle: &IdleTime) -> Millis {
        idle.busy_since(*self.missing_since.get_or_insert(idle.mark(now)), now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: f64) -> Instant {
        Instant(seconds * 1_000.0)
    }

    #[test]
    fn sleep_offline_time_and_requested_delays_use_no_patience() {
        let (mut idle, mut series) = (IdleTime::default(), FailureSeries::default());
        series.on_request(at(0.0), &idle);
        assert!(!idle.on_step(at(10.0), Millis(5_000.0), true), "a slow computer is not asleep");
        assert_eq!(series.length(at(10.0), &idle), Millis(10_000.0));
        assert!(idle.on_step(at(3_610.0), Millis(3_600_000.0), true));
        assert_eq!(series.length(at(3_610.0), &idle), Millis(10_000.0), "asleep");
        idle.on_step(at(3_611.0), Millis(-1.0), false);
        idle.on_step(at(3_711.0), Millis(60_000.0), false);
        idle.on_step(at(3_811.0), Millis(0.0), true);
        assert_eq!(series.length(at(3_811.0), &idle), Millis(11_000.0), "offline, and asleep meanwhile");
        series.exclude(Millis(315_000.0));
        idle.on_step(at(4_127.0), Millis(0.0), true);
        assert_eq!(series.length(at(4_127.0), &idle), Millis(12_000.0), "a requested delay");
        let mut later = FailureSeries::default();
        later.exclude(Millis(200_000.0));
        assert_eq!(later.length(at(9_000.0), &idle), Millis::ZERO, "another series");
        later.on_request(at(9_000.0), &idle);
        assert_eq!(later.length(at(9_300.0), &idle), Millis(300_000.0), "time before the series does not belong to it");
    }
}
