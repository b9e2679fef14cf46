//! A platform for the core under a virtual clock, with the simulated Graph at the other end of the line.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use teams_device_diagnostics::client::{OnConflict, Started};
use teams_device_diagnostics::exchange::{Call, Limits};
use teams_device_diagnostics::platform::Platform;
use teams_device_diagnostics::progress::{Event, Observer};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::{Error, Failure};
use teams_device_diagnostics::protocol::http::{Request, Response};
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::operation::Operation;
use teams_device_diagnostics::protocol::url::{Url, UrlParser};
use teams_device_diagnostics::token::{TokenError, TokenSource, Wanted};
use teams_device_diagnostics_simulator::{self as simulator, Answer, Graph, Settings};
use tokio::time::Instant;

pub use crate::document::Document;
use crate::document::parse_url;

/// What every test sends, and what must surface nowhere.
pub const TOKEN: &str = "s3cret.t0ken";
/// 2026-06-01T00:00:00Z
const EPOCH_MS: f64 = 1_780_272_000_000.0;

/// A request as it went out, and when.
pub struct Sent {
    pub method: &'static str,
    pub url: String,
    pub token: String,
    pub at_ms: f64,
}

pub struct VirtualPlatform {
    graph: RefCell<Graph>,
    began: Instant,
    random: Cell<u64>,
    /// The page is seen again, or the network is back.
    pub stirs: tokio::sync::Notify,
    pub sent: RefCell<Vec<Sent>>,
    /// Answers in the service's place what it wants to.
    pub intercept: RefCell<Option<Intercept>>,
}

/// Takes the number of the request, counted from 0, and the request.
pub type Intercept = Box<dyn FnMut(usize, &simulator::Request) -> Option<Answer>>;

/// An answer without body or header fields.
pub fn status(status: u16) -> Answer {
    Answer::Respond(simulator::Response { status, headers: Vec::new(), body: String::new() })
}

impl VirtualPlatform {
    pub fn new() -> VirtualPlatform {
        VirtualPlatform::with(Settings::default())
    }

    pub fn with(settings: Settings) -> VirtualPlatform {
        let mut graph = Graph::new("https://graph.microsoft.com", settings);
        for device in simulator::catalogue() {
            graph.add_device(device);
        }
        VirtualPlatform {
            graph: graph.into(),
            began: Instant::now(),
            random: 7.into(),
            stirs: Default::default(),
            sent: RefCell::default(),
            intercept: None.into(),
        }
    }

    /// Lets somebody else's program do something at the service, outside of what is written down.
    pub fn post(&self, action: &str) {
        let headers = vec![("authorization".into(), "Bearer somebody-else".into())];
        let target = format!("/beta/teamwork/devices/{action}");
        let request = simulator::Request { method: "POST".into(), target, headers, body: Vec::new() };
        self.graph.borrow_mut().answer(self.unix_time(), &request);
    }

    pub fn operations_started(&self) -> usize {
        self.graph.borrow().operations().len()
    }

    pub fn requests(&self, method: &str) -> usize {
        self.sent.borrow().iter().filter(|sent| sent.method == method).count()
    }
}

impl UrlParser for VirtualPlatform {
    fn parse_url(&self, text: &str) -> Option<Url> {
        parse_url(text)
    }
}

impl Platform for VirtualPlatform {
    type Value = Document;

    async fn send(&self, request: &Request<'_>) -> Result<Response, Document> {
        let (method, url, token) = (request.method.as_str(), request.url.to_owned(), request.token.to_owned());
        self.sent.borrow_mut().push(Sent { method, url, token, at_ms: self.now() });
        let target = request.url.strip_prefix("https://graph.microsoft.com").expect("no other origin is ever asked");
        let headers = vec![
            ("authorization".into(), format!("Bearer {}", request.token)),
            ("client-request-id".into(), request.client_request_id.into()),
        ];
        let received = simulator::Request { method: method.into(), target: target.into(), headers, body: Vec::new() };
        tokio::time::sleep(Duration::from_millis(20)).await;
        let number = self.sent.borrow().len() - 1;
        let intercepted = self.intercept.borrow_mut().as_mut().and_then(|intercept| intercept(number, &received));
        let answer = intercepted.unwrap_or_else(|| self.graph.borrow_mut().answer(self.unix_time(), &received));
        match answer {
            Answer::Hang => std::future::pending().await,
            Answer::Reset => Err(Document("connection reset".into())),
            Answer::Respond(response) => {
                let field = |name| response.header(name).map(str::to_owned);
                Ok(Response {
                    status: response.status,
                    location: field("location"),
                    retry_after: field("retry-after"),
                    request_id: field("request-id"),
                    date: field("date"),
                    www_authenticate: field("www-authenticate"),
                    body: response.body.clone(),
                })
            }
        }
    }

    async fn sleep(&self, ms: f64) {
        if ms == f64::INFINITY {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_secs_f64(ms / 1_000.0)).await;
    }

    async fn stirred(&self) {
        self.stirs.notified().await;
    }

    fn now(&self) -> f64 {
        self.began.elapsed().as_secs_f64() * 1_000.0
    }

    fn unix_time(&self) -> f64 {
        EPOCH_MS + self.now()
    }

    fn random(&self) -> f64 {
        let next = self.random.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random.set(next);
        (next >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Gives out tokens, one after the other and the last for ever, and writes down what it was asked for. A single one is the
/// caller's own text, which cannot be renewed.
pub struct Tokens {
    tokens: Vec<Result<&'static str, &'static str>>,
    /// The claims and the refused token of each question.
    pub asked: RefCell<Vec<(Option<String>, Option<String>)>>,
}

impl Tokens {
    pub fn of<const N: usize>(tokens: [Result<&'static str, &'static str>; N]) -> Tokens {
        Tokens { tokens: tokens.into(), asked: RefCell::default() }
    }
}

impl TokenSource<Document> for Tokens {
    async fn token(&self, wanted: &Wanted<'_>) -> Result<String, TokenError<Document>> {
        assert_eq!(wanted.scope, "https://graph.microsoft.com/.default");
        let number = self.asked.borrow().len();
        self.asked.borrow_mut().push((wanted.claims.map(str::to_owned), wanted.refused.map(str::to_owned)));
        let token = self.tokens[number.min(self.tokens.len() - 1)];
        token.map(str::to_owned).map_err(|problem| TokenError::Failed(Document(problem.into())))
    }

    fn can_renew(&self) -> bool {
        self.tokens.len() > 1
    }
}

/// Writes down what it is told, and throws when it is told so.
#[derive(Default)]
pub struct Diary {
    pub lines: RefCell<Vec<String>>,
    pub throws_at: Option<usize>,
}

impl Observer<Document> for Diary {
    fn notify(&self, location: Option<&str>, event: &Event<'_, Document>) -> Result<(), Document> {
        let line = match event {
            Event::Started => format!("started {}", location.unwrap_or_default()),
            Event::Attached { operation } => {
                format!("attached to {} at {}", operation.text("id").unwrap_or_default(), location.unwrap_or_default())
            }
            Event::Status { operation, previous_status, next_poll_in_ms } => format!(
                "{} after {} {}",
                operation.status.as_deref().unwrap_or("-"),
                previous_status.unwrap_or("nothing"),
                if next_poll_in_ms.is_some() { "goes on" } else { "ended" }
            ),
            Event::Retry { attempt, retry_after_ms, retry_after_from, status_code } => {
                let from = if *retry_after_from == teams_device_diagnostics::progress::WaitFrom::Header {
                    "header"
                } else {
                    "backoff"
                };
                let wait = if from == "header" { retry_after_ms.to_string() } else { "some".into() };
                format!(
                    "retry {attempt} of {} in {wait} ms from {from}",
                    status_code.map_or("no answer".into(), |code| code.to_string())
                )
            }
        };
        self.lines.borrow_mut().push(line);
        match self.throws_at {
            Some(count) if self.lines.borrow().len() == count => Err(Document("the callback's own error".into())),
            _ => Ok(()),
        }
    }
}

/// All that a test holds in its hands.
pub struct Bench {
    pub platform: VirtualPlatform,
    pub tokens: Tokens,
    pub diary: Diary,
    pub limits: Limits,
    pub root: ServiceRoot,
    pub on_conflict: OnConflict,
}

pub type Outcome<R> = Result<R, Box<Error<Document>>>;

impl Bench {
    pub fn new() -> Bench {
        Bench::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Bench {
        let platform = VirtualPlatform::with(settings);
        let root = ServiceRoot::new(&platform, "https://graph.microsoft.com/beta").expect("the global cloud");
        Bench {
            platform,
            tokens: Tokens::of([Ok(TOKEN)]),
            diary: Diary::default(),
            limits: Limits::default(),
            root,
            on_conflict: OnConflict::Throw,
        }
    }

    pub fn call(&self) -> Call<'_, VirtualPlatform, Tokens, Diary> {
        Call::new(&self.platform, &self.tokens, &self.root, self.limits, &self.diary)
    }

    pub async fn start(&self, device: &str) -> Outcome<Started> {
        let device = DeviceId::new(device.to_owned()).expect("a device id");
        let call = self.call();
        own(call.run(call.run_diagnostics(&device, self.on_conflict)).await)
    }

    pub async fn wait(&self, location: &str) -> Outcome<Operation<Document>> {
        let call = self.call();
        call.known.borrow_mut().location = Some(location.to_owned());
        own(call.run(call.wait_for_operation(0.0)).await)
    }

    pub async fn run(&self, device: &str) -> Outcome<Operation<Document>> {
        let started = self.start(device).await?;
        self.wait(&started.location).await
    }

    pub fn told(&self) -> Vec<String> {
        self.diary.lines.borrow().clone()
    }
}

fn own<R>(outcome: Result<R, Failure<Document>>) -> Outcome<R> {
    outcome.map_err(|failure| match failure {
        Failure::Error(error) => error,
        Failure::Callback(thrown) => panic!("the callback threw {thrown:?}"),
    })
}
