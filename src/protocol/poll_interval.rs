//! When to look at a running operation again. What the service says about that (`Retry-After`) wins; see [`crate::protocol::retry`].

/// The first adaptive wait, in milliseconds. This and the next two are chosen by simulation: `docs/polling.md`.
const SHORTEST_MS: f64 = 2_000.0;
/// The longest adaptive wait, in milliseconds.
const LONGEST_MS: f64 = 15_000.0;
/// How many seconds a wait grows by the root of the seconds waited so far: the longer something has taken, the later its end is
/// likely to be, and the less a moment matters. In proportion to the time itself waits would grow too fast: that costs more
/// lateness than it saves requests.
const GROWTH: f64 = 0.4;
/// Many clients that started together must not look together: up to this share is added by chance.
const JITTER: f64 = 0.1;
/// So long before the time is up the last look is taken, in milliseconds.
const LAST_LOOK_MS: f64 = 1_000.0;

/// Milliseconds until the next look.
///
/// * `fixed`: the `pollInterval` option; without it the wait is adaptive
/// * `waited`: milliseconds since the first look
/// * `remaining`: milliseconds until the whole wait is given up
/// * `random`: at least 0, less than 1
pub fn next_poll_ms(fixed: Option<f64>, waited: f64, remaining: f64, random: f64) -> f64 {
    let adaptive = || {
        let root = whole_root(waited * 1_000.0);
        let grown = SHORTEST_MS + GROWTH * root;
        grown.min(LONGEST_MS) * (1.0 + JITTER * random)
    };
    let wait = fixed.unwrap_or_else(adaptive);
    if wait >= remaining && remaining > 2.0 * LAST_LOOK_MS { remaining - LAST_LOOK_MS } else { wait }
}

/// About the square root, whole (Newton's method). Floats have none without the standard library, and that of integers is a table.
fn whole_root(square: f64) -> f64 {
    let mut root = square;
    while root * root - square > 1.0 {
        root = (root + square / root) / 2.0;
    }
    f64::from(root as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_close_together_at_first_and_never_far_apart() {
        assert_eq!(next_poll_ms(None, 0.0, f64::INFINITY, 0.0), 2_000.0);
        assert_eq!(next_poll_ms(None, 100_000.0, f64::INFINITY, 0.0), 6_000.0);
        assert_eq!(next_poll_ms(None, 3_600_000.0, f64::INFINITY, 0.0), 15_000.0);
        assert_eq!(next_poll_ms(None, 0.0, f64::INFINITY, 0.5), 2_100.0);
        assert_eq!(next_poll_ms(None, f64::MAX, f64::INFINITY, 0.0), 15_000.0);
    }

    #[test]
    fn a_fixed_interval_is_kept_as_it_is() {
        assert_eq!(next_poll_ms(Some(250.0), 60_000.0, f64::INFINITY, 0.9), 250.0);
    }

    #[test]
    fn the_last_look_is_taken_just_before_the_time_is_up() {
        assert_eq!(next_poll_ms(Some(30_000.0), 0.0, 10_000.0, 0.0), 9_000.0);
        assert_eq!(next_poll_ms(Some(30_000.0), 0.0, 2_001.0, 0.0), 1_001.0);
        for remaining in [1_000.0, 1_500.0, 2_000.0] {
            assert_eq!(next_poll_ms(Some(30_000.0), 0.0, remaining, 0.0), 30_000.0, "too late for another look");
        }
    }
}
