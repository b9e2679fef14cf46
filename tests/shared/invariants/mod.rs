//! Invariants for any input, expressed with other programs than the client's own: the `url` crate, the `time` crate,
//! `serde_json`. `tests/properties` checks them with generated input, `fuzz/` with whatever a fuzzer finds.

pub mod challenge;
pub mod error_body;
pub mod location;
pub mod operation_body;
pub mod redaction;
pub mod retry_after;
