//! The environment of the fleets in these tests: a virtual clock, a token source, a journal, and the simulated Graph.

use std::cell::{Cell, RefCell};
use std::ops::Range;

use teams_device_diagnostics::machine::effect::{Input, Now, TokenFailure};
use teams_device_diagnostics::machine::event::EventKind;
use teams_device_diagnostics::machine::fleet::Fleet;
use teams_device_diagnostics::machine::fleet::effect::{FleetEffect, FleetInput, FleetSettings};
use teams_device_diagnostics::machine::fleet::record::{Record, RecordedState};
use teams_device_diagnostics::machine::fleet::totals::FleetState;
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::machine::state::{Limits, Settings};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::http::{Method, Request, Response};
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::{Token, TokenRequest};
use teams_device_diagnostics_simulator::{self as simulator, Device, Disposition, Graph, Scenario, catalogue};

use crate::calendar::{duration, unix_time, utc};
use crate::document::Document;
use crate::driver::{Clock, Later};
use crate::fleet_driver::{Ended, FleetEnvironment, FleetRun, Stop};

/// A request, when it was sent, and the status of its response; 0 if none came.
#[derive(Clone, Debug)]
pub struct Sent {
    pub device: String,
    pub method: &'static str,
    pub url: String,
    pub at: Instant,
    pub status: u16,
}

/// Called when a request reaches the service. A disposition that it returns replaces the service's own.
type Intercept = Box<dyn FnMut(&simulator::Request, &str) -> Option<Disposition>>;

/// The environment of the fleets of a test.
pub struct Fixture {
    pub clock: Clock,
    random: Cell<u64>,
    pub graph: RefCell<Graph>,
    /// The number of the POST, from 1, that starts a run but gets no response.
    pub lost_post: usize,
    pub intercept: RefCell<Option<Intercept>>,
    pub sent: RefCell<Vec<Sent>>,
    /// The records in the order in which they were kept.
    pub journal: RefCell<Vec<(String, Record)>>,
    /// Whether all records of three seconds are kept together, at their end.
    pub records_stall: bool,
    /// How long a record takes to be kept, and the number of the record that cannot be kept.
    pub record_length: Millis,
    pub failing_record: Option<usize>,
    /// When the store stops to keep records.
    pub stops_keeping_at: Cell<Instant>,
    /// The tokens that the source gives, in order; the last one again and again. `None` is a failure.
    pub tokens: RefCell<Vec<Option<&'static str>>>,
    /// Whether the next token is given only once this one is refused.
    pub keeps_token_until_refused: bool,
    pub token_requests: Cell<usize>,
    pub token_length: Millis,
    pub last_token_request: Cell<Instant>,
    pub events: RefCell<Vec<String>>,
    pub states: RefCell<Vec<(Instant, FleetState)>>,
    pub offline: Range<Instant>,
    /// The time from a request to its arrival, and again to its response.
    pub latency: Millis,
    /// How far the caller's calendar clock is ahead of the service's.
    pub clock_skew: Millis,
    pub limits: Limits,
    pub can_renew_token: bool,
    pub on_conflict: OnConflict,
    pub concurrency: usize,
    pub requests_per_second: f64,
    pub pause_timeout: Millis,
}

pub const NEVER: Range<Instant> = Instant::NEVER..Instant::NEVER;

impl Fixture {
    pub fn new() -> Fixture {
        Fixture::with(simulator::Settings::default())
    }

    pub fn with(settings: simulator::Settings) -> Fixture {
        Fixture {
            clock: Clock::default(),
            random: 7.into(),
            graph: Graph::new("https://graph.microsoft.com", settings).into(),
            lost_post: 0,
            intercept: None.into(),
            sent: RefCell::default(),
            journal: RefCell::default(),
            records_stall: false,
            record_length: Millis(1.0),
            failing_record: None,
            stops_keeping_at: Instant::NEVER.into(),
            tokens: vec![Some("token-1")].into(),
            keeps_token_until_refused: false,
            token_requests: 0.into(),
            token_length: Millis::ZERO,
            last_token_request: Clock::ORIGIN.into(),
            events: RefCell::default(),
            states: RefCell::default(),
            offline: NEVER,
            latency: Millis(20.0),
            clock_skew: Millis::ZERO,
            limits: Limits::default(),
            can_renew_token: true,
            on_conflict: OnConflict::Throw,
            concurrency: usize::MAX,
            requests_per_second: 10.0,
            pause_timeout: Millis::FOREVER,
        }
    }

    /// Adds devices `d0`, `d1`, … to the tenant, each with the scenario of its number.
    pub fn with_devices(self, count: usize, scenario: impl Fn(usize) -> Scenario) -> Fixture {
        for number in 0..count {
            let any = catalogue().remove(0);
            self.graph.borrow_mut().add_device(Device { id: format!("d{number}"), scenario: scenario(number), ..any });
        }
        self
    }

    /// A fleet of devices that succeed after so long.
    pub fn of(count: usize, length: Millis) -> Fixture {
        Fixture::new().with_devices(count, |_| lasting(length))
    }

    pub fn intercept(&self, intercept: impl FnMut(&simulator::Request, &str) -> Option<Disposition> + 'static) {
        *self.intercept.borrow_mut() = Some(Box::new(intercept));
    }

    fn settings(&self) -> FleetSettings {
        let root = ServiceRoot::new::<Document>("https://graph.microsoft.com/beta").expect("the global cloud");
        FleetSettings {
            call: Settings {
                root,
                limits: self.limits,
                can_renew_token: self.can_renew_token,
                emits_events: true,
                awaits_turns: true,
            },
            on_conflict: self.on_conflict,
            concurrency: self.concurrency,
            requests_per_second: self.requests_per_second,
            pause_timeout: self.pause_timeout,
            keeps_records: true,
        }
    }

    /// A fleet whose caller does this.
    pub fn fleet(&self, script: Vec<(Instant, FleetInput<Document>)>) -> FleetRun<'_, Fixture> {
        FleetRun::new(self, Fleet::new(self.settings(), self.now()), script)
    }

    /// Runs the first so many devices.
    pub fn run(&self, count: usize) -> Vec<Ended> {
        self.run_script(devices(0..count))
    }

    pub fn run_script(&self, script: Vec<(Instant, FleetInput<Document>)>) -> Vec<Ended> {
        let mut run = self.fleet(script);
        run.run(Stop::Done);
        run.results
    }

    /// The last record of each device, as a later process reads them.
    pub fn last_records(&self) -> Vec<(String, Record)> {
        let mut last: Vec<(String, Record)> = Vec::new();
        for (id, record) in &*self.journal.borrow() {
            last.retain(|(known, _)| known != id);
            last.push((id.clone(), record.clone()));
        }
        last
    }

    /// Resumes a fleet with the records of an earlier one, and runs the first so many devices.
    pub fn resume(&self, count: usize) -> Vec<Ended> {
        self.run_script(self.resumption(count))
    }

    pub fn resumption(&self, count: usize) -> Vec<(Instant, FleetInput<Document>)> {
        let now = self.clock.now();
        let resumed = self.last_records().into_iter().map(|(id, record)| {
            (
                now,
                FleetInput::Device {
                    id: Ok(DeviceId::new(id).expect("a device id")),
                    record: Some(record),
                    is_aborted: false,
                },
            )
        });
        resumed.chain(devices(0..count).into_iter().map(|(_, input)| (now, input))).collect()
    }

    /// Somebody else starts diagnostics on a device.
    pub fn post_of_another(&self, device: &str) {
        let request = simulator::Request {
            method: "POST".into(),
            target: format!("/beta/teamwork/devices/{device}/runDiagnostics"),
            headers: vec![("authorization".into(), "Bearer somebody-else".into())],
            body: Vec::new(),
        };
        self.graph.borrow_mut().handle(utc(unix_time(self.clock.now())), &request);
    }

    /// The number of operations that Graph has of a device.
    pub fn operations_of(&self, device: &str) -> usize {
        self.graph.borrow().operations().iter().filter(|operation| operation.device_id == device).count()
    }

    pub fn requests(&self, method: &str) -> usize {
        self.sent.borrow().iter().filter(|sent| sent.method == method).count()
    }

    pub fn has_event(&self, text: &str) -> bool {
        self.events.borrow().iter().any(|event| event == text)
    }

    fn handle(&self, device: &str, request: &Request<Document>, sent: usize) -> Later<'_> {
        let token = request.token.value().0.as_str().unwrap_or_default().to_owned();
        let received = simulator::Request {
            method: request.method.as_str().into(),
            target: request.url.as_str().trim_start_matches("https://graph.microsoft.com").into(),
            headers: vec![("authorization".into(), format!("Bearer {token}"))],
            body: Vec::new(),
        };
        let intercepted = self.intercept.borrow_mut().as_mut().and_then(|intercept| intercept(&received, device));
        let now = utc(unix_time(self.clock.now()));
        let disposition = intercepted.unwrap_or_else(|| self.graph.borrow_mut().handle(now, &received));
        let is_lost = request.method == Method::Post && self.requests("POST") == self.lost_post;
        match disposition {
            Disposition::Respond(_) if is_lost => Later::Input(self.latency, Input::NoResponse(Document("reset".into()))),
            Disposition::Respond(response) => {
                self.sent.borrow_mut()[sent].status = response.status;
                Later::Input(self.latency, Input::Response(Box::new(read(response))))
            }
            Disposition::Reset => Later::Input(self.latency, Input::NoResponse(Document("reset".into()))),
            Disposition::Hang => Later::Never,
        }
    }
}

/// What a caller does who names these devices at once, and no others.
pub fn devices(numbers: Range<usize>) -> Vec<(Instant, FleetInput<Document>)> {
    let id = |number| DeviceId::new(format!("d{number}")).expect("a device id");
    let inputs = numbers.map(|number| FleetInput::Device { id: Ok(id(number)), record: None, is_aborted: false });
    inputs.chain([FleetInput::NoMoreDevices]).map(|input| (Clock::ORIGIN, input)).collect()
}

/// The scenario of a run that succeeds after so long.
pub fn lasting(length: Millis) -> Scenario {
    Scenario { pace: Some(duration(length / 3.0)), ..Scenario::default() }
}

fn read(response: simulator::Response) -> Response<Document> {
    let field = |name| response.header(name).map(str::to_owned);
    Response {
        status: response.status,
        location: field("location"),
        retry_after: field("retry-after"),
        request_id: field("request-id"),
        www_authenticate: field("www-authenticate"),
        date: field("date"),
        content_type: field("content-type"),
        body: Some(response.body).filter(|body| !body.is_empty()).map(|body| Document(body.into())),
    }
}

impl FleetEnvironment for Fixture {
    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn now(&self) -> Now {
        let random = self.random.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random.set(random);
        let instant = self.clock.now();
        let random = (random >> 11) as f64 / (1u64 << 53) as f64;
        let unix_time = unix_time(instant) + self.clock_skew;
        Now { instant, unix_time, random, is_online: !self.offline.contains(&instant) }
    }

    fn send<'a>(&'a self, device: &str, request: Request<Document>) -> Later<'a> {
        let (method, url) = (request.method.as_str(), request.url.as_str().to_owned());
        assert!(!self.offline.contains(&self.clock.now()), "a request is sent although the host is offline");
        let number = self.sent.borrow().len();
        self.sent.borrow_mut().push(Sent { device: device.into(), method, url, at: self.clock.now(), status: 0 });
        let device = device.to_owned();
        Later::Then(self.latency, Box::new(move || self.handle(&device, &request, number)))
    }

    fn token<'a>(&'a self, request: TokenRequest<Document>) -> Later<'a> {
        assert_eq!(request.scope, "https://graph.microsoft.com/.default");
        self.token_requests.set(self.token_requests.get() + 1);
        self.last_token_request.set(self.clock.now());
        let mut tokens = self.tokens.borrow_mut();
        let refused = request.refused.as_ref().and_then(|token| token.value().0.as_str());
        let is_kept = self.keeps_token_until_refused && refused != tokens[0];
        let token = match tokens.len() {
            1 => tokens[0],
            _ if is_kept => tokens[0],
            _ if self.keeps_token_until_refused => {
                tokens.remove(0);
                tokens[0]
            }
            _ => tokens.remove(0),
        };
        let result = match token {
            Some(token) => Token::new(Document(token.into())).map_err(TokenFailure::Invalid),
            None => Err(TokenFailure::Failed(Document("signed out".into()))),
        };
        Later::Input(self.token_length, Input::Token(result))
    }

    fn keep(&self, device: &str, record: &Record) -> (Millis, Result<(), Document>) {
        let mut journal = self.journal.borrow_mut();
        if self.failing_record == Some(journal.len()) {
            return (self.record_length, Err(Document("disk full".into())));
        }
        if self.clock.now() >= self.stops_keeping_at.get() {
            return (Millis::FOREVER, Ok(()));
        }
        journal.push((device.to_owned(), record.clone()));
        if self.records_stall {
            let Instant(now) = self.clock.now();
            return (Millis(3_000.0 - now % 3_000.0), Ok(()));
        }
        (self.record_length, Ok(()))
    }

    fn see(&self, device: Option<&str>, effect: &FleetEffect<Document>) {
        let now = self.clock.now();
        let text = match effect {
            FleetEffect::Emit(_, event) => match &event.kind {
                EventKind::Started { recovered: None } => "started".to_owned(),
                EventKind::Started { .. } => "recovered".to_owned(),
                EventKind::Attached { .. } => "attached".to_owned(),
                EventKind::Retry { status_code, .. } => format!("retry after {status_code:?}"),
                EventKind::Status { .. } | EventKind::Abandoned { .. } => return,
            },
            FleetEffect::EmitPaused(reason, _) => format!("paused {reason:?}"),
            FleetEffect::EmitState(state) => return self.states.borrow_mut().push((now, *state)),
            FleetEffect::KeepRecord { record, .. } => match &record.state {
                RecordedState::Starting => "record starting".to_owned(),
                RecordedState::Running { .. } => "record running".to_owned(),
                RecordedState::Ended { outcome, .. } => format!("record {}", outcome.as_str()),
            },
            _ => return,
        };
        self.events.borrow_mut().push(device.map_or(text.clone(), |device| format!("{device} {text}")));
    }

    fn next_wake_up(&self) -> Instant {
        if self.clock.now() < self.offline.end { self.offline.end } else { Instant::NEVER }
    }
}
