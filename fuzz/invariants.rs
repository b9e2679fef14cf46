//! What must hold for any input at all: the same statements that the tests hold against generated input.

#[path = "../tests/shared/document.rs"]
mod document;
#[path = "../tests/shared/invariants/mod.rs"]
pub mod invariants;
