//! A record of what happened so far, as far as the promises need it.

use std::cell::{Cell, RefCell};

use teams_device_diagnostics::protocol::http::Method;

use crate::document::Document;
use crate::driver::Clock;

#[derive(Default)]
pub struct Record {
    /// Whether the call waits for an operation.
    pub is_wait: Cell<bool>,
    pub call_began: Cell<f64>,
    pub requests: Gauge,
    pub token_questions: Gauge,
    /// The earliest time of the next request.
    pub not_before: Cell<f64>,
    /// When the POST was first sent.
    pub posted_at: Cell<Option<f64>>,
    /// Whether the POST was sent, and the service did not say that it did not accept it.
    pub is_posted: Cell<bool>,
    /// Whether a gateway sent 503 for the POST, and whether the list was read to its end since.
    pub is_unavailable: Cell<bool>,
    pub has_read_list: Cell<bool>,
    /// When a request was last sent or a response last came.
    pub last_heard: Cell<f64>,
    /// The requests since the last usable response.
    pub series: RefCell<Series>,
    /// Whether the last response was a 401, and how many in a row led to another request.
    pub is_refused: Cell<bool>,
    pub refusals: Cell<usize>,
    /// The ids of the operations that this caller started, and of those that responses with a usable location named.
    pub started: RefCell<Vec<String>>,
    pub located_operations: RefCell<Vec<String>>,
    /// All tokens that the source returned to this call.
    pub tokens: RefCell<Vec<String>>,
    /// The tokens that were sent.
    pub tokens_sent: RefCell<Vec<String>>,
    /// The number of events, and whether one said that someone else's run is followed.
    pub events: Cell<usize>,
    pub is_attached: Cell<bool>,
    /// The value that an asynchronous callback will fail with.
    pub rejection: Cell<Option<Document>>,
    /// Whether the call knows that its callback failed.
    pub callback_failed: Cell<bool>,
}

impl Record {
    /// Resets what is counted per call.
    pub fn begin_call(&self, is_wait: bool, now: f64) {
        self.is_wait.set(is_wait);
        self.call_began.set(now);
        self.requests.begin_call();
        self.token_questions.begin_call();
        self.is_refused.set(false);
        self.series.take();
        self.tokens.take();
        self.tokens_sent.take();
        self.rejection.take();
        self.callback_failed.set(false);
    }

    /// Records that a request is sent.
    pub fn note_request(&self, method: Method, now: f64) {
        let refusals = if self.is_refused.take() { self.refusals.get() + 1 } else { 0 };
        self.refusals.set(refusals);
        self.last_heard.set(now);
        let mut series = self.series.borrow_mut();
        series.last_requested = 0.0;
        series.began = series.began.or(Some(now));
        series.requests += 1;
        if method == Method::Post {
            self.is_posted.set(true);
            self.is_unavailable.set(false);
            self.has_read_list.set(false);
            self.posted_at.set(self.posted_at.get().or(Some(now)));
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
        if tokens.len() > 16 {
            tokens.remove(0);
        }
    }
}

/// A series of requests without a usable response. All times and durations are in milliseconds.
#[derive(Default)]
pub struct Series {
    /// When the first of them was sent, and their number.
    pub began: Option<f64>,
    pub requests: usize,
    /// How long the service requested to wait in total, and the token source took; and the wait that the last response
    /// requested.
    pub excluded: f64,
    pub last_requested: f64,
    /// When the first 404 came.
    pub missing_since: Option<f64>,
    /// Whether there was a usable response earlier in this call.
    pub was_seen: bool,
}

impl Series {
    pub fn note_requested_wait(&mut self, wait: f64) {
        self.excluded += wait;
        self.last_requested = wait;
    }
}

/// Activities of one kind: how many a call has begun, how many are in progress, and the longest.
#[derive(Default)]
pub struct Gauge {
    begun: Cell<usize>,
    under_way: Cell<usize>,
    longest: Cell<f64>,
}

impl Gauge {
    pub fn begin<'a>(&'a self, clock: &'a Clock) -> UnderWay<'a> {
        self.begun.set(self.begun.get() + 1);
        self.under_way.set(self.under_way.get() + 1);
        UnderWay { gauge: self, clock, began: clock.now().0 }
    }

    pub fn begun(&self) -> usize {
        self.begun.get()
    }

    pub fn under_way(&self) -> usize {
        self.under_way.get()
    }

    pub fn longest(&self) -> f64 {
        self.longest.get()
    }

    fn begin_call(&self) {
        self.begun.set(0);
        self.longest.set(0.0);
    }
}

/// Kept while an activity is in progress. Whoever awaits it drops this when no longer awaiting it.
pub struct UnderWay<'a> {
    gauge: &'a Gauge,
    clock: &'a Clock,
    began: f64,
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.gauge.under_way.set(self.gauge.under_way.get() - 1);
        let took = self.clock.now().0 - self.began;
        self.gauge.longest.set(took.max(self.gauge.longest.get()));
    }
}
