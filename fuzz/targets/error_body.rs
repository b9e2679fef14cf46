//! Any text as the body of an unsuccessful response that may repeat the token. The first line of the input is the token.
#![no_main]

use libfuzzer_sys::fuzz_target;
use teams_device_diagnostics::protocol::token;
use teams_device_diagnostics_fuzz::invariants::error_body;

fuzz_target!(|text: &str| {
    let (token, body) = text.split_once('\n').unwrap_or_default();
    if token::check(token).is_ok() {
        error_body::check(token, body);
    }
});
