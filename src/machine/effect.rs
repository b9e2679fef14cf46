//! The inputs and effects of a call.

use crate::machine::event::Event;
use crate::protocol::error::Error;
use crate::protocol::http::{Request, Response};
use crate::protocol::json::Json;
use crate::protocol::location::TrustedUrl;
use crate::protocol::operation::Operation;
use crate::protocol::time::{Instant, UnixTime};
use crate::protocol::token::{Token, TokenRequest};
use crate::protocol::url::UrlParser;

/// A value of the host, which parses JSON and URLs.
pub trait Host: Json + UrlParser {}

impl<V: Json + UrlParser> Host for V {}

/// The time of a step, and a random number.
#[derive(Clone, Copy)]
pub struct Now {
    /// By the monotonic clock.
    pub instant: Instant,
    /// By the host's calendar clock.
    pub unix_time: UnixTime,
    /// A random number, at least 0 and less than 1.
    pub random: f64,
    /// Whether the host may be online, as far as it knows.
    pub is_online: bool,
}

/// What happened. An input that does not belong to the current effect is ignored. Large values are boxed: they are passed on
/// several times, and moving them would take more code than everything else that is done with them.
pub enum Input<V> {
    /// The first input of every call.
    Begin,
    /// The result of [`Effect::GetToken`].
    Token(Result<Token<V>, TokenFailure<V>>),
    /// The response to [`Effect::Send`].
    Response(Box<Response<V>>),
    /// No complete response came; holds the host's error.
    NoResponse(V),
    /// The turn of [`Effect::AwaitTurn`] has come.
    Turn,
    /// The turn is over before its request was sent: the fleet may send nothing now. The attempt awaits another turn.
    TurnLost,
    /// There will be no turn: the refusal of [`Effect::AwaitTurn`] concerns this call alone, which fails.
    TurnRefused,
    /// [`Call::deadline`](crate::machine::call::Call::deadline) has passed.
    Deadline,
    /// The page is visible again (browsers slow down the timers of hidden pages), or the network is back: the pause may end
    /// early.
    WakeUp,
    /// The event of [`Effect::Emit`] has been emitted.
    Emitted,
    /// The caller's progress callback failed with this value, either during an event or, if it is asynchronous, later.
    CallbackFailed(V),
}

/// What to do next. It replaces the previous effect, whose result is no longer awaited.
pub enum Effect<V> {
    /// Wait for the turn of the next attempt among all requests of the fleet. Only a call of a fleet has this effect.
    AwaitTurn {
        /// Why the attempt cannot succeed before there is another token.
        refusal: Option<Box<Refusal<V>>>,
    },
    /// Request a token from the token source.
    GetToken(Box<TokenRequest<V>>),
    /// Send a request, and read its whole response.
    Send(Box<Request<V>>),
    /// Wait until the deadline.
    Sleep {
        /// Whether [`Input::WakeUp`] may end the wait early.
        wakes_early: bool,
    },
    /// Call the caller's progress callback, then continue with [`Input::Emitted`].
    Emit(Box<Event<V>>),
    /// The call has ended.
    Done(Result<Output<V>, Failure<V>>),
    /// Nothing new: the current effect continues, possibly with a later deadline.
    Pending,
}

/// The result of a call that succeeds.
pub enum Output<V> {
    /// The URL of the operation that was started.
    Location(TrustedUrl),
    /// The operation.
    Operation(Operation<V>),
    /// The items of a page; `None` after the last page.
    Page(Option<Vec<V>>),
}

/// How a call fails.
pub enum Failure<V> {
    /// With an error of this package.
    Error(Box<Error<V>>),
    /// With a value that the caller's own code threw: the progress callback, a getter of the options, or the reason of an
    /// abort.
    Thrown(V),
}

/// A token that Graph refused for good, or a token source that failed, in a call of a fleet: the call waits.
pub struct Refusal<V> {
    /// The failure.
    pub error: Box<Error<V>>,
    /// The request for the next token.
    pub request: TokenRequest<V>,
}

/// Why the token source gave no token.
pub enum TokenFailure<V> {
    /// What it returned is not a token; the text is the end of a sentence that begins with `token`.
    Invalid(&'static str),
    /// It failed with this error of the host.
    Failed(V),
}

impl<V> From<Box<Error<V>>> for Effect<V> {
    fn from(error: Box<Error<V>>) -> Effect<V> {
        Effect::Done(Err(Failure::Error(error)))
    }
}
