//! Everything between the caller and the model: a network and gateways that fail, tokens that expire, clocks that are wrong.

use std::cell::{Cell, RefCell};

use teams_device_diagnostics::machine::effect::{Input, Now, TokenFailure};
use teams_device_diagnostics::machine::event::{Event, EventKind};
use teams_device_diagnostics::protocol::http::{Method, Request, Response};
use teams_device_diagnostics::protocol::retry::UNREADABLE_WAIT;
use teams_device_diagnostics::protocol::time::{Instant, Millis, UnixTime};
use teams_device_diagnostics::protocol::token::{Token, TokenRequest};
use teams_device_diagnostics_simulator::{self as simulator, Disposition, Graph, Operation, Settings};
use time::OffsetDateTime;
use time::macros::format_description;

use crate::calendar::{EPOCH, duration, unix_time, utc};
use crate::document::Document;
use crate::driver::{Awaited, Clock, Environment, Later};
use crate::plan::{FOREIGN, Plan, SLOWEST_TOKEN};
use crate::promises::{self, SECRET};
use crate::record::{Record, Series, UnderWay};
use crate::rng::Rng;

/// base64 of `{"x":1}`
const CLAIMS: &str = "eyJ4IjoxfQ==";

pub struct Service {
    clock: Clock,
    rng: Rng,
    pub plan: Plan,
    pub record: Record,
    graph: RefCell<Graph>,
    tokens: RefCell<Vec<IssuedToken>>,
    another_caller_is_active: Cell<bool>,
    /// Whether requests, responses and events are printed.
    is_traced: bool,
}

struct IssuedToken {
    text: String,
    issued_at: f64,
    has_claims: bool,
}

/// What happens to a request, apart from the model's own response.
#[derive(Debug)]
enum Fault {
    None,
    /// The connection breaks, or the response never comes, before or after the request was read.
    Reset {
        is_read: bool,
    },
    Hang {
        is_read: bool,
    },
    /// A gateway responds, before or after the request was read.
    Gateway {
        status: u16,
        is_read: bool,
    },
    Redirect,
    /// The sign-in page of a network responds with a success.
    Portal,
    /// A gateway reports that the service is unavailable, before or after it has read the request.
    Unavailable {
        is_read: bool,
    },
    /// One of several replicas does not know the operation.
    Missing,
    /// The body has more than the document.
    Appended,
    /// The body is cut at some byte, and the connection may break.
    Cut {
        breaks: bool,
    },
    /// The body takes this long.
    Slow(f64),
}

impl Fault {
    /// Whether the service reads the request.
    fn is_read(&self) -> bool {
        match *self {
            Fault::Redirect | Fault::Portal => false,
            Fault::Reset { is_read } | Fault::Hang { is_read } => is_read,
            Fault::Gateway { is_read, .. } | Fault::Unavailable { is_read } => is_read,
            Fault::None | Fault::Missing | Fault::Appended | Fault::Cut { .. } | Fault::Slow(_) => true,
        }
    }
}

/// A `Retry-After`, and the wait that it requests.
enum RequestedWait {
    Nothing,
    Unreadable,
    Length(f64),
    Until(f64),
}

impl Service {
    pub fn new(rng: Rng, plan: Plan, is_traced: bool) -> Service {
        let mut graph =
            Graph::new("https://graph.microsoft.com", Settings { page_size: plan.page_size, ..Settings::default() });
        graph.add_device(plan.device());
        for &(ago, is_diagnostics) in &plan.others {
            let action = if is_diagnostics { "runDiagnostics" } else { "restart" };
            graph.handle(utc(EPOCH - Millis(ago)), &request_of_another(action));
        }
        let clock = Clock::default();
        clock.sleep_at(Instant(plan.sleep.0), Millis(plan.sleep.1));
        Service {
            clock,
            rng,
            plan,
            record: Record::default(),
            graph: graph.into(),
            tokens: RefCell::default(),
            another_caller_is_active: Cell::default(),
            is_traced,
        }
    }

    pub fn trace(&self, text: impl FnOnce() -> String) {
        if self.is_traced {
            println!("{:>12.0} ms  {}", self.now_ms(), text());
        }
    }

    fn now_ms(&self) -> f64 {
        self.clock.now().0
    }

    pub fn service_time(&self) -> f64 {
        unix_time(self.clock.now()).0
    }

    /// The caller's calendar clock.
    fn unix_time(&self) -> f64 {
        let (at, by) = self.plan.clock_jump;
        let jump = if self.now_ms() >= at { by } else { 0.0 };
        self.service_time() + self.plan.clock_skew + jump
    }

    /// The model's operation at a location.
    pub fn operation_at(&self, location: &str) -> Option<Operation> {
        self.graph.borrow().operations().iter().find(|operation| location.contains(&operation.id)).cloned()
    }

    /// Whether someone else's diagnostics are so close to the POST that they can be mistaken for the caller's.
    pub fn is_ambiguous(&self) -> bool {
        let posted = utc(unix_time(Instant(self.record.posted_at.get().unwrap_or(0.0))));
        let started = self.record.started.borrow();
        let graph = self.graph.borrow();
        let mut others = graph.operations().iter().filter(|operation| !started.contains(&operation.id));
        // One that had ended before cannot be attributed without the service's own time.
        let counts = |operation: &Operation| self.plan.reads_date || !operation.has_ended(posted);
        let reach = if self.plan.reads_date {
            60_000.0
        } else {
            240_000.0 + self.plan.clock_skew.abs() + self.plan.clock_jump.1.abs()
        };
        others.any(|operation| operation.created > posted - duration(Millis(reach)) && counts(operation))
    }

    fn fault(&self, method: Method) -> Fault {
        let now = self.now_ms();
        let (begin, end) = self.plan.throttle_window;
        if (begin..end).contains(&now) {
            return Fault::Gateway { status: 429, is_read: false };
        }
        if !self.rng.happens(self.plan.fault_rate) {
            return Fault::None;
        }
        let is_read = self.rng.happens(0.5);
        // A list that lags behind for longer than a search takes cannot show whether a run was started.
        let is_list_good = self.plan.list_lag < 5_000.0;
        match self.rng.below(14) {
            10 => Fault::Portal,
            11 => Fault::Unavailable { is_read: is_read && is_list_good },
            12 if method == Method::Get => Fault::Missing,
            13 => Fault::Appended,
            0 | 1 => Fault::Reset { is_read },
            2 => Fault::Hang { is_read },
            3 | 4 => {
                // If the service says that it did not accept the request, that is true.
                let status = self.rng.pick(&[408, 421, 425, 429, 429, 499, 500, 500, 501, 502, 503, 503, 504, 509, 520]);
                Fault::Gateway { status, is_read: is_read && !matches!(status, 421 | 425 | 429 | 501 | 503) }
            }
            5 | 6 => Fault::Gateway { status: self.rng.pick(&[429, 503]), is_read: false },
            7 if method == Method::Get && self.rng.happens(0.2) => Fault::Redirect,
            7 => Fault::Cut { breaks: true },
            8 => Fault::Cut { breaks: false },
            _ => Fault::Slow(self.rng.between(0.0, 2.0 * self.plan.timeout)),
        }
    }

    /// The request has reached the service, or a gateway in front of it.
    fn arrive<'a>(&'a self, request: Request<Document>, fault: Fault, under_way: UnderWay<'a>) -> Later<'a> {
        let read = fault.is_read().then(|| self.read(&request));
        // The body of the 202 to a POST is not read.
        let is_head_enough = |response: &simulator::Response| request.method == Method::Post && response.status == 202;
        let (response, requested, slowness) = match (fault, read) {
            (Fault::Reset { .. }, _) => return no_response(under_way),
            (Fault::Hang { .. }, _) => return never(under_way),
            (Fault::Gateway { status, .. }, _) => {
                let (response, requested) = self.gateway(status, &request);
                (response, requested, 0.0)
            }
            (Fault::Redirect, _) => {
                let mut response = plain(302);
                response.headers.push(("Location".into(), self.rng.pick(&FOREIGN).into()));
                (response, RequestedWait::Nothing, 0.0)
            }
            (Fault::Portal, _) => {
                let mut response = plain(200);
                response.body = "<html><body>Sign in to the network</body></html>".into();
                (response, RequestedWait::Nothing, 0.0)
            }
            (Fault::Unavailable { .. }, _) => {
                let mut response = plain(503);
                response.body = self.rng.pick(&["", "<html>", r#"{"error":"no backend"}"#]).into();
                (response, RequestedWait::Nothing, 0.0)
            }
            (Fault::Missing, _) if !is_list(&request) => (plain(404), RequestedWait::Nothing, 0.0),
            (Fault::Appended, Some(mut response)) => {
                response.body.push_str("<!-- served from a cache -->");
                (response, RequestedWait::Nothing, 0.0)
            }
            (Fault::Cut { breaks: true }, Some(response)) if !is_head_enough(&response) => return no_response(under_way),
            (Fault::Cut { .. }, Some(mut response)) => {
                let cut = self.rng.below(response.body.len() + 1);
                response.body.truncate((0..=cut).rev().find(|&at| response.body.is_char_boundary(at)).unwrap_or(0));
                (response, RequestedWait::Nothing, 0.0)
            }
            (Fault::Slow(length), Some(response)) => {
                let length = if is_head_enough(&response) { 0.0 } else { length };
                (response, RequestedWait::Nothing, length)
            }
            (_, read) => (read.unwrap_or_else(|| plain(500)), RequestedWait::Nothing, 0.0),
        };
        then(slowness, move || self.leave(request, response, requested, under_way))
    }

    /// The response is in transit to the caller.
    fn leave<'a>(
        &'a self,
        request: Request<Document>,
        mut response: simulator::Response,
        mut requested: RequestedWait,
        under_way: UnderWay<'a>,
    ) -> Later<'a> {
        if response.header("date").is_none() {
            let date = OffsetDateTime::from_unix_timestamp((self.service_time() / 1_000.0) as i64);
            let format =
                format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
            let date = date.ok().and_then(|date| date.format(&format).ok()).unwrap_or_default();
            response.headers.push(("Date".into(), date));
        }
        let is_running = response.status == 202 && request.method == Method::Get;
        let has_location = response.header("location").is_some_and(|location| !FOREIGN.contains(&location));
        if has_location && request.method == Method::Post && self.rng.happens(0.1) {
            let location = response.headers.iter_mut().find(|(name, _)| name.eq_ignore_ascii_case("location"));
            location.into_iter().for_each(|(_, value)| *value = format!("{value}, {value}"));
        }
        if (is_running || (response.status == 202 && has_location)) && self.rng.happens(0.2) {
            let (text, length) = self.retry_after();
            response.headers.push(("Retry-After".into(), text));
            requested = length;
        }
        then(self.rng.between(1.0, 100.0), move || {
            self.record.is_refused.set(response.status == 401);
            if request.method == Method::Post {
                let is_graphs = response.body.contains(r#""error":{"#)
                    || (self.plan.reads_retry_after && response.header("retry-after").is_some());
                let is_unavailable = response.status == 503 && !is_graphs;
                self.record.is_unavailable.set(is_unavailable);
                if matches!(response.status, 401 | 421 | 425 | 429 | 503) && !is_unavailable {
                    self.record.is_posted.set(false);
                }
            } else if is_list(&request) {
                let is_last = is_json(&response.body) && !response.body.contains("nextLink");
                self.record.has_read_list.set(response.status == 200 && is_last);
            }
            if request.method == Method::Post && response.status == 202 && has_location {
                let started = self.record.started.borrow().last().cloned();
                self.record.located_operations.borrow_mut().extend(started);
            }
            self.trace(|| format!("    {} {:?} {}", response.status, response.headers, response.body));
            drop(under_way);
            Later::Input(Millis::ZERO, Input::Response(Box::new(self.receive(response, requested))))
        })
    }

    /// The model's response, once the request has reached it.
    fn read(&self, request: &Request<Document>) -> simulator::Response {
        let now = utc(unix_time(self.clock.now()));
        let token = token_of(request);
        let mut graph = self.graph.borrow_mut();
        if self.now_ms() >= self.plan.concurrent_start && !self.another_caller_is_active.replace(true) {
            graph.handle(now, &request_of_another("runDiagnostics"));
        }
        let target = request.url.as_str().strip_prefix("https://graph.microsoft.com").unwrap_or_default();
        let is_list = is_list(request);
        let operation = graph.operations().iter().find(|operation| target.contains(&operation.id)).cloned();
        if let Some(refusal) = self.refusal(&token) {
            return refusal;
        }
        if is_list && self.plan.list_is_forbidden {
            return plain(403);
        }
        if operation.as_ref().is_some_and(|operation| now < operation.created + duration(Millis(self.plan.replication))) {
            return plain(404);
        }
        let before = graph.operations().len();
        let received = simulator::Request {
            method: request.method.as_str().into(),
            target: target.into(),
            headers: vec![("authorization".into(), format!("Bearer {token}"))],
            body: Vec::new(),
        };
        let Disposition::Respond(mut response) = graph.handle(now, &received) else {
            unreachable!("the model itself never fails")
        };
        if let Some(started) = graph.operations().get(before) {
            self.record.started.borrow_mut().push(started.id.clone());
        }
        if is_list {
            let is_new = |id: &str| {
                let mut all = graph.operations().iter();
                all.any(|operation| operation.id == id && now < operation.created + duration(Millis(self.plan.list_lag)))
            };
            let mut document: serde_json::Value = serde_json::from_str(&response.body).unwrap_or_default();
            if let Some(items) = document["value"].as_array_mut() {
                items.retain(|item| !is_new(item["id"].as_str().unwrap_or_default()));
                response.body = document.to_string();
            }
        }
        if let Some(operation) = operation.filter(|operation| !operation.has_ended(now)) {
            self.vary(&operation, &mut response);
        }
        response
    }

    /// A running operation may return to an earlier status, move, get a 202, and request a wait before the next poll.
    fn vary(&self, operation: &Operation, response: &mut simulator::Response) {
        if !self.rng.happens(self.plan.fault_rate) {
            return;
        }
        match self.rng.below(5) {
            0 => response.body = response.body.replace("\"InProgress\"", "\"Queued\""),
            1 => {
                let path =
                    format!("/teamwork/devices/d%201%2F%C3%BC/operations/{}?moved={}", operation.id, self.rng.below(3));
                let location = match self.rng.below(8) {
                    0 => self.rng.pick(&FOREIGN).to_owned(),
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

    /// A 401, if the token is too old, lacks claims, or is refused in any case.
    fn refusal(&self, token: &str) -> Option<simulator::Response> {
        let now = self.now_ms();
        let tokens = self.tokens.borrow();
        let token = tokens.iter().find(|known| known.text == token)?;
        let is_refused = now >= self.plan.refused_from;
        let lacks_claims = now >= self.plan.claims_from && !token.has_claims;
        let challenge = if lacks_claims || (is_refused && self.rng.happens(0.5)) {
            let other = if self.rng.happens(0.5) { "PoP nonce=\"ey==\", " } else { "" };
            format!("{other}Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{CLAIMS}\"")
        } else if is_refused || now - token.issued_at > self.plan.token_life {
            "Bearer error=\"invalid_token\"".to_owned()
        } else {
            return None;
        };
        let mut response = plain(401);
        response.headers.push(("WWW-Authenticate".into(), challenge));
        Some(response)
    }

    /// A gateway's response, with a Retry-After of any kind.
    fn gateway(&self, status: u16, request: &Request<Document>) -> (simulator::Response, RequestedWait) {
        let mut response = plain(status);
        response.body = match self.rng.below(4) {
            0 => "<html><body>Bad Gateway</body></html>".into(),
            1 => format!(r#"{{"error":{{"code":"Odd","message":"Bearer {} is refused"}}}}"#, self.repeated_token(request)),
            2 => String::new(),
            _ => r#"{"error":{"code":"","innererror":{"request-id":"r"}}}"#.into(),
        };
        if self.rng.happens(0.4) {
            return (response, RequestedWait::Nothing);
        }
        let (text, requested) = self.retry_after();
        response.headers.push(("Retry-After".into(), text));
        (response, requested)
    }

    /// A token of this call, not only that of this request, in any form.
    fn repeated_token(&self, request: &Request<Document>) -> String {
        let used = self.record.tokens_sent.borrow();
        let token = if self.rng.happens(0.5) { self.rng.pick(&used) } else { token_of(request) };
        let spelling = self.rng.below(4);
        let escaped = |character: char| match spelling {
            1 => format!("\\u{:04X}", u32::from(character)),
            2 => format!("%{:02x}", u32::from(character)),
            3 => format!("&#{};", u32::from(character)),
            _ => character.to_string(),
        };
        let needs_escape = |character: char| !character.is_ascii_alphanumeric() || self.rng.happens(0.1);
        token.chars().map(|character| if needs_escape(character) { escaped(character) } else { character.into() }).collect()
    }

    fn retry_after(&self) -> (String, RequestedWait) {
        let seconds = self.rng.below(40) as f64;
        let date = (self.service_time() / 1_000.0).floor() + seconds - 5.0;
        let rfc1123 =
            format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
        let rfc850 =
            format_description!("[weekday], [day]-[month repr:short]-[year repr:last_two] [hour]:[minute]:[second] GMT");
        let asctime = format_description!(
            "[weekday repr:short] [month repr:short] [day padding:space] [hour]:[minute]:[second] [year]"
        );
        let moment = OffsetDateTime::from_unix_timestamp(date as i64).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        let until = RequestedWait::Until(date * 1_000.0);
        let in_a_list = |text: String| match self.rng.below(3) {
            0 => format!("0,{text}"),
            1 => format!("{text}, 1"),
            _ => format!("\"0\" ,\t{text}"),
        };
        match self.rng.below(10) {
            0 | 1 => (seconds.to_string(), RequestedWait::Length(seconds * 1_000.0)),
            2 => (format!("{seconds}.128"), RequestedWait::Length(seconds * 1_000.0 + 128.0)),
            3 => (moment.format(&rfc1123).unwrap_or_default(), until),
            4 => (moment.format(&rfc850).unwrap_or_default(), until),
            5 => (moment.format(&asctime).unwrap_or_default(), until),
            6 => (self.rng.pick(&["999999999", "4000"]).into(), RequestedWait::Length(4_000_000.0)),
            7 => (in_a_list(format!("{}", seconds + 1.0)), RequestedWait::Length((seconds + 1.0) * 1_000.0)),
            8 => {
                let text = moment.format(&rfc1123).unwrap_or_default();
                (text.replace("GMT", self.rng.pick(&["UTC", "UT", "gmt", "utc"])), until)
            }
            _ => (
                self.rng.pick(&["-1", "soon", "0x10", "1e3", "", "NaN", "Infinity", "2026-06-01T00:00:00Z"]).into(),
                RequestedWait::Unreadable,
            ),
        }
    }

    /// The part of a response that the caller can see. From now on the caller must wait as long as it requests.
    fn receive(&self, response: simulator::Response, requested: RequestedWait) -> Response<Document> {
        let field = |name| response.header(name).map(str::to_owned);
        let date = field("date").filter(|_| self.plan.reads_date);
        if self.plan.reads_retry_after {
            let clock = if date.is_some() { (self.service_time() / 1_000.0).floor() * 1_000.0 } else { self.unix_time() };
            let wait = match requested {
                RequestedWait::Nothing => 0.0,
                RequestedWait::Unreadable => UNREADABLE_WAIT.0,
                RequestedWait::Length(length) => length,
                RequestedWait::Until(requested_date) if date.is_none() && requested_date <= clock => UNREADABLE_WAIT.0,
                RequestedWait::Until(requested_date) => (requested_date - clock).max(0.0),
            };
            self.record.not_before.set(self.now_ms() + wait);
            self.record.series.borrow_mut().note_requested_wait(wait);
        }
        self.record.last_heard.set(self.now_ms());
        self.note_response(&response);
        Response {
            status: response.status,
            location: field("location"),
            retry_after: field("retry-after").filter(|_| self.plan.reads_retry_after),
            request_id: field("request-id"),
            www_authenticate: field("www-authenticate"),
            date,
            content_type: None,
            body: Some(response.body).filter(|body| !body.is_empty()).map(|body| Document(body.into())),
        }
    }

    /// Records a response: a usable one begins a new series of failures, any other extends it.
    fn note_response(&self, response: &simulator::Response) {
        let document: serde_json::Value = serde_json::from_str(&response.body).unwrap_or_default();
        let status = document["value"].get("status").unwrap_or(&document["status"]);
        let mut series = self.record.series.borrow_mut();
        if response.status == 202 || (response.status == 200 && status.is_string()) {
            *series = Series { was_seen: true, ..Series::default() };
        } else if response.status == 404 {
            series.missing_since = series.missing_since.or(Some(self.now_ms()));
        }
    }

    fn is_offline(&self) -> bool {
        let (from, until) = self.plan.offline;
        (from..until).contains(&self.now_ms())
    }

    /// A response to a request that was abandoned.
    fn late_response(&self) -> Response<Document> {
        let location = "/teamwork/devices/d%201%2F%C3%BC/operations/late";
        let status = self.rng.pick(&[200, 202, 202, 401, 404, 409, 429, 500, 503]);
        Response {
            location: Some(location.into()),
            body: Some(Document(r#"{"id":"late","status":"successful"}"#.into())),
            ..Response::of_status(status)
        }
    }

    /// The token that the source returns.
    fn next_token(&self, request: &TokenRequest<Document>, issued_at: f64) -> String {
        let mut tokens = self.tokens.borrow_mut();
        let refused = request.refused.as_ref().and_then(|token| token.value().0.as_str());
        // A source that caches tokens returns the last one again, unless another is requested.
        if let Some(last) = tokens.last()
            && (!self.plan.token_renews || (request.claims.is_none() && refused != Some(last.text.as_str())))
        {
            self.record.note_given_token(&last.text);
            return last.text.clone();
        }
        let text =
            if self.plan.token_renews { format!("{SECRET}.0123-{}==", tokens.len()) } else { format!("{SECRET}.text") };
        // A source that was once asked for claims includes them from then on.
        let has_claims = request.claims.is_some() || tokens.iter().any(|token| token.has_claims);
        self.record.note_given_token(&text);
        tokens.push(IssuedToken { text: text.clone(), issued_at, has_claims });
        text
    }
}

impl Environment for Service {
    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn now(&self) -> Now {
        let (instant, unix_time) = (self.clock.now(), UnixTime(self.unix_time()));
        Now { instant, unix_time, random: self.rng.unit(), is_online: !self.is_offline() }
    }

    fn send<'a>(&'a self, request: Request<Document>) -> Later<'a> {
        self.trace(|| format!("{} {} with {}", request.method.as_str(), request.url.as_str(), token_of(&request)));
        promises::the_token_goes_to_its_origin_only(&request);
        promises::the_token_is_the_sources(&request, &self.record);
        promises::retry_after_is_never_undercut(self.now_ms(), &self.record);
        promises::the_post_is_sent_again_only_if_it_was_not_taken(&request, &self.record);
        self.record.note_request(request.method, self.now_ms());
        self.record.note_token(token_of(&request));
        promises::patience_has_an_end(self.now_ms(), &self.record, &self.plan);
        let under_way = self.record.requests.begin(&self.clock);
        promises::a_401_is_not_answered_without_end(&self.record);
        promises::the_number_of_requests_is_bounded(self.now_ms(), &self.record, &self.plan);
        if self.is_offline() {
            return no_response(under_way);
        }
        let fault = self.fault(request.method);
        self.trace(|| format!("    fault: {fault:?}"));
        then(self.rng.between(1.0, 100.0), move || self.arrive(request, fault, under_way))
    }

    fn token<'a>(&'a self, request: TokenRequest<Document>) -> Later<'a> {
        promises::the_token_source_is_asked_for_what_graph_wants(&request);
        let under_way = self.record.token_questions.begin(&self.clock);
        let is_source = self.plan.token_renews;
        if is_source && self.rng.happens(self.plan.token_hang_rate) {
            self.trace(|| "the token source hangs".into());
            return never(under_way);
        }
        let is_slow = is_source && self.rng.happens(0.1);
        let slowness = if is_slow { self.rng.between(0.0, SLOWEST_TOKEN) } else { 0.0 };
        let issued_at = self.now_ms();
        then(slowness, move || {
            drop(under_way);
            // Offline time does not count as patience anyway, nor does time before the first request of a series.
            let mut series = self.record.series.borrow_mut();
            series.excluded += if self.is_offline() || series.began.is_none() { 0.0 } else { self.now_ms() - issued_at };
            drop(series);
            let token = if is_source && self.rng.happens(self.plan.token_fault_rate) {
                Err(TokenFailure::Failed(Document("signed out".into())))
            } else {
                Ok(checked(self.next_token(&request, issued_at)))
            };
            Later::Input(Millis::ZERO, Input::Token(token))
        })
    }

    fn emit(&self, event: Event<Document>) -> Result<(), Document> {
        promises::an_event_has_the_whole_wait(&event, self.now_ms(), &self.record);
        let what = match event.kind {
            EventKind::Started { .. } => "started".into(),
            EventKind::Attached { operation } => {
                self.record.is_attached.set(true);
                format!("attached {:?}", operation.document)
            }
            EventKind::Status { operation, .. } => format!("status {:?}", operation.document),
            EventKind::Retry { delay, .. } => format!("retry in {} ms", delay.0),
            EventKind::Abandoned { device_id } => format!("abandoned {device_id:?}"),
        };
        let told = format!("{what} at {:?}", event.location);
        promises::no_event_holds_a_token(&told);
        self.trace(|| format!("    told: {told}"));
        let count = self.record.events.get();
        self.record.events.set(count + 1);
        if self.plan.failing_event != Some(count) {
            return Ok(());
        }
        self.trace(|| "    the callback fails".into());
        let thrown = Document("thrown".into());
        if self.plan.callback_is_async {
            self.record.rejection.set(Some(thrown));
            return Ok(());
        }
        self.record.callback_failed.set(true);
        Err(thrown)
    }

    fn next_wake_up(&self) -> Instant {
        if self.is_offline() {
            return Instant(self.plan.offline.1);
        }
        // Occasionally the page becomes visible again.
        if self.rng.happens(0.05) { self.clock.now() + Millis(self.rng.between(0.0, 20_000.0)) } else { Instant::NEVER }
    }

    fn timer_comes_first(&self) -> bool {
        self.rng.happens(0.5)
    }

    fn stray_input(&self, awaited: Awaited) -> Option<Input<Document>> {
        if let Some(thrown) = self.record.rejection.take() {
            self.record.callback_failed.set(true);
            return Some(Input::CallbackFailed(thrown));
        }
        if !self.rng.happens(self.plan.stray_rate) {
            return None;
        }
        // Results of abandoned effects may still come.
        let late = |answer: Awaited, input: Input<Document>| if answer == awaited { Input::Begin } else { input };
        let input = match self.rng.below(12) {
            0 => Input::Begin,
            1 => Input::Emitted,
            2 => Input::Deadline,
            3..=5 => Input::WakeUp,
            6 => late(Awaited::Token, Input::Token(Ok(checked(format!("{SECRET}.late"))))),
            7 => late(Awaited::Token, Input::Token(Err(TokenFailure::Failed(Document("late".into()))))),
            8 => late(Awaited::Response, Input::NoResponse(Document("late".into()))),
            _ => late(Awaited::Response, Input::Response(Box::new(self.late_response()))),
        };
        self.trace(|| "    an input that nobody waits for".into());
        Some(input)
    }
}

/// Continues after this many milliseconds.
fn then<'a>(length: f64, proceed: impl FnOnce() -> Later<'a> + 'a) -> Later<'a> {
    Later::Then(Millis(length), Box::new(proceed))
}

/// Nothing ever comes.
fn never(under_way: UnderWay<'_>) -> Later<'_> {
    then(f64::INFINITY, move || {
        drop(under_way);
        Later::Never
    })
}

fn no_response(under_way: UnderWay<'_>) -> Later<'_> {
    drop(under_way);
    Later::Input(Millis::ZERO, Input::NoResponse(Document("connection reset".into())))
}

fn is_list(request: &Request<Document>) -> bool {
    request.url.as_str().split('?').next().is_some_and(|path| path.ends_with("/operations"))
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

fn checked(token: String) -> Token<Document> {
    Token::new(Document(token.into())).unwrap_or_else(|problem| panic!("token {problem}"))
}

fn token_of(request: &Request<Document>) -> String {
    request.token.value().0.as_str().unwrap_or_default().to_owned()
}

fn plain(status: u16) -> simulator::Response {
    simulator::Response { status, headers: Vec::new(), body: String::new() }
}

fn request_of_another(action: &str) -> simulator::Request {
    simulator::Request {
        method: "POST".into(),
        target: format!("/beta/teamwork/devices/d%201%2F%C3%BC/{action}"),
        headers: vec![("authorization".into(), "Bearer somebody-else".into())],
        body: Vec::new(),
    }
}
