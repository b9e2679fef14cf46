//! The inputs of a call: any of them, at any time, including inputs that it does not await.

use proptest::prelude::*;
use proptest::sample::select;
use teams_device_diagnostics::machine::effect::{Input, TokenFailure};
use teams_device_diagnostics::protocol::time::Millis;
use teams_device_diagnostics::protocol::token::Token;

use super::response::{Content, content};
use crate::document::Document;

/// One input, and when it arrives.
#[derive(Clone, Debug)]
pub struct Step {
    pub given: Given,
    pub moment: Moment,
    pub random: f64,
}

#[derive(Clone, Copy, Debug)]
pub enum Moment {
    /// This long after the last input.
    After(Millis),
    /// At the deadline of the current effect, if that has not passed.
    Deadline,
    JustBeforeDeadline,
}

#[derive(Clone, Debug)]
pub enum Given {
    /// The result of the current effect; a response has this content.
    Awaited(Content),
    Begin,
    Token,
    NoToken,
    InvalidToken,
    Response(Content),
    NoResponse,
    Deadline,
    WakeUp,
    Emitted,
    CallbackFailed,
}

pub fn step() -> impl Strategy<Value = Step> {
    let given = prop_oneof![
        20 => content().prop_map(Given::Awaited),
        2 => content().prop_map(Given::Response),
        6 => select(vec![Given::Token, Given::NoResponse, Given::Deadline, Given::WakeUp, Given::Emitted, Given::Begin]),
        1 => select(vec![Given::NoToken, Given::InvalidToken, Given::CallbackFailed]),
    ];
    let moment = prop_oneof![
        4 => prop_oneof![Just(0.0), 0.0..100.0, 0.0..40_000.0].prop_map(|ms| Moment::After(Millis(ms))),
        2 => Just(Moment::Deadline),
        1 => Just(Moment::JustBeforeDeadline),
    ];
    (given, moment, 0.0..1.0).prop_map(|(given, moment, random)| Step { given, moment, random })
}

impl Given {
    pub fn is_unauthorized(&self) -> bool {
        matches!(self, Given::Response(Content { status: 401, .. }))
    }

    pub fn input(&self) -> Input<Document> {
        match self {
            Given::Begin | Given::Awaited(_) => Input::Begin,
            Given::Token => Input::Token(Ok(token())),
            Given::NoToken => Input::Token(Err(TokenFailure::Failed(Document("signed out".into())))),
            Given::InvalidToken => Input::Token(Err(TokenFailure::Invalid("must not be empty"))),
            Given::Response(content) => Input::Response(Box::new(content.response())),
            Given::NoResponse => Input::NoResponse(Document("reset".into())),
            Given::Deadline => Input::Deadline,
            Given::WakeUp => Input::WakeUp,
            Given::Emitted => Input::Emitted,
            Given::CallbackFailed => Input::CallbackFailed(Document("thrown".into())),
        }
    }
}

fn token() -> Token<Document> {
    Token::new(Document("tok3n.0123456789abcdef".into())).unwrap()
}
