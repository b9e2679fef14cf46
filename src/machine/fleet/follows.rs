//! How the runs of a fleet are followed, and how often they are polled together.

use crate::machine::call::CallKind;
use crate::machine::effect::{Host, Input};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::calls::new_call;
use crate::machine::fleet::device::{Key, Stage};
use crate::machine::fleet::record::RecordedState;
use crate::machine::follow::Until;
use crate::protocol::location::TrustedUrl;
use crate::protocol::poll_interval::until_next_poll;
use crate::protocol::time::{Instant, Millis};

impl<V: Host> Fleet<V> {
    /// Follows a run that has been started. It cannot have ended yet, so the first poll comes after a poll interval.
    pub(super) fn follow_started(&mut self, key: Key, location: TrustedUrl) {
        let (now, limits) = (self.now, self.settings.call.limits);
        let stretch = self.poll_stretch();
        let Some(device) = self.device(key) else { return };
        let Stage::Starting(call) = &device.stage else { return };
        let requested = call.facts().not_before.map_or(Millis::ZERO, |not_before| not_before - now.instant);
        // The time limit of a device begins with its start; a run that an earlier process started has its own.
        let is_interrupted = call.facts().interrupted.is_some();
        let remaining = if is_interrupted { limits.operation_timeout } else { call.remaining(now.instant) };
        let is_found = call.facts().operation.is_some();
        device.started_at = Some(now.unix_time);
        let interval = until_next_poll(limits.poll_interval, Millis::ZERO, stretch, remaining, now.random);
        let first_poll_after = if is_found { requested } else { interval.max(requested) };
        self.totals.starting -= 1;
        self.keep_running_record(key, &location);
        self.follow(key, location, first_poll_after, remaining);
    }

    /// Follows the run of an earlier fleet. It may have ended, so it is polled as soon as possible.
    pub(super) fn follow_again(&mut self, key: Key, location: TrustedUrl) {
        self.follow(key, location, Millis::ZERO, self.settings.call.limits.operation_timeout);
    }

    fn follow(&mut self, key: Key, location: TrustedUrl, first_poll_after: Millis, timeout: Millis) {
        let now = self.now;
        let mut settings = self.call_settings();
        settings.limits.operation_timeout = timeout;
        let kind = CallKind::Follow { location: location.clone(), first_poll_after, until: Until::End };
        let call = new_call(kind, settings, &self.used_tokens, now);
        let Some(device) = self.device(key) else { return };
        device.location = Some(location);
        device.followed_since = now.instant;
        device.stage = Stage::Following(Box::new(call));
        self.totals.running += 1;
        self.durations.on_begin(now.instant);
        self.step_call(key, Input::Begin);
        self.note_poll_interval(key);
    }

    fn keep_running_record(&mut self, key: Key, location: &TrustedUrl) {
        if self.settings.keeps_records {
            self.keep_record(key, RecordedState::Running { location: location.clone() });
        }
    }

    /// Notes how often a device would poll by itself, and where its run has moved.
    pub(super) fn note_poll_interval(&mut self, key: Key) {
        let (now, fixed) = (self.now.instant, self.settings.call.limits.poll_interval);
        let Some(device) = self.device(key) else { return };
        let Stage::Following(call) = &device.stage else { return };
        let interval = until_next_poll(fixed, call.elapsed(now), 1.0, Millis::FOREVER, 0.5);
        let moved_to = call.facts().location.clone().filter(|location| device.location.as_ref() != Some(location));
        let before = device.poll_interval.replace(interval);
        if let Some(location) = &moved_to {
            device.location = Some(location.clone());
        }
        self.poll_demand += per_second(Some(interval)) - per_second(before);
        if let Some(location) = moved_to {
            self.keep_running_record(key, &location);
        }
    }

    /// Records that a run is no longer followed.
    pub(super) fn end_following(&mut self, followed_since: Instant, interval: Option<Millis>, has_ended: bool) {
        self.totals.running -= 1;
        self.poll_demand -= per_second(interval);
        self.durations.on_end(followed_since, has_ended, self.now.instant);
    }

    /// By how much the poll intervals are stretched, so that all polls together fit the rate.
    pub(super) fn poll_stretch(&self) -> f64 {
        (self.poll_demand / self.gate.polls_per_second(!self.waiting.is_empty())).max(1.0)
    }
}

fn per_second(interval: Option<Millis>) -> f64 {
    interval.map_or(0.0, |Millis(ms)| 1_000.0 / ms)
}
