//! The environment of a fleet. Whatever the fleet does is checked and recorded here, and then carried out elsewhere.

use teams_device_diagnostics::machine::effect::Now;
use teams_device_diagnostics::machine::event::EventKind;
use teams_device_diagnostics::machine::fleet::device::{DeviceError, DeviceResult, Key};
use teams_device_diagnostics::machine::fleet::effect::{FleetEffect, FleetInput};
use teams_device_diagnostics::machine::fleet::pause::PauseReason;
use teams_device_diagnostics::machine::fleet::record::Record;
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::http::{Method, Request, Response};
use teams_device_diagnostics::protocol::time::{Instant, Millis, UnixTime};
use teams_device_diagnostics::protocol::token::TokenRequest;

use crate::document::Document;
use crate::driver::{Clock, Environment, Later};
use crate::fleet::device::Post;
use crate::fleet::guarantees;
use crate::fleet::journal::{self, Entry};
use crate::fleet::ledger::{Heard, Open};
use crate::fleet::life::Life;
use crate::fleet::trace;
use crate::fleet_driver::FleetEnvironment;
use crate::network::token_of;

/// The wait after a throttled response that does not say how long to wait.
const UNSTATED_WAIT: Millis = Millis(1_000.0);

impl FleetEnvironment for Life {
    fn clock(&self) -> &Clock {
        &self.service.clock
    }

    fn now(&self) -> Now {
        self.let_stragglers_arrive();
        self.service.now()
    }

    fn send<'a>(&'a self, device: &str, request: Request<Document>) -> Later<'a> {
        let service = &self.service;
        service.record.note_token(token_of(&request));
        if request.method == Method::Post {
            self.first_posts.borrow_mut().entry(device.to_owned()).or_insert(service.clock.now());
        }
        let key = self.ledger.borrow().devices[device].key;
        self.on_wire.borrow_mut().insert(key, copy(&request));
        let under_way = service.record.requests.begin(&service.clock);
        match service.transmit(request, under_way) {
            Later::Then(length, arrive) => Later::Then(
                length,
                Box::new(move || {
                    self.on_wire.borrow_mut().remove(&key);
                    arrive()
                }),
            ),
            later => {
                self.on_wire.borrow_mut().remove(&key);
                later
            }
        }
    }

    fn token<'a>(&'a self, request: TokenRequest<Document>) -> Later<'a> {
        crate::guarantees::token_requests_have_graphs_scope_and_claims(&request);
        let under_way = self.service.record.token_requests.begin(&self.service.clock);
        self.service.request_token(request, under_way)
    }

    fn keep(&self, device: &str, record: &Record) -> (Millis, Result<(), Document>) {
        let length = self.service.rng.millis(0.0, self.process.slowest_record.0);
        let count = self.records.replace(self.records.get() + 1);
        let number = self.ledger.borrow().devices[device].records;
        if self.process.failing_record == Some(count) {
            self.service.trace(|| "    the record cannot be kept".into());
            self.ledger.borrow_mut().has_lost_record = true;
            return (length, Err(Document("disk full".into())));
        }
        let text = journal::text(record);
        guarantees::a_record_can_be_read_again(record, &text, &self.root);
        let (device, made_at) = (device.to_owned(), self.service.clock.now());
        self.journal.add(Entry { device, number, made_at, record: record.clone(), text, is_acknowledged: false });
        (length, Ok(()))
    }

    fn hear(&self, input: &FleetInput<Document>) {
        self.service.trace(|| trace::input(input));
        let now = self.service.clock.now();
        let mut heard = Heard::Other;
        match input {
            FleetInput::Device { id, .. } => {
                let id = id.as_ref().ok().map(DeviceId::as_str);
                let last = id.and_then(|id| self.journal.last(id)).map(|entry| (entry.record.state, entry.made_at));
                self.ledger.borrow_mut().on_named(id, last, now);
            }
            FleetInput::Token(Ok(token)) => {
                let mut ledger = self.ledger.borrow_mut();
                ledger.tokens.push(token.value().0.as_str().unwrap_or_default().to_owned());
                ledger.pause.awaits_token = false;
            }
            FleetInput::Response(key, response) => heard = self.on_response(*key, response),
            FleetInput::NoResponse(key, _) => {
                let mut ledger = self.ledger.borrow_mut();
                ledger.open.remove(key);
                ledger.unanswered += 1;
            }
            FleetInput::RecordKept(key, number) => self.on_kept(*key, *number),
            FleetInput::Deadline => heard = Heard::Time,
            FleetInput::WakeUp => {
                heard = Heard::Time;
                self.ledger.borrow_mut().wake_ups.push(now);
            }
            FleetInput::AbortDevice(key) => self.on_taken_back(*key),
            FleetInput::Abort(_) => self.ledger.borrow_mut().is_over = true,
            FleetInput::NoMoreDevices | FleetInput::Token(Err(_)) => {}
        }
        self.ledger.borrow_mut().last_input = heard;
    }

    fn see(&self, _device: Option<&str>, effect: &FleetEffect<Document>) {
        self.service.trace(|| trace::effect(effect));
        let now = self.service.clock.now();
        if is_shown(effect) {
            guarantees::nothing_that_is_shown_has_a_token(&trace::effect(effect));
        }
        match effect {
            FleetEffect::Send(key, request) => {
                guarantees::check_request(self, *key, request);
                self.ledger.borrow_mut().on_sent(*key, request, now);
            }
            FleetEffect::GetToken(_) => guarantees::check_token_request(self),
            FleetEffect::AbandonRequest(key) => self.ledger.borrow_mut().on_abandoned(*key),
            FleetEffect::KeepRecord { key, number, record } => {
                guarantees::check_record(self, *key, *number, record);
                let mut ledger = self.ledger.borrow_mut();
                let device = ledger.device(*key);
                device.on_record(&record.state, now);
                if !device.is_under_way {
                    ledger.on_device_ended(&self.process, now);
                }
            }
            FleetEffect::Emit(key, event) => self.on_event(*key, &event.kind, now),
            FleetEffect::EmitState(state) => {
                let is_left = state.totals.waiting + state.totals.starting + state.totals.running == 0;
                self.ledger.borrow_mut().on_state(is_left, &self.process, now);
                if state.paused_for.is_none() {
                    self.ledger.borrow_mut().on_resumed(now);
                }
                guarantees::the_totals_add_up(&self.ledger.borrow(), state);
                guarantees::concurrency_is_respected(&self.ledger.borrow(), state, self.process.concurrency);
            }
            FleetEffect::EmitPaused(reason, _) => self.ledger.borrow_mut().on_paused(*reason, now),
            FleetEffect::Result(key, result) => {
                guarantees::check_result(self, *key, result);
                self.on_result(*key, result);
            }
            FleetEffect::Done(_) => {
                self.ledger.borrow_mut().is_over = true;
                guarantees::check_end(self);
            }
            FleetEffect::AbandonToken => {}
        }
    }

    fn fires_at(&self, deadline: Instant) -> Instant {
        let (from, length) = self.process.hidden;
        if (from..from + length).contains(&deadline) { Instant((deadline.0 / 1_000.0).ceil() * 1_000.0) } else { deadline }
    }

    fn timer_comes_first(&self) -> bool {
        self.service.rng.happens(0.5)
    }

    fn next_wake_up(&self) -> Instant {
        let end = self.process.plan.offline.end;
        if self.service.clock.now() < end { end } else { Instant::NEVER }
    }
}

impl Life {
    /// Records a response, and what it says about the POST, the lists and the wait before the next request.
    fn on_response(&self, key: Key, response: &Response<Document>) -> Heard {
        let (now, delivered) = (self.service.clock.now(), self.service.record.delivered.take().unwrap_or_default());
        let mut ledger = self.ledger.borrow_mut();
        let open = ledger.open.remove(&key).expect("a response to a request");
        ledger.unanswered = 0;
        (ledger.has_response, ledger.is_reachable) = (true, true);
        // Also the response to a request that was sent before the pause shows that there may be more.
        ledger.is_first &= ledger.pause.awaits_token || self.service.is_offline();
        let proves_token = response.status < 500 && !matches!(response.status, 401 | 408 | 421 | 425 | 429);
        if proves_token {
            ledger.pause.on_accepted(&open.token);
            ledger.is_suspect = false;
        }
        let is_own = delivered.is_from_graph;
        if response.status == 429 || (response.status == 503 && is_own) {
            let until = now + delivered.wait.unwrap_or(UNSTATED_WAIT);
            ledger.held_until = ledger.held_until.max(until);
            ledger.rate.on_throttled(open.sent_at, until, now);
            // Nothing could be done in the time that each device has, so the fleet ends.
            ledger.is_over |= delivered.wait.is_some_and(|wait| wait >= self.process.plan.operation_timeout);
        }
        let device = ledger.device(key);
        device.not_before = delivered.wait.map_or(Clock::ORIGIN, |wait| now + wait);
        if open.method == Method::Post {
            device.post = match response.status {
                503 if !is_own => Post::Unavailable(device.lists.len()),
                401 | 421 | 425 | 429 | 503 => Post::NotAccepted,
                _ => Post::Unknown,
            };
        } else if open.is_list && is_last_page(response) {
            let began = device.list_began;
            device.lists.push(began);
        }
        let Open { token, .. } = open;
        if response.status == 401 {
            ledger.device_refused = true;
            return Heard::Refusal(token);
        }
        Heard::Other
    }

    fn on_kept(&self, key: Key, number: u32) {
        let mut ledger = self.ledger.borrow_mut();
        let now = self.service.clock.now();
        let Some(id) = ledger.ids[key as usize].clone() else { return };
        ledger.device(key).on_kept(number, now);
        self.journal.acknowledge(&id, number);
    }

    fn on_taken_back(&self, key: Key) {
        let mut ledger = self.ledger.borrow_mut();
        let id = ledger.ids.get(key as usize).cloned().flatten();
        if let Some(device) = id.and_then(|id| ledger.devices.get_mut(&id)) {
            device.is_taken_back |= device.results == 0;
        }
    }

    fn on_event(&self, key: Key, kind: &EventKind<Document>, now: Instant) {
        let mut ledger = self.ledger.borrow_mut();
        let id = ledger.ids[key as usize].clone().unwrap_or_default();
        let device = ledger.device(key);
        device.begin(now);
        match kind {
            EventKind::Status { next_poll_in, .. } => {
                device.poll_due = next_poll_in.map_or(Instant::NEVER, |length| now + length);
            }
            EventKind::Attached { .. } => {
                self.attached.borrow_mut().insert(id);
            }
            EventKind::Started { .. } | EventKind::Retry { .. } | EventKind::Abandoned { .. } => {}
        }
    }

    fn on_result(&self, key: Key, result: &DeviceResult<Document>) {
        let mut ledger = self.ledger.borrow_mut();
        let Some(id) = ledger.ids[key as usize].clone() else {
            ledger.invalid_results += 1;
            return;
        };
        let device = ledger.device(key);
        device.results += 1;
        device.outcome = Some(result.outcome);
        device.is_under_way = false;
        if matches!(&result.error, Some(DeviceError::Error(error)) if error.retry_after.is_some()) {
            self.told_to_wait.borrow_mut().insert(id);
        }
    }

    /// Whether the fleet has said that it waits for a token, and none has come since.
    pub fn awaits_token(&self) -> bool {
        let ledger = self.ledger.borrow();
        matches!(ledger.pause.current, Some((PauseReason::Unauthorized, _))) && ledger.pause.awaits_token
    }

    /// The time by the service's clock.
    pub fn service_time(&self) -> UnixTime {
        self.service.service_time()
    }
}

/// Whether the caller sees texts of this effect.
fn is_shown(effect: &FleetEffect<Document>) -> bool {
    use FleetEffect::{Emit, EmitPaused, KeepRecord, Result};
    matches!(effect, Emit(..) | EmitPaused(..) | KeepRecord { .. } | Result(..))
}

fn copy(request: &Request<Document>) -> Request<Document> {
    let Request { method, url, token, client_request_id, longest_body } = request;
    Request {
        method: *method,
        url: url.clone(),
        token: token.clone(),
        client_request_id: client_request_id.clone(),
        longest_body: *longest_body,
    }
}

fn is_last_page(response: &Response<Document>) -> bool {
    let body = response.body.as_ref().and_then(|body| body.0.as_str()).unwrap_or_default();
    let is_json = serde_json::from_str::<serde_json::Value>(body).is_ok_and(|document| document["value"].is_array());
    response.status == 200 && is_json && !body.contains("nextLink")
}
