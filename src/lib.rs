//! Start diagnostics on a Microsoft Teams device through Microsoft Graph and wait until the logs are ready.
//!
//! Three layers, each of which depends only on those below it:
//!
//! * `bindings` (wasm32 only): what JavaScript sees, and the driver that performs effects with fetch and timers
//! * [`machine`]: calls as state machines, which decide what to do next; no I/O, clock, timer or executor
//! * [`protocol`]: data and pure rules: what Graph's responses mean, what is trusted, and what is retried and when
//!
//! Start reading at [`machine`].
#![warn(missing_docs)]

#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod machine;
pub mod protocol;
