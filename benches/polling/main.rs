//! Chooses how often to poll: the client's own rule beside every fixed interval and beside the defaults of others, over three
//! shapes of durations. Writes `docs/polling.md` and `docs/polling.svg`, and fails when anything is better than the client in
//! both lateness and requests.

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
    // `cargo test --benches` runs this as well; it shall not write files then.
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
    assert_eq!(better.count(), 0, "something is better in both");
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

/// Requests of the fixed interval that is as late as a cost says; lateness of a fixed interval is about half of it.
fn requests_at_the_same_lag(fixed: &[Cost], lag: f64) -> f64 {
    let at = fixed.iter().position(|cost| cost.lag >= lag).unwrap_or(fixed.len() - 1).max(1);
    let (before, after) = (fixed[at - 1], fixed[at]);
    before.requests + (after.requests - before.requests) * (lag - before.lag) / (after.lag - before.lag)
}

fn document(comparisons: &[Comparison]) -> String {
    let mut text = String::from(
        "# How often to poll\n\n\
         It is not documented how long diagnostics take. The rule for the next poll (`src/protocol/poll_interval.rs`) must therefore do well\n\
         with any durations. The interval starts short, grows with the square root of the time waited, and has a maximum. A `Retry-After` of\n\
         Graph takes precedence. The constants were chosen by this comparison, which `npm run bench:polling` repeats. The durations are\n\
         assumptions that range from seconds to many minutes:\n\n",
    );
    for Comparison { durations, .. } in comparisons {
        let _ = writeln!(text, "- **{}**: {}.", durations.name, durations.about);
    }
    text.push_str(
        "\nNo wait is longer than an hour. *Lag* is the mean time from the end of an operation to the poll that finds it ended. *Relative lag* is\n\
         the mean of the lag divided by the duration. The time that a request takes is ignored.\n\n\
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
        "\nIn none of the three is a fixed interval from 0.5 to 60 s, or one of the defaults of others, better in both lag and requests; if one\n\
         were, the benchmark would fail. Those defaults are 2 s (Azure's core-lro), doubling to 60 s (usual in Google's clients), and 30 s (the\n\
         recommendation for a related resource of Teams). The last two rows of each table are rules whose interval grows in proportion to the\n\
         time waited. With a short start and fast growth, the lag increases more than the number of requests decreases. With a longer start and\n\
         slow growth, the rule does about as well as this client's, but finds the end of short runs later.\n",
    );
    text
}
