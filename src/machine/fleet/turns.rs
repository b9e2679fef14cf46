//! The turns of a fleet: who waits for one, and when it comes.

use crate::machine::effect::{Host, Input};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::device::{Key, Stage};
use crate::machine::fleet::gate::{Lane, Turn};
use crate::protocol::time::Instant;

impl<V: Host> Fleet<V> {
    pub(super) fn await_turn(&mut self, key: Key) {
        let Some(device) = self.device(key) else { return };
        device.is_queued = true;
        let lane = if matches!(device.stage, Stage::Following(_)) { Lane::Poll } else { Lane::Start };
        self.gate.enqueue(lane, key);
    }

    /// Whether a device that waits may be started.
    pub(super) fn has_new_start(&self) -> bool {
        self.has_startable() && self.totals.starting + self.totals.running < self.settings.concurrency
    }

    /// Whether a probe may be started: it takes the place of the refused device, which waits for it.
    pub(super) fn has_room_for_probe(&self) -> bool {
        self.totals.starting + self.totals.running <= self.settings.concurrency
    }

    pub(super) fn has_startable(&self) -> bool {
        // The lists of a start that got no response show whether the service can be reached, and risk nothing.
        let is_doubtful = self.totals.starting > 0 && (!self.has_response || self.gate.awaits_response());
        !self.waiting.is_empty() && !is_doubtful
    }

    /// Whether something waits for a turn that may come.
    pub(super) fn wants_turn(&self) -> bool {
        let unsent = self.held + self.tokens.waiting();
        let is_held = self.pauses.is_offline() || unsent as f64 >= self.settings.requests_per_second.max(1.0);
        let has_any = match self.pauses.refusal {
            Some(_) => self.waiting_probe().is_some(),
            None => !self.gate.is_empty() || self.has_new_start(),
        };
        !is_held && has_any
    }

    /// The number of turns whose requests have no response so far.
    pub(super) fn under_way(&self) -> usize {
        self.in_flight + self.held + self.tokens.waiting()
    }

    /// Whether a request whose turn came earlier may still be sent.
    pub(super) fn may_send(&self, key: Key) -> bool {
        let may_pass = self.pauses.refusal.is_none() || self.is_probe(key);
        may_pass && !self.pauses.is_offline() && self.gate.permits(self.in_flight, self.now.instant)
    }

    pub(super) fn give_turns(&mut self) {
        let now = self.now.instant;
        if !self.was_ready {
            self.gate.on_ready(now);
        }
        while self.wants_turn() && self.gate.opens_at(self.under_way()) <= now {
            let Some(turn) = self.next_turn() else { return };
            self.gate.on_turn(now);
            match turn {
                Turn::Of(key) => {
                    if let Some(device) = self.device(key) {
                        device.is_queued = false;
                    }
                    self.step_call(key, Input::Turn);
                }
                Turn::NewStart => self.start_next(),
            }
        }
        self.was_ready = self.wants_turn() && self.gate.opens_at(self.under_way()) < Instant::NEVER;
    }

    fn next_turn(&mut self) -> Option<Turn> {
        if self.pauses.refusal.is_none() {
            return self.gate.take(self.has_new_start());
        }
        let probe = self.waiting_probe()?;
        self.gate.remove(probe);
        Some(Turn::Of(probe))
    }

    /// Begins to start the next device, which waits for its turn then.
    pub(super) fn begin_next(&mut self) -> Option<Key> {
        let key = self.waiting.pop_front()?;
        self.totals.waiting -= 1;
        self.start(key, None);
        Some(key)
    }

    /// Starts the next device. This is its turn, so it need not wait for another.
    pub(super) fn start_next(&mut self) {
        let Some(key) = self.begin_next() else { return };
        let Some(device) = self.device(key) else { return };
        if std::mem::take(&mut device.is_queued) {
            self.gate.remove_start(key);
            self.step_call(key, Input::Turn);
        }
    }
}
