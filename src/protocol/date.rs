//! Parses dates as HTTP and Graph write them. Text in any other form yields `None`.

use crate::protocol::text::split_once_byte;
use crate::protocol::time::{Millis, UnixTime};

/// Parses an HTTP-date in any of the three forms of RFC 9110, section 5.6.7.
pub fn http_date(text: &str) -> Option<UnixTime> {
    let Parts { form, numbers, words } = Parts::of(text);
    let (date, time) = match (form.as_str(), numbers.as_slice()) {
        // Sun, 06 Nov 1994 08:49:37 GMT
        ("a, 2 a 4 2:2:2 a", &[day, year, ref time @ ..]) => ((year, day), time),
        // Sunday, 06-Nov-94 08:49:37 GMT. Two-digit years stand for 1970 to 2069.
        ("a, 2-a-2 2:2:2 a", &[day, year, ref time @ ..]) => ((year + if year < 70 { 2000 } else { 1900 }, day), time),
        // Sun Nov  6 08:49:37 1994
        ("a a 1 2:2:2 4" | "a a 2 2:2:2 4", &[day, ref time @ .., year]) => ((year, day), time),
        _ => return None,
    };
    let &[_, month, ref zone @ ..] = words.as_slice() else { return None };
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = MONTHS.chunks(3).position(|name| name.eq_ignore_ascii_case(month.as_bytes()))?;
    // HTTP allows only `GMT`, but the other names mean the same.
    let is_utc = zone.first().is_none_or(|zone| ["GMT", "UTC", "UT"].iter().any(|utc| utc.eq_ignore_ascii_case(zone)));
    since_epoch([date.0, month as i32 + 1, date.1], time).filter(|_| is_utc)
}

/// Parses a `dateTimeOffset` as Graph writes it: `2026-01-01T12:01:03.45Z`, or `2026-01-01T12-01-03.45Z` as in one of
/// Microsoft's examples. The fraction is dropped. Graph writes UTC, but the type allows any offset, such as `+02:00`.
/// Source: <https://learn.microsoft.com/graph/api/teamworkdeviceoperation-get?view=graph-rest-beta>.
pub fn date_time(text: &str) -> Option<UnixTime> {
    let (text, offset) = match text.strip_suffix('Z') {
        Some(text) => (text, Millis::ZERO),
        None => split_offset(text)?,
    };
    let Parts { form, numbers, words } = Parts::of(split_once_byte(text, b'.').map_or(text, |(whole, _)| whole));
    let (date, time) = numbers.split_first_chunk()?;
    let is_form = matches!(form.as_str(), "4-2-2a2:2:2" | "4-2-2a2-2-2") && words.first() == Some(&"T");
    // In another form, the numbers can be too large for a calculation.
    if is_form { since_epoch(*date, time).map(|time| time - offset) } else { None }
}

/// Parses `innerError.date`, which Graph writes in UTC but without a zone: `2026-01-01T12:01:03`. Source:
/// <https://learn.microsoft.com/graph/errors>.
pub fn graph_date(text: &str) -> Option<UnixTime> {
    date_time(text).or_else(|| date_time(&[text, "Z"].concat()))
}

/// Splits off the offset from UTC at the end of a text, such as `+02:00`. Less than a day (RFC 3339, section 5.6).
fn split_offset(text: &str) -> Option<(&str, Millis)> {
    let (text, offset) = text.split_at_checked(text.len().checked_sub(6)?)?;
    let sign = match offset.bytes().next()? {
        b'+' => 1.0,
        b'-' => -1.0,
        _ => return None,
    };
    let Parts { form, numbers, .. } = Parts::of(offset.get(1..)?);
    let &[hours @ 0..24, minutes @ 0..60] = numbers.as_slice() else { return None };
    (form == "2:2").then_some((text, Millis(sign * f64::from(hours * 60 + minutes) * 60_000.0)))
}

/// The parts of a date.
struct Parts<'a> {
    /// The text with `a` in place of each word, the number of digits in place of each number, and a single space in place of
    /// several.
    form: String,
    numbers: Vec<i32>,
    words: Vec<&'a str>,
}

impl Parts<'_> {
    fn of(mut text: &str) -> Parts<'_> {
        let mut parts = Parts { form: String::new(), numbers: Vec::new(), words: Vec::new() };
        while let Some(first) = text.bytes().next() {
            let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_alphabetic(), byte == b' ');
            let end = text.bytes().position(|byte| kind(byte) != kind(first)).unwrap_or(text.len());
            let (run, rest) = text.split_at_checked(end).unwrap_or((text, ""));
            match kind(first) {
                (true, ..) => {
                    parts.form.push(char::from(b'0' + end.min(9) as u8));
                    parts.numbers.push(
                        run.bytes()
                            .fold(0i32, |number, digit| number.wrapping_mul(10).wrapping_add(i32::from(digit - b'0'))),
                    );
                }
                (_, true, _) => {
                    parts.form.push('a');
                    parts.words.push(run);
                }
                (.., true) => parts.form.push(' '),
                _ => parts.form.push_str(run),
            }
            text = rest;
        }
        parts
    }
}

/// Converts year, month and day (both from 1), and hour, minute and second (60 is a leap second), to a time. `None` if there
/// is no such date or time.
fn since_epoch([year, month, day]: [i32; 3], time: &[i32]) -> Option<UnixTime> {
    let &[hours, minutes, seconds] = time else { return None };
    let is_time = hours < 24 && minutes < 60 && seconds <= 60;
    if !is_time || !(1..=12).contains(&month) || day < 1 || days(year, month, day) >= days(year, month + 1, 1) {
        return None; // for example 30 February
    }
    let seconds = hours * 3_600 + minutes * 60 + seconds;
    Some(UnixTime((f64::from(days(year, month, day)) * 86_400.0 + f64::from(seconds)) * 1_000.0))
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. The year is taken to begin in March, so that the leap day is its
/// last day.
fn days(year: i32, month: i32, day: i32) -> i32 {
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    // Adding 400 years keeps the divisions below positive, so that they round down.
    let year = year + 400;
    year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 719_469 - 146_097
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_read_in_all_three_forms() {
        for date in ["Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed Oct 21 07:28:00 2015"] {
            assert_eq!(http_date(date), Some(UnixTime(1_445_412_480_000.0)), "{date}");
        }
        for date in ["Wed, 21 Oct 2015 07:28:00 UTC", "wed, 21 oct 2015 07:28:00 ut", "Wed, 21 Oct 2015 07:28:00 gmt"] {
            assert_eq!(http_date(date), Some(UnixTime(1_445_412_480_000.0)), "{date}");
        }
        assert_eq!(http_date("Tue, 29 Feb 2000 00:00:00 GMT"), Some(UnixTime(951_782_400_000.0)));
        assert_eq!(http_date("Sun Nov  6 08:49:37 1994"), Some(UnixTime(784_111_777_000.0)));
        for junk in [
            "this is not a date",
            "Wed, 21 Oct 2015 07:28:00 CET",
            "Wed, 21 Oct 2015 07:28:00 U",
            "Wed, 21 Oct 2015 07:28 GMT",
            "Wed, 32 Oct 2015 07:28:00 GMT",
            "Sun, 29 Feb 2015 07:28:00 GMT",
            "Wed, 21 Foo 2015 07:28:00 GMT",
            "Wed, 21 Oct 2015 24:28:00 GMT",
            "Wed, 21 Oct 2015 07:28:00:00 GMT",
            "2015-10-21T07:28:00Z",
        ] {
            assert_eq!(http_date(junk), None, "{junk}");
        }
    }

    #[test]
    fn graphs_dates_are_read_with_colons_and_with_hyphens() {
        let dates = [
            "2015-10-21T07:28:00Z",
            "2015-10-21T07:28:00.1234567Z",
            "2015-10-21T07-28-00.45Z",
            "2015-10-21T09:28:00+02:00",
            "2015-10-21T03:58:00.5-03:30",
            "2015-10-20T23:58:00.5-07:30",
        ];
        for date in dates {
            assert_eq!(date_time(date), Some(UnixTime(1_445_412_480_000.0)), "{date}");
        }
        for junk in [
            "",
            "Z",
            "2015-10-21",
            "2015-10-21T07:28Z",
            "2015-10-21T07:28:00",
            "2015-10-21T07:28:00+24:00",
            "2015-10-21T07:28:00+2:00",
            "2015-10-21T07:28:00 02:00",
            "+02:00",
            "ü02:00",
            "2015-13-21T07:28:00Z",
            "2015-11-31T07:28:00Z",
            "2015-10T21:07:28:00Z",
            "x-1-1T1:1:1Z",
            "20003012-01-03T08:49:37Z",
        ] {
            assert_eq!(date_time(junk), None, "{junk}");
        }
    }
}
