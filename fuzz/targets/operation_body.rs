//! Any text as the body of a response that may contain an operation.
#![no_main]

use libfuzzer_sys::fuzz_target;
use teams_device_diagnostics_fuzz::invariants::operation_body;

fuzz_target!(|text: &str| operation_body::check(text));
