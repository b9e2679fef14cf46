//! Deterministic simulation: the real client against the model of Graph, with every fault that a seed can draw, under a
//! virtual clock. A seed that breaks a guarantee prints itself and its plan, and replays identically.
//!
//! `npm run simulate -- --seeds 100000` runs any number of seeds; `npm run simulate -- --seed 7` runs one. With `--fleet`, they
//! are those of whole fleets, in `fleet/`.
//! `docs/simulation.md` lists what the simulation detects when the client is broken on purpose.
#![cfg(not(target_arch = "wasm32"))]

#[path = "../shared/calendar.rs"]
mod calendar;
#[path = "../shared/document.rs"]
mod document;
#[expect(dead_code, reason = "not all of it is needed here")]
#[path = "../shared/driver.rs"]
mod driver;
mod environment;
mod fault;
mod fleet;
#[expect(dead_code, reason = "not all of it is needed here")]
#[path = "../shared/fleet_driver.rs"]
mod fleet_driver;
mod gateway;
mod graph;
mod guarantees;
mod network;
mod plan;
mod record;
#[expect(dead_code, reason = "not all of it is needed here")]
#[path = "../shared/invariants/redaction.rs"]
mod redaction;
mod retry_after;
mod rng;
mod run_seed;
mod seeds;
mod service;
mod token_source;

use crate::fleet::plan::FleetPlan;
use crate::plan::Plan;
use crate::seeds::run_seeds;

/// The number of seeds that `npm test` runs: of one device, and of fleets.
const SEEDS: u64 = 3_000;
const FLEET_SEEDS: u64 = 1_000;

#[test]
fn every_seed_keeps_every_guarantee() {
    run_seeds(SEEDS, "--seed", run_seed::run_seed, |seed| println!("{:#?}", Plan::draw(seed)));
}

#[test]
fn every_seed_of_a_fleet_keeps_every_guarantee() {
    run_seeds(FLEET_SEEDS, "--fleet --seed", fleet::run_seed, |seed| println!("{:#?}", FleetPlan::draw(seed)));
}
