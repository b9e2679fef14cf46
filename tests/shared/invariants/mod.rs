//! What holds for any input at all, in words of other programs than the client's own: the `url` crate, the `time` crate,
//! `serde_json`. `tests/properties` holds it against generated input, `fuzz/` against whatever a fuzzer finds.

pub mod challenge;
pub mod error_body;
pub mod location;
pub mod operation_body;
pub mod redaction;
pub mod retry_after;
