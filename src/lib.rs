//! Start diagnostics on a Microsoft Teams device through Microsoft Graph and wait until the logs are ready.
//!
//! The crate has two halves. The **core** is plain Rust without any JavaScript type: async functions over the small
//! [`Platform`](http::Platform) trait, so that all behaviour runs natively under a virtual clock. The **bindings** (wasm32
//! only) are the one place that knows JavaScript: exports, options, errors, fetch and timers.
//!
//! Read in this order: [`client`] tells the stories, [`exchange`] the life of one request within them; [`location`],
//! [`retry`], [`poll`], [`challenge`] and [`lookup`] hold the rules; [`operation`], [`collection`], [`device`], [`cloud`],
//! [`token`] and [`error`] name the things.
#![cfg_attr(not(any(test, feature = "std")), no_std)]
#![warn(missing_docs)]
// The platforms are single-threaded; none of these futures is sent to another thread.
#![allow(async_fn_in_trait)]

extern crate alloc;

#[cfg(target_arch = "wasm32")]
pub mod bindings;
pub mod challenge;
pub mod client;
pub mod cloud;
pub mod collection;
pub mod date;
pub mod device;
pub mod error;
pub mod exchange;
pub mod http;
pub mod location;
pub mod lookup;
pub mod operation;
pub mod poll;
pub mod progress;
pub mod race;
pub mod retry;
pub mod text;
pub mod token;
