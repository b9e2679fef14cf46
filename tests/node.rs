//! The exported functions in Node, over real HTTP to the simulated Graph.
#![cfg(target_arch = "wasm32")]

#[path = "wasm/exports.rs"]
mod exports;
