//! The behaviour of fleets, natively and under a virtual clock, against the simulated Graph.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../shared/calendar.rs"]
mod calendar;
#[path = "../shared/document.rs"]
mod document;
#[expect(dead_code, reason = "only the clock is needed here")]
#[path = "../shared/driver.rs"]
mod driver;
mod ends;
mod fixture;
#[path = "../shared/fleet_driver.rs"]
mod fleet_driver;
mod pauses;
mod rate;
mod records;
mod tenant;
