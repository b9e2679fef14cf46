//! What is sent again, and after what wait: the rules alone; [`crate::machine::judgement`] applies them.

use crate::protocol::date::http_date;
use crate::protocol::http::{Method, Response};
use crate::protocol::text::{split_once_byte, trim_ows};
use crate::protocol::time::{Millis, UnixTime};

/// The mean of the first backoff is half of this; it doubles with each retry.
const FIRST_BACKOFF: Millis = Millis(1_000.0);
/// No backoff is longer.
const LONGEST_BACKOFF: Millis = Millis(30_000.0);
/// No backoff is shorter: chance must not make it a retry at once.
const SHORTEST_BACKOFF: Millis = Millis(100.0);

/// Whether a request that got this status may be sent again.
///
/// A GET may after everything that can pass. The POST may only when the service says that it did not take it: after 429 and
/// 503. After another 5xx a run may have been started, and sending it again could start a second one.
pub fn may_retry_status(method: Method, status: u16) -> bool {
    match method {
        Method::Get => matches!(status, 408 | 429 | 500 | 502 | 503 | 504),
        Method::Post => matches!(status, 429 | 503),
    }
}

/// Whether a POST that got this status may have started a run all the same: after a redirect (also a hidden one, 0), and
/// after a failure of the service or of a gateway before it.
pub fn may_have_started(status: u16) -> bool {
    matches!(status, 0 | 300..=399 | 408 | 500 | 502 | 504 | 506..)
}

/// The wait before retry number `attempt` (1 is the first) when the service named none: exponential, full jitter.
///
/// * `random`: at least 0, less than 1
pub fn backoff(attempt: u32, random: f64) -> Millis {
    let doubled = Millis(FIRST_BACKOFF.0 * f64::from(1u32 << attempt.saturating_sub(1).min(16)));
    Millis(doubled.min(LONGEST_BACKOFF).0 * random).max(SHORTEST_BACKOFF)
}

/// The wait before retry number `attempt` when the service asked for `asked`, which is never undercut.
///
/// `Retry-After: 0` is honoured for the first retry only. After that the backoff applies, so that a server which keeps answering
/// 0 is not hammered.
pub fn retry_delay(attempt: u32, asked: Option<Millis>, random: f64) -> Millis {
    match asked {
        Some(asked) if attempt == 1 || asked >= SHORTEST_BACKOFF => asked,
        _ => backoff(attempt, random),
    }
}

/// The wait that a `Retry-After` field asks for; nothing when it is neither of its two forms (RFC 9110, section 10.2.3).
///
/// Seconds may have a fraction, as one of Graph's documented samples has. A date that has passed asks for no wait.
///
/// * `now`: best by the clock of the service itself
pub fn retry_after(field: &str, now: UnixTime) -> Option<Millis> {
    let field = trim_ows(field);
    seconds(field).or_else(|| Some((http_date(field)? - now).max(Millis::ZERO)))
}

impl<V> Response<V> {
    /// How long the response asks to wait. Dates are held against the service's own clock, where it can be read, else against
    /// that of the caller.
    pub fn retry_after(&self, callers_time: UnixTime) -> Option<Millis> {
        let field = self.retry_after.as_deref()?;
        retry_after(field, self.service_time().unwrap_or(callers_time))
    }
}

/// Digits, or digits with a fraction: no sign, no exponent, no hexadecimal, and nothing around them.
fn seconds(text: &str) -> Option<Millis> {
    let (whole, fraction) = split_once_byte(text, b'.').unwrap_or((text, "0"));
    digits(fraction)?;
    // From the last digit on: however many there are, no sum gets too large to be held.
    let fraction = fraction.bytes().rev().fold(0.0, |value, byte| (value + f64::from(byte - b'0')) / 10.0);
    let ms = (digits(whole)? + fraction) * 1_000.0;
    ms.is_finite().then_some(Millis(ms))
}

/// The number that decimal digits, and nothing else, write.
fn digits(text: &str) -> Option<f64> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.bytes().fold(0.0, |value, byte| value * 10.0 + f64::from(byte - b'0')))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: UnixTime = UnixTime(1_445_412_000_000.0); // 2015-10-21T07:20:00Z

    #[test]
    fn seconds_are_read_strictly() {
        let cases = [
            ("0", Some(0.0)),
            ("120", Some(120_000.0)),
            (" 3 ", Some(3_000.0)),
            ("2.128", Some(2_128.0)),
            ("0.5", Some(500.0)),
            ("999999999", Some(999_999_999_000.0)),
        ];
        for (field, expected) in cases {
            assert_eq!(retry_after(field, NOW), expected.map(Millis), "{field:?}");
        }
        for junk in [
            "", "-1", "+1", "1e3", "0x10", "1,5", "1.", ".5", "1 2", "soon", "NaN", "Infinity", "١", "1s", "1.2.3",
            "\u{a0}1",
        ] {
            assert_eq!(retry_after(junk, NOW), None, "{junk:?}");
        }
        assert_eq!(retry_after(&"9".repeat(400), NOW), None);
        assert_eq!(retry_after(&"9".repeat(307), NOW), None, "no number of milliseconds");
        assert_eq!(retry_after(&["0.5", &"0".repeat(305)].concat(), NOW), Some(Millis(500.0)));
    }

    #[test]
    fn dates_are_read_in_all_three_forms() {
        for date in ["Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed Oct 21 07:28:00 2015"] {
            assert_eq!(retry_after(date, NOW), Some(Millis(480_000.0)), "{date}");
        }
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", NOW), Some(Millis(0.0)), "a date that has passed");
        assert_eq!(retry_after("this is not a date", NOW), None);
    }

    #[test]
    fn backoff_grows_to_its_ceiling_and_is_never_nothing() {
        assert_eq!(backoff(1, 0.5), Millis(500.0));
        assert_eq!(backoff(2, 0.5), Millis(1_000.0));
        assert_eq!(backoff(10, 0.5), Millis(15_000.0));
        assert_eq!(backoff(u32::MAX, 0.999), Millis(29_970.0));
        assert_eq!(backoff(1, 0.0), Millis(100.0));
    }

    #[test]
    fn the_services_word_is_never_undercut_and_at_once_is_believed_once() {
        assert_eq!(retry_delay(1, Some(Millis(0.0)), 0.5), Millis(0.0));
        assert_eq!(retry_delay(2, Some(Millis(0.0)), 0.5), Millis(1_000.0));
        assert_eq!(retry_delay(2, Some(Millis(3.0)), 0.0), Millis(100.0));
        assert_eq!(retry_delay(2, Some(Millis(120_000.0)), 0.5), Millis(120_000.0));
        assert_eq!(retry_delay(2, None, 0.5), Millis(1_000.0));
    }

    #[test]
    fn the_post_is_sent_again_only_when_it_was_not_taken() {
        let again = |method| (100..600).filter(|&status| may_retry_status(method, status)).collect::<Vec<_>>();
        assert_eq!(again(Method::Post), [429, 503]);
        assert_eq!(again(Method::Get), [408, 429, 500, 502, 503, 504]);
        for status in [400, 401, 403, 404, 409, 410, 429, 501, 503, 505] {
            assert!(!may_have_started(status), "{status}");
        }
        for status in [0, 302, 307, 408, 500, 502, 504, 520] {
            assert!(may_have_started(status), "{status}");
        }
    }
}
