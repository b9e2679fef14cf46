//! A fleet: diagnostics on many devices, as one machine over many calls.
//!
//! ```text
//!              Waiting ──turn──▶ Starting ──202──▶ Following ──▶ Ended ──record kept──▶ Result
//!   device ──▶    │ record: running ──────────────────▲          ▲
//!                 │ record: starting ──▶ Starting (looks for the run first)
//!                 └ record: ended ──────────────────────────────▶ Result
//! ```
//!
//! Each device has one [`Call`] at a time. What a call wants is done for it by the fleet: its turn at the [`gate`], the
//! [`shared_token`], the [`record`] before each POST. A [`pause`] stops all calls.

pub mod device;
pub mod effect;
pub mod gate;
pub mod pause;
pub mod record;
pub mod shared_token;
pub mod totals;

mod ends;
mod follows;
mod timers;

use std::collections::VecDeque;

use crate::machine::call::{Call, CallKind};
use crate::machine::effect::{Effect, Failure, Host, Input, Now, Output, TokenFailure};
use crate::machine::fleet::device::{Device, Key, Stage, outcome_of_start, outcome_of_wait};
use crate::machine::fleet::effect::{FleetEffect, FleetInput, FleetSettings};
use crate::machine::fleet::ends::{Cause, Ending};
use crate::machine::fleet::gate::{Gate, Lane, Turn};
use crate::machine::fleet::pause::{Change, Pauses};
use crate::machine::fleet::record::{Outcome, Record, RecordedState};
use crate::machine::fleet::shared_token::SharedToken;
use crate::machine::fleet::timers::Timers;
use crate::machine::fleet::totals::{Durations, FleetState, Totals};
use crate::machine::state::{Facts, Settings};
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::http::{Method, Request, Response};
use crate::protocol::limits::KEPT_TOKENS;
use crate::protocol::operation_match::SentAt;
use crate::protocol::time::{Instant, Millis, UnixTime};
use crate::protocol::token::Token;

/// The minimum time between two events with the state of the fleet.
const BETWEEN_STATES: Millis = Millis(100.0);
/// A POST follows its record at most this long after it, so that a later process can rely on the record's time.
const OLDEST_RECORD: Millis = Millis(20_000.0);
/// How often the record of a POST is made again because keeping it took longer.
const MOST_RENEWALS: u32 = 3;
/// A response that took longer does not say what time it is now.
const PROMPT: Millis = Millis(1_000.0);
/// How much longer than a start a start may take that first looks for the run of an interrupted one.
const LOOKING: Millis = Millis(300_000.0);

/// What the response to one call says about the whole service.
struct ServiceFacts {
    is_throttled: bool,
    not_before: Option<Instant>,
    service_clock: Option<(UnixTime, Instant)>,
}

/// A fleet. Dropping it ends it: nothing of it runs on by itself.
pub struct Fleet<V> {
    settings: FleetSettings,
    now: Now,
    /// By key; `None` after the result.
    devices: Vec<Option<Device<V>>>,
    /// The ids of all devices, as a set.
    ids: V,
    /// The devices that were not started yet.
    waiting: VecDeque<Key>,
    gate: Gate,
    /// Whether the next turn depended on the time alone after the last step.
    was_ready: bool,
    tokens: SharedToken<V>,
    /// The last tokens that were used.
    used_tokens: Vec<Token<V>>,
    /// When the token request that ends a pause is given up; `None` if there is none.
    renewal_deadline: Option<Instant>,
    pauses: Pauses<V>,
    /// Whether any response has come.
    has_response: bool,
    /// Whether the last response refused a token that cannot be renewed.
    is_token_suspect: bool,
    timers: Timers,
    durations: Durations,
    /// Polls in a second that the devices would send by themselves.
    poll_demand: f64,
    /// Requests without a response.
    in_flight: usize,
    /// POSTs that wait for their record.
    held: usize,
    totals: Totals,
    /// The number of devices without a result.
    open: usize,
    has_all_devices: bool,
    /// The last time by the service's own clock, and when it was read.
    service_clock: Option<(UnixTime, Instant)>,
    /// Set when the fleet ends early.
    ending: Option<Ending<V>>,
    /// The state that the caller was told last, and when.
    emitted: Option<(FleetState, Instant)>,
    effects: Vec<FleetEffect<V>>,
    is_done: bool,
}

impl<V: Host> Fleet<V> {
    /// A fleet that begins now, without any device so far.
    pub fn new(settings: FleetSettings, now: Now) -> Fleet<V> {
        let gate = Gate::new(settings.requests_per_second, now.instant);
        Fleet {
            settings,
            now,
            devices: Vec::new(),
            ids: V::empty(),
            waiting: VecDeque::new(),
            gate,
            was_ready: false,
            tokens: SharedToken::default(),
            used_tokens: Vec::new(),
            renewal_deadline: None,
            pauses: Pauses::default(),
            has_response: false,
            is_token_suspect: false,
            timers: Timers::default(),
            durations: Durations::default(),
            poll_demand: 0.0,
            in_flight: 0,
            held: 0,
            totals: Totals::default(),
            open: 0,
            has_all_devices: false,
            service_clock: None,
            ending: None,
            emitted: None,
            effects: Vec::new(),
            is_done: false,
        }
    }

    /// Takes an input and returns what to do.
    pub fn step(&mut self, input: FleetInput<V>, now: Now) -> Vec<FleetEffect<V>> {
        if self.is_done {
            return Vec::new();
        }
        self.pauses.on_host(now.is_online);
        // The fleet pauses while the host is offline, so its calls never see that.
        self.now = Now { is_online: true, ..now };
        self.handle(input);
        self.update_pause();
        self.give_turns();
        self.finish();
        std::mem::take(&mut self.effects)
    }

    /// When [`FleetInput::Deadline`] is due.
    pub fn deadline(&self) -> Instant {
        if self.is_done {
            return Instant::NEVER;
        }
        let turn = if self.wants_turn() { self.gate.opens_at(self.under_way()) } else { Instant::NEVER };
        let state = match &self.emitted {
            Some((_, at)) if self.has_news() => *at + BETWEEN_STATES,
            _ => Instant::NEVER,
        };
        let renewal = self.renewal_deadline.unwrap_or(self.pauses.next_request());
        let pause = self.pauses.deadline(self.settings.pause_timeout);
        self.timers.next().min(turn).min(state).min(renewal).min(pause)
    }

    /// The id of a device that has no result yet.
    pub fn id(&self, key: Key) -> Option<&str> {
        self.devices.get(key as usize)?.as_ref().map(|device| device.id.as_str())
    }

    fn handle(&mut self, input: FleetInput<V>) {
        match input {
            FleetInput::Device { id, record, is_aborted } => {
                self.add(id, record);
                if is_aborted {
                    self.abort_device(self.devices.len() as Key - 1);
                }
            }
            FleetInput::NoMoreDevices => self.has_all_devices = true,
            FleetInput::Token(result) => self.on_token(result),
            FleetInput::Response(key, response) => self.on_response(key, response),
            FleetInput::NoResponse(key, cause) => {
                if self.end_request(key).is_some() {
                    self.gate.on_no_response(self.now.instant, self.now.random);
                    self.step_call(key, Input::NoResponse(cause));
                }
            }
            FleetInput::RecordKept(key, number) => self.on_record_kept(key, number),
            FleetInput::Deadline => self.on_deadline(),
            FleetInput::WakeUp => {
                self.pauses.hurry(self.now.instant);
                self.gate.hurry(self.now.instant);
                self.on_deadline();
            }
            FleetInput::AbortDevice(key) => self.abort_device(key),
            FleetInput::Abort(reason) => self.end_early(Cause::Aborted(reason)),
        }
    }

    fn device(&mut self, key: Key) -> Option<&mut Device<V>> {
        self.devices.get_mut(key as usize)?.as_mut()
    }

    /// Adds a device. An id that is repeated is ignored; so is everything that comes after an early end.
    fn add(&mut self, id: Result<DeviceId, Box<Error<V>>>, record: Option<Record>) {
        let key = self.devices.len() as Key;
        self.devices.push(None);
        let id = match id {
            _ if self.ending.is_some() => return,
            Ok(id) if self.ids.member(id.as_str()).is_some() => return,
            Ok(id) => id,
            Err(error) => return self.refuse(key, error),
        };
        self.ids.insert(id.as_str());
        self.open += 1;
        let device = record.as_ref().map_or_else(|| Device::new(id.clone()), |record| Device::resumed(id.clone(), record));
        if let Some(slot) = self.devices.last_mut() {
            *slot = Some(device);
        }
        match record.map(|record| (record.state, record.time, record.service_time)) {
            None => {
                self.totals.waiting += 1;
                self.waiting.push_back(key);
            }
            Some((RecordedState::Starting, time, service_time)) => {
                let sent = SentAt { time: service_time.unwrap_or(time), is_service_time: service_time.is_some() };
                self.start(key, Some(sent));
            }
            Some((RecordedState::Running { location }, ..)) => self.follow_again(key, location),
            Some((RecordedState::Ended { outcome, location, error }, ..)) => {
                self.repeat_result(key, outcome, location, error);
            }
        }
    }

    // Calls

    /// Begins to start a device; after an interrupted start with the search for its run.
    fn start(&mut self, key: Key, interrupted: Option<SentAt>) {
        let mut settings = self.call_settings();
        if interrupted.is_some() {
            let limits = &mut settings.limits;
            limits.operation_timeout = limits.operation_timeout + LOOKING;
        }
        let Some(Some(device)) = self.devices.get_mut(key as usize) else { return };
        let on_conflict = self.settings.on_conflict;
        let kind = CallKind::Start { device: device.id.clone(), on_conflict, interrupted };
        let call = new_call(kind, settings, &self.used_tokens, self.now);
        device.stage = Stage::Starting(Box::new(call));
        self.totals.starting += 1;
        self.step_call(key, Input::Begin);
    }

    fn call_settings(&self) -> Settings {
        self.settings.call.clone()
    }

    /// Passes an input to the call of a device, and does what it wants.
    fn step_call(&mut self, key: Key, input: Input<V>) {
        if let Some((effect, _)) = self.step_call_once(key, input) {
            self.carry_out(key, effect);
        }
    }

    /// Passes an input to the call of a device. Returns its effect, and what it knows of the whole service.
    fn step_call_once(&mut self, key: Key, input: Input<V>) -> Option<(Effect<V>, ServiceFacts)> {
        let (now, stretch) = (self.now, self.poll_stretch());
        let call = self.device(key)?.call()?;
        call.stretch_polls(stretch);
        let effect = call.step(input, now);
        let Facts { is_throttled, not_before, service_clock, .. } = *call.facts();
        Some((effect, ServiceFacts { is_throttled, not_before, service_clock }))
    }

    /// Does what the call of a device wants.
    fn carry_out(&mut self, key: Key, mut effect: Effect<V>) {
        let (now, is_paused) = (self.now, self.pauses.reason().is_some());
        while !matches!(effect, Effect::Pending) {
            self.end_turn(key);
            let Effect::Emit(event) = effect else {
                self.perform(key, effect);
                break;
            };
            self.effects.push(FleetEffect::Emit(key, event));
            let Some(call) = self.device(key).and_then(Device::call) else { return };
            effect = call.step(Input::Emitted, now);
        }
        if is_paused && let Some(call) = self.device(key).and_then(Device::call) {
            call.pause(now.instant);
        }
        self.set_timer(key);
    }

    fn perform(&mut self, key: Key, effect: Effect<V>) {
        match effect {
            Effect::AwaitTurn { refusal } => {
                if let Some(refusal) = refusal {
                    self.pauses.on_refusal(*refusal, self.now.instant);
                }
                self.await_turn(key);
            }
            Effect::GetToken(request) => {
                self.tokens.add(key, *request);
                self.request_next_token();
            }
            Effect::Send(request) => self.send_or_hold(key, request),
            Effect::Done(result) => self.on_call_ended(key, result),
            Effect::Sleep { .. } | Effect::Emit(_) | Effect::Pending => {}
        }
    }

    /// Ends what a call did before: it has another effect now.
    fn end_turn(&mut self, key: Key) {
        if self.end_request(key).is_some() {
            self.effects.push(FleetEffect::AbandonRequest(key));
        }
        if self.tokens.remove(key) {
            self.effects.push(FleetEffect::AbandonToken);
            self.request_next_token();
        }
        let Some(device) = self.device(key) else { return };
        let was_held = device.held_post.take().is_some();
        if std::mem::take(&mut device.is_queued) {
            self.gate.remove(key);
        }
        self.held -= usize::from(was_held);
    }

    /// Records that the request of a device is over. Returns when it was sent; `None` if there was none.
    fn end_request(&mut self, key: Key) -> Option<Instant> {
        let sent_at = self.device(key)?.sent_at.take()?;
        self.in_flight -= 1;
        Some(sent_at)
    }

    fn on_call_ended(&mut self, key: Key, result: Result<Output<V>, Failure<V>>) {
        let can_renew_token = self.settings.call.can_renew_token;
        let Some(device) = self.device(key) else { return };
        let is_start = matches!(device.stage, Stage::Starting(_));
        let is_refused = !can_renew_token && device.call().is_some_and(|call| call.facts().is_refused);
        match result {
            Ok(Output::Location(location)) => self.follow_started(key, location),
            Ok(Output::Operation(operation)) => self.end_device(key, Outcome::Successful, operation.document, None),
            Ok(Output::Page(_)) | Err(Failure::Thrown(_)) => {
                unreachable!("neither a list nor an abort is among these calls")
            }
            Err(Failure::Error(mut error)) => {
                let is_refused = is_refused || (error.code == ErrorCode::Unauthorized && !can_renew_token);
                // After two in a row it is the token, and not the device: without another one, no request can succeed.
                let is_final = is_refused && self.is_token_suspect;
                self.is_token_suspect |= is_refused;
                // A service that has never responded is at another address, or cannot be reached at all.
                let is_unreachable = !self.has_response && matches!(error.code, ErrorCode::Network | ErrorCode::Timeout);
                let ending = match is_final {
                    true => Some(unauthorized(&error)),
                    false => is_unreachable.then(|| error.clone()),
                };
                let operation = error.operation.take();
                let outcome = if is_start { outcome_of_start(&error) } else { outcome_of_wait(&error) };
                error.operation = operation.clone();
                if is_refused && outcome == Outcome::Lost {
                    // With another token, a later fleet can find the run that this one has to leave.
                    self.end_with_fleet(key, Some(&unauthorized(&error)));
                } else {
                    self.end_device(key, outcome, operation, Some(error));
                }
                if is_refused {
                    self.gate.probe(self.now.instant);
                }
                if let Some(error) = ending {
                    self.end_early(Cause::Failed(error));
                }
            }
        }
    }

    // Turns

    fn await_turn(&mut self, key: Key) {
        let Some(device) = self.device(key) else { return };
        device.is_queued = true;
        let lane = if matches!(device.stage, Stage::Following(_)) { Lane::Poll } else { Lane::Start };
        self.gate.enqueue(lane, key);
    }

    /// Whether a device that waits may be started.
    fn has_new_start(&self) -> bool {
        // The lists of a start that got no response show whether the service can be reached, and risk nothing.
        let is_doubtful = self.totals.starting > 0 && (!self.has_response || self.gate.awaits_response());
        let under_way = self.totals.starting + self.totals.running;
        !self.waiting.is_empty() && !is_doubtful && under_way < self.settings.concurrency
    }

    /// Whether something waits for a turn that may come.
    fn wants_turn(&self) -> bool {
        let unsent = self.held + self.tokens.waiting();
        let is_held = self.pauses.reason().is_some() || unsent as f64 >= self.settings.requests_per_second.max(1.0);
        !is_held && (!self.gate.is_empty() || self.has_new_start())
    }

    /// The number of turns whose requests have no response so far.
    fn under_way(&self) -> usize {
        self.in_flight + self.held + self.tokens.waiting()
    }

    /// Whether a request whose turn came earlier may still be sent.
    fn may_send(&self) -> bool {
        self.pauses.reason().is_none() && self.gate.permits(self.in_flight, self.now.instant)
    }

    fn give_turns(&mut self) {
        let now = self.now.instant;
        if !self.was_ready {
            self.gate.on_ready(now);
        }
        while self.wants_turn() && self.gate.opens_at(self.under_way()) <= now {
            let Some(turn) = self.gate.take(self.has_new_start()) else { return };
            self.gate.on_turn(now);
            match turn {
                Turn::Of(key) => {
                    if let Some(device) = self.device(key) {
                        device.is_queued = false;
                    }
                    self.step_call(key, Input::Turn);
                }
                Turn::NewStart => self.start_next(),
            }
        }
        self.was_ready = self.wants_turn() && self.gate.opens_at(self.under_way()) < Instant::NEVER;
    }

    /// Starts the next device. This is its turn, so it need not wait for another.
    fn start_next(&mut self) {
        let Some(key) = self.waiting.pop_front() else { return };
        self.totals.waiting -= 1;
        self.start(key, None);
        let Some(device) = self.device(key) else { return };
        if std::mem::take(&mut device.is_queued) {
            self.gate.remove_start(key);
            self.step_call(key, Input::Turn);
        }
    }

    // Requests

    /// Sends a request; a POST only after its record is kept.
    fn send_or_hold(&mut self, key: Key, request: Box<Request<V>>) {
        let now = self.now.instant;
        let is_held = request.method == Method::Post && self.settings.keeps_records;
        let Some(device) = self.device(key) else { return };
        if !is_held {
            return self.send(key, request);
        }
        if let Some(call) = device.call() {
            call.stop_timeout();
        }
        device.held_post = Some((request, now));
        self.held += 1;
        self.keep_record(key, RecordedState::Starting);
    }

    fn send(&mut self, key: Key, request: Box<Request<V>>) {
        let now = self.now.instant;
        self.note_token(&request.token);
        let Some(device) = self.device(key) else { return };
        device.sent_at = Some(now);
        device.token = Some(request.token.clone());
        device.attempts += 1;
        self.in_flight += 1;
        self.totals.requests_sent += 1;
        self.effects.push(FleetEffect::Send(key, request));
    }

    fn note_token(&mut self, token: &Token<V>) {
        if self.used_tokens.contains(token) {
            return;
        }
        if self.used_tokens.len() == KEPT_TOKENS {
            self.used_tokens.remove(0);
        }
        self.used_tokens.push(token.clone());
    }

    fn on_response(&mut self, key: Key, response: Box<Response<V>>) {
        let Some(sent_at) = self.end_request(key) else { return };
        let now = self.now.instant;
        self.gate.on_response();
        self.has_response = true;
        let token = self.device(key).and_then(|device| device.token.take());
        match token {
            Some(token) if response.status == 401 => self.pauses.on_refused_token(token, now),
            _ => {
                self.pauses.on_accepted();
                self.is_token_suspect = false;
            }
        }
        // A service may repeat the token of another device.
        let tokens = std::mem::take(&mut self.used_tokens);
        if let Some(call) = self.device(key).and_then(Device::call) {
            call.keep_tokens(&tokens);
        }
        self.used_tokens = tokens;
        let Some((effect, facts)) = self.step_call_once(key, Input::Response(response)) else { return };
        let retry_after = facts.not_before.map(|not_before| not_before - now);
        // The time in a response that took long, or came while the computer was asleep, has passed: the start that a record
        // is about would seem to be older than it is.
        let is_current = facts.service_clock.is_some_and(|(_, at)| at == now) && now - sent_at <= PROMPT;
        if is_current {
            self.service_clock = facts.service_clock;
        }
        if facts.is_throttled {
            self.gate.on_throttled(sent_at, retry_after, now);
        }
        self.carry_out(key, effect);
        self.note_poll_interval(key);
    }

    fn on_record_kept(&mut self, key: Key, number: u32) {
        let now = self.now.instant;
        let Some(device) = self.device(key) else { return };
        device.records_kept = device.records_kept.max(number);
        if device.records_kept < device.records {
            return;
        }
        if let Stage::Ended(_) = device.stage {
            return self.deliver_result(key);
        }
        let Some((request, made_at)) = &device.held_post else { return };
        let (token, made_at) = (request.token.clone(), *made_at);
        if !self.may_send() || self.pauses.has_refused_since(made_at, &token) {
            return self.step_call(key, Input::TurnLost);
        }
        let Some(device) = self.device(key) else { return };
        if now - made_at > OLDEST_RECORD && device.renewed_records < MOST_RENEWALS {
            device.renewed_records += 1;
            if let Some((_, made_at)) = &mut device.held_post {
                *made_at = now;
            }
            return self.keep_record(key, RecordedState::Starting);
        }
        let Some((request, _)) = device.held_post.take() else { return };
        self.held -= 1;
        let Some(device) = self.device(key) else { return };
        if let Some(call) = device.call() {
            call.restart_timeout(now);
        }
        self.send(key, request);
        self.set_timer(key);
    }

    fn keep_record(&mut self, key: Key, state: RecordedState) {
        let (time, now) = (self.now.unix_time, self.now.instant);
        let service_time = self.service_clock.map(|(time, at)| time + (now - at));
        let Some(device) = self.device(key) else { return };
        device.records += 1;
        let (number, started_at, attempts) = (device.records, device.started_at, device.attempts);
        let record = Box::new(Record { state, time, service_time, started_at, attempts });
        self.effects.push(FleetEffect::KeepRecord { key, number, record });
    }

    // Tokens

    fn request_next_token(&mut self) {
        // A fleet that ends needs no token any more.
        if self.ending.is_some() {
            return;
        }
        if let Some(request) = self.tokens.open_next() {
            self.effects.push(FleetEffect::GetToken(Box::new(request)));
        }
    }

    fn on_token(&mut self, result: Result<Token<V>, TokenFailure<V>>) {
        if !self.tokens.is_open() {
            return;
        }
        self.renewal_deadline = None;
        if self.pauses.refusal.is_some() {
            self.on_renewal(&result);
            self.update_pause();
        }
        for key in self.tokens.close() {
            let is_lost = result.is_ok() && !self.may_send();
            self.step_call(key, if is_lost { Input::TurnLost } else { Input::Token(copy(&result)) });
        }
        self.request_next_token();
    }

    /// Handles a token that may end a pause, whoever requested it.
    fn on_renewal(&mut self, result: &Result<Token<V>, TokenFailure<V>>) {
        match result {
            Ok(token) if self.pauses.is_new(token) => self.pauses.on_new_token(),
            _ => self.pauses.on_no_token(self.now.instant),
        }
    }

    /// Requests a token without any request that needs it, to end a pause.
    fn renew_token(&mut self) {
        let Some(refusal) = &self.pauses.refusal else { return };
        let request = refusal.request.clone();
        // If another request is open, its result is awaited first.
        if self.tokens.open_own(request.clone()) {
            self.pauses.on_request();
            self.renewal_deadline = Some(self.now.instant + request.timeout);
            self.effects.push(FleetEffect::GetToken(Box::new(request)));
        } else {
            self.pauses.on_no_token(self.now.instant);
        }
    }

    /// Gives up the token request that is to end a pause, if there is one.
    fn abandon_renewal(&mut self) {
        if self.renewal_deadline.take().is_some() {
            self.tokens.close();
            self.effects.push(FleetEffect::AbandonToken);
        }
    }

    // Time

    fn on_deadline(&mut self) {
        let now = self.now.instant;
        if now >= self.pauses.deadline(self.settings.pause_timeout) {
            return self.end_pause_too_late();
        }
        if self.renewal_deadline.is_some_and(|deadline| now >= deadline) {
            self.renewal_deadline = None;
            self.tokens.close();
            self.effects.push(FleetEffect::AbandonToken);
            self.pauses.on_no_token(now);
            self.request_next_token();
        }
        if now >= self.pauses.next_request() {
            self.renew_token();
        }
        while let Some((key, at)) = self.timers.take_due(now) {
            let Some(device) = self.device(key) else { continue };
            if device.timer != at {
                continue;
            }
            device.timer = Instant::NEVER;
            let was_sent = device.sent_at.is_some();
            if device.held_post.is_some() {
                // The POST was not sent, so the device has started nothing.
                self.step_call(key, Input::TurnLost);
            }
            self.step_call(key, Input::Deadline);
            if was_sent && self.device(key).is_none_or(|device| device.sent_at.is_none()) {
                self.gate.on_no_response(now, self.now.random);
            }
        }
    }

    /// Sets the timer of a device for the deadline of its call.
    fn set_timer(&mut self, key: Key) {
        let Some(Some(device)) = self.devices.get_mut(key as usize) else { return };
        let deadline = device.call().map_or(Instant::NEVER, |call| call.deadline());
        if device.timer != deadline {
            device.timer = deadline;
            self.timers.set(key, deadline);
        }
    }

    fn update_pause(&mut self) {
        if self.ending.is_some() {
            return;
        }
        match self.pauses.update(self.now.instant) {
            Change::None => return,
            Change::Paused(reason) => {
                let now = self.now.instant;
                self.devices.iter_mut().flatten().filter_map(Device::call).for_each(|call| call.pause(now));
                let error = self.pauses.refusal.as_ref().map(|refusal| refusal.error.clone());
                self.effects.push(FleetEffect::EmitPaused(reason, error));
            }
            Change::Resumed => {
                let now = self.now;
                self.devices.iter_mut().flatten().filter_map(Device::call).for_each(|call| call.resume(now));
                self.gate.probe(now.instant);
            }
        }
        (0..self.devices.len() as Key).for_each(|key| self.set_timer(key));
    }

    // Events and results

    fn state(&self) -> FleetState {
        let now = self.now;
        let throttled_until = self.gate.throttled_until(now.instant).map(|until| now.unix_time + (until - now.instant));
        let until_last = Millis(self.totals.waiting as f64 / self.gate.starts_per_second() * 1_000.0);
        let to_start = (self.totals.waiting + self.totals.starting, until_last);
        let longest = self.settings.call.limits.operation_timeout;
        let time_left = self.durations.time_left(to_start, longest, now.instant);
        FleetState { totals: self.totals, throttled_until, paused_for: self.pauses.reason(), time_left }
    }

    /// Whether the state has changed since the caller was told it.
    fn has_news(&self) -> bool {
        let is_throttled = self.gate.throttled_until(self.now.instant).is_some();
        self.settings.call.emits_events
            && self.emitted.is_none_or(|(state, _)| {
                state.totals != self.totals
                    || state.paused_for != self.pauses.reason()
                    || state.throttled_until.is_some() != is_throttled
            })
    }

    fn finish(&mut self) {
        let now = self.now.instant;
        self.is_done = self.open == 0 && self.has_all_devices;
        let is_due = self.is_done || self.emitted.is_none_or(|(_, at)| now >= at + BETWEEN_STATES);
        if is_due && self.has_news() {
            let state = self.state();
            self.emitted = Some((state, now));
            self.effects.push(FleetEffect::EmitState(state));
        }
        if self.is_done {
            self.abandon_renewal();
            self.effects.push(FleetEffect::Done(self.ending.take().and_then(|ending| ending.thrown)));
        }
    }
}

fn new_call<V: Host>(kind: CallKind<V>, settings: Settings, tokens: &[Token<V>], now: Now) -> Call<V> {
    let mut call = Call::new(kind, settings, now);
    call.keep_tokens(tokens);
    call
}

/// The error of a fleet without any other token. That of its last device may be about a search.
fn unauthorized<V: Host>(error: &Error<V>) -> Box<Error<V>> {
    match error.code {
        ErrorCode::Unauthorized => Box::new(error.clone()),
        _ => Error::new(ErrorCode::Unauthorized, "Graph refused the token, and there is no other"),
    }
}

fn copy<V: Host>(result: &Result<Token<V>, TokenFailure<V>>) -> Result<Token<V>, TokenFailure<V>> {
    match result {
        Ok(token) => Ok(token.clone()),
        Err(TokenFailure::Invalid(problem)) => Err(TokenFailure::Invalid(problem)),
        Err(TokenFailure::Failed(cause)) => Err(TokenFailure::Failed(cause.clone())),
    }
}
