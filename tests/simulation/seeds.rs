//! Runs seeds on all processors, and reports the first that break a guarantee.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// Two tests at once would take each other's processors and panic hook.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Runs this many seeds, unless the environment says otherwise.
///
/// * `option`: how `npm run simulate` replays a seed
/// * `run`: runs a seed, and traces it if that is wanted
/// * `print`: prints the plan of a seed
pub fn run_seeds(count: u64, option: &str, run: impl Fn(u64, bool) + Sync, print: impl Fn(u64)) {
    let _guard = ONE_AT_A_TIME.lock();
    let number = |name: &str| {
        let text = std::env::var(name).ok()?;
        Some(text.parse::<u64>().unwrap_or_else(|_| panic!("{name} must be a whole number, and not {text}")))
    };
    let seeds = match number("SIMULATION_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..number("SIMULATION_SEEDS").unwrap_or(count),
    };
    // A broken guarantee is a panic; it is reported below, in one line.
    std::panic::set_hook(Box::new(|_| {}));
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let has_broken = AtomicBool::new(false);
    let mut broken: Vec<_> = std::thread::scope(|scope| {
        let share = |worker: usize| (seeds.start + worker as u64..seeds.end).step_by(workers).collect::<Vec<_>>();
        let running: Vec<_> =
            (0..workers).map(share).map(|seeds| scope.spawn(|| first_broken(seeds, &run, &has_broken))).collect();
        running.into_iter().filter_map(|worker| worker.join().ok().flatten()).collect()
    });
    let _ = std::panic::take_hook();
    broken.sort();
    for (seed, guarantee) in &broken {
        println!("seed {seed}: {guarantee}");
        // A single seed has printed its plan already.
        if seeds.end - seeds.start > 1 {
            print(*seed);
        }
        println!("replay: npm run simulate -- {option} {seed}\n");
    }
    assert!(broken.is_empty(), "{} seeds broke a guarantee", broken.len());
    println!("{} seeds, no guarantee broken", seeds.end - seeds.start);
}

/// The first of these seeds that broke a guarantee, and the guarantee; `None` if all kept them, or if another worker was first.
fn first_broken(seeds: Vec<u64>, run: &impl Fn(u64, bool), stop: &AtomicBool) -> Option<(u64, String)> {
    let is_traced = seeds.len() == 1;
    for seed in seeds.into_iter().take_while(|_| !stop.load(Ordering::Relaxed)) {
        if let Err(panic) = catch_unwind(AssertUnwindSafe(|| run(seed, is_traced))) {
            stop.store(true, Ordering::Relaxed);
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            return Some((seed, text.unwrap_or_default()));
        }
    }
    None
}
