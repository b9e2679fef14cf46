//! The behaviour of the simulated Graph, under a virtual clock. These tests also document it. Its behaviour on sockets
//! is tested from outside, in Node.

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
