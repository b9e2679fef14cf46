//! What a seed of the fleet simulation determines: the devices, and the life of each process that runs the fleet.

use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::{Device, Scenario, catalogue};

use crate::driver::Clock;
use crate::plan::{Plan, others, scenario};
use crate::rng::Rng;

/// The most processes that run a fleet before the healthy one.
const MOST_CRASHES: usize = 3;

#[derive(Clone, Debug)]
pub struct FleetPlan {
    pub devices: Vec<FleetDevice>,
    /// The number of requests in a second before Graph sends 429.
    pub quota: Option<usize>,
    /// The processes that crash or end while things go wrong.
    pub processes: Vec<Process>,
}

/// A device that the caller names.
#[derive(Clone, Debug)]
pub struct FleetDevice {
    pub id: String,
    pub scenario: Scenario,
    /// Whether Graph knows it.
    pub is_in_tenant: bool,
    /// What others did with it before, and when one of them starts diagnostics.
    pub others: Vec<(Millis, bool)>,
    pub concurrent_start: Instant,
    /// How long after the beginning of each process the caller names it.
    pub arrives_after: Millis,
    /// Whether the caller names it twice.
    pub is_repeated: bool,
}

/// A process that runs the fleet.
#[derive(Clone, Debug)]
pub struct Process {
    /// Service, network, clocks, tokens and options, as in the simulation of one device. Its moments count from the beginning
    /// of the process.
    pub plan: Plan,
    pub concurrency: usize,
    pub requests_per_second: f64,
    pub pause_timeout: Millis,
    /// The devices for which Graph refuses every token.
    pub refused_alone: Vec<usize>,
    /// How long a record takes to be kept at most, and the number of the record that cannot be kept.
    pub slowest_record: Millis,
    pub failing_record: Option<usize>,
    /// When the page is hidden: its timers fire once in a second.
    pub hidden: (Instant, Millis),
    /// When the page becomes visible again, and when a timer fires too early.
    pub wake_ups: Vec<Millis>,
    pub early_timers: Vec<Millis>,
    /// When the caller takes a device back, and which; and when it ends the fleet.
    pub taken_back: Vec<(Millis, usize)>,
    pub aborted_at: Instant,
    /// The number of happenings before the process is killed.
    pub crashes_after: Option<u64>,
    /// The probability that a request on its way arrives after the crash, and that a record is kept whose keeping was not
    /// acknowledged.
    pub arrival_rate: f64,
    pub kept_rate: f64,
    /// The time until the next process.
    pub gap: Millis,
}

impl FleetPlan {
    pub fn draw(seed: u64) -> FleetPlan {
        let rng = |subject: &str| Rng::new(seed, subject);
        let count = rng("fleet devices").pick(&[1, 2, 2, 3, 3, 4, 6, 9, 12]);
        let crashes = rng("fleet crashes").pick(&[0, 1, 1, 1, 2, MOST_CRASHES]);
        FleetPlan {
            devices: (0..count).map(|number| FleetDevice::draw(seed, number)).collect(),
            quota: rng("fleet quota").pick(&[None, None, None, Some(2), Some(5), Some(10)]),
            processes: (0..=crashes).map(|number| Process::draw(seed, number, number < crashes)).collect(),
        }
    }

    /// The process that ends everything: the service is healthy, and the caller patient.
    pub fn last_process(&self) -> Process {
        let last = self.processes[self.processes.len() - 1].clone();
        let mut plan = last.plan.healthy();
        // The longest run takes ten minutes.
        // What was interrupted can be found out only with this permission.
        plan.list_is_forbidden = false;
        plan.operation_timeout = Millis(3_600_000.0);
        plan.poll_interval = Some(Millis(200_000.0));
        plan.sleep = (Instant::NEVER, Millis::ZERO);
        Process {
            plan,
            concurrency: usize::MAX,
            requests_per_second: 10.0,
            pause_timeout: Millis::FOREVER,
            refused_alone: Vec::new(),
            slowest_record: Millis::ZERO,
            failing_record: None,
            hidden: (Instant::NEVER, Millis::ZERO),
            wake_ups: Vec::new(),
            early_timers: Vec::new(),
            taken_back: Vec::new(),
            aborted_at: Instant::NEVER,
            crashes_after: None,
            ..last
        }
    }
}

impl FleetDevice {
    fn draw(seed: u64, number: usize) -> FleetDevice {
        let rng = |subject: &str| Rng::new(seed, &format!("device {number} {subject}"));
        let starts = rng("concurrent start");
        let id = match rng("id").below(40) {
            0 => String::new(),
            1 => "..".into(),
            2 => format!("d {number}/ü"),
            _ => format!("d{number}"),
        };
        let mut scenario = scenario(&rng("scenario"));
        scenario.has_foreign_operation = rng("foreign operation").happens(0.03);
        FleetDevice {
            id,
            scenario,
            is_in_tenant: !rng("unknown").happens(0.03),
            others: others(&rng("others")),
            concurrent_start: if starts.happens(0.05) { starts.instant(60_000.0) } else { Instant::NEVER },
            arrives_after: if rng("late").happens(0.2) { rng("arrival").millis(0.0, 60_000.0) } else { Millis::ZERO },
            is_repeated: rng("repeated").happens(0.1),
        }
    }

    pub fn device(&self) -> Device {
        let any = catalogue().remove(0);
        Device { id: self.id.clone(), scenario: self.scenario.clone(), ..any }
    }
}

impl Process {
    fn draw(seed: u64, number: usize, crashes: bool) -> Process {
        let rng = |subject: &str| Rng::new(seed, &format!("process {number} {subject}"));
        let some = |subject: &str, probability: f64| rng(subject).happens(probability);
        let moments = |subject: &str, most: usize| {
            let rng = rng(subject);
            (0..rng.below(most + 1)).map(|_| rng.millis(0.0, 90_000.0)).collect::<Vec<_>>()
        };
        let happenings = rng("happenings");
        Process {
            plan: plan(seed, number),
            concurrency: rng("concurrency").pick(&[usize::MAX, usize::MAX, 1, 2, 3]),
            requests_per_second: rng("requests per second").pick(&[0.5, 2.0, 5.0, 10.0, 10.0, 50.0]),
            pause_timeout: Millis(rng("pause timeout").pick(&[f64::INFINITY, f64::INFINITY, 600_000.0, 20_000.0, 3_000.0])),
            refused_alone: if some("refused alone", 0.15) {
                (0..rng("number of refused").pick(&[1, 1, 2, 3])).map(|_| rng("which is refused").below(12)).collect()
            } else {
                Vec::new()
            },
            slowest_record: Millis(rng("slowest record").pick(&[0.0, 0.0, 0.0, 50.0, 3_000.0, 30_000.0])),
            failing_record: some("failing record", 0.05).then(|| rng("record that fails").below(20)),
            hidden: if some("hidden", 0.3) { (rng("hidden from").instant(60_000.0), Millis(120_000.0)) } else { NOT_HIDDEN },
            wake_ups: moments("wake-ups", 4),
            early_timers: moments("early timers", 6),
            taken_back: if some("taken back", 0.15) {
                moments("taken back at", 3).into_iter().map(|at| (at, rng("which is taken back").below(12))).collect()
            } else {
                Vec::new()
            },
            aborted_at: if some("aborted", 0.1) { rng("aborted at").instant(60_000.0) } else { Instant::NEVER },
            crashes_after: crashes.then(|| happenings.below(happenings.pick(&[10, 50, 200, 200, 1_000])) as u64),
            arrival_rate: rng("arrivals").pick(&[0.0, 0.5, 1.0]),
            kept_rate: rng("kept").pick(&[0.0, 0.5, 1.0]),
            gap: Millis(rng("gap").pick(&[0.0, 2_000.0, 30_000.0, 58_000.0, 70_000.0, 7_200_000.0]))
                * rng("gap factor").unit(),
        }
    }

    /// Whether nothing is between a turn and its request, and every timer fires in time.
    pub fn is_prompt(&self) -> bool {
        !self.is_slow() && !self.has_late_timers()
    }

    /// Whether a request may wait for its token or its record.
    pub fn is_slow(&self) -> bool {
        self.plan.token_renews || self.slowest_record > Millis::ZERO
    }

    pub fn has_late_timers(&self) -> bool {
        self.hidden.0 < Instant::NEVER || self.plan.asleep() > Millis::ZERO
    }

    pub fn has_failing_record(&self) -> bool {
        self.failing_record.is_some()
    }

    /// Whether a new token may have expired before Graph sees it, so that any device may be refused alone.
    pub fn has_short_tokens(&self) -> bool {
        self.plan.token_life <= Millis(10_000.0)
    }

    /// The same, with moments of a clock that shows this at the beginning of the process.
    pub fn beginning_at(mut self, began: Instant) -> Process {
        let by = began - Clock::ORIGIN;
        let Plan { throttle_window, offline, refused, .. } = &mut self.plan;
        for window in [throttle_window, offline, refused] {
            *window = window.start + by..window.end + by;
        }
        let Plan { sleep, clock_jump, claims_from, .. } = &mut self.plan;
        for moment in [&mut sleep.0, &mut clock_jump.0, claims_from, &mut self.hidden.0, &mut self.aborted_at] {
            *moment = *moment + by;
        }
        self
    }
}

const NOT_HIDDEN: (Instant, Millis) = (Instant::NEVER, Millis::ZERO);

/// The plan of a process: drawn as for one device, but shorter, and with refusals and failures that end again.
fn plan(seed: u64, number: usize) -> Plan {
    let rng = |subject: &str| Rng::new(seed, &format!("process {number} {subject}"));
    let (tenant, mut plan) = (Plan::draw(seed * 4), Plan::draw(seed * 4 + number as u64));
    // These belong to the service, and not to a process.
    plan.replication = tenant.replication;
    plan.list_lag = tenant.list_lag;
    plan.page_size = tenant.page_size;
    let longest = if plan.poll_interval.is_some() { Millis(600_000.0) } else { Millis(3_600_000.0) };
    plan.operation_timeout = plan.operation_timeout.min(longest);
    if rng("no fault").happens(0.3) {
        plan.fault_rate = 0.0;
    }
    if rng("refused").happens(0.1) {
        plan.refused.start = rng("refused from").instant(60_000.0);
    }
    plan.refused.end = plan.refused.start + Millis(rng("refused for").pick(&[3_000.0, 60_000.0, 1_800_000.0]));
    // A fleet waits as long as Graph wants, and no longer Retry-After shows more.
    plan.longest_retry_after = "40000";
    plan.token_fault_rate = rng("token faults").pick(&[0.0, 0.0, 0.0, 0.05, 0.5]);
    plan.token_rest = Millis(rng("token rest").pick(&[0.0, 0.0, 20_000.0]));
    plan
}
