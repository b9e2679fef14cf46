//! What a seed stands for: the device, the service's mood, the caller's options, and when the caller walks away.

use teams_device_diagnostics::client::OnConflict;
use teams_device_diagnostics::exchange::Limits;
use teams_device_diagnostics_simulator::{Dates, Device, Envelope, LocationForm, Outcome, Scenario, catalogue};

use crate::chance::Chance;

/// The device that is asked to run diagnostics.
pub const DEVICE: &str = "d 1/ü";

pub struct Plan {
    pub scenario: Scenario,
    pub limits: Limits,
    pub on_conflict: OnConflict,
    /// How likely a fault is at each request.
    pub fault_rate: f64,
    /// From when until when everything is throttled, in milliseconds.
    pub storm: (f64, f64),
    /// Milliseconds in which a new operation cannot be looked at (404), or seen in the list.
    pub replication_ms: f64,
    pub list_lag_ms: f64,
    /// Whether the list of operations is forbidden.
    pub list_is_forbidden: bool,
    /// Whether `Date` and `Retry-After` can be read, as outside of a page.
    pub reads_date: bool,
    pub reads_retry_after: bool,
    /// How far the caller's calendar clock is from the service's, and how it jumps at some moment.
    pub clock_skew_ms: f64,
    pub clock_jump: (f64, f64),
    /// Milliseconds that a token lasts, and whether it can be renewed.
    pub token_life_ms: f64,
    pub token_renews: bool,
    /// How likely the token source throws.
    pub token_fault_rate: f64,
    /// Whether at some moment Graph wants claims in the token.
    pub claims_from_ms: f64,
    /// At which of its await points the call is dropped.
    pub drop_after: usize,
    /// What others did with the device before: milliseconds ago, and whether it was diagnostics.
    pub others: Vec<(f64, bool)>,
    /// When somebody else tries to start diagnostics during the call.
    pub rival_at_ms: f64,
}

impl Plan {
    pub fn draw(chance: &Chance) -> Plan {
        let or_never = |probability: f64, value: f64| if chance.happens(probability) { value } else { f64::INFINITY };
        let skewed = chance.happens(0.3);
        let storm_begin = or_never(0.15, chance.between(0.0, 60_000.0));
        let others = (0..chance.pick(&[0, 0, 0, 1, 3])).map(|_| {
            (chance.pick(&[1_000.0, 30_000.0, 200_000.0, 86_400_000.0]) * chance.between(0.5, 2.0), chance.happens(0.7))
        });
        let mut others: Vec<_> = others.collect();
        others.sort_by(|left, right| right.0.total_cmp(&left.0));
        Plan {
            scenario: scenario(chance),
            limits: Limits {
                timeout: chance.pick(&[1_000.0, 5_000.0, 30_000.0]),
                operation_timeout: chance.pick(&[5_000.0, 60_000.0, 600_000.0, 3_600_000.0, 86_400_000.0]),
                max_retries: chance.pick(&[0, 1, 3, 3, 3, 8]),
                poll_interval: chance.pick(&[None, None, Some(500.0), Some(5_000.0)]),
            },
            on_conflict: chance.pick(&[OnConflict::Throw, OnConflict::Attach]),
            fault_rate: chance.pick(&[0.0, 0.02, 0.1, 0.3, 0.6, 0.95]),
            storm: (storm_begin, storm_begin + chance.between(1_000.0, 300_000.0)),
            replication_ms: chance.pick(&[0.0, 0.0, 500.0, 5_000.0]),
            list_lag_ms: chance.pick(&[0.0, 0.0, 1_500.0, 20_000.0]),
            list_is_forbidden: chance.happens(0.05),
            reads_date: chance.happens(0.5),
            reads_retry_after: chance.happens(0.7),
            clock_skew_ms: if skewed {
                chance.between(-7_200_000.0, 7_200_000.0)
            } else {
                chance.between(-1_000.0, 1_000.0)
            },
            clock_jump: (or_never(0.1, chance.between(0.0, 60_000.0)), chance.between(-3_600_000.0, 3_600_000.0)),
            token_life_ms: chance.pick(&[f64::INFINITY, f64::INFINITY, 60_000.0, 2_000.0]),
            token_renews: chance.happens(0.7),
            token_fault_rate: chance.pick(&[0.0, 0.0, 0.0, 0.05]),
            claims_from_ms: or_never(0.1, chance.between(0.0, 60_000.0)),
            drop_after: if chance.happens(0.25) { 1 + chance.below(80) } else { usize::MAX },
            others,
            rival_at_ms: or_never(0.1, chance.between(0.0, 30_000.0)),
        }
    }

    /// The same service in a good mood, and a caller who has time: what was started must now be seen to its end.
    pub fn calm(self) -> Plan {
        Plan {
            fault_rate: 0.0,
            storm: (f64::INFINITY, f64::INFINITY),
            limits: Limits { operation_timeout: 172_800_000.0, poll_interval: Some(60_000.0), ..Limits::default() },
            token_life_ms: f64::INFINITY,
            token_renews: true,
            token_fault_rate: 0.0,
            claims_from_ms: f64::INFINITY,
            drop_after: usize::MAX,
            ..self
        }
    }

    pub fn device(&self) -> Device {
        let any = catalogue().remove(0);
        Device { id: DEVICE.into(), scenario: self.scenario.clone(), ..any }
    }
}

fn scenario(chance: &Chance) -> Scenario {
    let words = ["Queued", "unknownFutureValue", "InProgress", "succeeded"].map(str::to_owned);
    let outcome =
        chance.pick(&[Outcome::Successful, Outcome::Successful, Outcome::Failed, Outcome::Cancelled, Outcome::Never]);
    Scenario {
        pace_ms: Some(chance.pick(&[100.0, 1_000.0, 20_000.0, 200_000.0])),
        outcome,
        words: (outcome == Outcome::Successful && chance.happens(0.2)).then_some(words),
        location: Some(match chance.below(12) {
            0..=4 => LocationForm::Relative,
            5 | 6 => LocationForm::Versioned,
            7 | 8 => LocationForm::Absolute,
            9 => LocationForm::QuotedKeys,
            10 => LocationForm::Missing,
            _ => LocationForm::Literal(chance.pick(&FOREIGN).into()),
        }),
        envelope: Some(chance.pick(&[Envelope::Wrapped, Envelope::Bare])),
        dates: Some(chance.pick(&[Dates::Iso, Dates::Hyphens])),
        junk_error: chance.happens(0.5),
        ..Scenario::default()
    }
}

/// Locations that must never be asked.
pub const FOREIGN: [&str; 8] = [
    "https://graph.microsoft.com.evil.example/beta/x",
    "https://graph.microsoft.com:x@evil.example/beta/x",
    "https://graph.microsoft.com:8443/beta/x",
    "http://graph.microsoft.com/beta/x",
    "//evil.example/beta/x",
    "/\\evil.example/beta/x",
    "https://user@graph.microsoft.com/beta/x",
    "javascript:alert(1)",
];
