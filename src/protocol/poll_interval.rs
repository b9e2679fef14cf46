//! When to poll a running operation again. What the service says about that (`Retry-After`) wins; see [`crate::protocol::retry`].

use crate::protocol::time::Millis;

/// The first adaptive wait. This and the next two are chosen by simulation: `docs/polling.md`.
const SHORTEST: Millis = Millis(2_000.0);
/// The longest adaptive wait.
const LONGEST: Millis = Millis(15_000.0);
/// How many seconds a wait grows by the root of the seconds waited so far: the longer something has taken, the later its end is
/// likely to be, and the less a moment matters. In proportion to the time itself waits would grow too fast: that costs more
/// lateness than it saves requests.
const GROWTH: f64 = 0.4;
/// Many clients that started together must not poll together: up to this share is added by chance.
const JITTER: f64 = 0.1;
/// So long before the time is up the last poll is sent.
const LAST_POLL: Millis = Millis(1_000.0);

/// The wait until the next poll.
///
/// * `fixed`: the `pollInterval` option; without it the wait is adaptive
/// * `waited`: since the first poll
/// * `remaining`: until the whole wait is given up
/// * `random`: at least 0, less than 1
pub fn until_next_poll(fixed: Option<Millis>, waited: Millis, remaining: Millis, random: f64) -> Millis {
    let adaptive = || {
        let grown = Millis(SHORTEST.0 + GROWTH * (waited.0 * 1_000.0).sqrt());
        Millis(grown.min(LONGEST).0 * (1.0 + JITTER * random))
    };
    before_the_end(fixed.unwrap_or_else(adaptive), remaining)
}

/// A wait that leaves time for a last poll, if there is any.
pub fn before_the_end(wait: Millis, remaining: Millis) -> Millis {
    let is_beyond_the_end = wait >= remaining && remaining.0 > 2.0 * LAST_POLL.0;
    if is_beyond_the_end { Millis(remaining.0 - LAST_POLL.0) } else { wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polls_are_close_together_at_first_and_never_far_apart() {
        assert_eq!(until_next_poll(None, Millis(0.0), Millis::FOREVER, 0.0), Millis(2_000.0));
        assert_eq!(until_next_poll(None, Millis(100_000.0), Millis::FOREVER, 0.0), Millis(6_000.0));
        assert_eq!(until_next_poll(None, Millis(3_600_000.0), Millis::FOREVER, 0.0), Millis(15_000.0));
        assert_eq!(until_next_poll(None, Millis(0.0), Millis::FOREVER, 0.5), Millis(2_100.0));
        assert_eq!(until_next_poll(None, Millis(f64::MAX), Millis::FOREVER, 0.0), Millis(15_000.0));
    }

    #[test]
    fn a_fixed_interval_is_kept_as_it_is() {
        assert_eq!(until_next_poll(Some(Millis(250.0)), Millis(60_000.0), Millis::FOREVER, 0.9), Millis(250.0));
    }

    #[test]
    fn the_last_poll_is_sent_just_before_the_time_is_up() {
        assert_eq!(until_next_poll(Some(Millis(30_000.0)), Millis(0.0), Millis(10_000.0), 0.0), Millis(9_000.0));
        assert_eq!(until_next_poll(Some(Millis(30_000.0)), Millis(0.0), Millis(2_001.0), 0.0), Millis(1_001.0));
        for remaining in [1_000.0, 1_500.0, 2_000.0] {
            assert_eq!(
                until_next_poll(Some(Millis(30_000.0)), Millis(0.0), Millis(remaining), 0.0),
                Millis(30_000.0),
                "too late for another poll"
            );
        }
    }
}
