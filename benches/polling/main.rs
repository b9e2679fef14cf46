//! Compares rules for the poll interval: the client's own rule, every fixed interval, and the defaults of others, over three
//! distributions of durations. Writes `docs/polling.md` and `docs/polling.svg`. Fails if anything has both less lag and fewer
//! requests than the client.

mod durations;
mod plot;
mod schedule;

use std::fmt::Write;

use durations::Durations;
use schedule::{Cost, Schedule};

/// The costs of everything that is compared, over one distribution.
pub struct Comparison {
    pub durations: Durations,
    pub own: Cost,
    pub fixed: Vec<Cost>,
    pub peers: Vec<(String, Cost)>,
    pub others: Vec<(String, Cost)>,
}

fn main() {
    // `cargo test --benches` also runs this, and must not write files.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let comparisons = durations::all().map(compare);
    let docs = concat!(env!("CARGO_MANIFEST_DIR"), "/docs");
    let text = document(&comparisons);
    println!("{text}");
    std::fs::write(format!("{docs}/polling.md"), text).expect("docs/polling.md can be written");
    std::fs::write(format!("{docs}/polling.svg"), plot::svg(&comparisons)).expect("docs/polling.svg can be written");
    let better = comparisons.iter().flat_map(|comparison| {
        comparison
            .peers
            .iter()
            .map(|(_, cost)| cost)
            .chain(&comparison.fixed)
            .filter(|cost| is_better(cost, &comparison.own))
    });
    assert_eq!(better.count(), 0, "something has both less lag and fewer requests");
}

fn is_better(cost: &Cost, than: &Cost) -> bool {
    cost.lag <= than.lag && cost.requests <= than.requests
}

fn compare(durations: Durations) -> Comparison {
    let cost = |schedule: Schedule| (schedule.name.clone(), schedule.cost(&durations.seconds));
    let fixed = (2..=240).map(|halves| cost(Schedule::fixed(f64::from(halves) / 4.0)).1).collect();
    let peers = [Schedule::fixed(2.0), Schedule::doubling(1.0, 60.0), Schedule::fixed(30.0)].map(cost).into();
    let others = [(1.0, 0.2, 30.0), (4.0, 0.03, 15.0)];
    let others = others.map(|(first, share, longest)| cost(Schedule::adaptive(first, share, longest))).into();
    let own = cost(Schedule::own()).1;
    Comparison { durations, own, fixed, peers, others }
}

/// The requests of the fixed interval that has this lag. The lag of a fixed interval is about half of it.
fn requests_at_the_same_lag(fixed: &[Cost], lag: f64) -> f64 {
    let at = fixed.iter().position(|cost| cost.lag >= lag).unwrap_or(fixed.len() - 1).max(1);
    let (before, after) = (fixed[at - 1], fixed[at]);
    before.requests + (after.requests - before.requests) * (lag - before.lag) / (after.lag - before.lag)
}

fn document(comparisons: &[Comparison]) -> String {
    let mut text = String::from(
        "# How often to poll\n\n\
         Microsoft does not document how long diagnostics take. The rule for the next poll (`src/protocol/poll_interval.rs`) must therefore work well\n\
         for short and long runs. The interval starts short, grows with the square root of the time waited, and has a maximum. A `Retry-After` of\n\
         Graph takes precedence. The constants of the rule were chosen with the comparison below, which `npm run bench:polling` repeats. It assumes\n\
         three distributions of durations, from seconds to many minutes:\n\n",
    );
    for Comparison { durations, .. } in comparisons {
        let _ = writeln!(text, "- **{}**: {}.", durations.name, durations.about);
    }
    text.push_str(
        "\nNo wait is longer than an hour. *Lag* is the mean time from the end of an operation to the poll that finds it ended. *Relative lag* is the\n\
         mean of the lag divided by the duration. The time that a request takes is ignored.\n\n\
         ![Lag against requests: the curve of all fixed intervals, the defaults of others, and this client below the curve](polling.svg)\n",
    );
    for comparison in comparisons {
        let _ = writeln!(text, "\n## {}\n", comparison.durations.name);
        text.push_str(
            "| rule | lag | relative lag | requests | of a fixed interval of the same lag |\n|---|---:|---:|---:|---:|\n",
        );
        let own = [("**this client**".to_owned(), comparison.own)];
        for (name, cost) in own.iter().chain(&comparison.peers).chain(&comparison.others) {
            let same = requests_at_the_same_lag(&comparison.fixed, cost.lag);
            let (lag, relative, requests) = (cost.lag, cost.relative_lag * 100.0, cost.requests);
            let share = requests / same * 100.0;
            let _ = writeln!(text, "| {name} | {lag:.1} s | {relative:.0} % | {requests:.1} | {share:.0} % |");
        }
    }
    text.push_str(
        "\nIn all three distributions, no fixed interval from 0.5 to 60 s and no default of another client has both less lag and fewer requests\n\
         than this client. If one has, the benchmark fails.\n\n\
         Three rows are defaults of others. Azure's core-lro polls every 2 s, Google's clients usually double the interval up to 60 s, and Microsoft\n\
         recommends 30 s for a related resource of Teams.\n\n\
         The last two rows of each table are rules whose interval grows in proportion to the time waited. With a short start and fast growth, the lag\n\
         increases more than the number of requests decreases. With a longer start and slow growth, the rule does about as well as the rule of this\n\
         client, but finds the end of short runs later.\n",
    );
    text
}
