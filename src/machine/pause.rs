//! A pause between two requests, which a wake-up may end early.

use crate::machine::effect::{Effect, Input};
use crate::protocol::time::{Instant, Millis};

/// The minimum of a pause that is ended early: wake-ups must not cause a loop of requests without waits.
const SHORTEST_PAUSE: Millis = Millis(1_000.0);

/// A pause in progress.
pub struct Pause {
    /// When it ends.
    pub until: Instant,
    /// When a wake-up may end it.
    earliest: Instant,
}

impl Pause {
    /// Begins a pause. It is never shorter than the service requested (`requested`).
    pub fn begin<V>(length: Millis, requested: Option<Millis>, now: Instant) -> (Pause, Effect<V>) {
        let earliest = now + requested.unwrap_or(Millis::ZERO).max(SHORTEST_PAUSE);
        (Pause { until: now + length, earliest }, Effect::Sleep { wakes_early: true })
    }

    /// Handles an input. Returns the next effect; `None` if the pause is over.
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
