//! The gate that all requests of a fleet pass: it limits their rate, holds them while Graph throttles, and shares the turns
//! between starts and polls.

use std::collections::VecDeque;

use crate::machine::fleet::device::Key;
use crate::protocol::retry::backoff;
use crate::protocol::time::{Instant, Millis};

/// The rate after a throttled request, as a share of the rate before.
const DECREASE: f64 = 0.7;
/// The lowest rate, as a share of the maximum.
const LOWEST: f64 = 0.05;
/// How much of the maximum the rate recovers in a second, up to where it was throttled last; and beyond that.
const RECOVERY: f64 = 0.05;
const PROBING_RECOVERY: f64 = 0.005;
/// The share of the rate at which it was throttled last that counts as safe.
const SAFE: f64 = 0.95;
/// The wait after a throttled request that does not say how long to wait.
const UNSTATED_WAIT: Millis = Millis(1_000.0);
/// How much lateness of its timer the gate makes up for: browsers slow down the timers of hidden pages to one in a second.
const LATENESS: Millis = Millis(1_000.0);
/// The number of turns in a row that go to starts while polls wait.
const STARTS_IN_A_ROW: u32 = 2;

/// The gate.
pub struct Gate {
    /// Requests in a second: the maximum, now, and where it was throttled last.
    most: f64,
    rate: f64,
    ceiling: f64,
    /// When the rate was last changed, and when it was last decreased.
    changed_at: Instant,
    decreased_at: Instant,
    /// When the next turn comes by the rate alone.
    next_turn: Instant,
    /// Until when Graph wants no request.
    held_until: Instant,
    /// Requests without any response since the last response; while this is not zero, only one request is sent at a time.
    unanswered: u32,
    /// Whether any response has come.
    is_proven: bool,
    starts: VecDeque<Key>,
    polls: VecDeque<Key>,
    starts_in_a_row: u32,
    /// Whether the last turn of a start was that of a new one.
    was_new_start: bool,
}

/// What a turn is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// The POST, and the lists that belong to a start.
    Start,
    /// A poll.
    Poll,
}

impl Gate {
    /// A gate that lets this many requests pass in a second.
    pub fn new(requests_per_second: f64, now: Instant) -> Gate {
        Gate {
            most: requests_per_second,
            rate: requests_per_second,
            ceiling: requests_per_second,
            changed_at: now,
            decreased_at: now,
            next_turn: now,
            held_until: now,
            unanswered: 0,
            is_proven: false,
            starts: VecDeque::new(),
            polls: VecDeque::new(),
            starts_in_a_row: 0,
            was_new_start: false,
        }
    }

    /// Adds a request that waits for its turn.
    pub fn enqueue(&mut self, lane: Lane, key: Key) {
        match lane {
            Lane::Start => self.starts.push_back(key),
            Lane::Poll => self.polls.push_back(key),
        }
    }

    /// Removes a request that no longer waits.
    pub fn remove(&mut self, key: Key) {
        self.starts.retain(|waiting| *waiting != key);
        self.polls.retain(|waiting| *waiting != key);
    }

    /// When the next turn comes; [`Instant::NEVER`] while it waits for a response.
    ///
    /// * `in_flight`: the number of requests without a response so far
    pub fn opens_at(&self, in_flight: usize) -> Instant {
        if self.is_probing() && in_flight > 0 { Instant::NEVER } else { self.next_turn.max(self.held_until) }
    }

    /// Whether a request may still be sent whose turn came earlier: it had to wait for its token or its record.
    ///
    /// * `in_flight`: the number of requests that were sent, and have no response so far
    pub fn permits(&self, in_flight: usize, now: Instant) -> bool {
        self.held_until <= now && (in_flight == 0 || !self.is_probing())
    }

    /// Whether the last request got no response.
    pub fn awaits_response(&self) -> bool {
        self.unanswered > 0
    }

    fn is_probing(&self) -> bool {
        self.unanswered > 0 || !self.is_proven
    }

    /// Takes the next turn. New starts (`has_new_start`) and requests of starts that are under way take turns.
    pub fn take(&mut self, has_new_start: bool) -> Option<Turn> {
        let has_start = has_new_start || !self.starts.is_empty();
        // While nothing responds, no start is risked if there is anything else to send.
        let prefers_poll = self.unanswered > 0 || self.starts_in_a_row >= STARTS_IN_A_ROW;
        if has_start && (self.polls.is_empty() || !prefers_poll) {
            self.starts_in_a_row += 1;
            // They take turns, so that starts which are retried again and again do not keep others from being started.
            let takes_new = has_new_start && (self.starts.is_empty() || !self.was_new_start);
            self.was_new_start = takes_new;
            return if takes_new { Some(Turn::NewStart) } else { self.starts.pop_front().map(Turn::Of) };
        }
        self.starts_in_a_row = 0;
        self.polls.pop_front().map(Turn::Of)
    }

    /// The requests that wait.
    pub fn waiting(&self) -> impl Iterator<Item = Key> {
        self.polls.iter().chain(&self.starts).copied()
    }

    /// Whether anything waits, apart from new starts.
    pub fn is_empty(&self) -> bool {
        self.starts.is_empty() && self.polls.is_empty()
    }

    /// Records that a turn was given.
    pub fn on_turn(&mut self, now: Instant) {
        self.recover(now);
        let earliest = Instant(now.0 - LATENESS.0);
        self.next_turn = self.next_turn.max(earliest) + Millis(1_000.0 / self.rate);
    }

    /// Records that the next turn depends on the time alone from now on: time before that gives no later turns.
    pub fn on_ready(&mut self, now: Instant) {
        self.next_turn = self.next_turn.max(now);
    }

    /// Removes the last start that was added, whose turn has come at once.
    pub fn remove_start(&mut self, key: Key) {
        if self.starts.back() == Some(&key) {
            self.starts.pop_back();
        }
    }

    /// Sends the next request as soon as possible although no response came before: something has changed.
    pub fn hurry(&mut self, now: Instant) {
        if self.unanswered > 0 {
            self.next_turn = self.next_turn.min(now.max(self.held_until));
        }
    }

    /// Records a response.
    pub fn on_response(&mut self) {
        self.unanswered = 0;
        self.is_proven = true;
    }

    /// Records that no response came: the next request follows only after a backoff.
    pub fn on_no_response(&mut self, now: Instant, random: f64) {
        self.unanswered += 1;
        self.next_turn = self.next_turn.max(now + backoff(self.unanswered, random));
    }

    /// Records that Graph throttles. Requests that were sent before the rate was decreased do not decrease it again.
    pub fn on_throttled(&mut self, sent_at: Instant, retry_after: Option<Millis>, now: Instant) {
        self.recover(now);
        self.held_until = self.held_until.max(now + retry_after.unwrap_or(UNSTATED_WAIT));
        self.next_turn = self.next_turn.max(self.held_until);
        if sent_at >= self.decreased_at {
            self.ceiling = self.rate * SAFE;
            self.rate = (self.rate * DECREASE).max(self.most * LOWEST);
            self.decreased_at = now;
        }
        // The rate does not recover while nothing is sent.
        self.changed_at = self.held_until;
    }

    /// Holds all requests as after a pause: the first one is a probe.
    pub fn probe(&mut self, now: Instant) {
        self.is_proven = false;
        self.next_turn = self.next_turn.max(now);
    }

    fn recover(&mut self, now: Instant) {
        let Millis(ms) = now - self.changed_at;
        if ms <= 0.0 {
            return;
        }
        self.changed_at = now;
        let step = if self.rate < self.ceiling { RECOVERY } else { PROBING_RECOVERY };
        self.rate = (self.rate + self.most * step * ms / 1_000.0).min(self.most);
    }

    /// Until when Graph wants no request, if that is later than now.
    pub fn throttled_until(&self, now: Instant) -> Option<Instant> {
        (self.held_until > now).then_some(self.held_until)
    }

    /// The number of polls that pass in a second.
    ///
    /// * `are_starts_waiting`: whether starts take their share
    pub fn polls_per_second(&self, are_starts_waiting: bool) -> f64 {
        if are_starts_waiting { self.rate / f64::from(STARTS_IN_A_ROW + 1) } else { self.rate }
    }

    /// The number of starts that pass in a second.
    pub fn starts_per_second(&self) -> f64 {
        if self.polls.is_empty() {
            return self.rate;
        }
        self.rate * f64::from(STARTS_IN_A_ROW) / f64::from(STARTS_IN_A_ROW + 1)
    }
}

/// A turn.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Of a request that waits.
    Of(Key),
    /// Of a device that was not started yet.
    NewStart,
}
