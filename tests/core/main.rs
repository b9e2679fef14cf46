//! The behaviour of calls, natively and under a virtual clock, against the simulated Graph.
#![cfg(not(target_arch = "wasm32"))]

mod abort;
#[path = "../shared/calendar.rs"]
mod calendar;
mod callback;
#[path = "../shared/document.rs"]
mod document;
#[path = "../shared/driver.rs"]
mod driver;
mod errors;
mod fixture;
mod list;
mod location;
mod patience;
mod script;
mod search;
mod start;
mod tokens;
#[path = "../shared/trust.rs"]
mod trust;
mod wait;
