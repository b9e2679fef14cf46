//! What goes into a call, and what comes out of it.

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

/// The moment of a step, and chance.
#[derive(Clone, Copy)]
pub struct Now {
    /// By the clock that never jumps.
    pub instant: Instant,
    /// By the host's calendar clock.
    pub unix_time: UnixTime,
    /// A random number, at least 0 and less than 1.
    pub random: f64,
    /// Whether there may be a network, as far as the host knows.
    pub is_online: bool,
}

/// What happened. An input that answers nothing that is under way changes nothing. What is large is boxed: it is handed from one to the
/// next, and moving it costs more code than all that is done with it.
pub enum Input<V> {
    /// The first input of every call.
    Begin,
    /// The answer to [`Effect::GetToken`].
    Token(Result<Token<V>, TokenFailure<V>>),
    /// The answer to [`Effect::Send`].
    Response(Box<Response<V>>),
    /// No (whole) response came, and the host's own error for it.
    NoResponse(V),
    /// [`Call::deadline`](crate::machine::call::Call::deadline) has passed.
    Deadline,
    /// Waiting may have become pointless: the page is visible again (timers of hidden pages are slowed down), or the network is back.
    WakeUp,
    /// The answer to [`Effect::Emit`].
    Emitted,
    /// The caller's progress callback failed with this: at an event, or later, where it is asynchronous.
    CallbackFailed(V),
}

/// What to do next. It replaces the effect before; what that one waited for is no longer awaited.
pub enum Effect<V> {
    /// Ask the token source.
    GetToken(Box<TokenRequest<V>>),
    /// Send a request, and read its whole response.
    Send(Box<Request<V>>),
    /// Wait for the deadline.
    Sleep {
        /// Whether [`Input::WakeUp`] may end it early.
        wakes_early: bool,
    },
    /// Call the caller's progress callback, then step on with [`Input::Emitted`].
    Emit(Box<Event<V>>),
    /// The call has ended.
    Done(Result<Output<V>, Failure<V>>),
    /// Nothing new: what is under way goes on, perhaps until a later deadline.
    Pending,
}

/// What a call that ends well gives.
pub enum Output<V> {
    /// The URL of the operation that was started.
    Location(TrustedUrl),
    /// The operation.
    Operation(Operation<V>),
    /// The items of a page; nothing after the last page.
    Page(Option<Vec<V>>),
}

/// How a call ends when it does not end well.
pub enum Failure<V> {
    /// By an error of this package.
    Error(Box<Error<V>>),
    /// By what the caller's own code threw: the progress callback, a getter of the options, an abort's reason.
    Thrown(V),
}

/// Why a source gave no token.
pub enum TokenFailure<V> {
    /// What it gave is none; the text is the end of a sentence that begins with `token`.
    Invalid(&'static str),
    /// It failed with the host's error.
    Failed(V),
}

impl<V> From<Box<Error<V>>> for Effect<V> {
    fn from(error: Box<Error<V>>) -> Effect<V> {
        Effect::Done(Err(Failure::Error(error)))
    }
}
