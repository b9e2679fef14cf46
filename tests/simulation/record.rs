//! A record of what happened so far, as far as the guarantees need it.

use std::cell::{Cell, RefCell};

use teams_device_diagnostics::protocol::http::{Method, Request};
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator as simulator;

use crate::document::Document;
use crate::driver::Clock;
use crate::network::{has_usable_location, is_list};

#[derive(Default)]
pub struct Record {
    /// Whether the call waits for an operation, and when it began.
    pub is_wait: Cell<bool>,
    call_began: Cell<Option<Instant>>,
    pub requests: Gauge,
    pub token_requests: Gauge,
    /// The last response that reached the caller.
    pub delivered: Cell<Option<Delivered>>,
    /// The earliest time of the next request.
    pub not_before: Cell<Option<Instant>>,
    /// When the POST was first sent.
    pub posted_at: Cell<Option<Instant>>,
    /// Whether the POST was sent, and the service did not say that it did not accept it.
    pub is_posted: Cell<bool>,
    /// Whether a gateway sent 503 for the POST, and whether the list was read to its end since.
    pub is_unavailable: Cell<bool>,
    pub has_read_list: Cell<bool>,
    /// When a request was last sent or a response last came.
    pub last_response_at: Cell<Option<Instant>>,
    /// The requests since the last usable response.
    pub series: RefCell<Series>,
    /// Whether the last response was a 401, and how many in a row led to another request.
    is_refused: Cell<bool>,
    pub refusals: Cell<usize>,
    /// The ids of the operations that this caller started, and of those that responses with a usable location named.
    pub started: RefCell<Vec<String>>,
    pub located_operations: RefCell<Vec<String>>,
    /// All tokens that the source returned to this call.
    pub tokens: RefCell<Vec<String>>,
    /// The tokens that were sent.
    pub tokens_sent: RefCell<Vec<String>>,
    /// The number of events, and whether one said that someone else's run is followed.
    events: Cell<usize>,
    pub is_attached: Cell<bool>,
    /// The value that an asynchronous callback will fail with.
    pub rejection: Cell<Option<Document>>,
    /// Whether the call knows that its callback failed.
    pub callback_failed: Cell<bool>,
}

impl Record {
    /// Resets what is counted per call.
    pub fn begin_call(&self, is_wait: bool, now: Instant) {
        self.is_wait.set(is_wait);
        self.call_began.set(Some(now));
        self.requests.begin_call();
        self.token_requests.begin_call();
        self.is_refused.set(false);
        self.series.take();
        self.tokens.take();
        self.tokens_sent.take();
        self.rejection.take();
        self.callback_failed.set(false);
    }

    pub fn call_began(&self) -> Instant {
        self.call_began.get().expect("a call has begun")
    }

    /// How much is left of the wait that the service requested; negative if it is over.
    pub fn requested_wait_left(&self, now: Instant) -> Millis {
        self.not_before.get().unwrap_or(Clock::ORIGIN) - now
    }

    /// Records that a request is sent.
    pub fn note_request(&self, method: Method, now: Instant) {
        let refusals = if self.is_refused.take() { self.refusals.get() + 1 } else { 0 };
        self.refusals.set(refusals);
        self.last_response_at.set(Some(now));
        let mut series = self.series.borrow_mut();
        series.last_requested = Millis::ZERO;
        series.began = series.began.or(Some(now));
        series.requests += 1;
        if method == Method::Post {
            self.is_posted.set(true);
            self.is_unavailable.set(false);
            self.has_read_list.set(false);
            self.posted_at.set(self.posted_at.get().or(Some(now)));
        }
    }

    /// Records that the source took some time for a token. Time before the first request of a series is none of it.
    pub fn note_token_wait(&self, length: Millis) {
        let mut series = self.series.borrow_mut();
        if series.began.is_some() {
            series.excluded = series.excluded + length;
        }
    }

    /// Records that the source returns a token to this call.
    pub fn note_given_token(&self, token: &str) {
        let mut tokens = self.tokens.borrow_mut();
        if tokens.last().is_none_or(|last| last != token) {
            tokens.push(token.to_owned());
        }
    }

    /// Records that a token is sent. A call remembers the last sixteen that it used; an older one that a service repeats has
    /// expired.
    pub fn note_token(&self, token: String) {
        let mut tokens = self.tokens_sent.borrow_mut();
        if !tokens.contains(&token) {
            tokens.push(token);
        }
        // The client remembers 16, and other requests of a fleet use more before the response comes.
        if tokens.len() > 12 {
            tokens.remove(0);
        }
    }

    /// Records that a response reaches the caller.
    ///
    /// * `is_from_graph`: whether the caller can see that Graph sent it, and not a gateway
    pub fn note_response(
        &self,
        request: &Request<Document>,
        response: &simulator::Response,
        is_from_graph: bool,
        now: Instant,
    ) {
        self.last_response_at.set(Some(now));
        self.is_refused.set(response.status == 401);
        if request.method == Method::Post {
            self.note_response_to_post(response, is_from_graph);
        } else if is_list(request) {
            let is_last = is_json(&response.body) && !response.body.contains("nextLink");
            self.has_read_list.set(response.status == 200 && is_last);
        }
        self.series.borrow_mut().note_response(response, now);
    }

    fn note_response_to_post(&self, response: &simulator::Response, is_from_graph: bool) {
        let is_unavailable = response.status == 503 && !is_from_graph;
        self.is_unavailable.set(is_unavailable);
        if matches!(response.status, 401 | 421 | 425 | 429 | 503) && !is_unavailable {
            self.is_posted.set(false);
        }
        if response.status == 202 && has_usable_location(response) {
            let started = self.started.borrow().last().cloned();
            self.located_operations.borrow_mut().extend(started);
        }
    }

    /// Records an event. Returns its number, from 0.
    pub fn note_event(&self, is_attached: bool) -> usize {
        if is_attached {
            self.is_attached.set(true);
        }
        self.events.replace(self.events.get() + 1)
    }

    /// Records the wait that a response requests, if any; until then nothing may be sent.
    pub fn note_requested_wait(&self, wait: Millis, now: Instant) {
        self.not_before.set(Some(now + wait));
        let mut series = self.series.borrow_mut();
        series.excluded = series.excluded + wait;
        series.last_requested = wait;
    }
}

/// What a caller can see of a response, apart from its status.
#[derive(Clone, Copy, Default)]
pub struct Delivered {
    /// Whether Graph sent it, and not a gateway.
    pub is_from_graph: bool,
    /// The wait that it requests; `None` if the caller cannot read that.
    pub wait: Option<Millis>,
}

/// A series of requests without a usable response.
#[derive(Default)]
pub struct Series {
    /// When the first of them was sent, and their number.
    pub began: Option<Instant>,
    pub requests: usize,
    /// How long the service requested to wait in total, and the token source took; and the wait that the last response
    /// requested.
    pub excluded: Millis,
    pub last_requested: Millis,
    /// When the first 404 came.
    pub missing_since: Option<Instant>,
    /// Whether there was a usable response earlier in this call.
    pub was_seen: bool,
}

impl Series {
    /// A usable response begins a new series, any other extends this one.
    fn note_response(&mut self, response: &simulator::Response, now: Instant) {
        let document: serde_json::Value = serde_json::from_str(&response.body).unwrap_or_default();
        let status = document["value"].get("status").unwrap_or(&document["status"]);
        if response.status == 202 || (response.status == 200 && status.is_string()) {
            *self = Series { was_seen: true, ..Series::default() };
        } else if response.status == 404 {
            self.missing_since = self.missing_since.or(Some(now));
        }
    }
}

/// Activities of one kind: how many a call has begun, how many are in progress, and the longest.
#[derive(Default)]
pub struct Gauge {
    begun: Cell<usize>,
    under_way: Cell<usize>,
    longest: Cell<Millis>,
}

impl Gauge {
    pub fn begin<'a>(&'a self, clock: &'a Clock) -> UnderWay<'a> {
        self.begun.set(self.begun.get() + 1);
        self.under_way.set(self.under_way.get() + 1);
        UnderWay { gauge: self, clock, began: clock.now() }
    }

    pub fn begun(&self) -> usize {
        self.begun.get()
    }

    pub fn under_way(&self) -> usize {
        self.under_way.get()
    }

    pub fn longest(&self) -> Millis {
        self.longest.get()
    }

    fn begin_call(&self) {
        self.begun.set(0);
        self.longest.set(Millis::ZERO);
    }
}

/// Kept while an activity is in progress. Whoever awaits it drops this when no longer awaiting it.
pub struct UnderWay<'a> {
    gauge: &'a Gauge,
    clock: &'a Clock,
    began: Instant,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.gauge.under_way.set(self.gauge.under_way.get() - 1);
        let took = self.clock.now() - self.began;
        self.gauge.longest.set(took.max(self.gauge.longest.get()));
    }
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}
