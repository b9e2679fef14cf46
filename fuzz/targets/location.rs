//! Any text as a `Location` and as a base URL.
#![no_main]

use libfuzzer_sys::fuzz_target;
use teams_device_diagnostics_fuzz::invariants::location;

fuzz_target!(|text: &str| location::check(text));
