//! The exported functions in real browsers, over real HTTP to the simulated Graph.
#![cfg(target_arch = "wasm32")]

wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "wasm/exports.rs"]
mod exports;
