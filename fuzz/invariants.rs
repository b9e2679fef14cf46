//! The checks of the invariants that hold for any input. The property tests run the same checks with generated input.

#[path = "../tests/shared/document.rs"]
mod document;
#[path = "../tests/shared/invariants/mod.rs"]
pub mod invariants;
