//! One device of a process, as far as the guarantees need it.

use teams_device_diagnostics::machine::fleet::device::Key;
use teams_device_diagnostics::machine::fleet::record::{Outcome, RecordedState};
use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::driver::Clock;

/// A device of a process.
pub struct Device {
    pub key: Key,
    pub named_at: Instant,
    /// How long the fleet had been paused before that.
    pub paused_before: Millis,
    /// The state of its record of an earlier process, and when that was made.
    pub resumed: Option<(RecordedState, Instant)>,
    /// When it was first seen to do something.
    pub began: Option<Instant>,
    pub is_under_way: bool,
    /// The location in its last record, if its run was being followed then.
    pub location: Option<String>,
    /// The earliest time of its next request.
    pub not_before: Instant,
    pub records: u32,
    pub acknowledged: u32,
    /// How long it waited for its records, and since when it waits.
    pub keeping: Millis,
    pub keeping_since: Option<Instant>,
    pub post: Post,
    /// When each complete list of its operations was requested, and when the current one was.
    pub lists: Vec<Instant>,
    pub list_began: Instant,
    /// When its next poll is due.
    pub poll_due: Instant,
    pub attempts: u32,
    pub attempts_to_post: u32,
    pub results: usize,
    pub outcome: Option<Outcome>,
    pub is_taken_back: bool,
}

/// What is known of the last POST of a device.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Post {
    /// None was sent, or Graph said that it did not accept it.
    NotAccepted,
    /// It may have been accepted.
    Unknown,
    /// A gateway's 503 came, and this many complete lists had been read before.
    Unavailable(usize),
}

impl Device {
    pub fn new(key: Key, resumed: Option<(RecordedState, Instant)>, now: Instant) -> Device {
        let goes_on = matches!(resumed, Some((RecordedState::Starting | RecordedState::Running { .. }, _)));
        Device {
            key,
            named_at: now,
            paused_before: Millis::ZERO,
            location: resumed.as_ref().and_then(|(state, _)| location_of(state)),
            resumed,
            began: goes_on.then_some(now),
            is_under_way: goes_on,
            not_before: Clock::ORIGIN,
            records: 0,
            acknowledged: 0,
            keeping: Millis::ZERO,
            keeping_since: None,
            post: Post::NotAccepted,
            lists: Vec::new(),
            list_began: Instant::NEVER,
            poll_due: Instant::NEVER,
            attempts: 0,
            attempts_to_post: 0,
            results: 0,
            outcome: None,
            is_taken_back: false,
        }
    }

    pub fn begin(&mut self, now: Instant) {
        self.began.get_or_insert(now);
        self.is_under_way = true;
    }

    pub fn on_record(&mut self, state: &RecordedState, now: Instant) {
        self.begin(now);
        self.records += 1;
        self.keeping_since.get_or_insert(now);
        let location = location_of(state);
        // A run whose location is recorded again is no longer followed.
        let is_repeated = location.is_some() && location == self.location;
        if is_repeated || matches!(state, RecordedState::Ended { .. }) {
            self.is_under_way = false;
        }
        self.location = location;
    }

    pub fn on_kept(&mut self, number: u32, now: Instant) {
        self.acknowledged = self.acknowledged.max(number);
        if self.acknowledged == self.records
            && let Some(since) = self.keeping_since.take()
        {
            self.keeping = self.keeping + (now - since);
        }
    }

    /// Whether it goes on from an earlier process.
    pub fn goes_on(&self) -> bool {
        matches!(self.resumed, Some((RecordedState::Starting | RecordedState::Running { .. }, _)))
    }

    /// Whether an interrupted start in an earlier process may have started a run.
    pub fn is_interrupted(&self) -> bool {
        matches!(self.resumed, Some((RecordedState::Starting, _)))
    }
}

fn location_of(state: &RecordedState) -> Option<String> {
    match state {
        RecordedState::Running { location } => Some(location.as_str().to_owned()),
        RecordedState::Starting | RecordedState::Ended { .. } => None,
    }
}
