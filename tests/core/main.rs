//! The behaviour of the client, natively and under a virtual clock, against the simulated Graph.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../shared/document.rs"]
mod document;
mod errors;
mod list;
mod location;
mod lookup;
mod platform;
mod start;
mod tokens;
#[path = "../shared/trust.rs"]
mod trust;
mod wait;
