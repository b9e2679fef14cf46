//! Times as Graph and HTTP write them, and lengths of time as flags and files give them. Nothing here reads a clock.

use serde::de::Error;
use serde::{Deserialize, Deserializer};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;
use time::{SignedDuration, UtcDateTime};

const ISO: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
const HYPHENS: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]-[minute]-[second].[subsecond digits:2]Z");
const HTTP: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
const NO_ZONE: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]");

/// How times are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Dates {
    /// `2021-06-19T12:01:03.450Z`
    #[default]
    Iso,
    /// `2021-06-19T12-01-03.45Z`, as in Microsoft's example.
    Hyphens,
}

/// A time in a document.
pub fn date_time(time: UtcDateTime, dates: Dates) -> String {
    format(time, if dates == Dates::Iso { ISO } else { HYPHENS })
}

/// A time in a header field (RFC 9110, section 5.6.7).
pub fn http_date(time: UtcDateTime) -> String {
    format(time, HTTP)
}

/// A time in an error body, where Graph writes no zone.
pub fn error_date(time: UtcDateTime) -> String {
    format(time, NO_ZONE)
}

fn format(time: UtcDateTime, description: &[BorrowedFormatItem<'_>]) -> String {
    time.format(description).unwrap_or_default()
}

/// A length of time in milliseconds, as a flag gives it. One that is too long becomes the longest.
pub fn milliseconds(number: f64) -> SignedDuration {
    SignedDuration::saturating_seconds_f64(number / 1_000.0)
}

/// A length of time in milliseconds.
pub fn read_pace<'de, D: Deserializer<'de>>(file: D) -> Result<SignedDuration, D::Error> {
    Ok(milliseconds(not_negative(f64::deserialize(file)?)?))
}

/// A length of time in milliseconds, or null.
pub fn read_milliseconds<'de, D: Deserializer<'de>>(file: D) -> Result<Option<SignedDuration>, D::Error> {
    let number = Option::deserialize(file)?.map(not_negative).transpose()?;
    Ok(number.map(milliseconds))
}

/// A length of time in minutes.
pub fn read_minutes<'de, D: Deserializer<'de>>(file: D) -> Result<SignedDuration, D::Error> {
    Ok(SignedDuration::saturating_seconds_f64(not_negative(f64::deserialize(file)?)? * 60.0))
}

/// A number that is at least 0.
pub fn read_factor<'de, D: Deserializer<'de>>(file: D) -> Result<f64, D::Error> {
    not_negative(f64::deserialize(file)?)
}

fn not_negative<E: Error>(number: f64) -> Result<f64, E> {
    if number >= 0.0 { Ok(number) } else { Err(E::custom(format!("{number} must not be negative"))) }
}
