//! When to poll a running operation again. A wait that the service requests (`Retry-After`) takes precedence; see
//! [`crate::protocol::retry`].

use crate::protocol::time::Millis;

/// The first adaptive wait. This constant and the next two were chosen by simulation: `docs/polling.md`.
const SHORTEST: Millis = Millis(2_000.0);
/// The longest adaptive wait.
const LONGEST: Millis = Millis(15_000.0);
/// The growth of the wait: this times the square root of the time waited so far, both in seconds. The longer an operation
/// has taken, the later its end is likely to be, and the less a short delay matters. Growth in proportion to the time itself
/// would be too fast: it costs more lateness than it saves requests.
const GROWTH: f64 = 0.4;
/// The maximum share that is added at random, so that clients which started together do not poll together.
const JITTER: f64 = 0.1;
/// The last poll is sent this long before the deadline.
const LAST_POLL: Millis = Millis(1_000.0);

/// The wait until the next poll.
///
/// * `fixed`: the `pollInterval` option; adaptive if `None`
/// * `waited`: the time since the call began
/// * `stretch`: the factor by which a fleet with many devices makes the wait longer, at least 1
/// * `remaining`: the time until the call's deadline
/// * `random`: at least 0, less than 1
pub fn until_next_poll(fixed: Option<Millis>, waited: Millis, stretch: f64, remaining: Millis, random: f64) -> Millis {
    let adaptive = || {
        let grown = SHORTEST + Millis(GROWTH * (waited.0 * 1_000.0).sqrt());
        grown.min(LONGEST) * (1.0 + JITTER * random)
    };
    before_deadline(fixed.unwrap_or_else(adaptive) * stretch, remaining)
}

/// Shortens a wait that would reach the deadline, so that there is time for a last poll. Unchanged if less than two seconds
/// remain.
pub fn before_deadline(wait: Millis, remaining: Millis) -> Millis {
    let exceeds_deadline = wait >= remaining && remaining > LAST_POLL * 2.0;
    if exceeds_deadline { remaining - LAST_POLL } else { wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_poll_interval_grows_from_2_to_15_seconds() {
        assert_eq!(until_next_poll(None, Millis(0.0), 1.0, Millis::FOREVER, 0.0), Millis(2_000.0));
        assert_eq!(until_next_poll(None, Millis(100_000.0), 1.0, Millis::FOREVER, 0.0), Millis(6_000.0));
        assert_eq!(until_next_poll(None, Millis(3_600_000.0), 1.0, Millis::FOREVER, 0.0), Millis(15_000.0));
        assert_eq!(until_next_poll(None, Millis(0.0), 1.0, Millis::FOREVER, 0.5), Millis(2_100.0));
        assert_eq!(until_next_poll(None, Millis(f64::MAX), 1.0, Millis::FOREVER, 0.0), Millis(15_000.0));
    }

    #[test]
    fn a_fixed_poll_interval_is_used_unchanged() {
        assert_eq!(until_next_poll(Some(Millis(250.0)), Millis(60_000.0), 1.0, Millis::FOREVER, 0.9), Millis(250.0));
    }

    #[test]
    fn the_last_poll_is_sent_one_second_before_the_deadline() {
        assert_eq!(until_next_poll(Some(Millis(30_000.0)), Millis(0.0), 1.0, Millis(10_000.0), 0.0), Millis(9_000.0));
        assert_eq!(until_next_poll(Some(Millis(30_000.0)), Millis(0.0), 1.0, Millis(2_001.0), 0.0), Millis(1_001.0));
        for remaining in [1_000.0, 1_500.0, 2_000.0] {
            assert_eq!(
                until_next_poll(Some(Millis(30_000.0)), Millis(0.0), 1.0, Millis(remaining), 0.0),
                Millis(30_000.0),
                "too late for another poll"
            );
        }
    }
}
