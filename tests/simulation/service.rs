//! What stands between the caller and the model: a network and gateways that fail, tokens that expire, clocks that are wrong.
//! Whatever the client must not do is noticed here, at the moment when it does it.

use std::cell::{Cell, RefCell};

use teams_device_diagnostics::platform::Platform;
use teams_device_diagnostics::progress::{Event, Observer};
use teams_device_diagnostics::protocol::http::{Method, Request, Response};
use teams_device_diagnostics::protocol::url::{Url, UrlParser};
use teams_device_diagnostics::token::{TokenError, TokenSource, Wanted};
use teams_device_diagnostics_simulator::{self as simulator, Answer, Graph, Operation, Settings};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::chance::Chance;
use crate::document::{Document, parse_url};
use crate::plan::{FOREIGN, Plan};
use crate::world::World;

/// What is in every token, and must surface nowhere.
pub const SECRET: &str = "tok3n";
/// 2026-06-01T00:00:00Z
const EPOCH_MS: f64 = 1_780_272_000_000.0;
/// base64 of `{"x":1}`
const CLAIMS: &str = "eyJ4IjoxfQ==";

pub struct Service<'a> {
    pub world: &'a World,
    chance: &'a Chance,
    pub plan: Plan,
    graph: RefCell<Graph>,
    tokens: RefCell<Vec<Token>>,
    rival_is_there: Cell<bool>,
    /// Requests that are under way.
    pub in_flight: Cell<usize>,
    /// Milliseconds that one request took at most.
    pub longest_request: Cell<f64>,
    /// No request may be sent before this moment.
    not_before: Cell<f64>,
    pub sent: Cell<usize>,
    pub posted_at: Cell<Option<f64>>,
    /// Whether the POST is there, and the service did not say that it did not take it.
    is_posted: Cell<bool>,
    /// The ids of what this caller started, and of what answers with a usable location said so.
    pub started: RefCell<Vec<String>>,
    pub told_started: RefCell<Vec<String>>,
    /// All that was told in events.
    pub events: RefCell<String>,
    /// Whether requests, answers and events are printed.
    pub is_traced: bool,
}

struct Token {
    text: String,
    issued_at: f64,
    has_claims: bool,
}

/// What happens to a request, apart from the model's own answer.
#[derive(Debug)]
enum Fault {
    None,
    /// The connection breaks, or the answer never comes, before or after the request was read.
    Reset {
        is_read: bool,
    },
    Hang {
        is_read: bool,
    },
    /// Somebody on the way answers, before or after the request was read.
    Gateway {
        status: u16,
        is_read: bool,
    },
    Redirect,
    /// The body comes only up to some byte, with or without the connection breaking.
    Cut {
        breaks: bool,
    },
    /// The body takes this long.
    Slow(f64),
}

/// A `Retry-After`, and the wait that it asks for.
enum Asked {
    Nothing,
    Ms(f64),
    Until(f64),
}

impl<'a> Service<'a> {
    pub fn new(world: &'a World, chance: &'a Chance, plan: Plan, is_traced: bool) -> Service<'a> {
        let mut graph = Graph::new("https://graph.microsoft.com", Settings::default());
        graph.add_device(plan.device());
        for &(ago_ms, is_diagnostics) in &plan.others {
            let action = if is_diagnostics { "runDiagnostics" } else { "restart" };
            graph.answer(EPOCH_MS - ago_ms, &somebody_elses(action));
        }
        Service {
            world,
            chance,
            plan,
            graph: graph.into(),
            tokens: RefCell::default(),
            rival_is_there: Cell::default(),
            in_flight: Cell::default(),
            longest_request: Cell::default(),
            not_before: Cell::default(),
            sent: Cell::default(),
            posted_at: Cell::default(),
            is_posted: Cell::default(),
            started: RefCell::default(),
            told_started: RefCell::default(),
            events: RefCell::default(),
            is_traced,
        }
    }

    /// Nobody knows any more what the service asked for.
    pub fn forget_waits(&self) {
        self.not_before.set(0.0);
    }

    pub fn trace(&self, text: impl FnOnce() -> String) {
        if self.is_traced {
            println!("{:>12.0} ms  {}", self.world.now(), text());
        }
    }

    pub fn service_time(&self) -> f64 {
        EPOCH_MS + self.world.now()
    }

    /// The operation of the model that a location leads to.
    pub fn operation_at(&self, location: &str) -> Option<Operation> {
        self.graph.borrow().operations().iter().find(|operation| location.contains(&operation.id)).cloned()
    }

    /// Whether somebody else's diagnostics are so close to the POST that they can be taken for the caller's.
    pub fn is_ambiguous(&self) -> bool {
        let posted = EPOCH_MS + self.posted_at.get().unwrap_or(0.0);
        let started = self.started.borrow();
        let graph = self.graph.borrow();
        let mut others = graph.operations().iter().filter(|operation| !started.contains(&operation.id));
        let reach = if self.plan.reads_date {
            60_000.0
        } else {
            240_000.0 + self.plan.clock_skew_ms.abs() + self.plan.clock_jump.1.abs()
        };
        others.any(|operation| operation.created_ms > posted - reach)
    }

    fn fault(&self, method: Method) -> Fault {
        let now = self.world.now();
        let (begin, end) = self.plan.storm;
        if (begin..end).contains(&now) {
            return Fault::Gateway { status: 429, is_read: false };
        }
        if !self.chance.happens(self.plan.fault_rate) {
            return Fault::None;
        }
        let is_read = self.chance.happens(0.5);
        match self.chance.below(10) {
            0 | 1 => Fault::Reset { is_read },
            2 => Fault::Hang { is_read },
            3 | 4 => {
                // What the service says it did not take, it did not take.
                let status = self.chance.pick(&[408, 429, 429, 500, 500, 501, 502, 503, 503, 504, 520]);
                Fault::Gateway { status, is_read: is_read && !matches!(status, 429 | 501 | 503) }
            }
            5 | 6 => Fault::Gateway { status: self.chance.pick(&[429, 503]), is_read: false },
            7 if method == Method::Get && self.chance.happens(0.2) => Fault::Redirect,
            7 => Fault::Cut { breaks: true },
            8 => Fault::Cut { breaks: false },
            _ => Fault::Slow(self.chance.between(0.0, 2.0 * self.plan.limits.timeout)),
        }
    }

    /// What the caller must not do, he must not even try.
    fn check(&self, request: &Request<'_>) {
        let now = self.world.now();
        assert!(request.url.starts_with("https://graph.microsoft.com/"), "a token is sent to {}", request.url);
        assert!(!request.url.contains(SECRET), "a token in a URL");
        assert!(self.tokens.borrow().iter().any(|token| token.text == request.token), "a token of nobody");
        assert!(
            now >= self.not_before.get() - 1e-6,
            "sent {} ms before the Retry-After was over",
            self.not_before.get() - now
        );
        if request.method == Method::Post {
            assert!(!self.is_posted.replace(true), "the POST is sent again although it may have been taken");
            assert_eq!(request.url, "https://graph.microsoft.com/beta/teamwork/devices/d%201%2F%C3%BC/runDiagnostics");
        }
    }

    /// The model's answer, once the request has reached it.
    fn read(&self, request: &Request<'_>) -> simulator::Response {
        let now = self.service_time();
        let mut graph = self.graph.borrow_mut();
        if self.world.now() >= self.plan.rival_at_ms && !self.rival_is_there.replace(true) {
            graph.answer(now, &somebody_elses("runDiagnostics"));
        }
        let target = request.url.strip_prefix("https://graph.microsoft.com").unwrap_or_default();
        let is_list = target.ends_with("/operations");
        let operation = graph.operations().iter().find(|operation| target.contains(&operation.id)).cloned();
        if let Some(refusal) = self.refusal(request.token) {
            return refusal;
        }
        if is_list && self.plan.list_is_forbidden {
            return plain(403);
        }
        if operation.as_ref().is_some_and(|operation| now < operation.created_ms + self.plan.replication_ms) {
            return plain(404);
        }
        let before = graph.operations().len();
        let received = simulator::Request {
            method: request.method.as_str().into(),
            target: target.into(),
            headers: vec![("authorization".into(), format!("Bearer {}", request.token))],
            body: Vec::new(),
        };
        let Answer::Respond(mut response) = graph.answer(now, &received) else {
            unreachable!("the model itself never fails")
        };
        if let Some(started) = graph.operations().get(before) {
            self.started.borrow_mut().push(started.id.clone());
        }
        if is_list {
            let is_new = |id: &str| {
                let mut all = graph.operations().iter();
                all.any(|operation| operation.id == id && now < operation.created_ms + self.plan.list_lag_ms)
            };
            let mut document: serde_json::Value = serde_json::from_str(&response.body).unwrap_or_default();
            if let Some(items) = document["value"].as_array_mut() {
                items.retain(|item| !is_new(item["id"].as_str().unwrap_or_default()));
                response.body = document.to_string();
            }
        }
        if let Some(operation) = operation.filter(|operation| !operation.has_ended(now)) {
            self.be_odd(&operation, &mut response);
        }
        response
    }

    /// A running operation may go back to an earlier status, move, be answered with 202, and say when to look again.
    fn be_odd(&self, operation: &Operation, response: &mut simulator::Response) {
        if !self.chance.happens(self.plan.fault_rate) {
            return;
        }
        match self.chance.below(5) {
            0 => response.body = response.body.replace("\"InProgress\"", "\"Queued\""),
            1 => {
                let path =
                    format!("/teamwork/devices/d%201%2F%C3%BC/operations/{}?moved={}", operation.id, self.chance.below(3));
                let location = match self.chance.below(8) {
                    0 => self.chance.pick(&FOREIGN).to_owned(),
                    1..=3 => format!("/beta{path}"),
                    4 => format!("https://graph.microsoft.com/beta{path}"),
                    _ => path,
                };
                response.headers.push(("Location".into(), location));
            }
            2 => {
                response.status = 202;
                response.body.clear();
            }
            _ => {}
        }
    }

    /// 401, when the token is too old or lacks claims.
    fn refusal(&self, token: &str) -> Option<simulator::Response> {
        let now = self.world.now();
        let tokens = self.tokens.borrow();
        let token = tokens.iter().find(|known| known.text == token)?;
        let challenge = if now >= self.plan.claims_from_ms && !token.has_claims {
            let other = if self.chance.happens(0.5) { "PoP nonce=\"ey==\", " } else { "" };
            format!("{other}Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{CLAIMS}\"")
        } else if now - token.issued_at > self.plan.token_life_ms {
            "Bearer error=\"invalid_token\"".to_owned()
        } else {
            return None;
        };
        let mut response = plain(401);
        response.headers.push(("WWW-Authenticate".into(), challenge));
        Some(response)
    }

    /// Somebody's answer on the way, with a Retry-After of any kind.
    fn gateway(&self, status: u16, request: &Request<'_>) -> (simulator::Response, Asked) {
        let mut response = plain(status);
        response.body = match self.chance.below(4) {
            0 => "<html><body>Bad Gateway</body></html>".into(),
            1 => format!(r#"{{"error":{{"code":"Odd","message":"Bearer {} is refused"}}}}"#, request.token),
            2 => String::new(),
            _ => r#"{"error":{"code":"","innererror":{"request-id":"r"}}}"#.into(),
        };
        if self.chance.happens(0.4) {
            return (response, Asked::Nothing);
        }
        let (text, asked) = self.retry_after();
        response.headers.push(("Retry-After".into(), text));
        (response, asked)
    }

    fn retry_after(&self) -> (String, Asked) {
        let seconds = self.chance.below(40) as f64;
        let date = (self.service_time() / 1_000.0).floor() + seconds - 5.0;
        let rfc1123 =
            format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
        let rfc850 =
            format_description!("[weekday], [day]-[month repr:short]-[year repr:last_two] [hour]:[minute]:[second] GMT");
        let asctime = format_description!(
            "[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]"
        );
        let moment = OffsetDateTime::from_unix_timestamp(date as i64).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let until = Asked::Until(date * 1_000.0);
        match self.chance.below(8) {
            0 | 1 => (seconds.to_string(), Asked::Ms(seconds * 1_000.0)),
            2 => (format!("{seconds}.128"), Asked::Ms(seconds * 1_000.0 + 128.0)),
            3 => (moment.format(&rfc1123).unwrap_or_default(), until),
            4 => (moment.format(&rfc850).unwrap_or_default(), until),
            5 => (moment.format(&asctime).unwrap_or_default(), until),
            6 => (self.chance.pick(&["999999999", "4000"]).into(), Asked::Ms(4_000_000.0)),
            _ => (
                self.chance
                    .pick(&["-1", "soon", "0x10", "1e3", "", "NaN", "Infinity", "1,5", "2026-06-01T00:00:00Z"])
                    .into(),
                Asked::Nothing,
            ),
        }
    }

    /// What the caller's side can see of an answer; and from now on it has to wait as long as it was asked to.
    fn receive(&self, response: simulator::Response, asked: Asked) -> Response {
        let field = |name| response.header(name).map(str::to_owned);
        let date = field("date").filter(|_| self.plan.reads_date);
        if self.plan.reads_retry_after {
            let clock = if date.is_some() { (self.service_time() / 1_000.0).floor() * 1_000.0 } else { self.unix_time() };
            let wait = match asked {
                Asked::Nothing => 0.0,
                Asked::Ms(ms) => ms,
                Asked::Until(date) => (date - clock).max(0.0),
            };
            self.not_before.set(self.world.now() + wait);
        }
        Response {
            status: response.status,
            location: field("location"),
            retry_after: field("retry-after").filter(|_| self.plan.reads_retry_after),
            request_id: field("request-id"),
            www_authenticate: field("www-authenticate"),
            date,
            body: response.body,
        }
    }
}

impl UrlParser for Service<'_> {
    fn parse_url(&self, text: &str) -> Option<Url> {
        parse_url(text)
    }
}

impl Platform for Service<'_> {
    type Value = Document;

    async fn send(&self, request: &Request<'_>) -> Result<Response, Document> {
        self.trace(|| format!("{} {} with {}", request.method.as_str(), request.url, request.token));
        self.check(request);
        let _in_flight = InFlight::new(self);
        self.sent.set(self.sent.get() + 1);
        if request.method == Method::Post && self.posted_at.get().is_none() {
            self.posted_at.set(Some(self.world.now()));
        }
        let fault = self.fault(request.method);
        self.trace(|| format!("    fault: {fault:?}"));
        self.world.sleep(self.chance.between(1.0, 100.0)).await;
        let is_read = !matches!(
            fault,
            Fault::Redirect
                | Fault::Reset { is_read: false }
                | Fault::Hang { is_read: false }
                | Fault::Gateway { is_read: false, .. }
        );
        let answered = is_read.then(|| self.read(request));
        let broken = || Err(Document("connection reset".into()));
        let (mut response, asked) = match (fault, answered) {
            (Fault::Reset { .. }, _) => return broken(),
            (Fault::Hang { .. }, _) => std::future::pending().await,
            (Fault::Gateway { status, .. }, _) => self.gateway(status, request),
            (Fault::Redirect, _) => {
                let mut response = plain(302);
                response.headers.push(("Location".into(), self.chance.pick(&FOREIGN).into()));
                (response, Asked::Nothing)
            }
            (Fault::Cut { breaks }, Some(mut response)) => {
                let cut = self.chance.below(response.body.len() + 1);
                response.body.truncate((0..=cut).rev().find(|&at| response.body.is_char_boundary(at)).unwrap_or(0));
                if breaks && !(request.method == Method::Post && response.status == 202) {
                    return broken();
                }
                (response, Asked::Nothing)
            }
            (Fault::Slow(ms), Some(response)) => {
                if !(request.method == Method::Post && response.status == 202) {
                    self.world.sleep(ms).await;
                }
                (response, Asked::Nothing)
            }
            (_, answered) => (answered.unwrap_or_else(|| plain(500)), Asked::Nothing),
        };
        let is_date_known = response.header("date").is_some();
        if !is_date_known {
            let date = OffsetDateTime::from_unix_timestamp((self.service_time() / 1_000.0) as i64);
            let format =
                format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
            let date = date.ok().and_then(|date| date.format(&format).ok()).unwrap_or_default();
            response.headers.push(("Date".into(), date));
        }
        let is_running = response.status == 202 && request.method == Method::Get;
        let has_location = response.header("location").is_some_and(|location| !FOREIGN.contains(&location));
        let asked = if (is_running || (response.status == 202 && has_location)) && self.chance.happens(0.2) {
            let (text, asked) = self.retry_after();
            response.headers.push(("Retry-After".into(), text));
            asked
        } else {
            asked
        };
        self.world.sleep(self.chance.between(1.0, 100.0)).await;
        if request.method == Method::Post && matches!(response.status, 401 | 429 | 503) {
            self.is_posted.set(false);
        }
        if request.method == Method::Post && response.status == 202 && has_location {
            self.told_started.borrow_mut().extend(self.started.borrow().last().cloned());
        }
        self.trace(|| format!("    {} {:?} {}", response.status, response.headers, response.body));
        Ok(self.receive(response, asked))
    }

    async fn sleep(&self, ms: f64) {
        assert!(!ms.is_nan() && ms >= 0.0, "a wait of {ms} ms");
        self.world.sleep(ms).await;
    }

    async fn stirred(&self) {
        // Now and then somebody comes back to the page.
        if self.chance.happens(0.05) {
            self.world.sleep(self.chance.between(0.0, 20_000.0)).await;
        } else {
            std::future::pending::<()>().await;
        }
    }

    fn now(&self) -> f64 {
        self.world.now()
    }

    fn unix_time(&self) -> f64 {
        let (at, by) = self.plan.clock_jump;
        let jump = if self.world.now() >= at { by } else { 0.0 };
        self.service_time() + self.plan.clock_skew_ms + jump
    }

    fn random(&self) -> f64 {
        self.chance.unit()
    }
}

impl TokenSource<Document> for Service<'_> {
    async fn token(&self, wanted: &Wanted<'_>) -> Result<String, TokenError<Document>> {
        assert_eq!(wanted.scope, "https://graph.microsoft.com/.default");
        assert!(wanted.claims.is_none_or(|claims| claims == r#"{"x":1}"#), "{:?}", wanted.claims);
        let issued_at = self.world.now();
        if !self.plan.token_renews {
            let text = format!("{SECRET}-text");
            let mut tokens = self.tokens.borrow_mut();
            if tokens.is_empty() {
                tokens.push(Token { text: text.clone(), issued_at, has_claims: false });
            }
            return Ok(text);
        }
        if self.chance.happens(0.1) {
            self.world.sleep(self.chance.between(0.0, 5_000.0)).await;
        }
        if self.chance.happens(self.plan.token_fault_rate) {
            return Err(TokenError::Failed(Document("signed out".into())));
        }
        // A source that keeps tokens gives the last one again, unless it is asked for another.
        let mut tokens = self.tokens.borrow_mut();
        if let Some(last) = tokens.last()
            && wanted.claims.is_none()
            && wanted.refused != Some(last.text.as_str())
        {
            return Ok(last.text.clone());
        }
        let text = format!("{SECRET}-{}", tokens.len());
        // Whoever was asked for claims once, gives them from then on.
        let has_claims = wanted.claims.is_some() || tokens.iter().any(|token| token.has_claims);
        tokens.push(Token { text: text.clone(), issued_at, has_claims });
        Ok(text)
    }

    fn can_renew(&self) -> bool {
        self.plan.token_renews
    }
}

impl Observer<Document> for Service<'_> {
    fn notify(&self, location: Option<&str>, event: &Event<'_, Document>) -> Result<(), Document> {
        let told = match event {
            Event::Started => "started".into(),
            Event::Attached { operation } => format!("attached {:?}", operation.document),
            Event::Status { operation, .. } => format!("status {:?}", operation.document),
            Event::Retry { retry_after_ms, .. } => format!("retry {retry_after_ms}"),
        };
        self.trace(|| format!("    told: {told}"));
        assert!(!told.contains("NaN"), "{told}");
        self.events.borrow_mut().push_str(&format!("{told} at {location:?}\n"));
        Ok(())
    }
}

/// Counts a request until it is answered or dropped, which has to be in time.
struct InFlight<'a, 'b> {
    service: &'a Service<'b>,
    sent_at: f64,
}

impl<'a, 'b> InFlight<'a, 'b> {
    fn new(service: &'a Service<'b>) -> InFlight<'a, 'b> {
        service.in_flight.set(service.in_flight.get() + 1);
        InFlight { service, sent_at: service.world.now() }
    }
}

impl Drop for InFlight<'_, '_> {
    fn drop(&mut self) {
        self.service.in_flight.set(self.service.in_flight.get() - 1);
        let took = self.service.world.now() - self.sent_at;
        self.service.longest_request.set(took.max(self.service.longest_request.get()));
    }
}

fn plain(status: u16) -> simulator::Response {
    simulator::Response { status, headers: Vec::new(), body: String::new() }
}

fn somebody_elses(action: &str) -> simulator::Request {
    simulator::Request {
        method: "POST".into(),
        target: format!("/beta/teamwork/devices/d%201%2F%C3%BC/{action}"),
        headers: vec![("authorization".into(), "Bearer somebody-else".into())],
        body: Vec::new(),
    }
}
