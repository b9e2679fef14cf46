//! The half that knows JavaScript: exports, options in, errors and events out, fetch and timers. wasm32 only.

mod abort;
mod errors;
mod events;
mod exports;
mod fetch;
mod options;
mod remembered;
mod tokens;
mod value;
mod waiting;

// A small allocator whose time does not grow with the number of calls in flight (TLSF); the standard one is five times its size.
#[global_allocator]
static ALLOCATOR: rlsf::SmallGlobalTlsf = rlsf::SmallGlobalTlsf::new();

// A panic is a defect: without the standard library it is a trap and nothing else.
#[cfg(not(feature = "std"))]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

pub use exports::{Collection, get_operation, run_diagnostics, wait_for_operation};
