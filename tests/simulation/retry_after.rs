//! `Retry-After` in every form, and the wait that it requests.

use teams_device_diagnostics::protocol::retry::UNREADABLE_WAIT;
use teams_device_diagnostics::protocol::time::{Millis, UnixTime};
use time::format_description::BorrowedFormatItem;
use time::macros::format_description;

use crate::calendar::utc;
use crate::service::Service;

const RFC_1123: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
const RFC_850: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday], [day]-[month repr:short]-[year repr:last_two] [hour]:[minute]:[second] GMT");
const ASCTIME: &[BorrowedFormatItem<'_>] =
    format_description!("[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]");

/// The wait that a response requests.
pub enum RequestedWait {
    Nothing,
    Unreadable,
    Length(Millis),
    Until(UnixTime),
}

impl RequestedWait {
    /// How long the caller must wait.
    ///
    /// * `by_service`: the time in the response's `Date`, if the caller can read it
    /// * `by_caller`: the time on the caller's own clock
    pub fn length(&self, by_service: Option<UnixTime>, by_caller: UnixTime) -> Millis {
        match *self {
            RequestedWait::Nothing => Millis::ZERO,
            RequestedWait::Unreadable => UNREADABLE_WAIT,
            RequestedWait::Length(length) => length,
            // By a clock that may be wrong, a date in the past says nothing.
            RequestedWait::Until(date) if by_service.is_none() && date <= by_caller => UNREADABLE_WAIT,
            RequestedWait::Until(date) => (date - by_service.unwrap_or(by_caller)).max(Millis::ZERO),
        }
    }
}

impl Service {
    /// The text of a `Retry-After`, and the wait that it requests.
    pub fn retry_after(&self) -> (String, RequestedWait) {
        let seconds = self.rng.below(40);
        let length = |seconds: usize| RequestedWait::Length(Millis(1_000.0) * seconds as f64);
        let date = second(self.service_time()) + Millis(1_000.0) * (seconds as f64 - 5.0);
        let until = RequestedWait::Until(date);
        match self.rng.below(10) {
            0 | 1 => (seconds.to_string(), length(seconds)),
            2 => (format!("{seconds}.128"), RequestedWait::Length(Millis(1_000.0) * seconds as f64 + Millis(128.0))),
            3 => (http_date(date), until),
            4 => (written(date, RFC_850), until),
            5 => (written(date, ASCTIME), until),
            6 => (self.rng.pick(&[self.plan.longest_retry_after, "4000"]).into(), length(4_000)),
            7 => (self.in_a_list(&(seconds + 1).to_string()), length(seconds + 1)),
            8 => (http_date(date).replace("GMT", self.rng.pick(&["UTC", "UT", "gmt", "utc"])), until),
            _ => {
                let texts = ["-1", "soon", "0x10", "1e3", "", "NaN", "Infinity", "2026-06-01T00:00:00Z"];
                (self.rng.pick(&texts).into(), RequestedWait::Unreadable)
            }
        }
    }

    fn in_a_list(&self, text: &str) -> String {
        match self.rng.below(3) {
            0 => format!("0,{text}"),
            1 => format!("{text}, 1"),
            _ => format!("\"0\" ,\t{text}"),
        }
    }
}

/// A time in a header field.
pub fn http_date(time: UnixTime) -> String {
    written(time, RFC_1123)
}

/// The beginning of a second, as header fields can give it.
pub fn second(time: UnixTime) -> UnixTime {
    UnixTime((time.0 / 1_000.0).floor() * 1_000.0)
}

fn written(time: UnixTime, form: &[BorrowedFormatItem<'_>]) -> String {
    utc(time).format(form).expect("a date")
}
