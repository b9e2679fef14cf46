//! The guarantees of a fleet, one function each. Each panics if its guarantee is broken.

mod ends;
mod records;
mod requests;

use teams_device_diagnostics::protocol::time::Millis;

pub use ends::{
    check_end, check_result, concurrency_is_respected, everything_has_ended, nothing_happens_after_the_end,
    the_totals_add_up,
};
pub use records::{a_record_can_be_read_again, check_record};
pub use requests::{check_request, check_token_request};

use crate::guarantees::contains_a_token;

/// The tolerance for sums of times.
const ROUNDING: Millis = Millis(1e-3);

/// In events, results, records and errors.
pub fn nothing_that_is_shown_has_a_token(text: &str) {
    assert!(!contains_a_token(text), "a token is shown: {text}");
}
