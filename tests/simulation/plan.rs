//! What a seed determines: the device, the health of the service, the caller's options, and when the caller gives up.

use std::ops::Range;

use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::machine::state::Limits;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::{Dates, Device, Envelope, LocationForm, Outcome, Scenario, catalogue};
use time::ext::NumericalDuration;

use crate::driver::DropAt;
use crate::rng::Rng;

/// The device that runs diagnostics.
pub const DEVICE: &str = "d 1/ü";
/// The maximum delay of a token source, if it does not hang.
pub const SLOWEST_TOKEN: Millis = Millis(5_000.0);

#[derive(Clone, Debug)]
pub struct Plan {
    pub scenario: Scenario,
    pub timeout: Millis,
    pub operation_timeout: Millis,
    pub token_timeout: Millis,
    pub max_retries: u32,
    pub patience: Millis,
    pub poll_interval: Option<Millis>,
    pub attaches_on_conflict: bool,
    /// The probability of a fault at each request.
    pub fault_rate: f64,
    /// When everything is throttled.
    pub throttle_window: Range<Instant>,
    /// When there is no network; and when the computer falls asleep, and for how long.
    pub offline: Range<Instant>,
    pub sleep: (Instant, Millis),
    /// The longest `Retry-After`.
    pub longest_retry_after: &'static str,
    /// How long a new operation cannot be polled (404), or is missing from the list.
    pub replication: Millis,
    pub list_lag: Millis,
    /// Whether the list of operations is forbidden, and how many are on one page.
    pub list_is_forbidden: bool,
    pub page_size: usize,
    /// Whether `Date` and `Retry-After` can be read, as outside a page.
    pub reads_date: bool,
    pub reads_retry_after: bool,
    /// How far the caller's calendar clock differs from the service's, and when and how far it jumps.
    pub clock_skew: Millis,
    pub clock_jump: (Instant, Millis),
    /// The lifetime of a token, and whether it can be renewed.
    pub token_life: Millis,
    pub token_renews: bool,
    /// The probability that the token source throws, and that it never responds.
    pub token_fault_rate: f64,
    pub token_hang_rate: f64,
    /// How long the source gives the same token, whatever is requested.
    pub token_rest: Millis,
    /// When Graph begins to demand claims in the token, and when it refuses every token.
    pub claims_from: Instant,
    pub refused: Range<Instant>,
    /// The probability of an input that nothing awaits, such as a late response or an early timer.
    pub stray_rate: f64,
    /// The event at which the progress callback fails, and whether it fails only later, as an asynchronous one does.
    pub failing_event: Option<usize>,
    pub callback_is_async: bool,
    /// The wait at which a call is dropped.
    pub dropped_at: Option<usize>,
    /// What others did with the device before: how long ago, and whether it was diagnostics.
    pub others: Vec<(Millis, bool)>,
    /// When someone else tries to start diagnostics during the call.
    pub concurrent_start: Instant,
}

impl Plan {
    pub fn draw(seed: u64) -> Plan {
        let rng = |subject: &str| Rng::new(seed, subject);
        let moment = |subject: &str, probability: f64, within: f64| {
            let rng = rng(subject);
            if rng.happens(probability) { rng.instant(within) } else { Instant::NEVER }
        };
        let throttled_from = moment("throttled from", 0.15, 60_000.0);
        let offline_from = moment("offline from", 0.15, 60_000.0);
        let outage = |subject: &str| rng(subject).pick(&[10_000.0, 60_000.0, 600_000.0, 7_200_000.0].map(Millis));
        let poll_interval = rng("poll interval").pick(&[None, None, Some(Millis(500.0)), Some(Millis(5_000.0))]);
        // A day of polls every few seconds would take as long as thousands of other seeds.
        let longest = if poll_interval.is_some() { 3_600_000.0 } else { 86_400_000.0 };
        let patience = [Millis::ZERO, Millis(10_000.0), Millis(300_000.0), Millis(300_000.0), Millis::FOREVER];
        Plan {
            scenario: scenario(&rng("scenario")),
            timeout: Millis(rng("timeout").pick(&[1_000.0, 5_000.0, 30_000.0])),
            operation_timeout: Millis(rng("operation timeout").pick(&[5_000.0, 60_000.0, 600_000.0, 3_600_000.0, longest])),
            token_timeout: Millis(rng("token timeout").pick(&[1_000.0, 60_000.0, 300_000.0])),
            max_retries: rng("retries").pick(&[0, 1, 3, 3, 3, 8]),
            patience: rng("patience").pick(&patience),
            poll_interval,
            attaches_on_conflict: rng("conflict").happens(0.5),
            fault_rate: rng("faults").pick(&[0.0, 0.02, 0.1, 0.3, 0.6, 0.95]),
            throttle_window: throttled_from..throttled_from + rng("throttled").millis(1_000.0, 300_000.0),
            offline: offline_from..offline_from + outage("offline") * rng("offline factor").between(0.5, 2.0),
            sleep: (moment("asleep from", 0.15, 60_000.0), outage("asleep") * rng("sleep factor").between(1.0, 2.0)),
            longest_retry_after: "999999999",
            replication: Millis(rng("replication").pick(&[0.0, 0.0, 500.0, 5_000.0])),
            list_lag: Millis(rng("list lag").pick(&[0.0, 0.0, 1_500.0, 20_000.0])),
            list_is_forbidden: rng("list is forbidden").happens(0.05),
            page_size: rng("page size").pick(&[20, 2, 1]),
            reads_date: rng("reads Date").happens(0.5),
            reads_retry_after: rng("reads Retry-After").happens(0.7),
            clock_skew: clock_skew(&rng("clock skew")),
            clock_jump: (moment("clock jumps", 0.1, 60_000.0), rng("clock jump").millis(-3_600_000.0, 3_600_000.0)),
            token_life: rng("token life").pick(&[Millis::FOREVER, Millis::FOREVER, Millis(60_000.0), Millis(2_000.0)]),
            token_renews: rng("token renews").happens(0.7),
            token_fault_rate: rng("token faults").pick(&[0.0, 0.0, 0.0, 0.05]),
            token_hang_rate: rng("token hangs").pick(&[0.0, 0.0, 0.0, 0.05]),
            token_rest: Millis::ZERO,
            claims_from: moment("claims from", 0.1, 60_000.0),
            refused: moment("refused from", 0.05, 60_000.0)..Instant::NEVER,
            stray_rate: rng("stray inputs").pick(&[0.0, 0.3]),
            failing_event: some_below(&rng("failing event"), 0.1, 6),
            callback_is_async: rng("asynchronous callback").happens(0.5),
            dropped_at: some_below(&rng("dropped at"), 0.25, 120).map(|wait| wait + 1),
            others: others(&rng("others")),
            concurrent_start: moment("concurrent start", 0.1, 30_000.0),
        }
    }

    /// This plan with a healthy service and a patient caller: what was started must now be followed to its end.
    pub fn healthy(self) -> Plan {
        let limits = Limits::default();
        Plan {
            timeout: limits.timeout,
            operation_timeout: Millis(172_800_000.0),
            token_timeout: limits.token_timeout,
            max_retries: limits.max_retries,
            patience: limits.patience,
            poll_interval: Some(Millis(60_000.0)),
            fault_rate: 0.0,
            throttle_window: Instant::NEVER..Instant::NEVER,
            offline: Instant::NEVER..Instant::NEVER,
            token_life: Millis::FOREVER,
            token_renews: true,
            token_fault_rate: 0.0,
            token_hang_rate: 0.0,
            claims_from: Instant::NEVER,
            token_rest: Millis::ZERO,
            refused: Instant::NEVER..Instant::NEVER,
            failing_event: None,
            dropped_at: None,
            ..self
        }
    }

    pub fn limits(&self) -> Limits {
        Limits {
            timeout: self.timeout,
            operation_timeout: self.operation_timeout,
            token_timeout: self.token_timeout,
            max_retries: self.max_retries,
            patience: self.patience,
            poll_interval: self.poll_interval,
        }
    }

    pub fn on_conflict(&self) -> OnConflict {
        if self.attaches_on_conflict { OnConflict::Attach } else { OnConflict::Throw }
    }

    /// The longest time that there was no network, and that the computer was asleep.
    pub fn idle(&self) -> Millis {
        let Range { start, end } = self.offline;
        let offline = if start < Instant::NEVER { end - start } else { Millis::ZERO };
        offline + self.asleep()
    }

    pub fn asleep(&self) -> Millis {
        if self.sleep.0 < Instant::NEVER { self.sleep.1 } else { Millis::ZERO }
    }

    pub fn drop_at(&self) -> DropAt {
        self.dropped_at.map_or(DropAt::Never, DropAt::Wait)
    }

    pub fn device(&self) -> Device {
        let any = catalogue().remove(0);
        Device { id: DEVICE.into(), scenario: self.scenario.clone(), ..any }
    }

    /// Whether the source can always provide a valid token, if the request is right.
    pub fn has_tokens(&self) -> bool {
        let always_responds = self.token_fault_rate == 0.0 && self.token_hang_rate == 0.0;
        let in_time = always_responds && self.token_timeout > SLOWEST_TOKEN;
        self.token_renews && in_time && self.token_life > Millis(10_000.0) && self.refused.start == Instant::NEVER
    }
}

/// A few clocks are hours wrong, most less than a second.
fn clock_skew(rng: &Rng) -> Millis {
    if rng.happens(0.3) { rng.millis(-7_200_000.0, 7_200_000.0) } else { rng.millis(-1_000.0, 1_000.0) }
}

/// A number below the limit, with this probability.
fn some_below(rng: &Rng, probability: f64, limit: usize) -> Option<usize> {
    rng.happens(probability).then(|| rng.below(limit))
}

/// What others did before, the oldest first.
pub fn others(rng: &Rng) -> Vec<(Millis, bool)> {
    let ago = || Millis(rng.pick(&[1_000.0, 30_000.0, 200_000.0, 86_400_000.0])) * rng.between(0.5, 2.0);
    let mut others: Vec<_> = (0..rng.pick(&[0, 0, 1, 3])).map(|_| (ago(), rng.happens(0.7))).collect();
    others.sort_by(|(left, _), (right, _)| right.0.total_cmp(&left.0));
    others
}

pub fn scenario(rng: &Rng) -> Scenario {
    let texts = ["Queued", "unknownFutureValue", "InProgress", "succeeded"].map(str::to_owned);
    let outcome = rng.pick(&[Outcome::Successful, Outcome::Successful, Outcome::Failed, Outcome::Cancelled, Outcome::Never]);
    Scenario {
        pace: Some(rng.pick(&[100.milliseconds(), 1.seconds(), 20.seconds(), 200.seconds()])),
        outcome,
        status_texts: (outcome == Outcome::Successful && rng.happens(0.2)).then_some(texts),
        location: Some(match rng.below(12) {
            0..=4 => LocationForm::Relative,
            5 | 6 => LocationForm::Versioned,
            7 | 8 => LocationForm::Absolute,
            9 => LocationForm::QuotedKeys,
            10 => LocationForm::Missing,
            _ => LocationForm::Literal(rng.pick(&FOREIGN).into()),
        }),
        envelope: Some(rng.pick(&[Envelope::Wrapped, Envelope::Bare])),
        dates: Some(rng.pick(&[Dates::Iso, Dates::Hyphens])),
        junk_error: rng.happens(0.5),
        ..Scenario::default()
    }
}

/// Locations that must never get a request.
pub const FOREIGN: [&str; 9] = [
    "https://graph.microsoft.com.evil.example/beta/x",
    "https://graph.microsoft.com:x@evil.example/beta/x",
    "https://graph.microsoft.com:8443/beta/x",
    "http://graph.microsoft.com/beta/x",
    "//evil.example/beta/x",
    "/\\evil.example/beta/x",
    "https://user@graph.microsoft.com/beta/x",
    "javascript:alert(1)",
    "",
];
