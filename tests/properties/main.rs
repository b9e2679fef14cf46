//! Properties of everything that a service can send or a caller can pass, checked with generated input.
//!
//! `PROPTEST_CASES=100000 cargo test --test properties` generates more input. Input that broke a property is saved in a file
//! beside the module and tested first from then on. `fuzz/` searches by coverage for input that these generators do not
//! produce.
#![cfg(not(target_arch = "wasm32"))]

mod any_fleet_input;
mod any_input;
mod challenge;
mod device_id;
#[path = "../shared/document.rs"]
mod document;
mod error_body;
#[path = "../shared/invariants/mod.rs"]
mod invariants;
mod json;
mod location;
mod operation_body;
mod redaction;
mod retry_after;
mod text;

use proptest::test_runner::{Config, FileFailurePersistence};

/// The configuration of every property.
fn config() -> Config {
    let persistence = FileFailurePersistence::WithSource("regressions");
    Config { failure_persistence: Some(Box::new(persistence)), ..Config::default() }
}
