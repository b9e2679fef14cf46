//! The one timer of a driver, and the clock that goes with it.

use gloo_timers::callback::Timeout;

use super::errors::thrown;
use super::host::{self, take_failure};
use super::value::Js;
use crate::machine::effect::{Failure, Now};
use crate::protocol::time::{Instant, Millis};

/// Hosts may fire timers this much too early.
const TOLERANCE: Millis = Millis(2.0);

/// A timer for the deadline of a machine.
#[derive(Default)]
pub struct DeadlineTimer {
    running: Option<Running>,
    /// How far the machine's clock is ahead of the host's, because a timer fired while that clock stood still (test tools do
    /// that).
    lead: Millis,
}

struct Running {
    _timeout: Timeout,
    /// When it is due, by the machine's clock.
    due: Instant,
    /// Whether it replaces a timer that fired slightly too early.
    is_second: bool,
}

impl DeadlineTimer {
    /// The current time, by the machine's own clock.
    ///
    /// # Errors
    /// What a replaced clock threw.
    pub fn now(&self) -> Result<Now, Failure<Js>> {
        let mut now = host::now().map_err(thrown)?;
        now.instant = now.instant + self.lead;
        Ok(now)
    }

    /// Whether the timer is set.
    pub fn is_set(&self) -> bool {
        self.running.is_some()
    }

    /// When the timer is due; never if it is not set.
    pub fn due(&self) -> Instant {
        self.running.as_ref().map_or(Instant::NEVER, |running| running.due)
    }

    /// Sets the timer, unless the deadline never comes.
    ///
    /// * `is_second`: whether it replaces a timer that fired slightly too early
    pub fn set(&mut self, deadline: Instant, now: Instant, is_second: bool, on_fire: impl FnOnce() + 'static) {
        if deadline == Instant::NEVER {
            return;
        }
        // A longer delay would fire immediately (HTML, timer initialization steps).
        let delay = (deadline - now).max(Millis::ZERO).0.ceil().min(f64::from(i32::MAX));
        let _timeout = Timeout::new(delay as u32, on_fire);
        self.running = Some(Running { _timeout, due: deadline.min(now + Millis(delay)), is_second });
    }

    /// Clears the timer.
    pub fn clear(&mut self) {
        self.running = None;
    }

    /// Whether the deadline has come, after the timer has fired. A timer that fired has waited its time, whatever the host's
    /// clock says; but hosts fire slightly too early, and a wait may be longer than any timer.
    ///
    /// # Errors
    /// What a replaced clock threw.
    pub fn on_fired(&mut self, deadline: Instant) -> Result<bool, Failure<Js>> {
        let now = self.now()?.instant;
        // A timer that has fired need not be cleared, so this cannot throw.
        let Some(Running { due, is_second, .. }) = self.running.take() else { return Ok(false) };
        let missing = due - now;
        if missing > Millis::ZERO {
            if missing <= TOLERANCE && !is_second {
                return Ok(false);
            }
            self.lead = self.lead + missing;
        }
        Ok(due >= deadline || now >= deadline)
    }
}

/// Whether the timer functions of the host work.
///
/// # Errors
/// What a replaced timer function threw.
pub fn check_timer_functions() -> Result<(), Failure<Js>> {
    let failure = take_failure();
    if failure.is_undefined() { Ok(()) } else { Err(thrown(failure)) }
}
