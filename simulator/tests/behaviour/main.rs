//! What the simulated Graph does, under a virtual clock. The tests read as its manual; what happens on sockets is tested
//! from outside, in Node.

mod access;
mod batching;
mod caching;
mod faults;
mod listing;
mod looking;
mod querying;
mod recording;
mod starting;
mod tenant;
mod tenants;
