//! The delay that is read from any `Retry-After`, and the dates in Graph's documents.

use proptest::prelude::*;
use teams_device_diagnostics::protocol::date::{date_time, http_date};
use teams_device_diagnostics::protocol::retry::{Clock, backoff, retry_after, retry_delay};
use teams_device_diagnostics::protocol::time::{Millis, UnixTime};
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::config;
use crate::invariants::retry_after::{NOW, assert_close, check};
use crate::text::{any_text, pieced};

/// RFC 9110, section 5.6.7: the preferred form and the two obsolete ones.
const IMF: &[BorrowedFormatItem] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
const RFC_850: &[BorrowedFormatItem] =
    format_description!("[weekday], [day]-[month repr:short]-[year repr:last_two] [hour]:[minute]:[second] GMT");
const ASCTIME: &[BorrowedFormatItem] =
    format_description!("[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]");

/// Graph's form, and the one with hyphens in one of Microsoft's examples.
const DATE_TIME: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");
const WITH_HYPHENS: &[BorrowedFormatItem] = format_description!("[year]-[month]-[day]T[hour]-[minute]-[second]");

/// Parts of dates.
const PIECES: &[&str] = &[
    "Sun, ",
    "Sunday, ",
    "Sun ",
    "06",
    " 6",
    "29",
    "30",
    "31",
    "32",
    " ",
    "-",
    "Feb",
    "Apr",
    "Nov",
    "nov",
    " Dec ",
    "1994",
    "2026",
    "1900",
    "2000",
    "0000",
    "94",
    "69",
    "70",
    " 08:49:37",
    "23:59:60",
    "24:00:00",
    ":",
    " GMT",
    " GMT",
    " UTC",
    " ut",
    ",",
    ", ",
    "\"",
    "T",
    "T08:49:37",
    "Z",
    ".",
    ".5",
    "2026-02-29T",
    "2026-06-01T",
    "12-01-03",
    "1",
    "00",
    "e5",
    "+",
    "\u{a0}",
    "\t",
];

/// Valid or nearly valid seconds.
fn almost_seconds() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ \t]?[0-9]{0,3}\\.?[0-9]{0,3}[ \t]?",
        "[\n\x0b\u{a0}\u{3000}]?[0-9]{1,3}[\n\x0b\u{a0}\u{3000}]?",
        "[0-9]{1,3}\\.[0-9]{15,20}[a-z. +-][0-9]{0,3}",
    ]
}

/// A valid or nearly valid date in one of the five forms: a day may not exist in its month, hours and seconds may be out of
/// range, and there may be too many parts.
fn almost_a_date() -> impl Strategy<Value = String> {
    let month = "(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)";
    let year = prop_oneof!["[0-9]{4}", "(1900|2000|2024|2026|2069|2070)"];
    let clock = "(00|08|23|24):(00|49|59|60):(00|37|59|60|61)(:0)?";
    let fraction = "(\\.[0-9]{0,7})?";
    ("(00|01|06|28|29|30|31|32)", "(0[0-9]|1[0-3])(-01)?", month, year, clock, fraction, 0..5).prop_map(
        |(day, number, month, year, clock, fraction, form)| match form {
            0 => format!("Sun, {day} {month} {year} {clock} GMT"),
            1 => format!("Sunday, {day}-{month}-{} {clock} GMT", &year[2..]),
            2 => format!("Sun {month} {day} {clock} {year}"),
            3 => format!("{year}-{number}-{day}T{clock}{fraction}Z"),
            _ => format!("{year}-{number}-{day}T{}{fraction}Z", clock.replace(':', "-")),
        },
    )
}

fn time_between(from: i64, to: i64) -> impl Strategy<Value = OffsetDateTime> {
    (from..to).prop_filter_map("a time", |seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
}

fn written(time: OffsetDateTime, form: &[BorrowedFormatItem]) -> String {
    time.format(form).expect("every time can be written in this form")
}

fn unix_time(time: OffsetDateTime) -> UnixTime {
    UnixTime(time.unix_timestamp() as f64 * 1_000.0)
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_read_as_a_delay(text in prop_oneof![any_text(), pieced(PIECES), almost_seconds()]) {
        check(&text);
    }

    #[test]
    fn a_date_that_does_not_exist_is_not_read_as_a_date(text in almost_a_date()) {
        check(&text);
    }

    #[test]
    fn seconds_and_fractions_are_read_as_milliseconds(whole in "[0-9]{1,20}", fraction in prop::option::of("[0-9]{1,400}"), space in "[ \t]{0,2}") {
        let text = fraction.map_or(whole.clone(), |fraction| format!("{whole}.{fraction}"));
        let expected = Millis(text.parse::<f64>().expect("a number") * 1_000.0);
        let field = format!("{space}{text}{space}");
        assert_close(retry_after(&field, Clock::Service(NOW)), expected, &field);
        check(&field);
    }

    #[test]
    fn more_seconds_than_a_number_can_hold_are_unreadable(digits in "[1-9][0-9]{300,400}", fraction in "(\\.[0-9]{1,3})?") {
        check(&(digits + &fraction));
    }

    #[test]
    fn the_longest_delay_of_a_list_counts(
        delays in prop::collection::vec(prop_oneof![(0u32..1_000).prop_map(Ok), time_between(1_780_000_000, 1_790_000_000).prop_map(Err)], 1..5),
        (comma, zone, quote) in (",[ \t]?", "(GMT|UTC|UT|gmt|Utc)", "\"?"),
    ) {
        let written = |delay: &Result<u32, OffsetDateTime>| match delay {
            Ok(seconds) => format!("{quote}{seconds}{quote}"),
            Err(time) => written(*time, IMF).replace("GMT", &zone),
        };
        let longest = delays.iter().map(|delay| match delay {
            Ok(seconds) => Millis(f64::from(*seconds) * 1_000.0),
            Err(time) => (unix_time(*time) - NOW).max(Millis::ZERO),
        });
        let longest = longest.fold(Millis::ZERO, Millis::max);
        let field = delays.iter().map(written).collect::<Vec<_>>().join(&comma);
        prop_assert_eq!(retry_after(&field, Clock::Service(NOW)), longest, "{}", field);
        check(&field);
    }

    #[test]
    fn every_http_date_is_read_in_all_three_forms(
        any in time_between(-62_167_219_200, 253_402_300_800),
        recent in time_between(0, 3_155_760_000),
        now in (0.0..4e12).prop_map(UnixTime),
    ) {
        for (time, form) in [(any, IMF), (any, ASCTIME), (recent, IMF), (recent, RFC_850), (recent, ASCTIME)] {
            let text = written(time, form);
            prop_assert_eq!(http_date(&text), Some(unix_time(time)), "{}", text);
            prop_assert_eq!(retry_after(&text, Clock::Service(now)), (unix_time(time) - now).max(Millis::ZERO), "{}", text);
        }
    }

    #[test]
    fn graphs_dates_are_read_in_both_forms(
        time in time_between(-62_167_219_200, 253_402_300_800),
        fraction in "(\\.[0-9]{1,7})?",
    ) {
        for form in [DATE_TIME, WITH_HYPHENS] {
            let text = format!("{}{fraction}Z", written(time, form));
            prop_assert_eq!(date_time(&text), Some(unix_time(time)), "{}", text);
        }
    }

    #[test]
    fn retry_after_is_respected_and_only_a_first_retry_is_immediate(
        attempt in prop_oneof![1u32..40, Just(u32::MAX)],
        requested in prop_oneof![Just(0.0), 0.0..200.0, 0.0..1e9].prop_map(Millis),
        random in 0.0..1.0,
    ) {
        let delay = retry_delay(attempt, Some(requested), backoff(attempt, random));
        prop_assert!(delay >= requested);
        prop_assert!(delay > Millis::ZERO || attempt == 1);
        prop_assert!(delay == requested || requested < Millis(100.0), "a longer delay than requested without need");
    }

    #[test]
    fn the_backoff_grows_within_its_bounds(attempt in prop_oneof![1u32..40, Just(u32::MAX)], random in 0.0..1.0) {
        let delay = backoff(attempt, random);
        prop_assert!((Millis(100.0)..Millis(30_000.0)).contains(&delay), "{:?}", delay);
        prop_assert!(delay <= Millis(500.0 * 2f64.powf(attempt.into())));
        prop_assert!(delay <= backoff(attempt.saturating_add(1), random));
        prop_assert_eq!(delay, retry_delay(attempt, None, delay));
    }
}
