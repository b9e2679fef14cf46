//! What a seed's calls run against: the simulated Graph, the plan of what goes wrong around it, and the clocks.

use std::cell::RefCell;

use teams_device_diagnostics::protocol::device_id::percent_encoded;
use teams_device_diagnostics::protocol::time::{Instant, Millis, UnixTime};
use teams_device_diagnostics_simulator::{self as simulator, Device, Graph, Operation, Settings};

use crate::calendar::{EPOCH, duration, unix_time, utc};
use crate::driver::Clock;
use crate::plan::Plan;
use crate::record::Record;
use crate::rng::Rng;
use crate::token_source::TokenSource;

pub struct Service {
    pub clock: Clock,
    pub rng: Rng,
    pub plan: Plan,
    pub record: Record,
    pub graph: RefCell<Graph>,
    pub token_source: TokenSource,
    /// The devices on which others will start diagnostics, and when.
    pub starts_of_others: RefCell<Vec<(Instant, String)>>,
    /// The devices for which Graph refuses every token, and until when.
    pub refused_alone: Vec<String>,
    pub refused_alone_until: Instant,
    /// Whether requests, responses and events are printed.
    is_traced: bool,
}

impl Service {
    pub fn new(rng: Rng, plan: Plan, is_traced: bool) -> Service {
        let service = Service::without_devices(rng, plan, None, is_traced);
        service.add_device(service.plan.device(), &service.plan.others, service.plan.concurrent_start);
        service
    }

    /// * `quota`: the number of requests in a second before 429
    pub fn without_devices(rng: Rng, plan: Plan, quota: Option<usize>, is_traced: bool) -> Service {
        let settings = Settings { page_size: plan.page_size, requests_per_second: quota, ..Settings::default() };
        let clock = Clock::default();
        clock.sleep_at(plan.sleep.0, plan.sleep.1);
        Service {
            clock,
            rng,
            plan,
            record: Record::default(),
            graph: Graph::new("https://graph.microsoft.com", settings).into(),
            token_source: TokenSource::default(),
            starts_of_others: RefCell::default(),
            refused_alone: Vec::new(),
            refused_alone_until: Instant::NEVER,
            is_traced,
        }
    }

    /// Adds a device, with what others did with it before, and when one of them starts diagnostics.
    pub fn add_device(&self, device: Device, others: &[(Millis, bool)], concurrent_start: Instant) {
        let id = device.id.clone();
        let mut graph = self.graph.borrow_mut();
        graph.add_device(device);
        for &(ago, is_diagnostics) in others {
            let action = if is_diagnostics { "runDiagnostics" } else { "restart" };
            graph.handle(utc(EPOCH - ago), &request_of_another(&id, action));
        }
        self.starts_of_others.borrow_mut().push((concurrent_start, id));
    }

    pub fn trace(&self, text: impl FnOnce() -> String) {
        if self.is_traced {
            let Millis(elapsed) = self.clock.now() - Clock::ORIGIN;
            println!("{elapsed:>12.0} ms  {}", text());
        }
    }

    pub fn service_time(&self) -> UnixTime {
        unix_time(self.clock.now())
    }

    /// The time on the caller's calendar clock, which may be wrong and may jump.
    pub fn caller_time(&self) -> UnixTime {
        let (at, by) = self.plan.clock_jump;
        let jump = if self.clock.now() >= at { by } else { Millis::ZERO };
        self.service_time() + self.plan.clock_skew + jump
    }

    pub fn is_offline(&self) -> bool {
        self.plan.offline.contains(&self.clock.now())
    }

    /// The model's operation at a location.
    pub fn operation_at(&self, location: &str) -> Option<Operation> {
        self.graph.borrow().operations().iter().find(|operation| location.contains(&operation.id)).cloned()
    }

    /// Whether someone else's diagnostics are so close to the POST that they can be mistaken for the caller's.
    pub fn is_ambiguous(&self) -> bool {
        let posted = utc(unix_time(self.record.posted_at.get().unwrap_or(Clock::ORIGIN)));
        let started = self.record.started.borrow();
        let graph = self.graph.borrow();
        let mut others = graph.operations().iter().filter(|operation| !started.contains(&operation.id));
        // One that had ended before cannot be attributed without the service's own time.
        let counts = |operation: &Operation| self.plan.reads_date || !operation.has_ended(posted);
        let reach = if self.plan.reads_date {
            Millis(60_000.0)
        } else {
            Millis(240_000.0 + self.plan.clock_skew.0.abs() + self.plan.clock_jump.1.0.abs())
        };
        others.any(|operation| operation.created > posted - duration(reach) && counts(operation))
    }
}

/// A request by which someone else starts something on a device.
pub fn request_of_another(device: &str, action: &str) -> simulator::Request {
    simulator::Request {
        method: "POST".into(),
        target: format!("/beta/teamwork/devices/{}/{action}", percent_encoded(device)),
        headers: vec![("authorization".into(), "Bearer somebody-else".into())],
        body: Vec::new(),
    }
}
