//! The call that is made, its options, and the host on which it runs.

use proptest::prelude::*;
use proptest::sample::select;
use teams_device_diagnostics::machine::call::{Call, CallKind};
use teams_device_diagnostics::machine::effect::Now;
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::machine::pages::PageCursor;
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::machine::state::{Limits, Settings};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::time::{Instant, Millis, UnixTime};

use super::OPERATION;
use crate::document::Document;

/// When a call begins. The monotonic clock has an origin of its own.
pub const BEGIN: Instant = Instant(1_000.0);
/// The service's calendar time then: 2026-06-01T00:00:01Z.
const SERVICE_TIME: UnixTime = UnixTime(1_780_272_001_000.0);

/// The settings of a call.
#[derive(Clone, Debug)]
pub struct Setting {
    pub kind: Kind,
    pub limits: Limits,
    pub can_renew_token: bool,
    pub emits_events: bool,
    /// How far the calendar clock differs from the service's.
    pub clock_skew: Millis,
    pub is_online: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    Start { attaches: bool },
    Follow { first_poll_after: Millis },
    Poll,
    Devices,
    Operations,
}

pub fn setting() -> impl Strategy<Value = Setting> {
    let first_poll_after = [0.0, 500.0, 30_000.0, 1e7].map(Millis).to_vec();
    let kind = prop_oneof![
        4 => any::<bool>().prop_map(|attaches| Kind::Start { attaches }),
        3 => select(first_poll_after).prop_map(|first_poll_after| Kind::Follow { first_poll_after }),
        1 => select(vec![Kind::Poll, Kind::Devices, Kind::Operations]),
    ];
    let clock_skew = select([0.0, 0.0, -7.2e6, 7.2e6, 1e12].map(Millis).to_vec());
    let flags = (prop::bool::weighted(0.8), prop::bool::weighted(0.8), prop::bool::weighted(0.9));
    (kind, limits(), clock_skew, flags).prop_map(|(kind, limits, clock_skew, flags)| {
        let (can_renew_token, emits_events, is_online) = flags;
        Setting { kind, limits, can_renew_token, emits_events, clock_skew, is_online }
    })
}

fn limits() -> impl Strategy<Value = Limits> {
    let timeout = select([1.0, 1_000.0, 30_000.0].map(Millis).to_vec());
    let operation_timeout = select([1.0, 5_000.0, 60_000.0, 3_600_000.0, 1e9].map(Millis).to_vec());
    let token_timeout = select([1.0, 1_000.0, 300_000.0].map(Millis).to_vec());
    let poll_interval = select(vec![None, None, Some(Millis::ZERO), Some(Millis(500.0)), Some(Millis(1e6))]);
    let max_retries = select(vec![0, 0, 1, 3, 100]);
    let patience = select(vec![Millis::ZERO, Millis(1_000.0), Millis(300_000.0), Millis::FOREVER]);
    (timeout, operation_timeout, token_timeout, poll_interval, max_retries, patience).prop_map(
        |(timeout, operation_timeout, token_timeout, poll_interval, max_retries, patience)| Limits {
            timeout,
            operation_timeout,
            token_timeout,
            max_retries,
            patience,
            poll_interval,
        },
    )
}

impl Setting {
    pub fn call(&self) -> Call<Document> {
        let root = ServiceRoot::new::<Document>("https://graph.microsoft.com/beta").unwrap();
        let device = || DeviceId::new("d".into()).unwrap();
        let location = || root.trust::<Document>(OPERATION).unwrap();
        let kind = match self.kind {
            Kind::Start { attaches } => {
                let on_conflict = if attaches { OnConflict::Attach } else { OnConflict::Throw };
                CallKind::Start { device: device(), on_conflict, interrupted: None }
            }
            Kind::Follow { first_poll_after } => {
                CallKind::Follow { location: location(), first_poll_after, until: Until::End }
            }
            Kind::Poll => CallKind::Follow { location: location(), first_poll_after: Millis::ZERO, until: Until::FirstPoll },
            Kind::Devices => CallKind::List { cursor: PageCursor::of_devices(&root) },
            Kind::Operations => CallKind::List { cursor: PageCursor::of_operations(&root, &device()) },
        };
        let Setting { limits, can_renew_token, emits_events, .. } = *self;
        Call::new(kind, Settings { root, limits, can_renew_token, emits_events, awaits_turns: false }, self.now(BEGIN, 0.0))
    }

    /// The time of a step, by the caller's clocks.
    pub fn now(&self, instant: Instant, random: f64) -> Now {
        let unix_time = SERVICE_TIME + (instant - BEGIN) + self.clock_skew;
        Now { instant, unix_time, random, is_online: self.is_online }
    }
}
