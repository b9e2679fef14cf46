//! One seed: processes that run the same fleet one after the other. The last one ends everything.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use teams_device_diagnostics::machine::fleet::Fleet;
use teams_device_diagnostics::machine::fleet::device::Key;
use teams_device_diagnostics::machine::fleet::effect::{FleetInput, FleetSettings};
use teams_device_diagnostics::machine::state::Settings;
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::Error;
use teams_device_diagnostics::protocol::http::Request;
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::document::Document;
use crate::fleet::guarantees;
use crate::fleet::journal::{self, Journal};
use crate::fleet::ledger::Ledger;
use crate::fleet::plan::{FleetDevice, FleetPlan, Process};
use crate::fleet_driver::{FleetEnvironment, FleetRun, Stop};
use crate::record::Record;
use crate::rng::Rng;
use crate::service::Service;
use crate::token_source::TokenSource;

/// More happenings than any fleet needs that ends.
const MOST_HAPPENINGS: u64 = 200_000;
/// The longest time that a request may be on its way after its process was killed.
const LONGEST_WAY: f64 = 15_000.0;
/// How long Graph refuses the tokens for a device.
const LONGEST_REFUSAL: Millis = Millis(1_800_000.0);

/// Everything that outlives a process, and the process that runs now.
pub struct Life {
    pub service: Service,
    pub root: ServiceRoot,
    pub plan: FleetPlan,
    pub process: Process,
    pub journal: Journal,
    pub ledger: RefCell<Ledger>,
    /// The number of records of this process so far.
    pub records: Cell<usize>,
    /// The requests that have not reached the service: those of this process, and those that outlived theirs.
    pub on_wire: RefCell<BTreeMap<Key, Request<Document>>>,
    pub stragglers: RefCell<Vec<(Instant, Request<Document>)>>,
    /// The devices that follow someone else's run.
    pub attached: RefCell<BTreeSet<String>>,
    /// When the first POST of each device was sent.
    pub first_posts: RefCell<BTreeMap<String, Instant>>,
    /// The devices whose last `Retry-After` was longer than `operationTimeout`.
    pub told_to_wait: RefCell<BTreeSet<String>>,
}

/// Runs a seed; panics with the guarantee that was broken.
pub fn run_seed(seed: u64, is_traced: bool) {
    let plan = FleetPlan::draw(seed);
    if is_traced {
        println!("{plan:#?}");
    }
    let mut life = Life::new(seed, plan.clone(), is_traced);
    for process in plan.processes.iter().cloned() {
        life.run(process);
    }
    life.run(plan.last_process());
    guarantees::everything_has_ended(&life);
}

impl Life {
    fn new(seed: u64, plan: FleetPlan, is_traced: bool) -> Life {
        let process = plan.processes[0].clone();
        let rng = Rng::new(seed, "fleet course");
        let service = Service::without_devices(rng, process.plan.clone(), plan.quota, is_traced);
        for device in plan.devices.iter().filter(|device| device.is_in_tenant) {
            service.add_device(device.device(), &device.others, device.concurrent_start);
        }
        let ledger = RefCell::new(Ledger::new(service.clock.now(), process.requests_per_second));
        Life {
            service,
            root: ServiceRoot::new::<Document>("https://graph.microsoft.com/beta").expect("the global cloud"),
            plan,
            process,
            journal: Journal::default(),
            ledger,
            records: Cell::default(),
            on_wire: RefCell::default(),
            stragglers: RefCell::default(),
            attached: RefCell::default(),
            first_posts: RefCell::default(),
            told_to_wait: RefCell::default(),
        }
    }

    /// Runs a process until it ends or is killed, and the time until the next one.
    fn run(&mut self, process: Process) {
        self.begin(process);
        let life = &*self;
        let fleet = Fleet::new(life.settings(), life.now());
        let mut run = FleetRun::new(life, fleet, life.script());
        run.run(Stop::Killed(life.process.crashes_after.unwrap_or(MOST_HAPPENINGS)));
        let has_ended = run.thrown.is_some();
        assert!(has_ended || life.process.crashes_after.is_some(), "the fleet does not end");
        if has_ended {
            guarantees::nothing_happens_after_the_end(&mut run.fleet, life);
        }
        drop(run);
        self.crash();
        self.wait();
    }

    fn begin(&mut self, process: Process) {
        let service = &mut self.service;
        let now = service.clock.now();
        self.process = process.beginning_at(now);
        let plan = self.process.plan.clone();
        let refused = self.process.refused_alone.iter().filter_map(|number| self.plan.devices.get(*number));
        service.refused_alone = refused.map(|device| device.id.clone()).collect();
        service.refused_alone_until = now + LONGEST_REFUSAL;
        service.clock.sleep_at(plan.sleep.0, plan.sleep.1);
        if !plan.token_renews {
            // Another process gets another text.
            service.token_source = TokenSource::default();
        }
        service.plan = plan;
        // Only what the service itself knows outlives a process.
        let started = service.record.started.take();
        service.record = Record::default();
        service.record.started.replace(started);
        self.ledger = RefCell::new(Ledger::new(now, self.process.requests_per_second));
        self.records.set(0);
        service.trace(|| "a process begins".into());
    }

    fn settings(&self) -> FleetSettings {
        let process = &self.process;
        FleetSettings {
            call: Settings {
                root: self.root.clone(),
                limits: process.plan.limits(),
                can_renew_token: process.plan.token_renews,
                emits_events: true,
                awaits_turns: true,
            },
            on_conflict: process.plan.on_conflict(),
            concurrency: process.concurrency,
            requests_per_second: process.requests_per_second,
            pause_timeout: process.pause_timeout,
            keeps_records: true,
        }
    }

    /// What the caller does, and what happens at a time of its own.
    fn script(&self) -> Vec<(Instant, FleetInput<Document>)> {
        let (began, process) = (self.service.clock.now(), &self.process);
        let mut script = Vec::new();
        for device in &self.plan.devices {
            let at = began + device.arrives_after;
            script.extend((0..=usize::from(device.is_repeated)).map(|_| (at, self.named(device))));
        }
        script.sort_by(|(one, _), (other, _)| one.0.total_cmp(&other.0));
        let last = script[script.len() - 1].0;
        script.push((last, FleetInput::NoMoreDevices));
        script.extend(process.early_timers.iter().map(|after| (began + *after, FleetInput::Deadline)));
        script.extend(process.wake_ups.iter().map(|after| (began + *after, FleetInput::WakeUp)));
        // So that a request of an earlier process arrives in time.
        script.extend(self.stragglers.borrow().iter().map(|(at, _)| (*at, FleetInput::Deadline)));
        let taken_back = process.taken_back.iter();
        script.extend(taken_back.map(|(after, number)| (began + *after, FleetInput::AbortDevice(*number as Key))));
        script.push((process.aborted_at, FleetInput::Abort(Document("stop".into()))));
        script.sort_by(|(one, _), (other, _)| one.0.total_cmp(&other.0));
        script
    }

    /// The input that names a device, with its last record.
    fn named(&self, device: &FleetDevice) -> FleetInput<Document> {
        let record = self
            .journal
            .last(&device.id)
            .map(|entry| journal::read(&entry.text, &self.root).unwrap_or_else(|| panic!("no record: {}", entry.text)));
        let id = DeviceId::new(device.id.clone()).map_err(|problem| Error::invalid_argument("deviceId", problem));
        FleetInput::Device { id, record, is_aborted: false }
    }

    /// What is left of a process: requests may still arrive, and records that nobody has confirmed may be lost.
    fn crash(&self) {
        let (rng, now) = (&self.service.rng, self.service.clock.now());
        self.service.trace(|| "the process is over".into());
        for (_, request) in std::mem::take(&mut *self.on_wire.borrow_mut()) {
            if rng.happens(self.process.arrival_rate) {
                self.stragglers.borrow_mut().push((now + rng.millis(0.0, LONGEST_WAY), request));
            }
        }
        self.journal.crash(|| rng.happens(self.process.kept_rate));
    }

    /// The time between two processes, in which requests may still arrive.
    fn wait(&self) {
        let end = self.service.clock.now() + self.process.gap;
        let mut arrivals: Vec<Instant> = self.stragglers.borrow().iter().map(|(at, _)| *at).collect();
        arrivals.sort_by(|one, other| one.0.total_cmp(&other.0));
        for at in arrivals.into_iter().filter(|at| *at <= end).chain([end]) {
            self.service.clock.advance_to(at);
            self.let_stragglers_arrive();
        }
    }

    /// Lets requests of earlier processes reach the service.
    pub fn let_stragglers_arrive(&self) {
        let now = self.service.clock.now();
        self.stragglers.borrow_mut().retain(|(at, request)| {
            let is_due = *at <= now;
            if is_due {
                self.service.trace(|| format!("a request of an earlier process arrives: {}", request.url.as_str()));
                self.service.read(request);
            }
            !is_due
        });
    }
}
