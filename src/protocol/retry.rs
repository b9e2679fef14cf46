//! What is retried, and after what wait: the rules alone; [`crate::machine::judgement`] applies them.

use crate::protocol::date::http_date;
use crate::protocol::error_code::ErrorCode;
use crate::protocol::http::Response;
use crate::protocol::text::{split_once_byte, trim_ows};
use crate::protocol::time::{Millis, UnixTime};

/// The upper bound of the first backoff, so its mean is half of this; it doubles with each retry.
const FIRST_BACKOFF: Millis = Millis(1_000.0);
/// The backoff maximum.
const LONGEST_BACKOFF: Millis = Millis(30_000.0);
/// The wait if the service requests one that cannot be parsed.
pub const UNREADABLE_WAIT: Millis = Millis(5_000.0);
/// The backoff minimum, so that the jitter never leads to an immediate retry.
pub const SHORTEST_BACKOFF: Millis = Millis(100.0);

/// Whether a GET got nothing usable, so that it may be retried: no or only half a response, a redirect (which is never
/// followed), a success with the wrong document, or a failure that can pass.
///
/// * `status`: the status of the response; `None` if no response came
pub fn lacks_usable_response(code: ErrorCode, status: Option<u16>) -> bool {
    match status {
        // A redirect that a browser hides has no status.
        None => matches!(code, ErrorCode::Network | ErrorCode::Timeout | ErrorCode::UntrustedLocation),
        Some(200..=299) => code == ErrorCode::Protocol,
        Some(status) => matches!(status, 300..=399 | 408 | 421 | 423 | 425 | 429 | 460 | 499 | 500 | 502..=504 | 506..=599),
    }
}

/// The maximum number of retries of the POST after this status. It is retried only if the service says that it did not
/// accept the request: after another 5xx a run may have been started, and a retry could start a second one.
pub fn max_post_retries(status: u16) -> u32 {
    match status {
        429 | 503 => u32::MAX,
        // Not processed, but likely to be refused again: one retry only.
        421 | 425 => 1,
        _ => 0,
    }
}

/// Whether a POST with this status may have started a run all the same: after a redirect (0 if hidden), and after a failure
/// of the service or of a gateway in front of it.
///
/// * `is_from_graph`: whether the response is Graph's own, with its error body or a `Retry-After`. A gateway also sends 503
///   when it does not know what became of the request.
pub fn may_have_started(status: u16, is_from_graph: bool) -> bool {
    matches!(status, 0 | 300..=399 | 408 | 460 | 499 | 500 | 502 | 504 | 506..) || (status == 503 && !is_from_graph)
}

/// Whether a response says that there are too many requests: a 429, or a 503 of Graph's own.
///
/// * `is_from_graph`: as for [`may_have_started`]
pub fn is_throttled(status: u16, is_from_graph: bool) -> bool {
    status == 429 || (status == 503 && is_from_graph)
}

/// The backoff before retry number `attempt` (from 1): exponential, with full jitter.
///
/// * `random`: at least 0, less than 1
pub fn backoff(attempt: u32, random: f64) -> Millis {
    let doubled = FIRST_BACKOFF * f64::from(1u32 << attempt.saturating_sub(1).min(16));
    (doubled.min(LONGEST_BACKOFF) * random).max(SHORTEST_BACKOFF)
}

/// The wait before retry number `attempt` (from 1). It is never shorter than the service requested.
///
/// A `Retry-After` under [`SHORTEST_BACKOFF`] is honoured for the first retry only; after that the backoff applies, so that a
/// server which keeps sending 0 is not hammered.
///
/// * `requested`: the wait that the service requested, if any
/// * `backoff`: the wait otherwise
pub fn retry_delay(attempt: u32, requested: Option<Millis>, backoff: Millis) -> Millis {
    match requested {
        Some(wait) if attempt == 1 || wait >= SHORTEST_BACKOFF => wait,
        _ => backoff,
    }
}

/// The clock that a date of the service is compared with.
#[derive(Clone, Copy)]
pub enum Clock {
    /// The service's own time (`Date`).
    Service(UnixTime),
    /// The caller's clock, which may be wrong. Used where the service's time cannot be read (CORS).
    Caller(UnixTime),
}

/// The wait that a `Retry-After` field requests (RFC 9110, section 10.2.3). Seconds may have a fraction, as in one of
/// Graph's documented samples.
///
/// Gateways may add a field of their own to the service's: of several values, which arrive as one list, the longest wait
/// counts. The field is a request not to be contacted, so an unparsable one counts as [`UNREADABLE_WAIT`], and so does a
/// date that is in the past by a clock that may be wrong.
pub fn retry_after(field: &str, clock: Clock) -> Millis {
    let mut longest: Option<Millis> = None;
    let mut rest = Some(field);
    let mut weekday = "";
    while let Some(list) = rest {
        let (value, after) = split_once_byte(list, b',').map_or((list, None), |(value, after)| (value, Some(after)));
        // The comma after a weekday does not separate values.
        let date = if weekday.is_empty() { value.to_owned() } else { [weekday, ",", value].concat() };
        let wait = seconds(unquoted(value)).or_else(|| until(unquoted(&date), clock));
        longest = wait.filter(|wait| longest.is_none_or(|longest| *wait > longest)).or(longest);
        weekday = if wait.is_none() { value } else { "" };
        rest = after;
    }
    longest.unwrap_or(UNREADABLE_WAIT)
}

/// The wait until a date; `None` if the text is not an HTTP-date.
fn until(date: &str, clock: Clock) -> Option<Millis> {
    let date = http_date(date)?;
    Some(match clock {
        Clock::Service(now) => (date - now).max(Millis::ZERO),
        Clock::Caller(now) if date > now => date - now,
        Clock::Caller(_) => UNREADABLE_WAIT,
    })
}

/// Removes the white space and quotes around a value.
fn unquoted(value: &str) -> &str {
    let value = trim_ows(value);
    value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).map_or(value, trim_ows)
}

impl<V> Response<V> {
    /// The wait that the response requests; `None` if it has no `Retry-After`.
    pub fn retry_after(&self, callers_time: UnixTime) -> Option<Millis> {
        let clock = self.time().map_or(Clock::Caller(callers_time), Clock::Service);
        Some(retry_after(self.retry_after.as_deref()?, clock))
    }
}

/// Parses seconds: digits, or digits with a fraction. No sign, exponent, hexadecimal or anything around them.
fn seconds(text: &str) -> Option<Millis> {
    let (whole, fraction) = split_once_byte(text, b'.').unwrap_or((text, "0"));
    digits(fraction)?;
    // Summed from the last digit, so that the value cannot overflow however many digits there are.
    let fraction = fraction.bytes().rev().fold(0.0, |value, byte| (value + f64::from(byte - b'0')) / 10.0);
    let ms = (digits(whole)? + fraction) * 1_000.0;
    ms.is_finite().then_some(Millis(ms))
}

/// Parses decimal digits; `None` if there is anything else.
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
    fn the_longest_of_several_delays_counts() {
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
    fn an_unreadable_value_counts_as_five_seconds() {
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
        assert_eq!(by_the_services_clock(&"9".repeat(307)), UNREADABLE_WAIT, "more milliseconds than a number can hold");
    }

    #[test]
    fn dates_are_read_in_every_form_and_in_lists() {
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
    fn a_past_date_means_no_delay_only_by_the_services_clock() {
        let past = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(by_the_services_clock(past), Millis::ZERO);
        assert_eq!(retry_after(past, Clock::Caller(NOW)), UNREADABLE_WAIT);
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT", Clock::Caller(NOW)), Millis(480_000.0));
    }

    #[test]
    fn the_backoff_grows_between_its_minimum_and_maximum() {
        assert_eq!(backoff(1, 0.5), Millis(500.0));
        assert_eq!(backoff(2, 0.5), Millis(1_000.0));
        assert_eq!(backoff(10, 0.5), Millis(15_000.0));
        assert_eq!(backoff(u32::MAX, 0.999), Millis(29_970.0));
        assert_eq!(backoff(1, 0.0), Millis(100.0));
    }

    #[test]
    fn retry_after_is_respected_and_zero_is_used_only_once() {
        let backoff = Millis(1_000.0);
        assert_eq!(retry_delay(1, Some(Millis(0.0)), backoff), Millis(0.0));
        assert_eq!(retry_delay(2, Some(Millis(0.0)), backoff), backoff);
        assert_eq!(retry_delay(2, Some(Millis(3.0)), backoff), backoff);
        assert_eq!(retry_delay(2, Some(Millis(120_000.0)), backoff), Millis(120_000.0));
        assert_eq!(retry_delay(2, None, backoff), backoff);
    }

    #[test]
    fn the_post_is_retried_only_if_it_was_not_accepted() {
        let retried = (100..600).filter(|&status| max_post_retries(status) > 0).collect::<Vec<_>>();
        assert_eq!(retried, [421, 425, 429, 503]);
        for status in [400, 401, 403, 404, 409, 410, 421, 423, 425, 429, 501, 503, 505] {
            assert!(!may_have_started(status, true), "{status}");
        }
        for status in [0, 302, 307, 408, 499, 500, 502, 504, 520] {
            assert!(may_have_started(status, true) && may_have_started(status, false), "{status}");
        }
        assert!(may_have_started(503, false), "a 503 of a gateway");
    }

    #[test]
    fn a_get_without_a_usable_response_is_retried() {
        let is_retried = |status: u16| lacks_usable_response(ErrorCode::of_http_status(status), Some(status));
        for status in [302, 307, 408, 421, 423, 425, 429, 500, 502, 503, 504, 509, 520, 529] {
            assert!(is_retried(status), "{status}");
        }
        for status in [400, 401, 403, 404, 409, 410, 418, 501, 505, 600] {
            assert!(!is_retried(status), "{status}");
        }
        assert!(lacks_usable_response(ErrorCode::Protocol, Some(200)), "another document, or a truncated one");
        assert!(!lacks_usable_response(ErrorCode::UntrustedLocation, Some(200)), "a page with a link to another origin");
        assert!(lacks_usable_response(ErrorCode::UntrustedLocation, None), "a redirect that a browser hides");
        assert!(lacks_usable_response(ErrorCode::Network, None) && lacks_usable_response(ErrorCode::Timeout, None));
    }
}
