//! The behaviour of the client, natively and under a virtual clock, against the simulated Graph.
#![cfg(not(target_arch = "wasm32"))]

mod errors;
mod location;
mod platform;
mod start;
#[path = "../shared/trust.rs"]
mod trust;
mod wait;
