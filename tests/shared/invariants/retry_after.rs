//! Any text as a `Retry-After` field and as one of Graph's dates.

use teams_device_diagnostics::protocol::date::{date_time, http_date};
use teams_device_diagnostics::protocol::retry::{Clock, UNREADABLE_WAIT, retry_after};
use teams_device_diagnostics::protocol::time::{Millis, UnixTime};
use time::OffsetDateTime;

/// 2026-06-01T00:00:00Z
pub const NOW: UnixTime = UnixTime(1_780_272_000_000.0);

pub fn check(text: &str) {
    let read = retry_after(text, Clock::Service(NOW));
    let requested = || text.split(',').filter_map(seconds).map(|seconds| seconds * 1_000.0).filter(|ms| ms.is_finite());
    for ms in requested() {
        assert!(read.0 >= ms * (1.0 - 1e-14) - 1e-9, "{text:?} was read as {read:?}, which is shorter than {ms} ms");
    }
    match (requested().next(), http_date(text.trim_matches([' ', '\t']))) {
        (Some(ms), _) if !text.contains(',') => assert_close(read, Millis(ms), text),
        (None, Some(date)) => assert_eq!(read, (date - NOW).max(Millis::ZERO), "{text:?}"),
        (None, None) if !text.contains([',', '"']) => assert_eq!(read, UNREADABLE_WAIT, "{text:?}"),
        _ => {}
    }
    assert!(retry_after(text, Clock::Caller(NOW)) >= read, "{text:?}: by a clock that may be wrong the delay is shorter");
    if let Some(time) = http_date(text) {
        check_http_date(time, text);
    }
    if let Some(time) = date_time(text) {
        check_date_time(time, text);
    }
}

/// Checks that two times are equal up to rounding errors.
pub fn assert_close(read: Millis, expected: Millis, text: &str) {
    let is_close = (read.0 - expected.0).abs() <= expected.0 * 1e-14 + 1e-9;
    assert!(is_close, "{text:?} was read as {read:?}, not as {expected:?}");
}

/// The number as the standard library parses it, if the text is in our grammar: digits, or digits with a fraction.
fn seconds(text: &str) -> Option<f64> {
    let text = text.trim_matches([' ', '\t']);
    let mut parts = text.split('.');
    let is_decimal = parts.by_ref().take(2).all(is_digits) && parts.next().is_none();
    if is_decimal { text.parse().ok() } else { None }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Checks that the text contains this day, month, year and time in any order, and no other number. The weekday before them
/// is not read.
fn check_http_date(read: UnixTime, text: &str) {
    let (_weekday, text) = text.trim_ascii_start().split_once(is_space).expect("more than one word");
    let mut found = numbers(text);
    let clock = text.split(is_space).find(|word| word.contains(':')).expect("a time");
    let (time, is_leap_second) = written_time(read, numbers(clock).last() == Some(&60));
    let year = time.year() as u64;
    let is_short = text.contains('-');
    let mut expected = vec![
        u64::from(time.day()),
        if is_short { year % 100 } else { year },
        time.hour().into(),
        time.minute().into(),
        u64::from(time.second()) + u64::from(is_leap_second),
    ];
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "{text:?}");
    let month = time.month().to_string();
    assert!(
        text.to_ascii_lowercase().contains(&month[..3].to_ascii_lowercase()),
        "{text:?} does not contain the month {month}"
    );
    assert!(!is_short || (1970..2070).contains(&year), "{text:?}");
}

/// Checks that the text contains this year, month, day, hour, minute and second in this order and around a single `T`; then
/// optionally a fraction, then `Z` or an offset.
fn check_date_time(read: UnixTime, text: &str) {
    let (text, offset) = text.strip_suffix('Z').map_or_else(|| text.split_at(text.len() - 6), |text| (text, "+00:00"));
    let offset_length = match numbers(&offset[1..])[..] {
        [hours, minutes] => Millis(60_000.0) * (hours * 60 + minutes) as f64,
        _ => panic!("{offset:?} is not an offset"),
    };
    let read = if offset.starts_with('-') { read - offset_length } else { read + offset_length };
    let whole = text.split('.').next().unwrap_or_default();
    let (day, clock) = whole.split_once('T').expect("a day and a time");
    let (day, clock) = (numbers(day), numbers(clock));
    let (time, is_leap_second) = written_time(read, clock.last() == Some(&60));
    assert_eq!(day, [time.year() as u64, u8::from(time.month()).into(), time.day().into()], "{text:?}");
    let second = u64::from(time.second()) + u64::from(is_leap_second);
    assert_eq!(clock, [time.hour().into(), time.minute().into(), second], "{text:?}");
}

/// The time as written: a leap second is counted as the second after it.
fn written_time(read: UnixTime, may_be_leap_second: bool) -> (OffsetDateTime, bool) {
    assert_eq!(read.0 % 1_000.0, 0.0, "whole seconds");
    let seconds = read.0 as i64 / 1_000;
    let is_leap_second = may_be_leap_second && seconds.rem_euclid(60) == 0;
    let time = OffsetDateTime::from_unix_timestamp(seconds - i64::from(is_leap_second));
    (time.expect("within the years 0 to 9999"), is_leap_second)
}

/// The numbers in a text, except within words. Numbers that do not fit are not those of a date.
fn numbers(text: &str) -> Vec<u64> {
    let words = text.split(|c| is_space(c) || [',', '-', ':'].contains(&c));
    words.filter(|word| is_digits(word)).map(|word| word.parse().unwrap_or(u64::MAX)).collect()
}

fn is_space(character: char) -> bool {
    character.is_ascii_whitespace()
}
