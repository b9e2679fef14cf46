//! The simulation of fleets: many devices, a process that crashes at any moment, and others that go on from its records.
//!
//! The service, its faults, the clocks and the token source are those of the simulation of one device.

mod device;
mod environment;
mod guarantees;
mod journal;
mod ledger;
mod life;
pub mod plan;
mod rate;
mod trace;

pub use life::run_seed;
