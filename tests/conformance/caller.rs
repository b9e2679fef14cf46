//! The caller of a case: its token source, its events, and the outcome of its call, with the names of the JavaScript API.

use std::cell::RefCell;

use serde_json::{Map, Value as Json, json};
use teams_device_diagnostics::machine::effect::{Failure, Input, Now, Output, TokenFailure};
use teams_device_diagnostics::machine::event::{Event, EventKind};
use teams_device_diagnostics::protocol::error::Error;
use teams_device_diagnostics::protocol::http::Request;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::{Token, TokenRequest};

use crate::document::Document;
use crate::driver::{Clock, Environment, Later};
use crate::script::Script;

/// The environment of the calls of a case.
pub struct Caller {
    pub script: Script,
    pub tokens: TokenSource,
    pub events: EventRecorder,
}

impl Environment for Caller {
    fn clock(&self) -> &Clock {
        &self.script.clock
    }

    fn now(&self) -> Now {
        self.script.now()
    }

    fn send<'a>(&'a self, request: Request<Document>) -> Later<'a> {
        self.script.send(request)
    }

    fn token<'a>(&'a self, request: TokenRequest<Document>) -> Later<'a> {
        self.tokens.token(request)
    }

    fn next_wake_up(&self) -> Instant {
        self.script.online_again()
    }

    fn emit(&self, event: Event<Document>) -> Result<(), Document> {
        self.events.record(&event);
        Ok(())
    }
}

/// Returns tokens in order, the last one for ever; or the token that the caller passed as text, which cannot be renewed.
pub struct TokenSource {
    text: Json,
    given: Option<Vec<Json>>,
    /// The token requests: scope, and claims if there were any.
    pub requests: RefCell<Vec<(String, Json)>>,
}

impl TokenSource {
    pub fn new(text: Json, given: Option<Vec<Json>>) -> TokenSource {
        TokenSource { text, given, requests: RefCell::default() }
    }

    pub fn can_renew(&self) -> bool {
        self.given.is_some()
    }

    fn token(&self, request: TokenRequest<Document>) -> Later<'_> {
        let token = self.given.as_ref().map_or(self.text.clone(), |given| {
            let mut requests = self.requests.borrow_mut();
            let claims = request.claims.map_or(json!({}), |claims| json!({ "claims": claims }));
            requests.push((request.scope, claims));
            given[requests.len().min(given.len()) - 1].clone()
        });
        let result = match &token["fails"] {
            Json::String(reason) => Err(TokenFailure::Failed(Document(json!({ "message": reason })))),
            _ if token["hangs"] == true => return Later::Never,
            _ => Token::new(Document(token)).map_err(TokenFailure::Invalid),
        };
        Later::Input(Millis::ZERO, Input::Token(result))
    }
}

/// Records the events.
#[derive(Default)]
pub struct EventRecorder(pub RefCell<Vec<Json>>);

impl EventRecorder {
    fn record(&self, event: &Event<Document>) {
        let kind = match &event.kind {
            EventKind::Started { recovered: None } => json!({ "type": "started" }),
            EventKind::Started { recovered: Some(run) } => {
                json!({ "type": "started", "recovered": true, "operation": document(&run.document) })
            }
            EventKind::Attached { operation } => {
                json!({ "type": "attached", "operation": document(&operation.document) })
            }
            EventKind::Status { operation, previous_status, next_poll_in } => json!({
                "type": "status",
                "status": operation.status,
                "operation": document(&operation.document),
                "previousStatus": previous_status,
                "nextPollInMs": next_poll_in.map(|length| length.0),
            }),
            EventKind::Retry { attempt, delay, status_code, .. } => json!({
                "type": if *status_code == Some(429) { "throttled" } else { "retry" },
                "attempt": attempt,
                "retryAfterMs": delay.0,
                "statusCode": status_code,
            }),
            EventKind::Abandoned { device_id } => json!({ "type": "abandoned", "deviceId": device_id }),
        };
        self.0.borrow_mut().push(json!({ "location": event.location, "event": kind }));
    }
}

/// How a call ended.
#[derive(Debug)]
pub enum Outcome {
    Resolved(Json),
    Rejected(Json),
    /// The core has no abort signal: aborting a call means dropping it.
    Dropped,
}

impl Outcome {
    pub fn of(result: Result<Output<Document>, Failure<Document>>) -> Outcome {
        match result {
            Ok(Output::Location(location)) => Outcome::Resolved(location.as_str().into()),
            Ok(Output::Operation(operation)) => Outcome::Resolved(document(&operation.document)),
            Ok(Output::Page(_)) => panic!("of a collection the ids of all pages are what counts"),
            Err(Failure::Thrown(thrown)) => Outcome::Rejected(json!({ "callback": thrown.0 })),
            Err(Failure::Error(error)) => Outcome::Rejected(members(&error)),
        }
    }

    /// The name in the cases, and the value that belongs to it.
    pub fn parts(&self) -> (&'static str, &Json) {
        match self {
            Outcome::Resolved(value) => ("resolve", value),
            Outcome::Rejected(error) => ("reject", error),
            Outcome::Dropped => ("abort", &Json::Null),
        }
    }
}

/// An error as an object; unknown members are left out.
pub fn members(error: &Error<Document>) -> Json {
    let members = [
        ("code", json!(error.code.as_str())),
        ("message", json!(error.message)),
        ("hint", json!(error.hint())),
        ("statusCode", json!(error.status_code)),
        ("graphCode", json!(error.graph_code)),
        ("requestId", json!(error.request_id)),
        ("clientRequestId", json!(error.client_request_id)),
        ("date", json!(error.date)),
        ("retryAfterMs", json!(error.retry_after.map(|length| length.0))),
        ("attempts", json!((error.attempts > 0).then_some(error.attempts))),
        ("deviceId", json!(error.device_id)),
        ("location", json!(error.location)),
        ("operation", document(&error.operation)),
        ("mayHaveStarted", json!(error.may_have_started)),
        ("cause", document(&error.cause)),
    ];
    let known = members.into_iter().filter(|(_, value)| !value.is_null());
    Json::Object(known.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>())
}

fn document(document: &Option<Document>) -> Json {
    document.as_ref().map_or(Json::Null, |document| document.0.clone())
}
