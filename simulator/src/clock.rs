//! Times as Graph and HTTP write them. All times of the model are milliseconds since the Unix epoch; nothing here reads a
//! clock.

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

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
pub fn date_time(ms: f64, dates: Dates) -> String {
    format(ms, if dates == Dates::Iso { ISO } else { HYPHENS })
}

/// A time in a header field (RFC 9110, section 5.6.7).
pub fn http_date(ms: f64) -> String {
    format(ms, HTTP)
}

/// A time in an error body, where Graph writes no zone.
pub fn error_date(ms: f64) -> String {
    format(ms, NO_ZONE)
}

fn format(ms: f64, description: &[BorrowedFormatItem<'_>]) -> String {
    OffsetDateTime::from_unix_timestamp_nanos(ms as i128 * 1_000_000)
        .ok()
        .and_then(|time| time.format(description).ok())
        .unwrap_or_default()
}
