//! A pause between two requests, which ends early when waiting has become pointless.

use crate::machine::effect::{Effect, Input};
use crate::protocol::time::{Instant, Millis};

/// Whatever wakes a call, a pause is not shorter than this: waking up must not become a loop without waiting.
const SHORTEST_PAUSE: Millis = Millis(1_000.0);

/// A pause that is under way.
pub struct Pause {
    /// When it ends.
    pub until: Instant,
    /// When it may be ended early.
    earliest: Instant,
}

impl Pause {
    /// Begins a pause. What the service asked for (`asked`) is never cut short.
    pub fn begin<V>(length: Millis, asked: Option<Millis>, now: Instant) -> (Pause, Effect<V>) {
        let earliest = now + asked.unwrap_or(Millis::ZERO).max(SHORTEST_PAUSE);
        (Pause { until: now + length, earliest }, Effect::Sleep { wakes_early: true })
    }

    /// What comes next; nothing when the pause is over.
    pub fn step<V>(&mut self, input: &Input<V>, now: Instant) -> Option<Effect<V>> {
        let is_over = match input {
            Input::Deadline => now >= self.until,
            Input::WakeUp if now < self.earliest && self.earliest < self.until => {
                self.until = self.earliest;
                return Some(Effect::Sleep { wakes_early: true });
            }
            Input::WakeUp => now >= self.earliest,
            _ => false,
        };
        if is_over { None } else { Some(Effect::Pending) }
    }
}
