//! What happened so far, as the promises need to know it.

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
    /// No request may be sent before this moment.
    pub not_before: Cell<f64>,
    /// When the POST was sent for the first time.
    pub posted_at: Cell<Option<f64>>,
    /// Whether the POST was sent, and the service did not say that it did not take it.
    pub is_posted: Cell<bool>,
    /// Whether a gateway said 503 to the POST, and whether the list was read to its end since.
    pub is_unavailable: Cell<bool>,
    pub has_read_list: Cell<bool>,
    /// When a request was sent or an answer came for the last time.
    pub last_heard: Cell<f64>,
    /// The requests since the last usable answer.
    pub row: RefCell<Row>,
    /// Whether the last answer was a 401, and how many of them in a row led to another request.
    pub is_refused: Cell<bool>,
    pub refusals: Cell<usize>,
    /// The ids of what this caller started, and of what answers with a usable location told.
    pub started: RefCell<Vec<String>>,
    pub told_started: RefCell<Vec<String>>,
    /// The texts of all tokens that the source gave to this call.
    pub tokens: RefCell<Vec<String>>,
    /// Those of them that were sent.
    pub tokens_sent: RefCell<Vec<String>>,
    /// How many events there were, and whether one told that somebody else's run is followed.
    pub events: Cell<usize>,
    pub is_attached: Cell<bool>,
    /// What an asynchronous callback will fail with.
    pub rejection: Cell<Option<Document>>,
    /// Whether the call knows that its callback failed.
    pub callback_failed: Cell<bool>,
}

impl Record {
    /// What counts for each call begins anew.
    pub fn begin_call(&self, is_wait: bool, now: f64) {
        self.is_wait.set(is_wait);
        self.call_began.set(now);
        self.requests.begin_call();
        self.token_questions.begin_call();
        self.is_refused.set(false);
        self.row.take();
        self.tokens.take();
        self.tokens_sent.take();
        self.rejection.take();
        self.callback_failed.set(false);
    }

    /// A request is sent.
    pub fn note_request(&self, method: Method, now: f64) {
        let refusals = if self.is_refused.take() { self.refusals.get() + 1 } else { 0 };
        self.refusals.set(refusals);
        self.last_heard.set(now);
        let mut row = self.row.borrow_mut();
        row.last_asked = 0.0;
        row.began = row.began.or(Some(now));
        row.requests += 1;
        if method == Method::Post {
            self.is_posted.set(true);
            self.is_unavailable.set(false);
            self.has_read_list.set(false);
            self.posted_at.set(self.posted_at.get().or(Some(now)));
        }
    }

    /// The source gives a token to this call.
    pub fn note_given_token(&self, token: &str) {
        let mut tokens = self.tokens.borrow_mut();
        if tokens.last().is_none_or(|last| last != token) {
            tokens.push(token.to_owned());
        }
    }

    /// A token is sent. A call knows the last sixteen that it has used; a service that repeats an older one repeats what has expired.
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

/// Requests in a row without a usable answer. All moments and lengths are in milliseconds.
#[derive(Default)]
pub struct Row {
    /// When the first of them was sent, and how many they are.
    pub began: Option<f64>,
    pub requests: usize,
    /// How long the service asked to wait, and the token source took; and how long it was asked to at the last answer.
    pub asked: f64,
    pub last_asked: f64,
    /// When the first 404 came.
    pub missing_since: Option<f64>,
    /// Whether there was a usable answer before in this call.
    pub was_seen: bool,
}

impl Row {
    pub fn note_asked(&mut self, wait: f64) {
        self.asked += wait;
        self.last_asked = wait;
    }
}

/// Things of one kind that take time: how many of them a call has begun, how many are under way, and how long one took at most.
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

/// Is kept as long as something is under way. Who waits for that drops it when it no longer waits.
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
