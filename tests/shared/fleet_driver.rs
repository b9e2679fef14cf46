//! A driver of fleets with a virtual clock: it performs their effects, and advances the clock only when nothing else is due.

use std::collections::{BTreeMap, VecDeque};

use teams_device_diagnostics::machine::effect::{Failure, Input, Now};
use teams_device_diagnostics::machine::fleet::Fleet;
use teams_device_diagnostics::machine::fleet::device::{DeviceResult, Key};
use teams_device_diagnostics::machine::fleet::effect::{FleetEffect, FleetInput};
use teams_device_diagnostics::machine::fleet::record::Record;
use teams_device_diagnostics::protocol::http::Request;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::TokenRequest;

use crate::document::Document;
use crate::driver::{Clock, Later};

/// The environment of a fleet.
pub trait FleetEnvironment {
    fn clock(&self) -> &Clock;
    /// The time of a step.
    fn now(&self) -> Now;
    /// Sends a request of a device.
    fn send<'a>(&'a self, device: &str, request: Request<Document>) -> Later<'a>;
    /// Requests a token from the token source.
    fn token<'a>(&'a self, request: TokenRequest<Document>) -> Later<'a>;
    /// Keeps a record of a device. Returns how long that takes, and whether it succeeds.
    fn keep(&self, device: &str, record: &Record) -> (Millis, Result<(), Document>);
    /// Hears every input before the fleet does.
    fn hear(&self, _input: &FleetInput<Document>) {}
    /// Sees every effect, with the id of its device.
    fn see(&self, _device: Option<&str>, _effect: &FleetEffect<Document>) {}
    /// When a timer fires that is set for this moment: browsers slow down the timers of hidden pages.
    fn fires_at(&self, deadline: Instant) -> Instant {
        deadline
    }
    /// Whether a late timer fires before what else has happened meanwhile.
    fn timer_comes_first(&self) -> bool {
        false
    }
    /// When the page becomes visible again, or the network is back; called again after each time.
    fn next_wake_up(&self) -> Instant {
        Instant::NEVER
    }
}

/// The result of a device, with its id.
pub struct Ended {
    pub device: String,
    pub result: Box<DeviceResult<Document>>,
}

/// A fleet in progress.
pub struct FleetRun<'a, E> {
    environment: &'a E,
    pub fleet: Fleet<Document>,
    /// What the caller does, and when.
    script: VecDeque<(Instant, FleetInput<Document>)>,
    /// What happens later, in order.
    later: BTreeMap<(u64, u64), Happening<'a>>,
    /// The number of happenings so far.
    count: u64,
    open: BTreeMap<Open, (u64, u64)>,
    ids: Vec<String>,
    wake_up: Instant,
    /// The number of steps in a row at this time.
    turns: (Instant, usize),
    pub results: Vec<Ended>,
    /// What is thrown after all results.
    pub thrown: Option<Option<Failure<Document>>>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Open {
    Request(Key),
    Token,
}

enum Happening<'a> {
    Of(Open, Later<'a>),
    Kept { key: Key, number: u32, kept: Result<(), Document> },
}

/// When a run stops.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// When the fleet is done.
    Done,
    /// After this many happenings, as if the process was killed.
    Killed(u64),
}

impl<'a, E: FleetEnvironment> FleetRun<'a, E> {
    /// A fleet whose caller does this, in order of time.
    pub fn new(environment: &'a E, fleet: Fleet<Document>, script: Vec<(Instant, FleetInput<Document>)>) -> FleetRun<'a, E> {
        FleetRun {
            environment,
            fleet,
            script: script.into(),
            later: BTreeMap::new(),
            count: 0,
            open: BTreeMap::new(),
            ids: Vec::new(),
            wake_up: environment.next_wake_up(),
            turns: (Clock::ORIGIN, 0),
            results: Vec::new(),
            thrown: None,
        }
    }

    /// Runs the fleet. Panics if it awaits something that never comes.
    pub fn run(&mut self, stop: Stop) {
        while self.thrown.is_none() {
            if matches!(stop, Stop::Killed(count) if self.count >= count) {
                return;
            }
            self.count += 1;
            self.go_on();
        }
        let open = self.later.values().any(|happening| matches!(happening, Happening::Of(..)));
        assert!(!open, "a request is open after the end");
    }

    /// Lets requests that are on their way to the service arrive, although nobody awaits their responses.
    pub fn let_requests_arrive(mut self, mut arrives: impl FnMut() -> bool) {
        while let Some((at, happening)) = self.later.pop_first() {
            if let Happening::Of(Open::Request(_), Later::Then(_, proceed)) = happening
                && arrives()
                && f64::from_bits(at.0) < f64::INFINITY
            {
                proceed();
            }
        }
    }

    fn go_on(&mut self) {
        let script = self.script.front().map_or(Instant::NEVER, |(at, _)| *at);
        let later = self.later.first_key_value().map_or(Instant::NEVER, |((bits, _), _)| Instant(f64::from_bits(*bits)));
        let deadline = self.environment.fires_at(self.fleet.deadline());
        let next = script.min(later).min(deadline).min(self.wake_up);
        assert!(next < Instant::NEVER, "the fleet is stuck");
        self.environment.clock().advance_to(next);
        // If several things happen at the same time, a result comes first.
        let now = self.environment.clock().now();
        self.turns = (now, if self.turns.0 == now { self.turns.1 + 1 } else { 0 });
        assert!(self.turns.1 < 100_000, "the fleet is busy without end while no time passes");
        let is_late = deadline < now && self.environment.timer_comes_first();
        if later <= now && !is_late {
            self.happen();
        } else if script <= now && !is_late {
            self.follow_script();
        } else if self.wake_up <= now && !is_late {
            self.wake_up = self.environment.next_wake_up();
            self.step(FleetInput::WakeUp);
        } else {
            self.step(FleetInput::Deadline);
        }
    }

    fn follow_script(&mut self) {
        let Some((_, input)) = self.script.pop_front() else { return };
        if let FleetInput::Device { id, .. } = &input {
            self.ids.push(id.as_ref().map_or_else(|_| String::new(), |id| id.as_str().to_owned()));
        }
        self.step(input);
    }

    fn happen(&mut self) {
        let Some((_, happening)) = self.later.pop_first() else { return };
        match happening {
            Happening::Of(open, Later::Then(_, proceed)) => match proceed() {
                Later::Input(length, input) if length <= Millis::ZERO => self.deliver(open, input),
                later => self.wait_for(open, later),
            },
            Happening::Of(open, Later::Input(_, input)) => self.deliver(open, input),
            Happening::Of(_, Later::Never) => {}
            Happening::Kept { key, number, kept } => {
                if let Err(thrown) = kept {
                    self.step(FleetInput::Abort(thrown));
                }
                self.step(FleetInput::RecordKept(key, number));
            }
        }
    }

    fn deliver(&mut self, open: Open, input: Input<Document>) {
        self.open.remove(&open);
        let input = match (open, input) {
            (Open::Token, Input::Token(result)) => FleetInput::Token(result),
            (Open::Request(key), Input::Response(response)) => FleetInput::Response(key, response),
            (Open::Request(key), Input::NoResponse(cause)) => FleetInput::NoResponse(key, cause),
            _ => panic!("an input that belongs to nothing"),
        };
        self.step(input);
    }

    fn step(&mut self, input: FleetInput<Document>) {
        self.environment.hear(&input);
        for effect in self.fleet.step(input, self.environment.now()) {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: FleetEffect<Document>) {
        let id = |key: Key| self.ids.get(key as usize).cloned().unwrap_or_default();
        match &effect {
            FleetEffect::Send(key, _) | FleetEffect::AbandonRequest(key) | FleetEffect::KeepRecord { key, .. } => {
                self.environment.see(Some(&id(*key)), &effect);
            }
            FleetEffect::Emit(key, _) | FleetEffect::Result(key, _) => self.environment.see(Some(&id(*key)), &effect),
            _ => self.environment.see(None, &effect),
        }
        match effect {
            FleetEffect::GetToken(request) => {
                let later = self.environment.token(*request);
                assert!(!self.open.contains_key(&Open::Token), "two token requests are open");
                self.wait_for(Open::Token, later);
            }
            FleetEffect::Send(key, request) => {
                let later = self.environment.send(&id(key), *request);
                assert!(!self.open.contains_key(&Open::Request(key)), "two requests of a device are open");
                self.wait_for(Open::Request(key), later);
            }
            FleetEffect::AbandonToken => self.abandon(Open::Token),
            FleetEffect::AbandonRequest(key) => self.abandon(Open::Request(key)),
            FleetEffect::KeepRecord { key, number, record } => {
                let (length, kept) = self.environment.keep(&id(key), &record);
                self.add(length, Happening::Kept { key, number, kept });
            }
            FleetEffect::Result(key, result) => self.results.push(Ended { device: id(key), result }),
            FleetEffect::Done(thrown) => self.thrown = Some(thrown),
            FleetEffect::Emit(..) | FleetEffect::EmitState(_) | FleetEffect::EmitPaused(..) => {}
        }
    }

    fn wait_for(&mut self, open: Open, later: Later<'a>) {
        let length = match &later {
            Later::Input(length, _) | Later::Then(length, _) => *length,
            Later::Never => Millis::FOREVER,
        };
        let at = self.add(length, Happening::Of(open, later));
        self.open.insert(open, at);
    }

    fn add(&mut self, length: Millis, happening: Happening<'a>) -> (u64, u64) {
        self.count += 1;
        let Instant(at) = self.environment.clock().now() + length;
        // The bits of numbers that are not negative have the order of the numbers.
        let at = (at.to_bits(), self.count);
        self.later.insert(at, happening);
        at
    }

    fn abandon(&mut self, open: Open) {
        let at = self.open.remove(&open).expect("something is open");
        self.later.remove(&at);
    }
}
