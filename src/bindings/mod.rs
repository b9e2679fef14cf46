//! The JavaScript API, and the driver that performs the effects of calls with fetch and timers. wasm32 only.
//!
//! `exports` creates a `driver::Task` for each call; the task performs effects until the call is done, then settles its
//! promise.

mod credential;
mod driver;
mod errors;
mod events;
mod exports;
mod fetch;
mod host;
mod object;
mod options;
mod outcome;
mod signal;
mod token_source;
mod token_store;
mod value;

// A small allocator whose time does not grow with the number of calls in progress (TLSF); the standard one costs 2.2 KB
// more.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

pub use exports::{PageReader, get_operation, run_diagnostics, wait_for_operation};
