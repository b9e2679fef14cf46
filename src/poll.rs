//! When to look at a running operation again. What the service says about that (`Retry-After`) wins; see [`crate::retry`].

/// The shortest adaptive wait, in milliseconds.
const SHORTEST_MS: f64 = 1_000.0;
/// The longest adaptive wait, in milliseconds.
const LONGEST_MS: f64 = 30_000.0;
/// An adaptive wait is this share of the time waited so far: how late the end is seen stays in proportion to the whole.
const SHARE: f64 = 0.2;
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
pub fn next_look_ms(fixed: Option<f64>, waited: f64, remaining: f64, random: f64) -> f64 {
    let adaptive = || (waited * SHARE).clamp(SHORTEST_MS, LONGEST_MS) * (1.0 + JITTER * random);
    let wait = fixed.unwrap_or_else(adaptive);
    if wait >= remaining && remaining > 2.0 * LAST_LOOK_MS { remaining - LAST_LOOK_MS } else { wait }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looks_are_close_together_at_first_and_at_most_half_a_minute_apart() {
        assert_eq!(next_look_ms(None, 0.0, f64::INFINITY, 0.0), 1_000.0);
        assert_eq!(next_look_ms(None, 60_000.0, f64::INFINITY, 0.0), 12_000.0);
        assert_eq!(next_look_ms(None, 3_600_000.0, f64::INFINITY, 0.0), 30_000.0);
        assert_eq!(next_look_ms(None, 0.0, f64::INFINITY, 0.5), 1_050.0);
    }

    #[test]
    fn a_fixed_interval_is_kept_as_it_is() {
        assert_eq!(next_look_ms(Some(250.0), 60_000.0, f64::INFINITY, 0.9), 250.0);
    }

    #[test]
    fn the_last_look_is_taken_just_before_the_time_is_up() {
        assert_eq!(next_look_ms(Some(30_000.0), 0.0, 10_000.0, 0.0), 9_000.0);
        assert_eq!(next_look_ms(Some(30_000.0), 0.0, 1_000.0, 0.0), 30_000.0);
    }
}
