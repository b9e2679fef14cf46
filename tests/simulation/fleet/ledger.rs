//! What a process has done so far, as far as the guarantees need it: seen from outside, from the inputs and effects alone.

use std::collections::BTreeMap;

use teams_device_diagnostics::machine::fleet::device::Key;
use teams_device_diagnostics::machine::fleet::pause::PauseReason;
use teams_device_diagnostics::machine::fleet::record::RecordedState;
use teams_device_diagnostics::protocol::http::{Method, Request};
use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::document::Document;
use crate::driver::Clock;
use crate::fleet::device::{Device, Post};
use crate::fleet::plan::Process;
use crate::fleet::rate::Rate;
use crate::network::{is_list, token_of};
use crate::plan::Plan;

pub struct Ledger {
    pub began: Instant,
    /// By key; `None` for an id that is invalid or repeated.
    pub ids: Vec<Option<String>>,
    pub devices: BTreeMap<String, Device>,
    /// The number of devices that count, with those whose id is invalid, and how many of these have a result.
    pub named: usize,
    pub invalid: usize,
    pub invalid_results: usize,
    /// The requests on their way.
    pub open: BTreeMap<Key, Open>,
    pub sent: Vec<Instant>,
    pub rate: Rate,
    /// Until when Graph wants no request at all.
    pub held_until: Instant,
    /// Whether any response has come since the first request, or since the first after a pause.
    pub has_response: bool,
    pub is_first: bool,
    /// Whether any response has come at all.
    pub is_reachable: bool,
    pub unanswered: usize,
    /// Whether any request was refused with 401.
    pub device_refused: bool,
    /// The number of starts in a row while a poll was due.
    pub starts_in_a_row: usize,
    pub pause: Pause,
    /// The tokens that the source gave.
    pub tokens: Vec<String>,
    /// Whether the last response refused a token that cannot be renewed, which ended a device.
    pub is_suspect: bool,
    /// Whether the fleet has ended, or ends early; and whether a record could not be kept.
    pub is_over: bool,
    pub has_lost_record: bool,
    pub last_input: Heard,
    pub wake_ups: Vec<Instant>,
}

/// A request on its way.
pub struct Open {
    pub sent_at: Instant,
    pub token: String,
    pub method: Method,
    pub is_list: bool,
}

/// The pauses so far.
#[derive(Default)]
pub struct Pause {
    /// Why and when the current one began; `None` once the fleet has said that it is over.
    pub current: Option<(PauseReason, Instant)>,
    /// Whether it waits for a token.
    pub awaits_token: bool,
    /// The tokens because of which the fleet paused, and the number of probes with them.
    pub refused: Vec<String>,
    pub probes: usize,
    /// When the fleet said first that no token is usable, if none was accepted before or since.
    unusable_since: Option<Instant>,
    has_accepted: bool,
    /// The total length of those that are over, and their number.
    pub total: Millis,
    pub count: usize,
    /// The length of the pauses since a token was last accepted.
    fruitless: Millis,
}

/// What the fleet was told last.
#[derive(Clone, PartialEq, Eq)]
pub enum Heard {
    Time,
    /// A 401 to a request with this token.
    Refusal(String),
    Other,
}

impl Ledger {
    pub fn new(began: Instant, requests_per_second: f64) -> Ledger {
        Ledger {
            began,
            ids: Vec::new(),
            devices: BTreeMap::new(),
            named: 0,
            invalid: 0,
            invalid_results: 0,
            open: BTreeMap::new(),
            sent: Vec::new(),
            rate: Rate::new(requests_per_second, began),
            held_until: Clock::ORIGIN,
            has_response: false,
            is_first: true,
            is_reachable: false,
            unanswered: 0,
            device_refused: false,
            starts_in_a_row: 0,
            pause: Pause::default(),
            tokens: Vec::new(),
            is_suspect: false,
            is_over: false,
            has_lost_record: false,
            last_input: Heard::Other,
            wake_ups: Vec::new(),
        }
    }

    /// The device with this key.
    pub fn device(&mut self, key: Key) -> &mut Device {
        let id = self.ids[key as usize].clone().expect("an effect of a device that does not count");
        self.devices.get_mut(&id).expect("a device")
    }

    /// Records that the caller names a device.
    pub fn on_named(&mut self, id: Option<&str>, resumed: Option<(RecordedState, Instant)>, now: Instant) {
        let key = self.ids.len() as Key;
        let is_repeated = id.is_some_and(|id| self.devices.contains_key(id));
        self.ids.push(id.filter(|_| !is_repeated && !self.is_over).map(str::to_owned));
        if self.is_over || is_repeated {
            return;
        }
        self.named += 1;
        match id {
            Some(id) => {
                let device = Device::new(key, resumed, now);
                self.devices.insert(id.to_owned(), Device { paused_before: self.paused(now), ..device });
            }
            None => self.invalid += 1,
        }
    }

    pub fn on_sent(&mut self, key: Key, request: &Request<Document>, now: Instant) {
        let (token, is_list) = (token_of(request), is_list(request));
        self.on_turn(is_list || request.method == Method::Post, now);
        let is_first_page = is_list && !request.url.as_str().contains('?');
        self.pause.probes += usize::from(self.pause.refused.contains(&token));
        self.open.insert(key, Open { sent_at: now, token, method: request.method, is_list });
        self.sent.push(now);
        self.is_first = false;
        self.rate.on_sent(now);
        let device = self.device(key);
        device.begin(now);
        device.attempts += 1;
        device.poll_due = Instant::NEVER;
        if request.method == Method::Post {
            device.post = Post::Unknown;
        } else if is_first_page {
            device.list_began = now;
        }
    }

    /// Counts the starts in a row, after a poll was due early enough for a turn.
    fn on_turn(&mut self, is_start: bool, now: Instant) {
        let a_turn = Millis(1_000.0 / self.rate.at(now));
        let mut polled = self.devices.values().filter(|device| device.is_under_way);
        let is_due = polled.any(|device| now - device.poll_due > a_turn);
        self.starts_in_a_row = if is_start && is_due { self.starts_in_a_row + 1 } else { 0 };
    }

    /// Records that a request is abandoned. It had no response in time, unless the caller ended something.
    pub fn on_abandoned(&mut self, key: Key) {
        self.open.remove(&key);
        if self.last_input == Heard::Time {
            self.unanswered += 1;
        }
    }

    pub fn on_paused(&mut self, reason: PauseReason, now: Instant) {
        if self.pause.current.is_none() {
            self.pause.current = Some((reason, now));
        }
        self.pause.count += 1;
        self.pause.probes = 0;
        self.pause.awaits_token = reason == PauseReason::Unauthorized;
        if reason == PauseReason::Unauthorized && !self.pause.has_accepted {
            self.pause.unusable_since.get_or_insert(now);
        }
        if let Heard::Refusal(token) = &self.last_input
            && reason == PauseReason::Unauthorized
        {
            self.pause.refused.push(token.clone());
        }
        // The next request is a probe.
        (self.is_first, self.has_response) = (true, false);
    }

    pub fn on_resumed(&mut self, now: Instant) {
        if let Some((_, since)) = self.pause.current.take() {
            self.pause.total = self.pause.total + (now - since);
            self.pause.fruitless = self.pause.fruitless + (now - since);
        }
    }

    /// Records that a device has ended, which may be because the fleet has: a pause was too long, or there is no other token.
    pub fn on_device_ended(&mut self, process: &Process, now: Instant) {
        let is_too_long = self.pause.current.is_some() && self.pause.may_be_too_long(process, self.began, now);
        let is_refused = matches!(self.last_input, Heard::Refusal(_)) && !process.plan.token_renews;
        self.is_over |= (is_too_long && self.last_input == Heard::Time) || (is_refused && self.is_suspect);
        self.is_suspect |= is_refused;
    }

    /// Records a state of the fleet. If nothing is left in a pause that was too long, the fleet has ended.
    pub fn on_state(&mut self, is_left: bool, process: &Process, now: Instant) {
        let pause = &self.pause;
        self.is_over |= is_left && pause.current.is_some() && pause.is_too_long(process, now);
    }

    /// How long the fleet has been paused so far.
    pub fn paused(&self, now: Instant) -> Millis {
        self.pause.total + self.pause.current.map_or(Millis::ZERO, |(_, since)| now - since)
    }
}

impl Pause {
    /// How long the fleet has been paused since a token was last accepted.
    pub fn fruitless(&self, now: Instant) -> Millis {
        self.fruitless + self.current.map_or(Millis::ZERO, |(_, since)| now - since)
    }

    /// Whether the fleet may end because of it. States are told late.
    pub fn may_be_too_long(&self, process: &Process, began: Instant, now: Instant) -> bool {
        let late = Millis(200.0) * self.count as f64;
        // The fleet does not say since when it has had no usable token.
        let is_new = !self.has_accepted && now - began + late >= process.plan.patience;
        self.fruitless(now) + late >= process.pause_timeout || is_new
    }

    /// Whether the fleet must have ended because of it.
    pub fn is_too_long(&self, process: &Process, now: Instant) -> bool {
        let plan = &process.plan;
        let since = self.unusable_since.filter(|_| !plan.offline.contains(&now));
        let is_new = since.is_some_and(|since| now - since.max(online_since(plan, now)) >= plan.patience);
        self.fruitless(now) >= process.pause_timeout || is_new
    }

    pub fn on_accepted(&mut self, token: &str) {
        self.fruitless = Millis::ZERO;
        self.has_accepted = true;
        self.unusable_since = None;
        self.refused.retain(|refused| refused != token);
    }
}

/// When the host was last online again.
fn online_since(plan: &Plan, now: Instant) -> Instant {
    if plan.offline.end <= now { plan.offline.end } else { Clock::ORIGIN }
}
