//! A driver with a virtual clock: it performs the effects of calls, and advances the clock only when nothing else is due.

use std::cell::Cell;
use std::rc::Rc;

use teams_device_diagnostics::machine::call::Call;
use teams_device_diagnostics::machine::effect::{Effect, Failure, Input, Now, Output};
use teams_device_diagnostics::machine::event::Event;
use teams_device_diagnostics::protocol::http::Request;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::TokenRequest;

use crate::document::Document;

/// A virtual clock.
#[derive(Clone)]
pub struct Clock(Rc<Time>);

struct Time {
    now: Cell<Instant>,
    /// When the computer falls asleep, and for how long.
    sleep: Cell<Option<(Instant, Millis)>>,
}

impl Default for Clock {
    fn default() -> Clock {
        Clock(Rc::new(Time { now: Cell::new(Clock::ORIGIN), sleep: Cell::default() }))
    }
}

impl Clock {
    /// When every clock begins.
    pub const ORIGIN: Instant = Instant(0.0);

    pub fn now(&self) -> Instant {
        self.0.now.get()
    }

    /// Makes the computer fall asleep: what is due meanwhile happens when it wakes up.
    pub fn sleep_at(&self, moment: Instant, length: Millis) {
        self.0.sleep.set(Some((moment, length)));
    }

    pub fn advance(&self, length: Millis) {
        self.advance_to(self.now() + length);
    }

    pub fn advance_to(&self, moment: Instant) {
        self.0.now.set(self.now().max(moment));
        if let Some((begin, length)) = self.0.sleep.get().filter(|(begin, _)| *begin <= moment) {
            self.0.sleep.set(None);
            self.0.now.set(self.now().max(begin + length));
        }
    }
}

/// The environment of a call: the network, the token source, the progress callback, and the time.
pub trait Environment {
    fn clock(&self) -> &Clock;
    /// The time of a step.
    fn now(&self) -> Now;
    /// Sends a request.
    fn send<'a>(&'a self, request: Request<Document>) -> Later<'a>;
    /// Requests a token from the token source.
    fn token<'a>(&'a self, request: TokenRequest<Document>) -> Later<'a>;
    /// Calls the progress callback.
    fn emit(&self, event: Event<Document>) -> Result<(), Document>;
    /// When the page becomes visible again, or the network is back; called again after each time.
    fn next_wake_up(&self) -> Instant {
        Instant::NEVER
    }
    /// Whether a late timer fires before what else has happened meanwhile; called after the computer has been asleep.
    fn timer_comes_first(&self) -> bool {
        false
    }
    /// An input that is not awaited, such as a late response or an early timer; called at each wait.
    fn stray_input(&self, _awaited: Awaited) -> Option<Input<Document>> {
        None
    }
}

/// What a call awaits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    Token,
    Response,
    Time,
}

/// What happens later.
pub enum Later<'a> {
    /// After this long, this input arrives.
    Input(Millis, Input<Document>),
    /// After this long, this function is called and returns what follows.
    Then(Millis, Box<dyn FnOnce() -> Later<'a> + 'a>),
    /// Nothing, ever.
    Never,
}

/// How a call ended.
pub enum End {
    Done(Result<Output<Document>, Failure<Document>>),
    /// It was dropped while it waited, as in an abort.
    Dropped,
    /// It awaits something that never comes.
    Stuck,
}

/// When a call is dropped.
#[derive(Clone, Copy)]
pub enum DropAt {
    Never,
    /// At its nth wait, from 1.
    Wait(usize),
    /// At this time.
    Moment(Instant),
}

/// A call in progress, and what it awaits.
pub struct Running<'a> {
    pub call: Call<Document>,
    pub end: Option<End>,
    drop_at: DropAt,
    waits: usize,
    /// The number of steps in a row at this time.
    turns: (Instant, usize),
    later: Option<(Instant, Later<'a>)>,
    wake_up: Instant,
    awaited: Awaited,
}

/// Runs one call to its end.
pub fn run(environment: &impl Environment, call: Call<Document>, drop_at: DropAt) -> (End, Call<Document>) {
    let mut running = [Running::new(call, drop_at)];
    run_all(environment, &mut running);
    let [Running { call, end, .. }] = running;
    (end.expect("the call has ended"), call)
}

/// Runs calls in parallel, each to its end.
pub fn run_all<'a>(environment: &'a impl Environment, calls: &mut [Running<'a>]) {
    run_chains(environment, calls, |_| {});
}

/// Runs calls in parallel, each to its end. At the end of a call, `on_end` may replace it with the call that follows.
pub fn run_chains<'a>(
    environment: &'a impl Environment,
    calls: &mut [Running<'a>],
    mut on_end: impl FnMut(&mut Running<'a>),
) {
    for running in calls.iter_mut() {
        running.step(environment, Input::Begin);
        running.begin_next(environment, &mut on_end);
    }
    loop {
        let open = calls.iter_mut().filter(|running| running.end.is_none());
        // Calls with events at the same time are served in turn, so that parallel calls really overlap.
        let next = open.min_by(|one, other| {
            let (Instant(time), Instant(other_time)) = (one.next(), other.next());
            time.total_cmp(&other_time).then(one.waits.cmp(&other.waits))
        });
        let Some(running) = next else { return };
        running.go_on(environment);
        running.begin_next(environment, &mut on_end);
    }
}

impl<'a> Running<'a> {
    pub fn new(call: Call<Document>, drop_at: DropAt) -> Running<'a> {
        let (turns, wake_up) = ((Clock::ORIGIN, 0), Instant::NEVER);
        Running { call, end: None, drop_at, waits: 0, turns, later: None, wake_up, awaited: Awaited::Time }
    }

    /// Begins the call that follows one that has ended.
    fn begin_next(&mut self, environment: &'a impl Environment, on_end: &mut impl FnMut(&mut Running<'a>)) {
        while self.end.is_some() {
            on_end(self);
            if self.end.is_some() {
                return;
            }
            self.step(environment, Input::Begin);
        }
    }

    /// When the next thing happens to this call.
    fn next(&self) -> Instant {
        let dropped = if let DropAt::Moment(moment) = self.drop_at { moment } else { Instant::NEVER };
        let later = self.later.as_ref().map_or(Instant::NEVER, |(at, _)| *at);
        later.min(self.wake_up).min(self.call.deadline()).min(dropped)
    }

    fn go_on(&mut self, environment: &'a impl Environment) {
        self.waits += 1;
        let next = self.next();
        if matches!(self.drop_at, DropAt::Wait(count) if count <= self.waits) {
            return self.drop(End::Dropped);
        }
        if next == Instant::NEVER {
            return self.drop(End::Stuck);
        }
        if let Some(input) = environment.stray_input(self.awaited) {
            return self.step(environment, input);
        }
        environment.clock().advance_to(next);
        // If several things happen at the same time, a result comes first.
        let now = environment.clock().now();
        self.turns = (now, if self.turns.0 == now { self.turns.1 + 1 } else { 0 });
        assert!(self.turns.1 < 10_000, "the call is busy without end while no time passes");
        let has_slept = now - self.call.deadline() > Millis(5_000.0);
        if has_slept && environment.timer_comes_first() {
            self.step(environment, Input::Deadline);
        } else if self.later.as_ref().is_some_and(|(at, _)| *at <= now) {
            match self.later.take() {
                Some((_, Later::Input(_, input))) => self.step(environment, input),
                Some((_, Later::Then(_, proceed))) => {
                    let later = proceed();
                    self.wait_for(environment, later);
                }
                Some((_, Later::Never)) | None => {}
            }
        } else if self.wake_up <= now {
            self.wake_up = environment.next_wake_up();
            self.step(environment, Input::WakeUp);
        } else if self.call.deadline() <= now {
            self.step(environment, Input::Deadline);
        } else {
            self.drop(End::Dropped);
        }
    }

    /// Drops the call and what it awaits.
    fn drop(&mut self, end: End) {
        self.later = None;
        self.end = Some(end);
    }

    fn wait_for(&mut self, environment: &impl Environment, later: Later<'a>) {
        let now = environment.clock().now();
        self.later = match &later {
            Later::Input(after, _) | Later::Then(after, _) => Some((now + *after, later)),
            Later::Never => Some((Instant::NEVER, later)),
        };
    }

    fn step(&mut self, environment: &'a impl Environment, input: Input<Document>) {
        let mut effect = self.call.step(input, environment.now());
        while let Effect::Emit(event) = effect {
            let input = environment.emit(*event).map_or_else(Input::CallbackFailed, |()| Input::Emitted);
            effect = self.call.step(input, environment.now());
        }
        let later = match effect {
            // A call by itself awaits no turn.
            Effect::Pending | Effect::Emit(_) | Effect::AwaitTurn { .. } => return,
            Effect::Done(result) => return self.drop(End::Done(result)),
            Effect::GetToken(request) => {
                self.awaited = Awaited::Token;
                environment.token(*request)
            }
            Effect::Send(request) => {
                self.awaited = Awaited::Response;
                environment.send(*request)
            }
            Effect::Sleep { wakes_early } => {
                self.awaited = Awaited::Time;
                self.later = None;
                self.wake_up = if wakes_early { environment.next_wake_up() } else { Instant::NEVER };
                return;
            }
        };
        self.wake_up = Instant::NEVER;
        self.wait_for(environment, later);
    }
}
