//! How long diagnostics may take: nobody documents it, so three shapes that reach from seconds to many minutes.

/// How many durations stand for a distribution, each for the same share of all runs.
const COUNT: usize = 20_000;
/// A run that is not seen to end within `operationTimeout` is not waited for, in seconds.
const LONGEST: f64 = 3_600.0;

/// A distribution of durations, in seconds, ascending.
pub struct Durations {
    pub name: &'static str,
    pub about: &'static str,
    pub seconds: Vec<f64>,
}

pub fn all() -> [Durations; 3] {
    let shares = |count: usize| (0..count).map(move |index| (index as f64 + 0.5) / count as f64);
    let log_normal = |count, median: f64, sigma: f64| shares(count).map(move |share| median * (sigma * probit(share)).exp());
    let quick = COUNT * 6 / 10;
    [
        sorted(
            "log-normal",
            "median 90 s, σ 1.4: one in twenty ends within 9 s, one in twenty takes 15 minutes or more",
            log_normal(COUNT, 90.0, 1.4),
        ),
        sorted(
            "bimodal",
            "six in ten around 20 s, four in ten around 15 minutes (both log-normal, σ 0.5)",
            log_normal(quick, 20.0, 0.5).chain(log_normal(COUNT - quick, 900.0, 0.5)),
        ),
        sorted(
            "heavy-tailed",
            "5 s plus a Lomax distribution of scale 60 s and shape 1.1: half end within a minute, some take the whole hour",
            shares(COUNT).map(|share| 5.0 + 60.0 * ((1.0 - share).powf(-1.0 / 1.1) - 1.0)),
        ),
    ]
}

fn sorted(name: &'static str, about: &'static str, seconds: impl Iterator<Item = f64>) -> Durations {
    let mut seconds: Vec<f64> = seconds.map(|duration| duration.min(LONGEST)).collect();
    seconds.sort_by(f64::total_cmp);
    Durations { name, about, seconds }
}

/// The value of a standard normal variable that this share of all values is below: by bisection of the distribution function.
fn probit(share: f64) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..60 {
        let middle: f64 = (low + high) / 2.0;
        if below(middle) < share {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The share of a standard normal variable's values below `x` (Abramowitz and Stegun, 7.1.26; the error is below 1e-7).
fn below(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let series = [1.061_405_429, -1.453_152_027, 1.421_413_741, -0.284_496_736, 0.254_829_592];
    let tail = series.iter().fold(0.0, |sum, term| (sum + term) * t) * (-z * z).exp() / 2.0;
    if x < 0.0 { tail } else { 1.0 - tail }
}
