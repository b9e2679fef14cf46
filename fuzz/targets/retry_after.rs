//! Any text as a `Retry-After` field and as one of Graph's dates.
#![no_main]

use libfuzzer_sys::fuzz_target;
use teams_device_diagnostics_fuzz::invariants::retry_after;

fuzz_target!(|text: &str| retry_after::check(text));
