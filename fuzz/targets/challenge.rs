//! Any text as a `WWW-Authenticate` field.
#![no_main]

use libfuzzer_sys::fuzz_target;
use teams_device_diagnostics_fuzz::invariants::challenge;

fuzz_target!(|text: &str| challenge::check(text));
