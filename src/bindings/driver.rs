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
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;

use super::errors::{thrown, to_js_error};
use super::events::to_js_event;
use super::fetch::{OpenRequest, send};
use super::host::{self, take_failure};
use super::outcome::{Outcome, Settled};
use super::signal::{OnAbort, Signal, Subscription};
use super::token_source::{OpenQuestion, TokenSource};
use super::value::Js;
use super::wake_up::WakeUps;
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
}

/// What is done with a call that has ended.
pub struct OnEnd {
    /// Looks at what the call knows; also after a failure or an abort.
    pub take: Box<dyn FnOnce(Call<Js>)>,
    /// Makes a JavaScript value of the result.
    pub to_js: fn(Output<Js>) -> JsValue,
}

/// A call that is under way.
pub struct Task {
    state: RefCell<State>,
    inbox: RefCell<VecDeque<Arrival>>,
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
    /// Asynchronous progress callbacks that have not settled yet.
    open_callbacks: u32,
    /// Until when they are awaited, once the call itself has ended.
    callbacks_until: Instant,
    /// The result, while callbacks are still open.
    result: Option<Settled>,
    subscription: Option<Subscription>,
    // What the effect under way holds; dropping it ends it.
    timer: Option<Timer>,
    request: Option<OpenRequest>,
    question: Option<OpenQuestion>,
    wake_ups: Option<WakeUps>,
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
    Token(Turn, Settled),
    Exchanged(Turn, Settled),
    TimerFired(Turn),
    WokeUp,
    Aborted,
    Emitted,
    CallbackSettled(Settled),
}

/// Hosts fire timers up to so much too early.
const TIMER_TOLERANCE: Millis = Millis(2.0);

impl Task {
    /// Begins a call, and performs its first effect at once, in the caller's context.
    pub fn begin(kind: CallKind, settings: Settings, caller: Caller, on_end: OnEnd) -> Result<Promise, Failure<Js>> {
        let signal = caller.signal.clone();
        if let Some(reason) = signal.as_ref().and_then(Signal::abort_reason) {
            return Err(thrown(reason));
        }
        let call = Call::new(kind, settings, host::now().map_err(thrown)?);
        let outcome = Rc::<Outcome>::default();
        let state = State {
            caller,
            outcome: outcome.clone(),
            running: Some((call, on_end)),
            turn: 0,
            lead: Millis::ZERO,
            open_callbacks: 0,
            callbacks_until: Instant::NEVER,
            result: None,
            subscription: None,
            timer: None,
            request: None,
            question: None,
            wake_ups: None,
        };
        let task = Rc::new(Task { state: RefCell::new(state), inbox: RefCell::default() });
        if let Some(signal) = signal {
            let weak: Weak<Task> = Rc::downgrade(&task);
            let subscription = signal.subscribe(weak).map_err(thrown)?;
            task.state.borrow_mut().subscription = Some(subscription);
        }
        deliver(&task, Arrival::Begin);
        Ok(outcome.promise())
    }
}

impl OnAbort for Task {
    fn on_abort(self: Rc<Task>) {
        deliver(&self, Arrival::Aborted);
    }
}

/// The one way in.
fn deliver(task: &Rc<Task>, arrival: Arrival) {
    task.inbox.borrow_mut().push_back(arrival);
    // A step that is under way goes on with it.
    let Ok(mut state) = task.state.try_borrow_mut() else { return };
    loop {
        let next = task.inbox.borrow_mut().pop_front();
        let Some(arrival) = next else { return };
        state.receive(task, arrival);
    }
}

/// Delivers what a promise settles with. The two closures own themselves until one of them is called.
fn when_settled(promise: &Promise, task: &Rc<Task>, arrival: impl Fn(Settled) -> Arrival + Clone + 'static) {
    type Callback = Closure<dyn FnMut(JsValue)>;
    let callbacks: Rc<RefCell<Option<[Callback; 2]>>> = Rc::default();
    let callback = |settled: fn(JsValue) -> Settled| {
        let (callbacks, task, arrival) = (callbacks.clone(), task.clone(), arrival.clone());
        Closure::new(move |value| {
            callbacks.take();
            deliver(&task, arrival(settled(value)));
        })
    };
    let both: [Callback; 2] = [callback(Ok), callback(Err)];
    let _ = promise.then2(&both[0], &both[1]);
    callbacks.replace(Some(both));
}

impl State {
    fn receive(&mut self, task: &Rc<Task>, arrival: Arrival) {
        if let Err(failure) = self.go_on(task, arrival) {
            self.end(task, Err(failure));
        }
    }

    fn go_on(&mut self, task: &Rc<Task>, arrival: Arrival) -> Result<(), Failure<Js>> {
        let input = match arrival {
            Arrival::Aborted => return Err(self.abort_reason()),
            Arrival::CallbackSettled(settled) => {
                self.open_callbacks -= 1;
                if self.running.is_none() {
                    return self.after_callback(settled);
                }
                let Err(failure) = settled else { return Ok(()) };
                Input::CallbackFailed(Js(failure))
            }
            Arrival::TimerFired(turn) if turn == self.turn => match self.on_timer()? {
                true if self.running.is_none() => return self.settle_result(),
                true => Input::Deadline,
                false => return self.set_timer(task, true),
            },
            Arrival::Begin => Input::Begin,
            Arrival::Emitted => Input::Emitted,
            Arrival::WokeUp if self.wake_ups.is_some() => Input::WakeUp,
            Arrival::Token(turn, settled) if turn == self.turn => Input::Token(token_of(settled)),
            Arrival::Exchanged(turn, settled) if turn == self.turn => self.response_of(settled),
            _ => return Ok(()), // late
        };
        self.step(task, input)
    }

    fn step(&mut self, task: &Rc<Task>, mut input: Input<Js>) -> Result<(), Failure<Js>> {
        loop {
            let now = self.now()?;
            let Some((call, _)) = &mut self.running else { return Ok(()) };
            let effect = call.step(input, now);
            if matches!(effect, Effect::Pending) {
                return Ok(());
            }
            self.end_turn()?;
            // A text is no question.
            match (effect, self.caller.tokens.text()) {
                (Effect::GetToken(_), Some(token)) => input = Input::Token(Ok(token.clone())),
                (effect, _) => return self.perform(task, effect),
            }
        }
    }

    fn perform(&mut self, task: &Rc<Task>, effect: Effect<Js>) -> Result<(), Failure<Js>> {
        let turn = self.turn;
        match effect {
            Effect::Pending => {}
            Effect::Done(result) => self.end(task, result),
            Effect::Emit(event) => self.emit(task, &to_js_event(&event)),
            Effect::GetToken(request) => {
                self.set_timer(task, false)?;
                let (question, token) = self.caller.tokens.ask(&request);
                self.question = Some(question);
                when_settled(&token, task, move |settled| Arrival::Token(turn, settled));
            }
            Effect::Send(request) => {
                self.set_timer(task, false)?;
                let (request, exchanged) = send(&request, &self.caller.fetch).map_err(thrown)?;
                self.request = Some(request);
                when_settled(&exchanged, task, move |settled| Arrival::Exchanged(turn, settled));
            }
            Effect::Sleep { wakes_early } => {
                self.set_timer(task, false)?;
                if wakes_early {
                    let task = task.clone();
                    self.wake_ups = Some(WakeUps::listen(move || deliver(&task, Arrival::WokeUp)));
                }
            }
        }
        Ok(())
    }

    /// Ends what is under way: the timer and the listeners are gone, a request is aborted, and its answer will be late.
    ///
    /// # Errors
    /// What a replacement threw meanwhile: it must not be taken for another call's.
    fn end_turn(&mut self) -> Result<(), Failure<Js>> {
        self.turn = self.turn.wrapping_add(1);
        self.timer = None;
        self.request = None;
        self.question = None;
        self.wake_ups = None;
        nothing_was_thrown()
    }

    fn emit(&mut self, task: &Rc<Task>, event: &JsValue) {
        let Some(on_progress) = &self.caller.on_progress else { return };
        let results = Array::new();
        let arrival = match host::notify(on_progress, event, &results) {
            Err(failure) => {
                self.open_callbacks += 1;
                Arrival::CallbackSettled(Err(failure))
            }
            Ok(()) => Arrival::Emitted,
        };
        if let Ok(promise) = results.get(0).dyn_into::<Promise>() {
            self.open_callbacks += 1;
            when_settled(&promise, task, Arrival::CallbackSettled);
        }
        // Behind an abort that the callback may have made.
        task.inbox.borrow_mut().push_back(arrival);
    }

    /// The moment, by the call's own clock.
    fn now(&self) -> Result<Now, Failure<Js>> {
        let mut now = host::now().map_err(thrown)?;
        now.instant = now.instant + self.lead;
        Ok(now)
    }

    /// Until when what is under way is awaited.
    fn deadline(&self) -> Instant {
        self.running.as_ref().map_or(self.callbacks_until, |(call, _)| call.deadline())
    }

    fn set_timer(&mut self, task: &Rc<Task>, is_second: bool) -> Result<(), Failure<Js>> {
        let deadline = self.deadline();
        if deadline == Instant::NEVER {
            return Ok(());
        }
        let now = self.now()?.instant;
        // A longer delay would fire at once (HTML, timer initialization steps).
        let delay = (deadline - now).max(Millis::ZERO).0.ceil().min(f64::from(i32::MAX));
        let (task, turn) = (task.clone(), self.turn);
        let _timeout = Timeout::new(delay as u32, move || deliver(&task, Arrival::TimerFired(turn)));
        self.timer = Some(Timer { _timeout, due: deadline.min(now + Millis(delay)), is_second });
        nothing_was_thrown()
    }

    /// Whether the deadline has come. A timer that fired has waited its time, whatever the host's clock says; but hosts fire a moment
    /// too early, and a wait may be longer than any timer.
    fn on_timer(&mut self) -> Result<bool, Failure<Js>> {
        let now = self.now()?.instant;
        let Some(Timer { due, is_second, .. }) = self.timer.take() else { return Ok(false) };
        nothing_was_thrown()?;
        let missing = due - now;
        if missing > Millis::ZERO {
            if missing <= TIMER_TOLERANCE && !is_second {
                return Ok(false);
            }
            self.lead = Millis(self.lead.0 + missing.0);
        }
        Ok(due >= self.deadline() || now >= self.deadline())
    }

    fn response_of(&mut self, settled: Settled) -> Input<Js> {
        let request = self.request.as_mut();
        let response =
            settled.and_then(|exchanged| request.map(|request| request.read(&exchanged)).unwrap_or(Err(exchanged)));
        response.map_or_else(|cause| Input::NoResponse(Js(cause)), Input::Response)
    }

    fn abort_reason(&self) -> Failure<Js> {
        thrown(self.caller.signal.as_ref().and_then(Signal::abort_reason).unwrap_or_default())
    }

    /// The call has ended: with this result, as soon as its asynchronous callbacks have settled.
    fn end(&mut self, task: &Rc<Task>, result: Result<Output<Js>, Failure<Js>>) {
        // The first failure is the one that is told.
        let _ = self.end_turn();
        let Some((call, on_end)) = self.running.take() else {
            // Only callbacks were still open.
            if let Err(failure) = result {
                self.settle(Err(to_js_error(failure)));
            }
            return;
        };
        self.callbacks_until = call.operation_deadline();
        (on_end.take)(call);
        let settled = result.map(on_end.to_js).map_err(to_js_error);
        if settled.is_err() || self.open_callbacks == 0 {
            return self.settle(settled);
        }
        self.result = Some(settled);
        if let Err(failure) = self.set_timer(task, false) {
            let _ = self.end_turn();
            self.settle(Err(to_js_error(failure)));
        }
    }

    /// An asynchronous callback has settled when the call itself had ended already.
    fn after_callback(&mut self, settled: Settled) -> Result<(), Failure<Js>> {
        settled.map_err(thrown)?;
        if self.open_callbacks == 0 { self.settle_result() } else { Ok(()) }
    }

    /// No callback is awaited any more.
    fn settle_result(&mut self) -> Result<(), Failure<Js>> {
        if let Some(result) = self.result.take() {
            self.end_turn()?;
            self.settle(result);
        }
        Ok(())
    }

    fn settle(&mut self, settled: Settled) {
        self.subscription = None;
        self.result = None;
        self.outcome.settle(settled);
    }
}

/// Fails with what a replacement of a clock or a timer threw, if one did.
fn nothing_was_thrown() -> Result<(), Failure<Js>> {
    let failure = take_failure();
    if failure.is_undefined() { Ok(()) } else { Err(thrown(failure)) }
}

fn token_of(settled: Settled) -> Result<Token<Js>, TokenFailure<Js>> {
    let token = settled.map_err(|cause| TokenFailure::Failed(Js(cause)))?;
    Token::new(Js(token)).map_err(TokenFailure::Invalid)
}
