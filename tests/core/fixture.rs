//! The environment of the calls in these tests: a virtual clock, a token source, a progress callback, and the simulated
//! Graph.

use std::cell::{Cell, RefCell};

use teams_device_diagnostics::machine::call::{Call, CallKind};
use teams_device_diagnostics::machine::effect::{Failure, Input, Now, Output, TokenFailure};
use teams_device_diagnostics::machine::event::{DelaySource, Event, EventKind};
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::machine::state::{Limits, Settings};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::Error;
use teams_device_diagnostics::protocol::http::{Request, Response};
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::operation::Operation;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::{Token, TokenRequest};
use teams_device_diagnostics_simulator::{self as simulator, Disposition, Graph};
use time::UtcDateTime;

use crate::calendar::{unix_time, utc};
pub use crate::document::Document;
use crate::driver::{Clock, DropAt, End, Environment, Later, run};
pub use crate::script::{Builder, ok, status};
use crate::script::{Kind, Script};

/// The token of every test. It must not appear in any result or event.
pub const TOKEN: &str = "s3cret.t0ken-of-tests";
/// The time from a request to its response.
const LATENCY: Millis = Millis(20.0);

/// A request and when it was sent.
pub struct Sent {
    pub method: &'static str,
    pub url: String,
    pub token: String,
    pub at: Instant,
}

/// Called for each request, with its number from 0. A response that it returns replaces the response of the simulated Graph.
type Intercept = Box<dyn FnMut(usize, &simulator::Request) -> Option<Disposition>>;

/// The environment of the calls of a test.
pub struct Fixture {
    pub clock: Clock,
    random: Cell<u64>,
    graph: RefCell<Graph>,
    script: RefCell<Script>,
    intercept: RefCell<Option<Intercept>>,
    pub sent: RefCell<Vec<Sent>>,
    pub tokens: Tokens,
    pub events: EventRecorder,
    /// The interval at which the page becomes visible again; `None` if it never does.
    pub page_returns_every: Option<Millis>,
    /// The start and end of the time without a network.
    pub offline: Option<(Instant, Instant)>,
    pub limits: Limits,
    pub root: ServiceRoot,
    pub on_conflict: OnConflict,
    pub emits_events: bool,
}

/// A run that Graph accepted.
pub struct Started {
    pub location: String,
    pub not_before: Option<Instant>,
}

pub type Outcome<R> = Result<R, Box<Error<Document>>>;

/// A device id of a test.
pub fn device_id(id: &str) -> DeviceId {
    DeviceId::new(id.to_owned()).expect("a device id")
}

impl Fixture {
    pub fn new() -> Fixture {
        Fixture::with(simulator::Settings::default())
    }

    pub fn with(settings: simulator::Settings) -> Fixture {
        let mut graph = Graph::new("https://graph.microsoft.com", settings);
        for device in simulator::catalogue() {
            graph.add_device(device);
        }
        Fixture {
            clock: Clock::default(),
            random: 7.into(),
            graph: graph.into(),
            script: RefCell::default(),
            intercept: None.into(),
            sent: RefCell::default(),
            tokens: Tokens::of([TokenResult::Gives(TOKEN)]),
            events: EventRecorder::default(),
            page_returns_every: None,
            offline: None,
            limits: Limits::default(),
            root: ServiceRoot::new::<Document>("https://graph.microsoft.com/beta").expect("the global cloud"),
            on_conflict: OnConflict::Throw,
            emits_events: true,
        }
    }

    pub fn with_tokens<const N: usize>(tokens: [TokenResult; N]) -> Fixture {
        Fixture { tokens: Tokens::of(tokens), ..Fixture::new() }
    }

    /// Responds to the POSTs with these in order; the last one is repeated.
    pub fn posts<const N: usize>(&self, responses: [Disposition; N]) {
        self.script.borrow_mut().set(Kind::Post, responses.into());
    }

    /// Responds to the requests for the first page of the device's operations with these, in the same way.
    pub fn lists<const N: usize>(&self, responses: [Disposition; N]) {
        self.script.borrow_mut().set(Kind::List, responses.into());
    }

    /// Responds to polls, and to requests for later pages of a list, with these, in the same way.
    pub fn polls<const N: usize>(&self, responses: [Disposition; N]) {
        self.script.borrow_mut().set(Kind::Poll, responses.into());
    }

    /// Sets the closure whose responses replace those of the simulated Graph.
    pub fn intercept(&self, intercept: impl FnMut(usize, &simulator::Request) -> Option<Disposition> + 'static) {
        *self.intercept.borrow_mut() = Some(Box::new(intercept));
    }

    /// Responds to all requests with these in order; the last one is repeated.
    pub fn respond_with<const N: usize>(&self, responses: [Disposition; N]) {
        self.intercept(move |number, _| responses.get(number.min(N - 1)).cloned());
    }

    /// Sends a POST of another program to the service. It is not recorded.
    pub fn post(&self, action: &str) {
        let headers = vec![("authorization".into(), "Bearer somebody-else".into())];
        let target = format!("/beta/teamwork/devices/{action}");
        let request = simulator::Request { method: "POST".into(), target, headers, body: Vec::new() };
        self.graph.borrow_mut().handle(self.service_time(), &request);
    }

    pub fn operations_started(&self) -> usize {
        self.graph.borrow().operations().len()
    }

    pub fn requests(&self, method: &str) -> usize {
        self.sent.borrow().iter().filter(|sent| sent.method == method).count()
    }

    /// The time since the test began.
    pub fn elapsed(&self) -> Millis {
        self.clock.now() - Clock::ORIGIN
    }

    fn service_time(&self) -> UtcDateTime {
        utc(unix_time(self.clock.now()))
    }

    pub fn call(&self, kind: CallKind<Document>) -> Call<Document> {
        let can_renew_token = self.tokens.can_renew();
        let settings = Settings {
            root: self.root.clone(),
            limits: self.limits,
            can_renew_token,
            emits_events: self.emits_events,
            awaits_turns: false,
        };
        Call::new(kind, settings, self.now())
    }

    /// The token that a call awaits.
    pub fn token_input(&self) -> Input<Document> {
        Input::Token(Token::new(Document(TOKEN.into())).map_err(TokenFailure::Invalid))
    }

    /// The response to a POST that Graph accepted.
    pub fn accepted_input(&self) -> Input<Document> {
        let location = Some("/teamwork/devices/d/operations/o".to_owned());
        Input::Response(Box::new(Response { location, ..Response::of_status(202) }))
    }

    pub fn start_call(&self, device: &str) -> Call<Document> {
        self.call(CallKind::Start { device: device_id(device), on_conflict: self.on_conflict, interrupted: None })
    }

    pub fn follow_call(&self, location: &str, first_poll_after: Millis, until: Until) -> Call<Document> {
        let location = self.root.trust::<Document>(location).expect("a trusted location");
        self.call(CallKind::Follow { location, first_poll_after, until })
    }

    pub fn start(&self, device: &str) -> Outcome<Started> {
        let (end, call) = run(self, self.start_call(device), DropAt::Never);
        let not_before = call.facts().not_before;
        outcome(end).map(|output| match output {
            Output::Location(location) => {
                assert!(call.facts().location.as_ref() == Some(&location), "the facts have a different location");
                Started { location: location.as_str().to_owned(), not_before }
            }
            Output::Operation(_) | Output::Page(_) => panic!("a start returns a location"),
        })
    }

    pub fn follow(&self, location: &str, first_poll_after: Millis, until: Until) -> Outcome<Operation<Document>> {
        let (end, _) = run(self, self.follow_call(location, first_poll_after, until), DropAt::Never);
        outcome(end).map(|output| match output {
            Output::Operation(operation) => operation,
            Output::Location(_) | Output::Page(_) => panic!("a follow call returns an operation"),
        })
    }

    pub fn wait(&self, location: &str) -> Outcome<Operation<Document>> {
        self.follow(location, Millis::ZERO, Until::End)
    }

    pub fn run(&self, device: &str) -> Outcome<Operation<Document>> {
        let started = self.start(device)?;
        self.wait(&started.location)
    }
}

/// The result of a call. It must have ended, and not with an error of its callback.
pub fn outcome(end: End) -> Outcome<Output<Document>> {
    match end {
        End::Done(Ok(output)) => Ok(output),
        End::Done(Err(Failure::Error(error))) => Err(error),
        End::Done(Err(Failure::Thrown(thrown))) => panic!("the callback threw {thrown:?}"),
        End::Dropped => panic!("the call was dropped"),
        End::Stuck => panic!("the call waits for an input that never comes"),
    }
}

impl Environment for Fixture {
    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn now(&self) -> Now {
        let next = self.random.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random.set(next);
        let random = (next >> 11) as f64 / (1u64 << 53) as f64;
        let instant = self.clock.now();
        Now { instant, unix_time: unix_time(instant), random, is_online: !self.is_offline() }
    }

    fn send<'a>(&'a self, request: Request<Document>) -> Later<'a> {
        let token = request.token.value().0.as_str().unwrap_or_default().to_owned();
        let headers = vec![
            ("authorization".to_owned(), format!("Bearer {token}")),
            ("client-request-id".to_owned(), request.client_request_id),
        ];
        let (method, url, at) = (request.method.as_str(), request.url.as_str().to_owned(), self.clock.now());
        let target = url.strip_prefix("https://graph.microsoft.com").expect("requests are sent only to Graph").to_owned();
        let mut sent = self.sent.borrow_mut();
        let number = sent.len();
        sent.push(Sent { method, url, token, at });
        if self.is_offline() {
            return Later::Input(Millis::ZERO, Input::NoResponse(Document("offline".into())));
        }
        let received = simulator::Request { method: method.into(), target, headers, body: Vec::new() };
        Later::Then(LATENCY, Box::new(move || self.respond(number, &received)))
    }

    fn token<'a>(&'a self, request: TokenRequest<Document>) -> Later<'a> {
        self.tokens.token(request)
    }

    fn emit(&self, event: Event<Document>) -> Result<(), Document> {
        self.events.record(&event)
    }

    fn next_wake_up(&self) -> Instant {
        if let Some((_, online_again)) = self.offline.filter(|_| self.is_offline()) {
            return online_again;
        }
        let Some(Millis(every)) = self.page_returns_every else { return Instant::NEVER };
        Instant(((self.clock.now().0 / every).floor() + 1.0) * every)
    }
}

impl Fixture {
    fn is_offline(&self) -> bool {
        let now = self.clock.now();
        self.offline.is_some_and(|(from, until)| from <= now && now < until)
    }

    /// The response to a request that the service has received.
    fn respond<'a>(&self, number: usize, received: &simulator::Request) -> Later<'a> {
        let intercepted = self.intercept.borrow_mut().as_mut().and_then(|intercept| intercept(number, received));
        let scripted = intercepted.or_else(|| self.script.borrow_mut().next(received));
        let disposition = scripted.unwrap_or_else(|| self.graph.borrow_mut().handle(self.service_time(), received));
        let input = match disposition {
            Disposition::Hang => return Later::Never,
            Disposition::Reset => Input::NoResponse(Document("connection reset".into())),
            Disposition::Respond(response) => {
                let field = |name| response.header(name).map(str::to_owned);
                Input::Response(Box::new(Response {
                    status: response.status,
                    location: field("location"),
                    retry_after: field("retry-after"),
                    www_authenticate: field("www-authenticate"),
                    request_id: field("request-id"),
                    date: field("date"),
                    content_type: field("content-type"),
                    body: Some(Document(response.body.as_str().into())),
                }))
            }
        };
        Later::Input(Millis::ZERO, input)
    }
}

/// The result of a token request.
#[derive(Clone, Copy)]
pub enum TokenResult {
    Gives(&'static str),
    Fails(&'static str),
    /// No result ever comes.
    Hangs,
}

/// A token source: returns these results in order and repeats the last one, and records the token requests. A single result
/// stands for a token that the caller passed as text, which cannot be renewed.
pub struct Tokens {
    results: Vec<TokenResult>,
    /// The delay of each token.
    pub delay: Millis,
    /// The claims and the refused token of each token request.
    pub requests: RefCell<Vec<(Option<String>, Option<String>)>>,
}

impl Tokens {
    fn of<const N: usize>(results: [TokenResult; N]) -> Tokens {
        Tokens { results: results.into(), delay: Millis::ZERO, requests: RefCell::default() }
    }

    fn can_renew(&self) -> bool {
        self.results.len() > 1
    }

    fn token<'a>(&self, request: TokenRequest<Document>) -> Later<'a> {
        assert_eq!(request.scope, "https://graph.microsoft.com/.default");
        let mut requests = self.requests.borrow_mut();
        let number = requests.len();
        requests.push((request.claims, request.refused.and_then(|token| token.value().0.as_str().map(str::to_owned))));
        let result = match self.results[number.min(self.results.len() - 1)] {
            TokenResult::Gives(text) => Token::new(Document(text.into())).map_err(TokenFailure::Invalid),
            TokenResult::Fails(problem) => Err(TokenFailure::Failed(Document(problem.into()))),
            TokenResult::Hangs => return Later::Never,
        };
        Later::Input(self.delay, Input::Token(result))
    }
}

/// Records the progress events, and throws at one of them if `throws_at` is set.
#[derive(Default)]
pub struct EventRecorder {
    lines: RefCell<Vec<String>>,
    /// The number of the event, from 1, at which it throws.
    pub throws_at: Option<usize>,
}

impl EventRecorder {
    pub fn lines(&self) -> Vec<String> {
        self.lines.borrow().clone()
    }

    fn record(&self, event: &Event<Document>) -> Result<(), Document> {
        let mut lines = self.lines.borrow_mut();
        lines.push(line(event));
        if self.throws_at == Some(lines.len()) { Err(Document("the callback's own error".into())) } else { Ok(()) }
    }
}

fn line(event: &Event<Document>) -> String {
    let location = event.location.as_deref().unwrap_or_default();
    match &event.kind {
        EventKind::Started { recovered: None } => format!("started {location}"),
        EventKind::Started { recovered: Some(run) } => {
            format!("recovered {} {location}", run.text("id").unwrap_or_default())
        }
        EventKind::Attached { operation } => {
            format!("attached to {} at {location}", operation.text("id").unwrap_or_default())
        }
        EventKind::Status { operation, previous_status, next_poll_in } => format!(
            "{} after {} {}",
            operation.status.as_deref().unwrap_or("-"),
            previous_status.as_deref().unwrap_or("nothing"),
            if next_poll_in.is_some() { "goes on" } else { "ended" }
        ),
        EventKind::Abandoned { device_id } => format!("abandoned {}", device_id.as_deref().unwrap_or_default()),
        EventKind::Retry { attempt, delay, delay_source, status_code } => {
            let status = status_code.map_or("no response".into(), |code| code.to_string());
            match delay_source {
                DelaySource::Header => format!("retry {attempt} of {status} in {} ms from header", delay.0),
                DelaySource::Backoff => format!("retry {attempt} of {status} in some ms from backoff"),
            }
        }
    }
}
