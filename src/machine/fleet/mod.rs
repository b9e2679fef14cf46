//! A fleet: diagnostics on many devices, as one machine over many calls.
//!
//! ```text
//!              Waiting ──turn──▶ Starting ──202──▶ Following ──▶ Ended ──record kept──▶ Result
//!   device ──▶    │ record: running ──────────────────▲          ▲
//!                 │ record: starting ──▶ Starting (looks for the run first)
//!                 └ record: ended ──────────────────────────────▶ Result
//! ```
//!
//! Each device has one [`Call`](crate::machine::call::Call) at a time. What a call wants is done for it by the fleet: its
//! turn at the [`gate`], the [`shared_token`], the [`record`] before each POST. A [`pause`] stops all calls.

pub mod device;
pub mod effect;
pub mod gate;
pub mod pause;
pub mod record;
pub mod shared_token;
pub mod totals;

mod calls;
mod ends;
mod follows;
mod keeping;
mod probe;
mod requests;
mod timers;
mod tokens;
mod turns;

use std::collections::VecDeque;

use crate::machine::effect::{Host, Input, Now};
use crate::machine::fleet::device::{Device, Key};
use crate::machine::fleet::effect::{FleetEffect, FleetInput, FleetSettings};
use crate::machine::fleet::ends::{Cause, Ending};
use crate::machine::fleet::gate::Gate;
use crate::machine::fleet::pause::{Change, Pauses};
use crate::machine::fleet::probe::Probes;
use crate::machine::fleet::record::{Record, RecordedState};
use crate::machine::fleet::shared_token::SharedToken;
use crate::machine::fleet::timers::Timers;
use crate::machine::fleet::totals::{Durations, FleetState, Totals};
use crate::protocol::device_id::DeviceId;
use crate::protocol::error::Error;
use crate::protocol::operation_match::SentAt;
use crate::protocol::time::{Instant, Millis, UnixTime};
use crate::protocol::token::Token;

/// The minimum time between two events with the state of the fleet.
const BETWEEN_STATES: Millis = Millis(100.0);

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
    probes: Probes<V>,
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
    /// The records that may not be kept so far, with their devices and numbers, and when they were made.
    unkept_records: VecDeque<(Key, u32, Instant)>,
    /// Until when they have a moment more, because the computer may have been asleep.
    keeping_extended_until: Option<Instant>,
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
    /// Whether a pause has begun since; it may have ended too.
    has_paused: bool,
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
            probes: Probes::default(),
            has_response: false,
            is_token_suspect: false,
            timers: Timers::default(),
            durations: Durations::default(),
            poll_demand: 0.0,
            in_flight: 0,
            held: 0,
            unkept_records: VecDeque::new(),
            keeping_extended_until: None,
            totals: Totals::default(),
            open: 0,
            has_all_devices: false,
            service_clock: None,
            ending: None,
            emitted: None,
            has_paused: false,
            effects: Vec::new(),
            is_done: false,
        }
    }

    /// Takes an input and returns what to do.
    pub fn step(&mut self, input: FleetInput<V>, now: Now) -> Vec<FleetEffect<V>> {
        if self.is_done {
            return Vec::new();
        }
        self.pauses.on_host(now.is_online, now.instant);
        // The fleet pauses while the host is offline, so its calls never see that.
        self.now = Now { is_online: true, ..now };
        self.handle(input);
        self.update_probe();
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
        let pause = self.pause_deadline().min(self.keeping_deadline());
        self.timers.next().min(turn).min(state).min(renewal).min(pause)
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

    // Time

    fn pause_deadline(&self) -> Instant {
        self.pauses.deadline(self.settings.pause_timeout, self.settings.call.limits.patience)
    }

    fn on_deadline(&mut self) {
        let now = self.now.instant;
        if now >= self.pause_deadline() {
            return self.end_pause_too_late();
        }
        if now >= self.keeping_deadline() {
            return self.on_keeping_too_long();
        }
        if self.renewal_deadline.is_some_and(|deadline| now >= deadline) {
            self.abandon_renewal();
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
                self.has_paused = true;
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
                self.has_paused
                    || state.totals != self.totals
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
            self.has_paused = false;
            self.effects.push(FleetEffect::EmitState(state));
        }
        if self.is_done {
            self.abandon_renewal();
            self.effects.push(FleetEffect::Done(self.ending.take().and_then(|ending| ending.thrown)));
        }
    }
}
