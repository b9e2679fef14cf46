//! Calls as state machines: an input goes in, the next effect comes out. No I/O, no clock, no timer and no executor.
//!
//! A **driver** performs the effects of a [`call::Call`] and passes its inputs:
//!
//! ```text
//!            Input: Begin, Token, Response, NoResponse, Deadline, WakeUp, Emitted, CallbackFailed
//!   driver ───────────────────────────────────────────────────────────────────────────────────▶ Call::step
//!          ◀───────────────────────────────────────────────────────────────────────────────────
//!            Effect: GetToken, Send, Sleep, Emit, Done, Pending; valid until Call::deadline
//! ```
//!
//! Read in this order: [`call`]; the three kinds of call, [`start`], [`follow`] and [`list`]; then [`request`], the life of
//! one request in any of them. [`judgement`] alone decides what follows a failed attempt. A [`fleet`] is a machine over many
//! calls.

pub mod auth_retry;
pub mod call;
pub mod effect;
pub mod event;
pub mod fleet;
pub mod follow;
pub mod judgement;
pub mod list;
pub mod pages;
pub mod patience;
pub mod pause;
pub mod request;
pub mod search;
pub mod start;
pub mod state;
