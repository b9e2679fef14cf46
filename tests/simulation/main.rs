//! Deterministic simulation: the real client against the model of Graph, with every fault that a seed can draw, under a
//! virtual clock. A seed that breaks a guarantee prints itself and its plan, and replays identically.
//!
//! `npm run simulate -- --seeds 100000` runs any number of seeds; `npm run simulate -- --seed 7` runs one.
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
mod service;
mod token_source;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::plan::Plan;
use crate::run_seed::run_seed;

/// The number of seeds that `npm test` runs.
const SEEDS: u64 = 3_000;

#[test]
fn every_seed_keeps_every_guarantee() {
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(text.parse::<u64>().unwrap_or_else(|_| panic!("{name} must be a whole number, and not {text}")))
    };
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(SEEDS),
    };
    // A broken guarantee is a panic; it is reported below, in one line.
    std::panic::set_hook(Box::new(|_| {}));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let has_broken = AtomicBool::new(false);
    let mut broken: Vec<_> = std::thread::scope(|scope| {
        let share = |worker: usize| (seeds.start + worker as u64..seeds.end).step_by(workers).collect::<Vec<_>>();
        let running: Vec<_> =
            (0..workers).map(share).map(|seeds| scope.spawn(|| first_broken(seeds, &has_broken))).collect();
        running.into_iter().filter_map(|worker| worker.join().ok().flatten()).collect()
    });
    let _ = std::panic::take_hook();
    broken.sort();
    for (seed, guarantee) in &broken {
        println!("seed {seed}: {guarantee}");
        // A single seed has printed its plan already.
        if seeds.end - seeds.start > 1 {
            println!("{:#?}", Plan::draw(*seed));
        }
        println!("replay: npm run simulate -- --seed {seed}\n");
    }
    assert!(broken.is_empty(), "{} seeds broke a guarantee", broken.len());
    println!("{} seeds, no guarantee broken", seeds.end - seeds.start);
}

/// The first of these seeds that broke a guarantee, and the guarantee; `None` if all kept them, or if another worker was first.
fn first_broken(seeds: Vec<u64>, stop: &AtomicBool) -> Option<(u64, String)> {
    let is_traced = seeds.len() == 1;
    for seed in seeds.into_iter().take_while(|_| !stop.load(Ordering::Relaxed)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run_seed(seed, is_traced))) {
            stop.store(true, Ordering::Relaxed);
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            return Some((seed, text.unwrap_or_default()));
        }
    }
    None
}
