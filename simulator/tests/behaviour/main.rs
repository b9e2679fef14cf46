//! What the simulated Graph does, under a virtual clock. The tests read as its manual; what happens on sockets is tested
//! from outside, in Node.

mod access;
mod batching;
mod caching;
mod faults;
mod get_operation;
mod listing;
mod querying;
mod recording;
mod run_diagnostics;
mod tenant;
mod tenants;
