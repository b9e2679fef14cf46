//! The deadlines of all devices, the earliest first.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use crate::machine::fleet::device::Key;
use crate::protocol::time::Instant;

/// Deadlines. One that a device has replaced stays until it is due; the device tells them apart.
#[derive(Default)]
pub struct Timers(BinaryHeap<Timer>);

struct Timer {
    at: Instant,
    key: Key,
}

impl Timers {
    /// Adds a deadline of a device.
    pub fn set(&mut self, key: Key, at: Instant) {
        if at < Instant::NEVER {
            self.0.push(Timer { at, key });
        }
    }

    /// The earliest deadline, which may have been replaced.
    pub fn next(&self) -> Instant {
        self.0.peek().map_or(Instant::NEVER, |timer| timer.at)
    }

    /// Removes the earliest deadline if it is due, and returns it with its device.
    pub fn take_due(&mut self, now: Instant) -> Option<(Key, Instant)> {
        if self.next() > now {
            return None;
        }
        self.0.pop().map(|timer| (timer.key, timer.at))
    }
}

impl Ord for Timer {
    /// The earliest is the greatest, because a [`BinaryHeap`] returns the greatest first. Of equals, the first device is.
    fn cmp(&self, other: &Timer) -> Ordering {
        other.at.0.total_cmp(&self.at.0).then(other.key.cmp(&self.key))
    }
}

impl PartialOrd for Timer {
    fn partial_cmp(&self, other: &Timer) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Timer {
    fn eq(&self, other: &Timer) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Timer {}
