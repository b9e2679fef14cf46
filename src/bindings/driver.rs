//! The driver: performs the effects of one call, and tells the call what happened.
//!
//! There is one way in, [`deliver`]: what arrives goes into an inbox, and a step that is under way goes on with it. So an abort or a
//! new call within a callback of the caller's is neither lost nor nested. Every effect is performed in the callback that brought the
//! last answer, and so in the async context of the caller; nothing but the result goes through a future.
//!
//! ```text
//!   Begin, answers, timer, wake-up, abort ──▶ inbox ──▶ Call::step ──▶ effect ──▶ perform ──▶ Outcome, when done
//!                   ▲                                                                │
//!                   └───────────── token source, fetch, timer, onProgress ◀──────────┘
//! ```

use std::cell::RefCell;
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

use super::errors::{thrown, to_js_error};
use super::events::to_js_event;
use super::fetch::{OpenRequest, send};
use super::host::{self, Arrivals, take_failure};
use super::object::set;
use super::outcome::{Outcome, Settled};
use super::signal::Signal;
use super::token_source::{OpenQuestion, TokenSource};
use super::value::Js;
use crate::machine::call::{Call, CallKind};
use crate::machine::effect::{Effect, Failure, Input, Now, Output, TokenFailure};
use crate::machine::state::Settings;
use crate::protocol::time::{Instant, Millis};
use crate::protocol::token::Token;

/// What the caller handed in.
pub struct Caller {
    /// The token source.
    pub tokens: TokenSource,
    /// The replacement for the global `fetch`, or undefined.
    pub fetch: JsValue,
    /// Receives progress events.
    pub on_progress: Option<Function>,
    /// Ends the call.
    pub signal: Option<Signal>,
    /// Is told where the operation is, when the call starts one.
    pub facts: Option<JsValue>,
}

/// Looks at what a call knows that has ended; also after a failure or an abort.
pub type OnEnd = Box<dyn FnOnce(Call<Js>)>;

/// A call that is under way.
pub struct Task {
    state: RefCell<State>,
    inbox: RefCell<Vec<Arrival>>,
}

struct State {
    caller: Caller,
    outcome: Rc<Outcome>,
    /// Nothing once the call has ended.
    running: Option<(Call<Js>, OnEnd)>,
    /// Which effect is under way: a late answer to an earlier one is dropped.
    turn: Turn,
    /// How far the call's clock is ahead of the host's, because a timer has fired while that one stood still (test tools do that).
    lead: Millis,
    /// Whether there was a network when that was asked last.
    is_online: bool,
    /// Asynchronous progress callbacks that have not ended yet.
    open_callbacks: u32,
    /// Until when they are awaited, once the call itself has ended.
    callbacks_until: Instant,
    /// The result, while callbacks are still open.
    result: Option<Settled>,
    /// The result stands, whatever callbacks and the signal do: what callbacks fail with is reported to the host.
    is_decided: bool,
    /// Nothing once the promise is settled.
    arrivals: Option<Arrivals>,
    // What the effect under way holds; dropping it ends it.
    timer: Option<Timer>,
    request: Option<OpenRequest>,
    question: Option<OpenQuestion>,
}

type Turn = u32;

struct Timer {
    _timeout: Timeout,
    /// When it fires, by the call's clock.
    due: Instant,
    /// Whether it was set because the one before fired a moment too early.
    is_second: bool,
}

/// What arrives at a call.
enum Arrival {
    Begin,
    Emitted,
    TimerFired(Turn),
    /// One of the codes below, the turn that it answers, and the value that came with it.
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

/// Hosts fire timers up to so much too early.
const TIMER_TOLERANCE: Millis = Millis(2.0);

impl Task {
    /// Begins a call, and performs its first effect at once, in the caller's context.
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
            lead: Millis::ZERO,
            is_online: true,
            open_callbacks: 0,
            callbacks_until: Instant::NEVER,
            result: None,
            is_decided: false,
            arrivals: None,
            timer: None,
            request: None,
            question: None,
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

/// The one way in.
fn deliver(task: &Rc<Task>, arrival: Arrival) {
    task.inbox.borrow_mut().push(arrival);
    // A step that is under way goes on with it.
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
        if let Err(failure) = self.go_on(task, arrival) {
            self.end(task, Err(failure));
        }
    }

    fn go_on(&mut self, task: &Rc<Task>, arrival: Arrival) -> Result<(), Failure<Js>> {
        let input = match arrival {
            Arrival::Begin => Input::Begin,
            Arrival::Emitted => Input::Emitted,
            Arrival::TimerFired(turn) if turn != self.turn => return Ok(()),
            Arrival::TimerFired(_) => match self.on_timer()? {
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
            Arrival::Coded(_, turn, _) if turn != self.turn => return Ok(()), // late
            Arrival::Coded(TOKEN, _, token) => Input::Token(Token::new(Js(token)).map_err(|problem| {
                self.question.iter().for_each(OpenQuestion::refuse);
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
            // Also where nobody receives events.
            self.is_decided |= call.is_decided() || matches!(effect, Effect::Done(Ok(Output::Location(_))));
            if matches!(effect, Effect::Pending) {
                // The deadline that has passed may have been put off.
                return if self.timer.is_none() { self.set_timer(task, now.instant, false) } else { Ok(()) };
            }
            self.end_turn();
            // A text is no question.
            match (effect, self.caller.tokens.text()) {
                (Effect::GetToken(_), Some(token)) => input = Input::Token(Ok(token.clone())),
                (effect, _) => return self.perform(task, effect, now.instant),
            }
        }
    }

    fn perform(&mut self, task: &Rc<Task>, effect: Effect<Js>, now: Instant) -> Result<(), Failure<Js>> {
        match effect {
            Effect::Pending => {}
            Effect::Done(result) => {
                nothing_was_thrown()?;
                self.end(task, result);
            }
            Effect::Emit(event) => {
                nothing_was_thrown()?;
                self.emit(task, &to_js_event(&event));
            }
            Effect::GetToken(request) => {
                self.set_timer(task, now, false)?;
                let (question, token) = self.caller.tokens.ask(&request);
                self.question = Some(question);
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

    /// Goes on in the callback that brings the answer, and so in the caller's context.
    fn await_promise(&self, promise: &Promise, codes: [u32; 2]) {
        if let Some(arrivals) = &self.arrivals {
            arrivals.of_promise(promise, self.turn, codes);
        }
    }

    /// Ends what is under way: the timer and the listeners are gone, a request is aborted, and its answer will be late. What a
    /// replacement of `clearTimeout` throws has to be taken before anything of another call is done.
    fn end_turn(&mut self) {
        self.turn = self.turn.wrapping_add(1);
        self.timer = None;
        self.request = None;
        self.question = None;
        if let Some(arrivals) = &mut self.arrivals {
            arrivals.end_sleep();
        }
    }

    /// Ends what is under way when the call's result is known: the first failure is the one that the caller gets.
    fn end_last_turn(&mut self) {
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
        // Behind an abort that the callback may have made.
        task.inbox.borrow_mut().push(arrival);
    }

    /// The moment, by the call's own clock.
    fn now(&self) -> Result<Now, Failure<Js>> {
        let mut now = host::now().map_err(thrown)?;
        now.instant = now.instant + self.lead;
        now.is_online = self.is_online;
        Ok(now)
    }

    /// Until when what is under way is awaited.
    fn deadline(&self) -> Instant {
        self.running.as_ref().map_or(self.callbacks_until, |(call, _)| call.deadline())
    }

    /// Sets the timer for what is under way.
    ///
    /// # Errors
    /// What a replacement of a timer's function threw: also that of the timer before.
    fn set_timer(&mut self, task: &Rc<Task>, now: Instant, is_second: bool) -> Result<(), Failure<Js>> {
        let deadline = self.deadline();
        if deadline != Instant::NEVER {
            // A longer delay would fire at once (HTML, timer initialization steps).
            let delay = (deadline - now).max(Millis::ZERO).0.ceil().min(f64::from(i32::MAX));
            let (task, turn) = (task.clone(), self.turn);
            let _timeout = Timeout::new(delay as u32, move || deliver(&task, Arrival::TimerFired(turn)));
            self.timer = Some(Timer { _timeout, due: deadline.min(now + Millis(delay)), is_second });
        }
        nothing_was_thrown()
    }

    /// Whether the deadline has come. A timer that fired has waited its time, whatever the host's clock says; but hosts fire a moment
    /// too early, and a wait may be longer than any timer.
    fn on_timer(&mut self) -> Result<bool, Failure<Js>> {
        let now = self.now()?.instant;
        // It has fired: there is nothing to be cleared that could throw.
        let Some(Timer { due, is_second, .. }) = self.timer.take() else { return Ok(false) };
        let missing = due - now;
        if missing > Millis::ZERO {
            if missing <= TIMER_TOLERANCE && !is_second {
                return Ok(false);
            }
            self.lead = Millis(self.lead.0 + missing.0);
        }
        Ok(due >= self.deadline() || now >= self.deadline())
    }

    fn response_of(&mut self, exchanged: &JsValue) -> Input<Js> {
        match &mut self.request {
            Some(request) => Input::Response(Box::new(request.read(exchanged))),
            None => Input::NoResponse(Js(JsValue::UNDEFINED)),
        }
    }

    fn abort(&mut self, task: &Rc<Task>) -> Result<(), Failure<Js>> {
        self.take_answer(task)?;
        // Nobody waits for them any more.
        self.open_callbacks = 0;
        let reason = self.caller.signal.as_ref().map(Signal::reason).unwrap_or_default();
        let Some((call, _)) = &mut self.running else {
            self.stop_awaiting_callbacks(thrown(reason));
            return Ok(());
        };
        let effect = call.abort(Js(reason));
        self.is_decided |= call.is_decided();
        // The caller gets the signal's reason, whatever else fails.
        self.end_last_turn();
        // Neither an event nor an end needs the time.
        self.perform(task, effect, Instant::NEVER)
    }

    /// Ends the request. A 202 that has been read, and is on its way here, tells of a run that must not be lost.
    fn take_answer(&mut self, task: &Rc<Task>) -> Result<(), Failure<Js>> {
        let Some(answer) = self.request.as_ref().and_then(OpenRequest::abort) else { return Ok(()) };
        self.go_on(task, Arrival::Coded(RESPONSE, self.turn, answer))
    }

    fn on_callback_failed(&mut self, task: &Rc<Task>, failure: JsValue) -> Result<(), Failure<Js>> {
        self.take_answer(task)?;
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

    /// The call has ended: with this result, as soon as its asynchronous callbacks have settled.
    fn end(&mut self, task: &Rc<Task>, result: Result<Output<Js>, Failure<Js>>) {
        self.end_last_turn();
        let Some((call, on_end)) = self.running.take() else {
            // Only callbacks were still open.
            if let Err(failure) = result {
                self.stop_awaiting_callbacks(failure);
            }
            return;
        };
        self.callbacks_until = call.operation_deadline();
        // Graph took the run: what fails now, such as a replaced timer, must not lose it.
        let taken = call.facts().location.clone().filter(|_| self.is_decided);
        on_end(call);
        let settled = taken.map_or(result, |location| Ok(Output::Location(location))).map(to_js).map_err(to_js_error);
        if settled.is_err() || self.open_callbacks == 0 {
            return self.settle(settled);
        }
        self.result = Some(settled);
        let timer = self.now().and_then(|now| self.set_timer(task, now.instant, false));
        if let Err(failure) = timer {
            self.stop_awaiting_callbacks(failure);
        }
    }

    /// Callbacks cannot be awaited any more, because something else failed.
    fn stop_awaiting_callbacks(&mut self, failure: Failure<Js>) {
        if !self.is_decided {
            self.result = Some(Err(to_js_error(failure)));
        }
        self.settle_result();
    }

    /// No callback is awaited any more: the result is out, if there is one.
    fn settle_result(&mut self) {
        if let Some(result) = self.result.take() {
            self.end_last_turn();
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

/// # Errors
/// What a replacement of a timer's function threw.
fn nothing_was_thrown() -> Result<(), Failure<Js>> {
    let failure = take_failure();
    if failure.is_undefined() { Ok(()) } else { Err(thrown(failure)) }
}

fn to_js(output: Output<Js>) -> JsValue {
    match output {
        Output::Location(location) => location.as_str().into(),
        Output::Operation(operation) => Js::or_undefined(operation.document),
        Output::Page(None) => JsValue::UNDEFINED,
        Output::Page(Some(items)) => items.into_iter().map(|item| item.0).collect::<Array>().into(),
    }
}
