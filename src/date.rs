//! Dates as HTTP and Graph write them, in milliseconds since the Unix epoch. What is no such date is nothing, never an error.

/// The time of an HTTP-date in any of the three forms of RFC 9110, section 5.6.7.
pub fn http_date(text: &str) -> Option<f64> {
    let mut words = text.split_ascii_whitespace();
    let mut next = || words.next().unwrap_or_default();
    let words = [next(), next(), next(), next(), next(), next(), next()];
    let (day, month, year, time) = match words {
        // Sun, 06 Nov 1994 08:49:37 GMT
        [weekday, day, month, year, time, "GMT", ""] if weekday.ends_with(',') && year.len() == 4 => {
            (day, month, digits(year)?, time)
        }
        // Sunday, 06-Nov-94 08:49:37 GMT. The years of two digits stand for 1970 to 2069.
        [weekday, date, time, "GMT", "", "", ""] if weekday.ends_with(',') => {
            let (day, rest) = date.split_once('-')?;
            let (month, year) = rest.split_once('-')?;
            let short = digits(year).filter(|_| year.len() == 2)?;
            (day, month, short + if short < 70.0 { 2000.0 } else { 1900.0 }, time)
        }
        // Sun Nov  6 08:49:37 1994
        [_, month, day, time, year, "", ""] if year.len() == 4 => (day, month, digits(year)?, time),
        _ => return None,
    };
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = MONTHS.iter().position(|&name| name == month)? as f64;
    since_epoch([year, month + 1.0, digits(day)?], three_numbers(time, [':'; 2])?)
}

/// The time of a `dateTimeOffset` as Graph writes it: `2026-01-01T12:01:03.45Z`, and in one of Microsoft's examples
/// `2026-01-01T12-01-03.45Z`. The fraction is dropped. Graph writes UTC; another zone than `Z` is not read.
/// Source: <https://learn.microsoft.com/graph/api/teamworkdeviceoperation-get?view=graph-rest-beta>.
pub fn date_time(text: &str) -> Option<f64> {
    let (day, time) = text.strip_suffix('Z')?.split_once('T')?;
    let whole = time.split_once('.').map_or(time, |(whole, _)| whole);
    since_epoch(three_numbers(day, ['-'; 2])?, three_numbers(whole, [':', '-'])?)
}

/// The number that decimal digits, and nothing else, write.
pub fn digits(text: &str) -> Option<f64> {
    (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.bytes().fold(0.0, |value, byte| value * 10.0 + f64::from(byte - b'0')))
}

fn three_numbers(text: &str, separators: [char; 2]) -> Option<[f64; 3]> {
    let mut parts = text.split(separators);
    let numbers = [digits(parts.next()?)?, digits(parts.next()?)?, digits(parts.next()?)?];
    parts.next().is_none().then_some(numbers)
}

/// The time of year, month and day from 1, and hour, minute and second (60 is a leap second).
fn since_epoch(date: [f64; 3], time: [f64; 3]) -> Option<f64> {
    const LIMITS: [(f64, f64); 6] = [(0.0, 9999.0), (1.0, 12.0), (1.0, 31.0), (0.0, 23.0), (0.0, 59.0), (0.0, 60.0)];
    if !date.iter().chain(&time).zip(LIMITS).all(|(part, (least, most))| (least..=most).contains(part)) {
        return None;
    }
    let ([year, month, day], [hours, minutes, seconds]) = (date, time);
    let days_before = days(year, month - 1.0, day);
    if days_before >= days(year, month, 1.0) {
        return None; // such as 30 February
    }
    Some((((days_before * 24.0 + hours) * 60.0 + minutes) * 60.0 + seconds) * 1_000.0)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; months count from 0. The year is taken to begin in March, so
/// that the leap day is its last.
fn days(year: f64, month: f64, day: f64) -> f64 {
    let (year, month) = if month < 2.0 { (year - 1.0, month + 10.0) } else { (year, month - 2.0) };
    let leap_days = (year / 4.0).floor() - (year / 100.0).floor() + (year / 400.0).floor();
    year * 365.0 + leap_days + ((153.0 * month + 2.0) / 5.0).floor() + day - 719_469.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn http_dates_are_read_in_all_three_forms() {
        for date in ["Wed, 21 Oct 2015 07:28:00 GMT", "Wednesday, 21-Oct-15 07:28:00 GMT", "Wed Oct 21 07:28:00 2015"] {
            assert_eq!(http_date(date), Some(1_445_412_480_000.0), "{date}");
        }
        assert_eq!(http_date("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400_000.0));
        assert_eq!(http_date("Sun Nov  6 08:49:37 1994"), Some(784_111_777_000.0));
        for junk in [
            "this is not a date",
            "Wed, 21 Oct 2015 07:28:00 CET",
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
        for date in ["2015-10-21T07:28:00Z", "2015-10-21T07:28:00.1234567Z", "2015-10-21T07-28-00.45Z"] {
            assert_eq!(date_time(date), Some(1_445_412_480_000.0), "{date}");
        }
        for junk in [
            "",
            "Z",
            "2015-10-21",
            "2015-10-21T07:28Z",
            "2015-10-21T07:28:00",
            "2015-13-21T07:28:00Z",
            "2015-11-31T07:28:00Z",
            "2015-10T21:07:28:00Z",
            "x-1-1T1:1:1Z",
        ] {
            assert_eq!(date_time(junk), None, "{junk}");
        }
    }
}
