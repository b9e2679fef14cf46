//! Start diagnostics on a Microsoft Teams device through Microsoft Graph and wait until the logs are ready.
//!
//! The crate has two halves. The **core** is plain Rust without any JavaScript type: async functions over the small
//! [`Platform`](platform::Platform) trait, so that all behaviour runs natively under a virtual clock. The **bindings** (wasm32
//! only) are the one place that knows JavaScript: exports, options, errors, fetch and timers.
//!
//! Read in this order: [`client`] tells the stories, [`exchange`] the life of one request within them. [`protocol`] holds data
//! and rules, which import nothing from the rest: what Graph's answers mean, what is trusted, and when something is sent again.
#![cfg_attr(not(any(test, feature = "std")), no_std)]
#![warn(missing_docs)]
// The platforms are single-threaded; none of these futures is sent to another thread.
#![allow(async_fn_in_trait)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod client;
pub mod collection;
pub mod exchange;
pub mod platform;
pub mod progress;
pub mod protocol;
pub mod race;
pub mod token;
