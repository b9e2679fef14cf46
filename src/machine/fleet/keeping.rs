//! The records of a fleet: when each is kept, what then goes on, and how long that may take.

use crate::machine::effect::{Host, Input};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::device::{Key, Made, Stage};
use crate::machine::fleet::effect::FleetEffect;
use crate::machine::fleet::ends::Cause;
use crate::machine::fleet::record::{Outcome, Record, RecordedState};
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::time::{Instant, Millis};

/// A POST follows its record at most this long after it, so that a later process can rely on the record's time.
const OLDEST_RECORD: Millis = Millis(20_000.0);
/// How often the record of a POST is made again because keeping it took longer.
const MOST_RENEWALS: u32 = 3;
/// Nor does one that is still older then: a later process could start a second run.
const UNRELIABLE_RECORD: Millis = Millis(40_000.0);
/// The longest time in which a record is kept: a store that takes longer is broken, and the fleet ends.
const LONGEST_KEEPING: Millis = Millis(300_000.0);
/// The same after the end of the fleet.
const LONGEST_KEEPING_AT_END: Millis = Millis(60_000.0);

/// What is added to both, once: the computer may have been asleep.
const AFTER_SLEEP: Millis = Millis(5_000.0);

impl<V: Host> Fleet<V> {
    pub(super) fn on_record_kept(&mut self, key: Key, number: u32) {
        let now = self.now;
        let Some(device) = self.device(key) else { return };
        device.records_kept = device.records_kept.max(number);
        self.forget_kept_records();
        let Some(device) = self.device(key) else { return };
        if device.records_kept < device.records {
            return;
        }
        if let Stage::Ended(_) = device.stage {
            return self.deliver_result(key);
        }
        let Some((request, made)) = &device.held_post else { return };
        let (token, made) = (request.token.clone(), *made);
        if !self.may_send(key) || self.pauses.has_refused_since(made.at, &token) {
            return self.step_call(key, Input::TurnLost);
        }
        let Some(device) = self.device(key) else { return };
        let age = made.age(now);
        if age > OLDEST_RECORD && device.renewed_records < MOST_RENEWALS {
            device.renewed_records += 1;
            if let Some((_, made)) = &mut device.held_post {
                *made = Made { at: now.instant, time: now.unix_time };
            }
            return self.keep_record(key, RecordedState::Starting);
        }
        if age > UNRELIABLE_RECORD {
            self.step_call(key, Input::TurnLost);
            let error =
                Error::invalid_argument("options.onState", "took too long: a POST must follow its record within 40 seconds");
            return self.end_device(key, Outcome::Refused, None, Some(error));
        }
        let Some((request, _)) = device.held_post.take() else { return };
        self.held -= 1;
        let Some(device) = self.device(key) else { return };
        if let Some(call) = device.call() {
            call.restart_timeout(now.instant);
        }
        self.send(key, request);
        self.set_timer(key);
    }

    pub(super) fn keep_record(&mut self, key: Key, state: RecordedState) {
        let (time, now) = (self.now.unix_time, self.now.instant);
        let service_time = self.service_clock.map(|(time, at)| time + (now - at));
        let Some(device) = self.device(key) else { return };
        device.records += 1;
        let (number, started_at, attempts) = (device.records, device.started_at, device.attempts);
        self.unkept_records.push_back((key, number, now));
        let record = Box::new(Record { state, time, service_time, started_at, attempts });
        self.effects.push(FleetEffect::KeepRecord { key, number, record });
    }

    /// Forgets the records that are kept, up to the oldest that is not.
    fn forget_kept_records(&mut self) {
        while let Some(&(key, number, _)) = self.unkept_records.front()
            && self.device(key).is_none_or(|device| device.records_kept >= number)
        {
            self.unkept_records.pop_front();
        }
    }

    /// When the oldest record that is not kept takes too long.
    pub(super) fn keeping_deadline(&self) -> Instant {
        let Some((_, _, made_at)) = self.unkept_records.front() else { return Instant::NEVER };
        let end = self.ending.as_ref().map(|ending| ending.at);
        let deadline = end.map_or(*made_at + LONGEST_KEEPING, |end| end + LONGEST_KEEPING_AT_END);
        self.keeping_extended_until.map_or(deadline, |until| deadline.max(until))
    }

    /// Ends the fleet because a record takes too long. After its end, the results no longer wait for their records.
    pub(super) fn on_keeping_too_long(&mut self) {
        if self.keeping_extended_until.is_none() {
            // If the computer was asleep, so was the caller's store.
            self.keeping_extended_until = Some(self.now.instant + AFTER_SLEEP);
            return;
        }
        if self.ending.is_none() {
            let mut error = Error::new(ErrorCode::Timeout, "options.onState did not settle within five minutes");
            error.specific_hint = Some("Make onState settle: nothing is started before its record is kept.");
            self.keeping_extended_until = None;
            return self.end_early(Cause::Failed(error));
        }
        self.unkept_records.clear();
        (0..self.devices.len() as Key).for_each(|key| self.deliver_result(key));
    }
}
