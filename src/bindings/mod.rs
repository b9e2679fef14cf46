//! The JavaScript API, and the driver that performs the effects of calls with fetch and timers. wasm32 only.
//!
//! `exports` creates a `driver::Task` for each call; the task performs effects until the call is done, then settles its
//! promise.

mod credential;
mod driver;
pub mod errors;
pub mod events;
pub mod exports;
pub mod fetch;
pub mod host;
pub mod object;
pub mod options;
mod outcome;
pub mod signal;
pub mod timer;
pub mod token_source;
pub mod token_store;
pub mod value;

// A small allocator whose time does not grow with the number of calls in progress (TLSF); the standard one costs 2.2 KB
// more.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

pub use exports::{PageReader, get_operation, run_diagnostics, wait_for_operation};
