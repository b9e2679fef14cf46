//! A call that gets one input after the other, and what must be true of its next effect.

use teams_device_diagnostics::machine::call::Call;
use teams_device_diagnostics::machine::effect::Effect;
use teams_device_diagnostics::protocol::http::Method;
use teams_device_diagnostics::protocol::time::{Instant, Millis};

use super::input::{Given, Moment, Step};
use super::setting::{BEGIN, Setting};
use crate::document::Document;

/// The maximum number of deadlines of a call that gets no responses: a wait without a limit polls twice a minute.
const MOST_DEADLINES: usize = 200_000;
/// From a deadline to a moment just before it.
const JUST_BEFORE: Millis = Millis(-0.5);

/// A call, and the conditions that its next effect must meet.
pub struct Watched {
    pub call: Call<Document>,
    pub setting: Setting,
    pub now: Instant,
    pub awaited: Awaited,
    /// When the call must have ended, and whether that was extended because the computer was asleep.
    pub latest: Instant,
    is_extended: bool,
    /// When the last input arrived.
    last_input: Instant,
    pub post: Post,
    /// Whether the page that was read last is the last page of the list.
    pub has_read_list: bool,
    /// The location in the 202, and the earliest time of the first poll.
    pub location: Option<&'static str>,
    pub first_poll_at: Instant,
    pub not_before: Instant,
    /// The number of 401s in a row.
    pub refusals: usize,
    /// The claims of the last response's challenge.
    pub claims: Option<&'static str>,
}

/// What the current effect awaits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Awaited {
    Begin,
    Token,
    Response(Method),
    Time,
    Emitted,
    Nothing,
}

/// What came of the POST.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Post {
    NotSent,
    /// Sent, but no response has come.
    NoResponse,
    /// A response with this status.
    Response(u16),
    /// A 503 that is not from Graph: the POST may have been accepted.
    GatewayResponse,
}

impl Post {
    pub fn was_not_accepted(self) -> bool {
        matches!(self, Post::NotSent | Post::Response(401 | 421 | 425 | 429 | 503))
    }
}

impl Watched {
    pub fn new(setting: Setting) -> Watched {
        Watched {
            call: setting.call(),
            now: BEGIN,
            awaited: Awaited::Begin,
            latest: BEGIN + setting.limits.operation_timeout,
            setting,
            is_extended: false,
            last_input: BEGIN,
            post: Post::NotSent,
            has_read_list: false,
            location: None,
            first_poll_at: BEGIN,
            not_before: BEGIN,
            refusals: 0,
            claims: None,
        }
    }

    pub fn apply(&mut self, step: &Step) {
        let deadline = self.call.deadline();
        self.now = match step.moment {
            Moment::After(length) => self.now + length,
            Moment::Deadline if deadline < Instant::NEVER => self.now.max(deadline),
            Moment::JustBeforeDeadline if deadline < Instant::NEVER => self.now.max(deadline + JUST_BEFORE),
            Moment::Deadline | Moment::JustBeforeDeadline => self.now,
        };
        let given = match (&step.given, self.awaited) {
            (Given::Awaited(_), Awaited::Begin | Awaited::Nothing) => Given::Begin,
            (Given::Awaited(_), Awaited::Token) => Given::Token,
            (Given::Awaited(content), Awaited::Response(_)) => Given::Response(content.clone()),
            (Given::Awaited(_), Awaited::Time) => {
                self.now = self.now.max(deadline);
                Given::Deadline
            }
            (Given::Awaited(_), Awaited::Emitted) => Given::Emitted,
            (given, _) => given.clone(),
        };
        self.step(&given, step.random);
    }

    /// Runs the call to its end: only deadlines arrive and, if `is_emitting`, the ends of callbacks.
    pub fn end(&mut self, is_emitting: bool) {
        if self.awaited == Awaited::Begin {
            self.step(&Given::Begin, 0.5);
        }
        for _ in 0..MOST_DEADLINES {
            match self.awaited {
                Awaited::Nothing => return,
                Awaited::Emitted if is_emitting => self.step(&Given::Emitted, 0.5),
                _ => {
                    self.now = self.now.max(self.call.deadline());
                    self.step(&Given::Deadline, 0.5);
                }
            }
        }
        panic!("the call does not end");
    }

    fn step(&mut self, given: &Given, random: f64) {
        let deadline = self.call.deadline();
        self.note_sleep(deadline);
        let may_change = self.is_awaited(given, deadline);
        if may_change {
            self.note(given);
        }
        let effect = self.call.step(given.input(), self.setting.now(self.now, random));
        if !may_change {
            assert!(matches!(effect, Effect::Pending), "{given:?} had an effect while {:?} was awaited", self.awaited);
            // The deadline may have been extended after a sleep.
            assert!(self.call.deadline() >= deadline);
        } else if matches!(given, Given::CallbackFailed) {
            assert!(matches!(effect, Effect::Done(_)), "the call continues although its callback failed");
        }
        self.check(effect, given);
    }

    /// A step that is more than 5 s late means that the computer was asleep: a call whose deadline has passed gets the time
    /// of two requests.
    fn note_sleep(&mut self, deadline: Instant) {
        let has_slept = self.now - deadline.max(self.last_input) > Millis(5_000.0);
        self.last_input = self.now;
        if has_slept && self.now >= self.latest && !self.is_extended {
            self.is_extended = true;
            self.latest = self.now + self.setting.limits.timeout * 2.0;
        }
    }

    /// Whether the input can have an effect.
    fn is_awaited(&self, given: &Given, deadline: Instant) -> bool {
        match (given, self.awaited) {
            (_, Awaited::Nothing) => false,
            (Given::CallbackFailed, _) => true,
            (Given::Begin, awaited) => awaited == Awaited::Begin,
            (Given::Token | Given::NoToken | Given::InvalidToken, awaited) => awaited == Awaited::Token,
            (Given::Response(_) | Given::NoResponse, awaited) => matches!(awaited, Awaited::Response(_)),
            (Given::Emitted, awaited) => awaited == Awaited::Emitted,
            (Given::WakeUp, awaited) => awaited == Awaited::Time,
            (Given::Deadline, _) => self.now >= deadline,
            (Given::Awaited(_), _) => false,
        }
    }

    /// Records what an awaited input contains.
    fn note(&mut self, given: &Given) {
        let Awaited::Response(method) = self.awaited else { return };
        self.refusals = if given.is_unauthorized() { self.refusals + 1 } else { 0 };
        let Given::Response(content) = given else { return };
        self.claims = content.claims();
        let is_success = (200..300).contains(&content.status);
        if method == Method::Post {
            self.post = match content.status {
                503 if !content.is_from_graph() => Post::GatewayResponse,
                status => Post::Response(status),
            };
            self.location = content.trusted_location().filter(|_| content.status == 202);
            self.first_poll_at = self.now + content.requested_delay();
        }
        self.has_read_list = method == Method::Get && is_success && content.is_last_page();
        self.not_before = self.not_before.max(self.now + content.requested_delay());
    }
}
