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
         Nobody documents how long diagnostics take. So the rule for the next poll (`src/protocol/poll_interval.rs`) has to do well whatever the\n\
         durations are: it starts short, grows with the root of the time waited, and ends at a longest wait; a `Retry-After` of\n\
         Graph wins. Its constants are chosen by this comparison, which `npm run bench:polling` repeats. The durations are\n\
         assumptions, made to reach from seconds to many minutes:\n\n",
    );
    for Comparison { durations, .. } in comparisons {
        let _ = writeln!(text, "- **{}**: {};", durations.name, durations.about);
    }
    text.push_str(
        "\nand none is waited for longer than an hour. *Lag* is the mean time from the end to the poll that sees it, *relative lag*\n\
         the mean of its share of the duration. The time of a request itself is left out.\n\n\
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
        "\nNo fixed interval from 0.5 to 60 s, and none of the defaults of others (2 s: Azure's core-lro; doubling to 60 s: usual in\n\
         Google's clients; 30 s: what a sibling resource of Teams recommends) is better in both columns in any of the three; the\n\
         bench fails when one is. The last two rows of each table are rules whose waits grow in plain proportion to the time waited:\n\
         fast from a short start costs more lateness than it saves requests; slowly from a later start does about as well as this\n\
         client's rule, but makes short runs wait longer.\n",
    );
    text
}
