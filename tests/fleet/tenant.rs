//! Three thousand devices under a quota of ten requests in a second.

use std::f64::consts::TAU;

use teams_device_diagnostics::machine::fleet::record::Outcome;
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::{Outcome as Ending, Scenario, Settings};

use crate::ends::error_of;
use crate::fixture::{Fixture, lasting};

const DEVICES: usize = 3_000;
const QUOTA: f64 = 10.0;

/// A duration of the log-normal distribution of `docs/polling.md`: median 90 s, σ 1.4, at most an hour. The number decides
/// it, without a pattern.
fn duration(number: usize) -> Millis {
    let unit = |salt: u64| {
        let mixed =
            (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).wrapping_add(salt.wrapping_mul(0xbf58_476d_1ce4_e5b9));
        let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    };
    let normal = (-2.0 * (1.0 - unit(1)).ln()).sqrt() * (TAU * unit(2)).cos();
    Millis((90.0 * (1.4 * normal).exp()).min(3_500.0) * 1_000.0)
}

struct Figures {
    requests: usize,
    refused: usize,
    took: Millis,
    longest: Millis,
}

fn run(is_offline: impl Fn(usize) -> bool) -> Figures {
    let fixture = Fixture::with(Settings { requests_per_second: Some(QUOTA as usize), ..Settings::default() }).with_devices(
        DEVICES,
        |number| {
            let outcome = if is_offline(number) { Ending::Never } else { Ending::Successful };
            Scenario { outcome, ..lasting(duration(number)) }
        },
    );
    let ended = fixture.run(DEVICES);
    assert_eq!(ended.len(), DEVICES);
    for ended in &ended {
        let number = ended.device[1..].parse().expect("a number");
        let expected = if is_offline(number) { Outcome::StillRunning } else { Outcome::Successful };
        let outcome = ended.result.outcome;
        assert_eq!(outcome, expected, "{}", ended.device);
        if outcome == Outcome::StillRunning {
            assert_eq!(error_of(std::slice::from_ref(ended), &ended.device).code, ErrorCode::OperationTimeout);
        }
    }
    let sent = fixture.sent.borrow();
    let longest = (0..DEVICES).map(|number| if is_offline(number) { Millis(3_600_000.0) } else { duration(number) });
    Figures {
        requests: sent.len(),
        refused: sent.iter().filter(|sent| sent.status == 429).count(),
        took: fixture.clock.now() - Instant(0.0),
        longest: longest.fold(Millis::ZERO, Millis::max),
    }
}

fn check(name: &str, figures: &Figures) {
    let Figures { requests, refused, took, longest } = figures;
    let needed = Millis(*requests as f64 / QUOTA * 1_000.0).max(*longest);
    let (share, ratio) = (*refused as f64 / *requests as f64, took.0 / needed.0);
    println!(
        "{name}: {requests} requests, {:.2} % refused, {:.0} s, {ratio:.2} of what is needed",
        share * 100.0,
        took.0 / 1_000.0
    );
    assert!(share < 0.02, "{:.1} % of the requests were refused", share * 100.0);
    assert!(ratio <= 1.3, "took {ratio:.2} of what is needed");
}

#[test]
fn three_thousand_devices_end_under_a_quota() {
    check("no device offline", &run(|_| false));
}

#[test]
fn three_thousand_devices_end_although_one_in_ten_is_offline() {
    check("one device in ten offline", &run(|number| number % 10 == 3));
}
