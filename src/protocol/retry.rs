//! What is sent again, and after what wait: the rules alone; [`crate::machine::judgement`] applies them.

use crate::protocol::date::http_date;
use crate::protocol::error::ErrorCode;
use crate::protocol::http::Response;
use crate::protocol::text::{split_once_byte, trim_ows};
use crate::protocol::time::{Millis, UnixTime};

/// The mean of the first backoff is half of this; it doubles with each retry.
const FIRST_BACKOFF: Millis = Millis(1_000.0);
/// No backoff is longer.
const LONGEST_BACKOFF: Millis = Millis(30_000.0);
/// The wait that is kept when the service asks for one that cannot be read.
pub const UNREADABLE_WAIT: Millis = Millis(5_000.0);
/// No backoff is shorter: chance must not make it a retry at once.
pub const SHORTEST_BACKOFF: Millis = Millis(100.0);

/// Whether what came of a GET says nothing about what was asked: nothing or not all of it came, a redirect (which is never followed), a
/// success that is not the document that was asked for, or a failure that can pass. It may be sent again.
///
/// * `status`: of the response; nothing when none came
pub fn is_no_usable_answer(code: ErrorCode, status: Option<u16>) -> bool {
    match status {
        // A redirect that a browser hides has no status.
        None => matches!(code, ErrorCode::Network | ErrorCode::Timeout | ErrorCode::UntrustedLocation),
        Some(200..=299) => code == ErrorCode::Protocol,
        Some(status) => matches!(status, 300..=399 | 408 | 421 | 423 | 425 | 429 | 460 | 499 | 500 | 502..=504 | 506..=599),
    }
}

/// How often the POST may be sent again at most after this status: only when the service says that it did not take it. After another
/// 5xx a run may have been started, and sending it again could start a second one.
pub fn most_retries_of_post(status: u16) -> u32 {
    match status {
        429 | 503 => u32::MAX,
        // Not processed, but it would not be anywhere else either.
        421 | 425 => 1,
        _ => 0,
    }
}

/// Whether a POST that got this status may have started a run all the same: after a redirect (also a hidden one, 0), and
/// after a failure of the service or of a gateway before it.
///
/// * `is_graphs`: whether the answer is Graph's own, with its error body or a `Retry-After`. A gateway says 503 when it has not heard what
///   became of the request.
pub fn may_have_started(status: u16, is_graphs: bool) -> bool {
    matches!(status, 0 | 300..=399 | 408 | 460 | 499 | 500 | 502 | 504 | 506..) || (status == 503 && !is_graphs)
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
///
/// * `own`: the wait without that
pub fn retry_delay(attempt: u32, asked: Option<Millis>, own: Millis) -> Millis {
    match asked {
        Some(asked) if attempt == 1 || asked >= SHORTEST_BACKOFF => asked,
        _ => own,
    }
}

/// What a date of the service is compared with.
#[derive(Clone, Copy)]
pub enum Clock {
    /// The service's own time (`Date`).
    Service(UnixTime),
    /// The caller's clock, which may be wrong: where the service's time cannot be read (CORS).
    Caller(UnixTime),
}

/// The wait that a `Retry-After` field asks for (RFC 9110, section 10.2.3). Seconds may have a fraction, as one of Graph's documented
/// samples has.
///
/// Gateways add a field of their own to that of the service: of several values, which arrive as one list, the longest wait counts.
/// A field is there because somebody wants to be left alone. So one that cannot be read asks for [`UNREADABLE_WAIT`], and so does a
/// date that seems to have passed by a clock that may be wrong.
pub fn retry_after(field: &str, clock: Clock) -> Millis {
    let mut longest: Option<Millis> = None;
    let mut rest = Some(field);
    let mut weekday = "";
    while let Some(list) = rest {
        let (value, after) = split_once_byte(list, b',').map_or((list, None), |(value, after)| (value, Some(after)));
        // The comma behind a weekday is none of the list's.
        let date = if weekday.is_empty() { value.to_owned() } else { [weekday, ",", value].concat() };
        let wait = seconds(unquoted(value)).or_else(|| until(unquoted(&date), clock));
        longest = wait.filter(|wait| longest.is_none_or(|longest| *wait > longest)).or(longest);
        weekday = if wait.is_none() { value } else { "" };
        rest = after;
    }
    longest.unwrap_or(UNREADABLE_WAIT)
}

/// The wait until a date.
fn until(date: &str, clock: Clock) -> Option<Millis> {
    let date = http_date(date)?;
    Some(match clock {
        Clock::Service(now) => (date - now).max(Millis::ZERO),
        Clock::Caller(now) if date > now => date - now,
        Clock::Caller(_) => UNREADABLE_WAIT,
    })
}

/// A value without the white space around it and without quotes.
fn unquoted(value: &str) -> &str {
    let value = trim_ows(value);
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).map_or(value, trim_ows)
}

impl<V> Response<V> {
    /// How long the response asks to wait; nothing when it does not.
    pub fn retry_after(&self, callers_time: UnixTime) -> Option<Millis> {
        let clock = self.time().map_or(Clock::Caller(callers_time), Clock::Service);
        Some(retry_after(self.retry_after.as_deref()?, clock))
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

    fn by_the_services_clock(field: &str) -> Millis {
        retry_after(field, Clock::Service(NOW))
    }

    #[test]
    fn seconds_are_read_and_of_several_the_most() {
        let cases = [
            ("0", 0.0),
            ("120", 120_000.0),
            (" 3 ", 3_000.0),
            ("2.128", 2_128.0),
            ("0.5", 500.0),
            ("999999999", 999_999_999_000.0),
            ("0,120", 120_000.0),
            ("120, 0", 120_000.0),
            ("\"3\"", 3_000.0),
            ("1,5", 5_000.0),
            ("soon, 7", 7_000.0),
        ];
        for (field, expected) in cases {
            assert_eq!(by_the_services_clock(field), Millis(expected), "{field:?}");
        }
        assert_eq!(by_the_services_clock(&["0.5", &"0".repeat(305)].concat()), Millis(500.0));
    }

    #[test]
    fn what_cannot_be_read_asks_for_some_seconds() {
        for junk in [
            "",
            "-1",
            "+1",
            "1e3",
            "0x10",
            "1.",
            ".5",
            "1 2",
            "soon",
            "NaN",
            "Infinity",
            "١",
            "1s",
            "1.2.3",
            "\u{a0}1",
            "this is not a date",
            ",",
            "Wed, 21 Oct 2015 07:28:00 CET",
        ] {
            assert_eq!(by_the_services_clock(junk), UNREADABLE_WAIT, "{junk:?}");
        }
        assert_eq!(by_the_services_clock(&"9".repeat(400)), UNREADABLE_WAIT);
        assert_eq!(by_the_services_clock(&"9".repeat(307)), UNREADABLE_WAIT, "no number of milliseconds");
    }

    #[test]
    fn dates_are_read_however_they_are_written() {
        for date in [
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "Wednesday, 21-Oct-15 07:28:00 GMT",
            "Wed Oct 21 07:28:00 2015",
            "Wed, 21 Oct 2015 07:28:00 UTC",
            "wed, 21 oct 2015 07:28:00 ut",
            "5, Wed, 21 Oct 2015 07:28:00 GMT, 6",
            "Wed, 21 Oct 2015 07:21:00 GMT,Wed, 21 Oct 2015 07:28:00 GMT",
        ] {
            assert_eq!(by_the_services_clock(date), Millis(480_000.0), "{date}");
        }
    }

    #[test]
    fn a_date_has_passed_only_by_the_services_own_clock() {
        let past = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(by_the_services_clock(past), Millis::ZERO);
        assert_eq!(retry_after(past, Clock::Caller(NOW)), UNREADABLE_WAIT);
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", Clock::Caller(NOW)), Millis(480_000.0));
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
        let own = Millis(1_000.0);
        assert_eq!(retry_delay(1, Some(Millis(0.0)), own), Millis(0.0));
        assert_eq!(retry_delay(2, Some(Millis(0.0)), own), own);
        assert_eq!(retry_delay(2, Some(Millis(3.0)), own), own);
        assert_eq!(retry_delay(2, Some(Millis(120_000.0)), own), Millis(120_000.0));
        assert_eq!(retry_delay(2, None, own), own);
    }

    #[test]
    fn the_post_is_sent_again_only_when_it_was_not_taken() {
        let again = (100..600).filter(|&status| most_retries_of_post(status) > 0).collect::<Vec<_>>();
        assert_eq!(again, [421, 425, 429, 503]);
        for status in [400, 401, 403, 404, 409, 410, 421, 423, 425, 429, 501, 503, 505] {
            assert!(!may_have_started(status, true), "{status}");
        }
        for status in [0, 302, 307, 408, 499, 500, 502, 504, 520] {
            assert!(may_have_started(status, true) && may_have_started(status, false), "{status}");
        }
        assert!(may_have_started(503, false), "a gateway's");
    }

    #[test]
    fn a_get_is_sent_again_after_everything_that_says_nothing() {
        let is_none = |status: u16| is_no_usable_answer(ErrorCode::of_http_status(status), Some(status));
        for status in [302, 307, 408, 421, 423, 425, 429, 500, 502, 503, 504, 509, 520, 529] {
            assert!(is_none(status), "{status}");
        }
        for status in [400, 401, 403, 404, 409, 410, 418, 501, 505, 600] {
            assert!(!is_none(status), "{status}");
        }
        assert!(is_no_usable_answer(ErrorCode::Protocol, Some(200)), "another document, or half of one");
        assert!(!is_no_usable_answer(ErrorCode::UntrustedLocation, Some(200)), "a page whose link leads elsewhere");
        assert!(is_no_usable_answer(ErrorCode::UntrustedLocation, None), "a redirect that a browser hides");
        assert!(is_no_usable_answer(ErrorCode::Network, None) && is_no_usable_answer(ErrorCode::Timeout, None));
    }
}
