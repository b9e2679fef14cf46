//! A service that answers as a case's exchanges say, under a virtual clock, and writes down what it was sent.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use serde_json::Value as Json;
use teams_device_diagnostics::platform::Platform;
use teams_device_diagnostics::protocol::date::date_time;
use teams_device_diagnostics::protocol::http::{Request, Response};
use teams_device_diagnostics::protocol::url::{Url, UrlParser};
use tokio::time::Instant;

use crate::document::{Document, parse_url};

/// No case needs so many; a client that asks without end gets no answer any more.
const MOST_REQUESTS: usize = 500;
/// Timers of the runtime hold about two years.
const LONGEST_TIMER_MS: f64 = 1e10;

/// A request as it went out.
pub struct Sent {
    pub method: &'static str,
    pub url: String,
    pub token: String,
    pub at_ms: f64,
    /// When its answer was there; nothing while there is none.
    pub answered_ms: Option<f64>,
}

impl Sent {
    /// Whether the device's operations were asked for, not one of them.
    pub fn is_list(&self) -> bool {
        self.method == "GET" && self.url.ends_with("/operations")
    }

    /// Whether an operation was looked at.
    pub fn is_look(&self) -> bool {
        self.method == "GET" && !self.is_list()
    }
}

struct Step {
    method_and_url: String,
    answer: Json,
    is_used: bool,
}

pub struct Script {
    steps: RefCell<Vec<Step>>,
    pub sent: RefCell<Vec<Sent>>,
    pub unexpected: RefCell<Vec<String>>,
    in_flight: Cell<usize>,
    pub most_in_flight: Cell<usize>,
    random: Cell<u64>,
    began: Instant,
    began_unix_ms: f64,
}

impl Script {
    /// `origin` is what the paths of the exchanges lie on, `now` what the calendar says at first.
    pub fn new(origin: &str, exchanges: Vec<Json>, now: &str) -> Script {
        let step = |answer: Json| {
            let (method, path) = answer["on"].as_str().and_then(|on| on.split_once(' ')).expect("a method and a path");
            Step { method_and_url: format!("{method} {origin}{path}"), answer, is_used: false }
        };
        Script {
            steps: RefCell::new(exchanges.into_iter().map(step).collect()),
            sent: RefCell::default(),
            unexpected: RefCell::default(),
            in_flight: 0.into(),
            most_in_flight: 0.into(),
            random: 7.into(),
            began: Instant::now(),
            began_unix_ms: date_time(now).expect("a date"),
        }
    }

    /// The exchanges that nobody asked for.
    pub fn unused(&self) -> Vec<String> {
        self.steps.borrow().iter().filter(|step| !step.is_used).map(|step| step.method_and_url.clone()).collect()
    }

    /// What the next exchange for a request says; a list is empty when nothing else is said.
    fn next_answer(&self, method: &str, url: &str) -> Option<Json> {
        let asked = format!("{method} {url}");
        let mut steps = self.steps.borrow_mut();
        let matching =
            |step: &&mut Step| step.method_and_url == asked && (!step.is_used || step.answer["repeat"] == "always");
        if let Some(step) = steps.iter_mut().find(matching) {
            step.is_used = true;
            return Some(step.answer.clone());
        }
        let is_list = method == "GET" && url.ends_with("/operations");
        is_list.then(|| serde_json::json!({ "respond": { "status": 200, "body": { "value": [] } } }))
    }
}

impl UrlParser for Script {
    fn parse_url(&self, text: &str) -> Option<Url> {
        parse_url(text)
    }
}

impl Platform for Script {
    type Value = Document;

    async fn send(&self, request: &Request<'_>) -> Result<Response, Document> {
        let (method, url) = (request.method.as_str(), request.url.to_owned());
        let number = self.sent.borrow().len();
        let answer = self.next_answer(method, &url).filter(|_| number < MOST_REQUESTS);
        if answer.is_none() {
            self.unexpected.borrow_mut().push(format!("{method} {url}"));
        }
        let sent = Sent { method, url, token: request.token.to_owned(), at_ms: self.now(), answered_ms: None };
        self.sent.borrow_mut().push(sent);
        self.in_flight.set(self.in_flight.get() + 1);
        self.most_in_flight.set(self.most_in_flight.get().max(self.in_flight.get()));
        tokio::task::yield_now().await;
        let answer = answer.filter(|answer| answer["hang"] != true);
        let Some(answer) = answer else { return std::future::pending().await };
        self.in_flight.set(self.in_flight.get() - 1);
        self.sent.borrow_mut()[number].answered_ms = Some(self.now());
        if let Some(reason) = answer["network_error"].as_str() {
            return Err(Document(reason.into()));
        }
        Ok(response(&answer["respond"]))
    }

    async fn sleep(&self, mut ms: f64) {
        if ms == f64::INFINITY {
            std::future::pending::<()>().await;
        }
        while ms > LONGEST_TIMER_MS {
            tokio::time::sleep(Duration::from_secs_f64(LONGEST_TIMER_MS / 1_000.0)).await;
            ms -= LONGEST_TIMER_MS;
        }
        tokio::time::sleep(Duration::from_secs_f64(ms / 1_000.0)).await;
    }

    async fn stirred(&self) {
        std::future::pending().await
    }

    fn now(&self) -> f64 {
        self.began.elapsed().as_secs_f64() * 1_000.0
    }

    fn unix_time(&self) -> f64 {
        self.began_unix_ms + self.now()
    }

    fn random(&self) -> f64 {
        let next = self.random.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random.set(next);
        (next >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// An answer as HTTP has it: a body that is no text is sent as JSON.
fn response(said: &Json) -> Response {
    let field = |name: &str| {
        let (_, value) = said["headers"].as_object()?.iter().find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        value.as_str().map(str::to_owned)
    };
    let body = match &said["body"] {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        document => document.to_string(),
    };
    Response {
        status: said["status"].as_u64().and_then(|status| status.try_into().ok()).expect("a status"),
        location: field("location"),
        retry_after: field("retry-after"),
        request_id: field("request-id"),
        date: field("date"),
        www_authenticate: field("www-authenticate"),
        body,
    }
}
