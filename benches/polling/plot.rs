//! The comparison as a picture: one panel for each distribution, both axes logarithmic.

use std::fmt::Write;

use crate::Comparison;
use crate::schedule::Cost;

const PANEL: (f64, f64) = (340.0, 300.0);
const LEFT: f64 = 56.0;
const TOP: f64 = 56.0;
const REQUESTS: (f64, f64) = (4.0, 500.0);
const LAGS: (f64, f64) = (0.4, 40.0);

pub fn svg(comparisons: &[Comparison]) -> String {
    let width = LEFT + comparisons.len() as f64 * (PANEL.0 + 24.0);
    let height = TOP + PANEL.1 + 56.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"{LEFT}\" y=\"22\" font-size=\"15\" font-weight=\"600\" fill=\"#222\">Further down and to the left is better</text>\n\
         <text transform=\"translate(16 {}) rotate(-90)\" text-anchor=\"middle\" fill=\"#444\">mean lag, s</text>\n",
        TOP + PANEL.1 / 2.0
    );
    for (index, comparison) in comparisons.iter().enumerate() {
        let _ = writeln!(svg, "<g transform=\"translate({} {TOP})\">", LEFT + index as f64 * (PANEL.0 + 24.0));
        panel(&mut svg, comparison, index == 0);
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn panel(svg: &mut String, comparison: &Comparison, has_labels: bool) {
    let (width, height) = PANEL;
    let _ = writeln!(svg, "<rect width=\"{width}\" height=\"{height}\" fill=\"none\" stroke=\"#ccc\"/>");
    let _ = writeln!(svg, "<text x=\"0\" y=\"-10\" font-weight=\"600\" fill=\"#222\">{}</text>", comparison.durations.name);
    for requests in [5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0] {
        let x = across(requests);
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} 0V{height}\" stroke=\"#eee\"/><text x=\"{x:.1}\" y=\"{}\" text-anchor=\"middle\" fill=\"#666\">{requests}</text>",
            height + 18.0
        );
    }
    for lag in [0.5, 1.0, 2.0, 5.0, 10.0, 20.0] {
        let y = down(lag);
        let _ = writeln!(svg, "<path d=\"M0 {y:.1}H{width}\" stroke=\"#eee\"/>");
        if has_labels {
            let _ = writeln!(svg, "<text x=\"-6\" y=\"{:.1}\" text-anchor=\"end\" fill=\"#666\">{lag}</text>", y + 4.0);
        }
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"middle\" fill=\"#444\">mean requests of a run</text>",
        width / 2.0,
        height + 40.0
    );
    let within = comparison.fixed.iter().filter(|cost| cost.lag >= LAGS.0);
    let curve: Vec<String> = within.map(|cost| format!("{:.1},{:.1}", across(cost.requests), down(cost.lag))).collect();
    let _ = writeln!(svg, "<polyline points=\"{}\" fill=\"none\" stroke=\"#888\" stroke-width=\"1.5\"/>", curve.join(" "));
    let _ = writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"#666\">fixed intervals</text>", across(150.0), down(2.3));
    let (name, fast) = &comparison.others[0];
    point(svg, fast, "#b8860b", 3.5, name, Side::Right);
    for (name, cost) in &comparison.peers {
        point(svg, cost, "#555", 4.0, name, if name.contains("doubling") { Side::Right } else { Side::Left });
    }
    point(svg, &comparison.own, "#0b5cad", 6.0, "this client", Side::Left);
}

enum Side {
    Left,
    Right,
}

fn point(svg: &mut String, cost: &Cost, color: &str, radius: f64, name: &str, side: Side) {
    let (x, y) = (across(cost.requests), down(cost.lag));
    let (anchor, label) = match side {
        Side::Left => ("end", x - radius - 4.0),
        Side::Right => ("start", x + radius + 4.0),
    };
    let weight = if radius > 5.0 { " font-weight=\"600\"" } else { "" };
    let _ = writeln!(
        svg,
        "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{radius}\" fill=\"{color}\"/>\
         <text x=\"{label:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\" fill=\"{color}\"{weight}>{name}</text>",
        y + 4.0
    );
}

fn across(requests: f64) -> f64 {
    PANEL.0 * (requests / REQUESTS.0).ln() / (REQUESTS.1 / REQUESTS.0).ln()
}

fn down(lag: f64) -> f64 {
    PANEL.1 - PANEL.1 * (lag / LAGS.0).ln() / (LAGS.1 / LAGS.0).ln()
}
