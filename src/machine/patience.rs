//! How long a wait goes on without a usable answer: time counts, not tries.

use crate::protocol::time::{Instant, Millis};

/// A timer that fires later than this after it was due has slept, as its machine has.
const SLEEP: Millis = Millis(5_000.0);

/// Time that is nobody's fault: the machine slept, or was offline.
#[derive(Default)]
pub struct IdleTime {
    /// All of it since the call began.
    total: Millis,
    offline_since: Option<Instant>,
}

/// A moment, and how much idle time there was before.
#[derive(Clone, Copy)]
pub struct Mark(Instant, Millis);

impl IdleTime {
    /// Takes note of a step.
    ///
    /// * `late`: how long after it was due it comes
    ///
    /// Returns whether the machine has slept.
    pub fn on_step(&mut self, now: Instant, late: Millis, is_online: bool) -> bool {
        let has_slept = late > SLEEP;
        let slept = if has_slept { late } else { Millis::ZERO };
        let offline = self.offline_since.map_or(Millis::ZERO, |since| now - since);
        self.total = self.total + slept.max(offline);
        self.offline_since = (!is_online).then_some(now);
        has_slept
    }

    /// This moment, as one that time is counted from.
    pub fn mark(&self, now: Instant) -> Mark {
        Mark(now, self.total)
    }

    /// The time since then that was not idle.
    pub fn busy_since(&self, mark: Mark, now: Instant) -> Millis {
        let Mark(began, idle_before) = mark;
        Millis((now - began).0 - (self.total.0 - idle_before.0))
    }
}

/// A row of requests without a usable answer.
#[derive(Default)]
pub struct FailureRow {
    /// When the first of them was sent.
    began: Option<Mark>,
    /// How long the service asked to wait, and the token source took.
    excused: Millis,
    /// When the first 404 of the row came.
    missing_since: Option<Mark>,
}

impl FailureRow {
    /// A request is sent.
    pub fn on_request(&mut self, now: Instant, idle: &IdleTime) {
        self.began.get_or_insert(idle.mark(now));
    }

    /// No patience is spent on this: the service asked for a wait, which is kept, or the token source took its time. What comes before
    /// the first request of the row is no part of it.
    pub fn excuse(&mut self, length: Millis) {
        if self.began.is_some() {
            self.excused = self.excused + length;
        }
    }

    /// How long it has taken so far, apart from idle time and from what is excused.
    pub fn length(&self, now: Instant, idle: &IdleTime) -> Millis {
        let Some(began) = self.began else { return Millis::ZERO };
        Millis(idle.busy_since(began, now).0 - self.excused.0)
    }

    /// A 404 has come. Returns how long ago the first of the row came, apart from idle time.
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
    fn sleep_offline_time_and_waits_that_were_asked_for_do_not_count() {
        let (mut idle, mut row) = (IdleTime::default(), FailureRow::default());
        row.on_request(at(0.0), &idle);
        assert!(!idle.on_step(at(10.0), Millis(5_000.0), true), "a slow machine is awake");
        assert_eq!(row.length(at(10.0), &idle), Millis(10_000.0));
        assert!(idle.on_step(at(3_610.0), Millis(3_600_000.0), true));
        assert_eq!(row.length(at(3_610.0), &idle), Millis(10_000.0), "asleep");
        idle.on_step(at(3_611.0), Millis(-1.0), false);
        idle.on_step(at(3_711.0), Millis(60_000.0), false);
        idle.on_step(at(3_811.0), Millis(0.0), true);
        assert_eq!(row.length(at(3_811.0), &idle), Millis(11_000.0), "offline, and asleep meanwhile");
        row.excuse(Millis(315_000.0));
        idle.on_step(at(4_127.0), Millis(0.0), true);
        assert_eq!(row.length(at(4_127.0), &idle), Millis(12_000.0), "asked for");
        let mut later = FailureRow::default();
        later.excuse(Millis(200_000.0));
        assert_eq!(later.length(at(9_000.0), &idle), Millis::ZERO, "another row");
        later.on_request(at(9_000.0), &idle);
        assert_eq!(later.length(at(9_300.0), &idle), Millis(300_000.0), "what came before the row is no part of it");
    }
}
