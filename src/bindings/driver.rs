//! The driver: performs the effects of one call, and passes the results to it as inputs.
//!
//! Everything arrives through [`deliver`], which puts it into an inbox; a step in progress then handles it. So an abort or a
//! new call within one of the caller's callbacks is neither lost nor nested. Every effect is performed in the callback that
//! brought the previous result, and so in the async context of the caller; only the final result passes through a future.
//!
//! ```text
//!   Begin, results, timer, wake-up, abort ──▶ inbox ──▶ Call::step ──▶ effect ──▶ perform ──▶ Outcome, when done
//!                   ▲                                                                │
//!                   └───────────── token source, fetch, timer, onProgress ◀──────────┘
//! ```

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

use super::errors::{thrown, to_js_error};
use super::events::to_js_event;
use super::fetch::{OpenRequest, send};
use super::host::{self, Arrivals, take_failure};
use super::object::set;
use super::outcome::{Outcome, Settled};
use super::signal::Signal;
use super::timer::{DeadlineTimer, check_timer_functions};
use super::token_source::{OpenTokenRequest, TokenSource};
use super::value::Js;
use crate::machine::call::{Call, CallKind};
use crate::machine::effect::{Effect, Failure, Input, Now, Output, TokenFailure};
use crate::machine::state::Settings;
use crate::protocol::time::Instant;
use crate::protocol::token::Token;

/// What the caller passed.
pub struct Caller {
    /// The token source.
    pub tokens: TokenSource,
    /// The replacement for the global `fetch`, or undefined.
    pub fetch: JsValue,
    /// The progress callback.
    pub on_progress: Option<Function>,
    /// Aborts the call.
    pub signal: Option<Signal>,
    /// Receives the operation's location, if the call starts one.
    pub facts: Option<JsValue>,
}

/// Called with a call that has ended, also after a failure or an abort.
pub type OnEnd = Box<dyn FnOnce(Call<Js>)>;

/// A call in progress.
pub struct Task {
    state: RefCell<State>,
    inbox: RefCell<Vec<Arrival>>,
}

struct State {
    caller: Caller,
    outcome: Rc<Outcome>,
    /// `None` once the call has ended.
    running: Option<(Call<Js>, OnEnd)>,
    /// The number of the current effect: the late result of an earlier effect is dropped.
    turn: Turn,
    /// Whether the host was online when last checked.
    is_online: bool,
    /// The number of asynchronous progress callbacks that have not settled.
    open_callbacks: u32,
    /// The deadline of those callbacks, once the call itself has ended.
    callbacks_until: Instant,
    /// The result, while callbacks have not settled.
    result: Option<Settled>,
    /// Whether the result is final, whatever callbacks and the signal do. Failures of callbacks are then reported to the
    /// host.
    is_decided: bool,
    /// `None` once the promise is settled.
    arrivals: Option<Arrivals>,
    // The resources of the current effect; dropping them ends it.
    timer: DeadlineTimer,
    request: Option<OpenRequest>,
    token_request: Option<OpenTokenRequest>,
}

type Turn = u32;

/// What arrives at a call.
enum Arrival {
    Begin,
    Emitted,
    TimerFired(Turn),
    /// One of the codes below, the turn that it belongs to, and a value.
    Coded(u32, Turn, JsValue),
}

const TOKEN: u32 = 0;
const NO_TOKEN: u32 = 1;
const RESPONSE: u32 = 2;
const NO_RESPONSE: u32 = 3;
const CALLBACK_ENDED: u32 = 4;
const CALLBACK_FAILED: u32 = 5;
const WOKE_UP: u32 = 6;
const ABORTED: u32 = 7;

impl Task {
    /// Begins a call, and performs its first effect immediately, in the caller's context.
    pub fn begin(kind: CallKind<Js>, settings: Settings, caller: Caller, on_end: OnEnd) -> Result<Promise, Failure<Js>> {
        let signal = caller.signal.clone();
        if let Some(signal) = signal.as_ref().filter(|signal| signal.is_aborted()) {
            return Err(thrown(signal.reason()));
        }
        let call = Call::new(kind, settings, host::now().map_err(thrown)?);
        let outcome = Rc::<Outcome>::default();
        let state = State {
            caller,
            outcome: outcome.clone(),
            running: Some((call, on_end)),
            turn: 0,
            is_online: true,
            open_callbacks: 0,
            callbacks_until: Instant::NEVER,
            result: None,
            is_decided: false,
            arrivals: None,
            timer: DeadlineTimer::default(),
            request: None,
            token_request: None,
        };
        let task = Rc::new(Task { state: RefCell::new(state), inbox: RefCell::default() });
        let arrived = task.clone();
        let arrive = move |code, turn, value| deliver(&arrived, Arrival::Coded(code, turn, value));
        let mut arrivals = Arrivals::new(Closure::new(arrive));
        if let Some(signal) = signal {
            arrivals.of_abort(signal.value(), ABORTED).map_err(thrown)?;
            if signal.is_aborted() {
                return Err(thrown(signal.reason()));
            }
        }
        task.state.borrow_mut().arrivals = Some(arrivals);
        deliver(&task, Arrival::Begin);
        Ok(outcome.promise())
    }
}

/// Handles an arrival, or leaves it to the step in progress.
fn deliver(task: &Rc<Task>, arrival: Arrival) {
    task.inbox.borrow_mut().push(arrival);
    // A step in progress handles it.
    let Ok(mut state) = task.state.try_borrow_mut() else { return };
    loop {
        let arrival = match &mut *task.inbox.borrow_mut() {
            inbox if inbox.is_empty() => return,
            inbox => inbox.remove(0),
        };
        state.receive(task, arrival);
    }
}

impl State {
    fn receive(&mut self, task: &Rc<Task>, arrival: Arrival) {
        if let Err(failure) = self.handle(task, arrival) {
            self.end(task, Err(failure));
        }
    }

    fn handle(&mut self, task: &Rc<Task>, arrival: Arrival) -> Result<(), Failure<Js>> {
        let input = match arrival {
            Arrival::Begin => Input::Begin,
            Arrival::Emitted => Input::Emitted,
            Arrival::TimerFired(turn) if turn != self.turn => return Ok(()),
            Arrival::TimerFired(_) => match self.timer.on_fired(self.deadline())? {
                true if self.running.is_none() => {
                    self.settle_result();
                    return Ok(());
                }
                true => Input::Deadline,
                false => {
                    let now = self.now()?.instant;
                    return self.set_timer(task, now, true);
                }
            },
            Arrival::Coded(ABORTED, ..) => return self.abort(task),
            Arrival::Coded(CALLBACK_FAILED, _, failure) => return self.on_callback_failed(task, failure),
            Arrival::Coded(CALLBACK_ENDED, ..) => {
                self.on_callback_ended();
                return Ok(());
            }
            Arrival::Coded(WOKE_UP, ..) if self.arrivals.as_ref().is_some_and(Arrivals::is_asleep) => Input::WakeUp,
            Arrival::Coded(_, turn, _) if turn != self.turn => return Ok(()), // late result
            Arrival::Coded(TOKEN, _, token) => Input::Token(Token::new(Js(token)).map_err(|problem| {
                self.token_request.iter().for_each(OpenTokenRequest::refuse);
                TokenFailure::Invalid(problem)
            })),
            Arrival::Coded(NO_TOKEN, _, cause) => Input::Token(Err(TokenFailure::Failed(Js(cause)))),
            Arrival::Coded(RESPONSE, _, exchanged) => self.response_of(&exchanged),
            Arrival::Coded(NO_RESPONSE, _, cause) => Input::NoResponse(Js(cause)),
            Arrival::Coded(..) => return Ok(()),
        };
        self.step(task, input)
    }

    fn step(&mut self, task: &Rc<Task>, mut input: Input<Js>) -> Result<(), Failure<Js>> {
        match input {
            Input::Response(_) => self.is_online = true,
            Input::NoResponse(_) | Input::Deadline | Input::WakeUp => self.is_online = host::is_online(),
            _ => {}
        }
        let now = self.now()?;
        loop {
            let Some((call, _)) = &mut self.running else { return Ok(()) };
            let effect = call.step(input, now);
            if let (Some(facts), Some(location)) = (&self.caller.facts, &call.facts().location) {
                set(facts, "location", Some(&Js(location.as_str().into())));
            }
            // Set even if the caller receives no events.
            self.is_decided |= call.is_decided() || matches!(effect, Effect::Done(Ok(Output::Location(_))));
            if matches!(effect, Effect::Pending) {
                // The deadline that passed may have been extended.
                return if !self.timer.is_set() { self.set_timer(task, now.instant, false) } else { Ok(()) };
            }
            self.end_turn();
            // A token that the caller passed as text needs no request.
            match (effect, self.caller.tokens.text()) {
                (Effect::GetToken(_), Some(token)) => input = Input::Token(Ok(token.clone())),
                (effect, _) => return self.perform(task, effect, now.instant),
            }
        }
    }

    fn perform(&mut self, task: &Rc<Task>, effect: Effect<Js>, now: Instant) -> Result<(), Failure<Js>> {
        match effect {
            // A call by itself awaits no turn.
            Effect::Pending | Effect::AwaitTurn { .. } => {}
            Effect::Done(result) => {
                check_timer_functions()?;
                self.end(task, result);
            }
            Effect::Emit(event) => {
                check_timer_functions()?;
                self.emit(task, &to_js_event(&event));
            }
            Effect::GetToken(request) => {
                self.set_timer(task, now, false)?;
                let (token_request, token) = self.caller.tokens.request_token(&request);
                self.token_request = Some(token_request);
                self.await_promise(&token, [TOKEN, NO_TOKEN]);
            }
            Effect::Send(request) => {
                self.set_timer(task, now, false)?;
                let facts = self.caller.facts.clone().unwrap_or_default();
                let (request, exchanged) = send(&request, &self.caller.fetch, &facts).map_err(thrown)?;
                self.request = Some(request);
                self.await_promise(&exchanged, [RESPONSE, NO_RESPONSE]);
            }
            Effect::Sleep { wakes_early } => {
                self.set_timer(task, now, false)?;
                if let Some(arrivals) = self.arrivals.as_mut().filter(|_| wakes_early) {
                    arrivals.of_wake_up(WOKE_UP);
                }
            }
        }
        Ok(())
    }

    /// Continues in the callback that brings the result, and so in the caller's context.
    fn await_promise(&self, promise: &Promise, codes: [u32; 2]) {
        if let Some(arrivals) = &self.arrivals {
            arrivals.of_promise(promise, self.turn, codes);
        }
    }

    /// Ends the current effect: the timer and listeners are removed, and a request is aborted, so that its response is
    /// dropped as late. A failure of a replaced `clearTimeout` must be taken before anything of another call runs.
    fn end_turn(&mut self) {
        self.turn = self.turn.wrapping_add(1);
        self.timer.clear();
        self.request = None;
        self.token_request = None;
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.end_sleep();
        }
    }

    /// Ends the current effect when the call's result is known. A further failure is dropped, because the caller gets the
    /// first.
    fn end_final_turn(&mut self) {
        self.end_turn();
        let _ = take_failure();
    }

    fn emit(&mut self, task: &Rc<Task>, event: &JsValue) {
        let Some(on_progress) = &self.caller.on_progress else { return };
        let results = Array::new();
        let arrival = match host::notify(on_progress, event, &results) {
            Ok(()) => Arrival::Emitted,
            Err(failure) if self.is_decided => {
                host::report(&failure);
                Arrival::Emitted
            }
            Err(failure) => Arrival::Coded(CALLBACK_FAILED, self.turn, failure),
        };
        if let Ok(promise) = results.get(0).dyn_into::<Promise>() {
            self.open_callbacks += 1;
            self.await_promise(&promise, [CALLBACK_ENDED, CALLBACK_FAILED]);
        }
        // Queued after an abort that the callback may have made.
        task.inbox.borrow_mut().push(arrival);
    }

    /// The current time, by the call's own clock.
    fn now(&self) -> Result<Now, Failure<Js>> {
        let mut now = self.timer.now()?;
        now.is_online = self.is_online;
        Ok(now)
    }

    /// The deadline of the current effect, or of open callbacks.
    fn deadline(&self) -> Instant {
        self.running.as_ref().map_or(self.callbacks_until, |(call, _)| call.deadline())
    }

    /// Sets the timer for the current deadline.
    ///
    /// # Errors
    /// What a replaced timer function threw, including that of the previous timer.
    fn set_timer(&mut self, task: &Rc<Task>, now: Instant, is_second: bool) -> Result<(), Failure<Js>> {
        let (deadline, task, turn) = (self.deadline(), task.clone(), self.turn);
        self.timer.set(deadline, now, is_second, move || deliver(&task, Arrival::TimerFired(turn)));
        check_timer_functions()
    }

    fn response_of(&mut self, exchanged: &JsValue) -> Input<Js> {
        match &mut self.request {
            Some(request) => Input::Response(Box::new(request.read(exchanged))),
            None => Input::NoResponse(Js(JsValue::UNDEFINED)),
        }
    }

    fn abort(&mut self, task: &Rc<Task>) -> Result<(), Failure<Js>> {
        self.take_read_response(task)?;
        // Open callbacks are no longer awaited.
        self.open_callbacks = 0;
        let reason = self.caller.signal.as_ref().map(Signal::reason).unwrap_or_default();
        let Some((call, _)) = &mut self.running else {
            self.stop_awaiting_callbacks(thrown(reason));
            return Ok(());
        };
        let effect = call.abort(Js(reason));
        self.is_decided |= call.is_decided();
        // The caller gets the signal's reason, whatever else fails.
        self.end_final_turn();
        // Neither an event nor an end needs the time.
        self.perform(task, effect, Instant::NEVER)
    }

    /// Aborts the request. A 202 that has been read but has not arrived here is handled first, so that its run is not lost.
    fn take_read_response(&mut self, task: &Rc<Task>) -> Result<(), Failure<Js>> {
        let Some(response) = self.request.as_ref().and_then(OpenRequest::abort) else { return Ok(()) };
        self.handle(task, Arrival::Coded(RESPONSE, self.turn, response))
    }

    fn on_callback_failed(&mut self, task: &Rc<Task>, failure: JsValue) -> Result<(), Failure<Js>> {
        self.take_read_response(task)?;
        if self.is_decided {
            host::report(&failure);
            self.on_callback_ended();
            return Ok(());
        }
        if self.running.is_none() {
            return Err(thrown(failure));
        }
        self.step(task, Input::CallbackFailed(Js(failure)))
    }

    fn on_callback_ended(&mut self) {
        self.open_callbacks -= 1;
        if self.open_callbacks == 0 {
            self.settle_result();
        }
    }

    /// Ends the call with this result, as soon as its asynchronous callbacks have settled.
    fn end(&mut self, task: &Rc<Task>, result: Result<Output<Js>, Failure<Js>>) {
        self.end_final_turn();
        let Some((call, on_end)) = self.running.take() else {
            // Only callbacks were still open.
            if let Err(failure) = result {
                self.stop_awaiting_callbacks(failure);
            }
            return;
        };
        self.callbacks_until = call.operation_deadline();
        // Once Graph has accepted the run, a later failure, such as that of a replaced timer, must not lose it.
        let started = call.facts().location.clone().filter(|_| self.is_decided);
        on_end(call);
        let settled = started.map_or(result, |location| Ok(Output::Location(location))).map(to_js).map_err(to_js_error);
        if settled.is_err() || self.open_callbacks == 0 {
            return self.settle(settled);
        }
        self.result = Some(settled);
        let timer = self.now().and_then(|now| self.set_timer(task, now.instant, false));
        if let Err(failure) = timer {
            self.stop_awaiting_callbacks(failure);
        }
    }

    /// Stops awaiting callbacks, because something else failed.
    fn stop_awaiting_callbacks(&mut self, failure: Failure<Js>) {
        if !self.is_decided {
            self.result = Some(Err(to_js_error(failure)));
        }
        self.settle_result();
    }

    /// Settles the promise with the result, if there is one, because no callback is awaited any more.
    fn settle_result(&mut self) {
        if let Some(result) = self.result.take() {
            self.end_final_turn();
            self.settle(result);
        }
    }

    fn settle(&mut self, settled: Settled) {
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.late_failures = if self.is_decided { CALLBACK_FAILED } else { u32::MAX };
        }
        self.arrivals = None;
        self.result = None;
        self.outcome.settle(settled);
    }
}

fn to_js(output: Output<Js>) -> JsValue {
    match output {
        Output::Location(location) => location.as_str().into(),
        Output::Operation(operation) => Js::or_undefined(operation.document),
        Output::Page(None) => JsValue::UNDEFINED,
        Output::Page(Some(items)) => items.into_iter().map(|item| item.0).collect::<Array>().into(),
    }
}
