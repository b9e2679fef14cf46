//! The half that knows JavaScript: exports, options in, errors and events out, fetch and timers. wasm32 only.

mod abort;
mod errors;
mod events;
mod exports;
mod fetch;
mod options;
mod stirred;
mod timers;
mod tokens;
mod value;

// A small allocator: the standard one is five times its size, and speed is not what this package waits for.
#[global_allocator]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> =
    // SAFETY: the module is not built with threads, so there is one.
    unsafe { lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new()) };

pub use exports::{OperationPages, get_operation, run_diagnostics, wait_for_operation};
