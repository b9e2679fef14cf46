//! A service that responds as a case's exchanges say, under a virtual clock, and records its requests.

use std::cell::{Cell, RefCell};

use serde_json::Value as Json;
use teams_device_diagnostics::machine::effect::{Input, Now};
use teams_device_diagnostics::protocol::date::date_time;
use teams_device_diagnostics::protocol::http::{Request, Response};
use teams_device_diagnostics::protocol::json::Json as _;
use teams_device_diagnostics::protocol::time::{Instant, Millis, UnixTime};

use crate::document::Document;
use crate::driver::{Clock, Later};
use crate::instant;

/// No case needs this many; a client that sends requests without end gets no more responses.
const MOST_REQUESTS: usize = 500;

/// A request that was sent.
pub struct SentRequest {
    pub method: &'static str,
    pub url: String,
    pub token: String,
    pub at: Instant,
    /// When its response was complete; `None` if there is none yet.
    pub responded_at: Option<Instant>,
}

impl SentRequest {
    /// Whether it reads the device's operations, not a single one.
    pub fn is_list(&self) -> bool {
        self.method == "GET" && self.url.ends_with("/operations")
    }

    /// Whether it polls an operation.
    pub fn is_poll(&self) -> bool {
        self.method == "GET" && !self.is_list()
    }
}

struct Step {
    method_and_url: String,
    exchange: Json,
    is_used: bool,
}

pub struct Script {
    steps: RefCell<Vec<Step>>,
    pub sent: RefCell<Vec<SentRequest>>,
    pub unexpected: RefCell<Vec<String>>,
    in_flight: Cell<usize>,
    pub most_in_flight: Cell<usize>,
    random: Cell<u64>,
    pub clock: Clock,
    /// The start and end of the time without a network.
    offline: Option<(Instant, Instant)>,
    /// The calendar time when the clock was created.
    epoch: UnixTime,
}

impl Script {
    /// `origin` is the base of the exchanges' paths, `now` the calendar time at the beginning.
    pub fn new(origin: &str, exchanges: Vec<Json>, now: &str, offline: Option<(Instant, Instant)>) -> Script {
        let step = |exchange: Json| {
            let (method, path) = exchange["on"].as_str().and_then(|on| on.split_once(' ')).expect("a method and a path");
            Step { method_and_url: format!("{method} {origin}{path}"), exchange, is_used: false }
        };
        Script {
            steps: RefCell::new(exchanges.into_iter().map(step).collect()),
            sent: RefCell::default(),
            unexpected: RefCell::default(),
            in_flight: 0.into(),
            most_in_flight: 0.into(),
            random: 7.into(),
            clock: Clock::default(),
            offline,
            epoch: date_time(now).expect("a date"),
        }
    }

    /// The exchanges that no request used.
    pub fn unused(&self) -> Vec<String> {
        self.steps.borrow().iter().filter(|step| !step.is_used).map(|step| step.method_and_url.clone()).collect()
    }

    /// The next exchange for a request; a list is empty by default.
    fn next_exchange(&self, method: &str, url: &str) -> Option<Json> {
        let method_and_url = format!("{method} {url}");
        let mut steps = self.steps.borrow_mut();
        let now = self.clock.now();
        let is_open = |step: &Step| match instant(&step.exchange["until_ms"]) {
            Some(until) => now < until,
            None => !step.is_used || step.exchange["repeat"] == "always",
        };
        let matching = |step: &&mut Step| step.method_and_url == method_and_url && is_open(step);
        if let Some(step) = steps.iter_mut().find(matching) {
            step.is_used = true;
            return Some(step.exchange.clone());
        }
        let is_list = method == "GET" && url.ends_with("/operations");
        is_list.then(|| serde_json::json!({ "respond": { "status": 200, "body": { "value": [] } } }))
    }

    /// The time of a step.
    pub fn now(&self) -> Now {
        let next = self.random.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.random.set(next);
        let instant = self.clock.now();
        Now {
            instant,
            unix_time: self.epoch + (instant - Clock::ORIGIN),
            random: (next >> 11) as f64 / (1u64 << 53) as f64,
            is_online: self.online_again() == Instant::NEVER,
        }
    }

    /// When the network is back; never if it is not offline.
    pub fn online_again(&self) -> Instant {
        let now = self.clock.now();
        self.offline.filter(|(from, until)| *from <= now && now < *until).map_or(Instant::NEVER, |(_, until)| until)
    }

    pub fn send(&self, request: Request<Document>) -> Later<'_> {
        let (method, url) = (request.method.as_str(), request.url.as_str().to_owned());
        let number = self.sent.borrow().len();
        let exchange = if self.online_again() == Instant::NEVER {
            self.next_exchange(method, &url).filter(|_| number < MOST_REQUESTS)
        } else {
            Some(serde_json::json!({ "network_error": "ENETUNREACH" }))
        };
        if exchange.is_none() {
            self.unexpected.borrow_mut().push(format!("{method} {url}"));
        }
        let token = request.token.value().text().expect("a text");
        let sent = SentRequest { method, url, token, at: self.clock.now(), responded_at: None };
        self.sent.borrow_mut().push(sent);
        self.in_flight.set(self.in_flight.get() + 1);
        self.most_in_flight.set(self.most_in_flight.get().max(self.in_flight.get()));
        match exchange.filter(|exchange| exchange["hang"] != true) {
            Some(exchange) => Later::Then(Millis::ZERO, Box::new(move || self.respond(number, &exchange))),
            None => Later::Never,
        }
    }

    fn respond(&self, number: usize, exchange: &Json) -> Later<'_> {
        self.in_flight.set(self.in_flight.get() - 1);
        self.sent.borrow_mut()[number].responded_at = Some(self.clock.now());
        let input = match &exchange["network_error"] {
            // As Node's own error.
            Json::String(code) => {
                Input::NoResponse(Document(serde_json::json!({ "message": "fetch failed", "cause": { "code": code } })))
            }
            _ => Input::Response(Box::new(response(&exchange["respond"]))),
        };
        Later::Input(Millis::ZERO, input)
    }
}

/// The response of an exchange: a body that is not text is sent as JSON, and a list of values is a field that is repeated.
fn response(content: &Json) -> Response<Document> {
    let field = |name: &str| {
        let (_, value) = content["headers"].as_object()?.iter().find(|(field, _)| field.eq_ignore_ascii_case(name))?;
        let values = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
        Some(values.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", "))
    };
    let body = match &content["body"] {
        Json::Null => Document::from_text(""),
        Json::String(text) => Document::from_text(text),
        document => Document::from_text(&document.to_string()),
    };
    Response {
        status: content["status"].as_u64().and_then(|status| status.try_into().ok()).expect("a status"),
        location: field("location"),
        retry_after: field("retry-after"),
        request_id: field("request-id"),
        date: field("date"),
        content_type: field("content-type"),
        www_authenticate: field("www-authenticate"),
        body: Some(body),
    }
}
