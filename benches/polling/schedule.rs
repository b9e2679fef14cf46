//! When one polls, and what that costs: how late the end is seen, and how many requests it takes.

use teams_device_diagnostics::protocol::poll_interval::until_next_poll;
use teams_device_diagnostics::protocol::time::Millis;

/// A rule for the next wait; the time waited so far and the wait in seconds.
pub struct Schedule {
    pub name: String,
    polls: Vec<f64>,
}

/// What a schedule costs over a distribution.
#[derive(Clone, Copy)]
pub struct Cost {
    /// Mean seconds between the end and the poll that sees it.
    pub lag: f64,
    /// Mean requests of an operation.
    pub requests: f64,
    /// Mean of the lag's share of the duration.
    pub relative_lag: f64,
}

impl Schedule {
    fn new(name: impl Into<String>, mut wait: impl FnMut(f64) -> f64) -> Schedule {
        let mut polls = vec![0.0];
        let mut waited = 0.0;
        while waited < 3_700.0 {
            waited += wait(waited);
            polls.push(waited);
        }
        Schedule { name: name.into(), polls }
    }

    pub fn fixed(seconds: f64) -> Schedule {
        Schedule::new(format!("every {seconds} s"), |_| seconds)
    }

    pub fn doubling(first: f64, longest: f64) -> Schedule {
        let mut next = first / 2.0;
        Schedule::new(format!("{first} s, doubling to {longest} s"), move |_| {
            next = (next * 2.0).min(longest);
            next
        })
    }

    /// The rule that the client uses, with the jitter of an average run.
    pub fn own() -> Schedule {
        Schedule::new("this client", |waited| {
            until_next_poll(None, Millis(waited * 1_000.0), 1.0, Millis::FOREVER, 0.5).0 / 1_000.0
        })
    }

    pub fn adaptive(first: f64, share: f64, longest: f64) -> Schedule {
        let name = format!("{first} s + {} %, to {longest} s", share * 100.0);
        Schedule::new(name, |waited| (first + share * waited).min(longest))
    }

    /// `durations` are ascending.
    pub fn cost(&self, durations: &[f64]) -> Cost {
        let mut poll = 0;
        let mut cost = Cost { lag: 0.0, requests: 0.0, relative_lag: 0.0 };
        let count = durations.len() as f64;
        for &duration in durations {
            while self.polls[poll] < duration {
                poll += 1;
            }
            let lag = self.polls[poll] - duration;
            cost.lag += lag / count;
            cost.requests += (poll + 1) as f64 / count;
            cost.relative_lag += lag / duration / count;
        }
        cost
    }
}
