//! The half that knows JavaScript: exports, options in, errors and events out, fetch and timers. wasm32 only.

mod abort;
mod errors;
mod events;
mod exports;
mod fetch;
mod options;
mod timers;
mod tokens;
mod value;

pub use exports::{get_operation, run_diagnostics, wait_for_operation};
