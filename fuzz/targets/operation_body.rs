//! Any text as the body of an answer that may hold an operation.
#![no_main]

use libfuzzer_sys::fuzz_target;
use teams_device_diagnostics_fuzz::invariants::operation_body;

fuzz_target!(|text: &str| operation_body::hold(text));
