//! The WebAssembly of `teams-device-diagnostics/fleet`: everything of the main entry, and diagnostics on many devices.
//!
//! The fleet itself is `teams_device_diagnostics::machine::fleet`. Here is its `driver`, which performs its effects with
//! fetch and one timer. What concerns the caller (iterables, signals, callbacks) is done in JavaScript (`js/fleet/`), behind
//! the `port`.
#![warn(missing_docs)]
#![cfg(target_arch = "wasm32")]

pub mod driver;
pub mod exports;
pub mod objects;
pub mod options;
pub mod port;
