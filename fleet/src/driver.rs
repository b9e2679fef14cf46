//! The driver of a fleet: performs its effects, and passes the results to it as inputs. Like the driver of a single call, it
//! has one way in, an inbox, so that nothing that happens inside of a callback is lost or nested.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use teams_device_diagnostics::bindings::errors::{thrown, to_js_error};
use teams_device_diagnostics::bindings::events::to_js_event;
use teams_device_diagnostics::bindings::fetch::{OpenRequest, send};
use teams_device_diagnostics::bindings::host::{self, Arrivals, take_failure};
use teams_device_diagnostics::bindings::timer::{DeadlineTimer, check_timer_functions};
use teams_device_diagnostics::bindings::token_source::{OpenTokenRequest, TokenSource};
use teams_device_diagnostics::bindings::value::Js;
use teams_device_diagnostics::machine::effect::{Failure, Now, TokenFailure};
use teams_device_diagnostics::machine::fleet::Fleet;
use teams_device_diagnostics::machine::fleet::device::{DeviceResult, Key};
use teams_device_diagnostics::machine::fleet::effect::{FleetEffect, FleetInput, FleetSettings};
use teams_device_diagnostics::protocol::http::{Method, Request};
use teams_device_diagnostics::protocol::time::Instant;
use teams_device_diagnostics::protocol::token::{Token, TokenRequest};
use wasm_bindgen::prelude::*;

use crate::objects::{to_js_pause, to_js_record, to_js_result, to_js_state};
use crate::port::Port;

/// What the caller passed.
pub struct Caller {
    /// The token source.
    pub tokens: TokenSource,
    /// The replacement for the global `fetch`, or undefined.
    pub fetch: JsValue,
    /// Where everything goes that concerns the caller.
    pub port: Port,
    /// Called with each result.
    pub on_result: OnResult,
}

/// Called with a result.
pub type OnResult = Box<dyn Fn(&DeviceResult<Js>)>;

/// A fleet in progress.
pub struct FleetTask {
    state: RefCell<State>,
    inbox: RefCell<VecDeque<Arrival>>,
}

struct State {
    caller: Caller,
    /// `None` once it has ended.
    fleet: Option<Fleet<Js>>,
    /// The open requests, by the turn that their results arrive with.
    requests: BTreeMap<u32, (Key, OpenRequest)>,
    token_request: Option<(u32, OpenTokenRequest)>,
    /// The number of requests and token requests so far.
    turn: u32,
    timer: DeadlineTimer,
    arrivals: Option<Arrivals>,
}

/// What arrives at a fleet.
pub enum Arrival {
    /// An input from the caller's side.
    Input(FleetInput<Js>),
    /// The timer has fired.
    TimerFired,
    /// One of the codes below, the turn that it belongs to, and a value.
    Coded(u32, u32, JsValue),
}

const TOKEN: u32 = 0;
const NO_TOKEN: u32 = 1;
const RESPONSE: u32 = 2;
const NO_RESPONSE: u32 = 3;
const WOKE_UP: u32 = 4;

impl FleetTask {
    /// A fleet that begins now.
    ///
    /// # Errors
    /// What a replaced clock threw.
    pub fn new(settings: FleetSettings, caller: Caller) -> Result<Rc<FleetTask>, Failure<Js>> {
        let timer = DeadlineTimer::default();
        let fleet = Some(Fleet::new(settings, timer.now()?));
        let state = State { caller, fleet, requests: BTreeMap::new(), token_request: None, turn: 0, timer, arrivals: None };
        let task = Rc::new(FleetTask { state: RefCell::new(state), inbox: RefCell::default() });
        let arrived = Rc::downgrade(&task);
        let arrive = move |code, turn, value| {
            if let Some(task) = arrived.upgrade() {
                deliver(&task, Arrival::Coded(code, turn, value));
            }
        };
        let mut arrivals = Arrivals::new(Closure::new(arrive));
        arrivals.of_wake_up(WOKE_UP);
        task.state.borrow_mut().arrivals = Some(arrivals);
        Ok(task)
    }
}

/// Handles an arrival, or leaves it to the step in progress.
pub fn deliver(task: &Rc<FleetTask>, arrival: Arrival) {
    task.inbox.borrow_mut().push_back(arrival);
    let Ok(mut state) = task.state.try_borrow_mut() else { return };
    loop {
        // The inbox must be free while an arrival is handled.
        let next = task.inbox.borrow_mut().pop_front();
        let Some(arrival) = next else { return };
        state.receive(task, arrival);
    }
}

impl State {
    fn receive(&mut self, task: &Rc<FleetTask>, arrival: Arrival) {
        if let Err(failure) = self.handle(task, arrival) {
            // A replaced clock or timer failed: nothing can be timed any more.
            self.fail(failure);
        }
    }

    fn handle(&mut self, task: &Rc<FleetTask>, arrival: Arrival) -> Result<(), Failure<Js>> {
        let input = match arrival {
            Arrival::Input(input) => {
                match &input {
                    FleetInput::Abort(_) => self.take_read_responses(task, None)?,
                    FleetInput::AbortDevice(key) => self.take_read_responses(task, Some(*key))?,
                    _ => {}
                }
                input
            }
            Arrival::TimerFired => {
                let deadline = self.fleet.as_ref().map_or(Instant::NEVER, Fleet::deadline);
                if !self.timer.on_fired(deadline)? {
                    return self.set_timer(task, true);
                }
                FleetInput::Deadline
            }
            Arrival::Coded(WOKE_UP, ..) => FleetInput::WakeUp,
            Arrival::Coded(code @ (TOKEN | NO_TOKEN), turn, value) => match self.token_of(code, turn, value) {
                Some(input) => input,
                None => return Ok(()),
            },
            Arrival::Coded(code, turn, value) => match self.requests.remove(&turn) {
                None => return Ok(()), // late result
                Some((key, mut request)) if code == RESPONSE => FleetInput::Response(key, Box::new(request.read(&value))),
                Some((key, _)) => FleetInput::NoResponse(key, Js(value)),
            },
        };
        self.step(task, input)?;
        self.set_timer(task, false)
    }

    /// What the token source gave; `None` if it was given up before.
    fn token_of(&mut self, code: u32, turn: u32, value: JsValue) -> Option<FleetInput<Js>> {
        let (_, request) = self.token_request.take_if(|(open, _)| *open == turn)?;
        if code == NO_TOKEN {
            return Some(FleetInput::Token(Err(TokenFailure::Failed(Js(value)))));
        }
        Some(FleetInput::Token(Token::new(Js(value)).map_err(|problem| {
            request.refuse();
            TokenFailure::Invalid(problem)
        })))
    }

    fn step(&mut self, task: &Rc<FleetTask>, input: FleetInput<Js>) -> Result<(), Failure<Js>> {
        let now = self.now()?;
        let Some(fleet) = &mut self.fleet else { return Ok(()) };
        for effect in fleet.step(input, now) {
            self.perform(task, effect)?;
        }
        Ok(())
    }

    fn perform(&mut self, task: &Rc<FleetTask>, effect: FleetEffect<Js>) -> Result<(), Failure<Js>> {
        let port = &self.caller.port;
        match effect {
            FleetEffect::GetToken(request) => self.request_token(task, &request),
            FleetEffect::AbandonToken => self.token_request = None,
            FleetEffect::Send(key, request) => return self.send(key, &request),
            FleetEffect::AbandonRequest(key) => self.requests.retain(|_, (of, _)| *of != key),
            FleetEffect::KeepRecord { key, number, record } => port.keep_record(key, number, &to_js_record(&record)),
            FleetEffect::Emit(key, event) => port.event(key, &to_js_event(&event)),
            FleetEffect::EmitState(state) => port.fleet_event(&to_js_state(&state)),
            FleetEffect::EmitPaused(reason, error) => port.fleet_event(&to_js_pause(reason, error)),
            FleetEffect::Result(key, result) => {
                (self.caller.on_result)(&result);
                port.result(key, &to_js_result(*result));
            }
            FleetEffect::Done(failure) => {
                self.end(&failure.map_or(JsValue::UNDEFINED, to_js_error));
            }
        }
        Ok(())
    }

    fn request_token(&mut self, task: &Rc<FleetTask>, request: &TokenRequest<Js>) {
        // A token that the caller passed as text needs no request.
        if let Some(token) = self.caller.tokens.text() {
            let input = FleetInput::Token(Ok(token.clone()));
            task.inbox.borrow_mut().push_back(Arrival::Input(input));
            return;
        }
        self.turn = self.turn.wrapping_add(1);
        let (open, token) = self.caller.tokens.request_token(request);
        self.token_request = Some((self.turn, open));
        if let Some(arrivals) = &self.arrivals {
            arrivals.of_promise(&token, self.turn, [TOKEN, NO_TOKEN]);
        }
    }

    fn send(&mut self, key: Key, request: &Request<Js>) -> Result<(), Failure<Js>> {
        self.turn = self.turn.wrapping_add(1);
        let facts = if request.method == Method::Post { self.caller.port.facts(key) } else { JsValue::UNDEFINED };
        let (open, exchanged) = send(request, &self.caller.fetch, &facts).map_err(thrown)?;
        self.requests.insert(self.turn, (key, open));
        if let Some(arrivals) = &self.arrivals {
            arrivals.of_promise(&exchanged, self.turn, [RESPONSE, NO_RESPONSE]);
        }
        Ok(())
    }

    /// Aborts the requests of one device or of all. Every 202 that has been read but has not arrived here is handled first,
    /// so that its run is not lost.
    fn take_read_responses(&mut self, task: &Rc<FleetTask>, of: Option<Key>) -> Result<(), Failure<Js>> {
        let requests = self.requests.iter().filter(|(_, (key, _))| of.is_none_or(|of| of == *key));
        let read: Vec<(u32, JsValue)> =
            requests.filter_map(|(turn, (_, request))| Some((*turn, request.abort()?))).collect();
        for (turn, response) in read {
            self.handle(task, Arrival::Coded(RESPONSE, turn, response))?;
        }
        Ok(())
    }

    fn now(&self) -> Result<Now, Failure<Js>> {
        let mut now = self.timer.now()?;
        now.is_online = host::is_online();
        Ok(now)
    }

    /// Sets the timer for the current deadline, unless it is set for that already.
    fn set_timer(&mut self, task: &Rc<FleetTask>, is_second: bool) -> Result<(), Failure<Js>> {
        let deadline = self.fleet.as_ref().map_or(Instant::NEVER, Fleet::deadline);
        if self.timer.due() == deadline && !is_second {
            return Ok(());
        }
        self.timer.clear();
        let now = self.timer.now()?.instant;
        let fired = Rc::downgrade(task);
        self.timer.set(deadline, now, is_second, move || {
            if let Some(task) = fired.upgrade() {
                deliver(&task, Arrival::TimerFired);
            }
        });
        check_timer_functions()
    }

    /// Ends the fleet because it can go on no longer.
    fn fail(&mut self, failure: Failure<Js>) {
        if self.fleet.is_some() {
            self.end(&to_js_error(failure));
        }
    }

    fn end(&mut self, failure: &JsValue) {
        self.fleet = None;
        self.requests.clear();
        self.token_request = None;
        self.timer.clear();
        self.arrivals = None;
        let _ = take_failure();
        self.caller.port.done(failure);
    }
}
