//! The caller of a case: where its tokens come from, what it is told, and how its call ends, as the JavaScript API names things.

use std::cell::RefCell;

use serde_json::{Map, Value as Json, json};
use teams_device_diagnostics::progress::{Event, Observer};
use teams_device_diagnostics::protocol::error::{Error, Failure};
use teams_device_diagnostics::token::{TokenError, TokenSource, Wanted};

use crate::document::Document;

/// Gives tokens one after the other and the last for ever, or the caller's own text, which cannot be renewed.
pub struct Tokens {
    given: Option<Vec<Json>>,
    /// The questions: the scope, and the claims if there were any.
    pub asked: RefCell<Vec<(String, Json)>>,
}

impl Tokens {
    pub fn new(given: Option<Vec<Json>>) -> Tokens {
        Tokens { given, asked: RefCell::default() }
    }
}

impl TokenSource<Document> for Tokens {
    async fn token(&self, wanted: &Wanted<'_>) -> Result<String, TokenError<Document>> {
        let Some(given) = &self.given else { return Ok("T".to_owned()) };
        let number = self.asked.borrow().len();
        let asked = wanted.claims.map_or(json!({}), |claims| json!({ "claims": claims }));
        self.asked.borrow_mut().push((wanted.scope.to_owned(), asked));
        let token = given[number.min(given.len() - 1)].as_str();
        token.map(str::to_owned).ok_or(TokenError::Invalid("must be text, but the token source gave none"))
    }

    fn can_renew(&self) -> bool {
        self.given.is_some()
    }
}

/// Writes down what it is told.
#[derive(Default)]
pub struct Diary(pub RefCell<Vec<Json>>);

impl Observer<Document> for Diary {
    fn notify(&self, location: Option<&str>, event: &Event<'_, Document>) -> Result<(), Document> {
        let told = match event {
            Event::Started => json!({ "type": "started" }),
            Event::Attached { operation } => json!({ "type": "attached", "operation": document(&operation.document) }),
            Event::Status { operation, previous_status, next_poll_in_ms } => json!({
                "type": "status",
                "status": operation.status,
                "operation": document(&operation.document),
                "previousStatus": previous_status,
                "nextPollInMs": next_poll_in_ms,
            }),
            Event::Retry { attempt, retry_after_ms, status_code, .. } => json!({
                "type": if *status_code == Some(429) { "throttled" } else { "retry" },
                "attempt": attempt,
                "retryAfterMs": retry_after_ms,
                "statusCode": status_code,
            }),
        };
        self.0.borrow_mut().push(json!({ "location": location, "told": told }));
        Ok(())
    }
}

/// How a call ended.
#[derive(Debug)]
pub enum Ending {
    Resolved(Json),
    Rejected(Json),
    /// The core knows no signal: to abort a call is to drop it.
    Dropped,
}

impl Ending {
    /// The name that the cases have for it, and what came with it.
    pub fn parts(&self) -> (&'static str, &Json) {
        match self {
            Ending::Resolved(value) => ("resolve", value),
            Ending::Rejected(error) => ("reject", error),
            Ending::Dropped => ("abort", &Json::Null),
        }
    }
}

/// The error of a call, member by member; what is not known is left out.
pub fn rejected(failure: Failure<Document>) -> Ending {
    let error = match failure {
        Failure::Error(error) => *error,
        Failure::Callback(thrown) => return Ending::Rejected(json!({ "callback": thrown.0 })),
    };
    let Error { message, attempts, may_have_started, .. } = &error;
    let said = [
        ("code", json!(error.code.as_str())),
        ("message", json!(message)),
        ("statusCode", json!(error.status_code)),
        ("graphCode", json!(error.graph_code)),
        ("requestId", json!(error.request_id)),
        ("clientRequestId", json!(error.client_request_id)),
        ("date", json!(error.date)),
        ("retryAfterMs", json!(error.retry_after_ms)),
        ("attempts", json!((*attempts > 0).then_some(attempts))),
        ("deviceId", json!(error.device_id)),
        ("location", json!(error.location)),
        ("operation", document(&error.operation)),
        ("mayHaveStarted", json!(may_have_started)),
        ("cause", document(&error.cause)),
    ];
    let known = said.into_iter().filter(|(_, value)| !value.is_null());
    Ending::Rejected(Json::Object(known.map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()))
}

pub fn document(document: &Option<Document>) -> Json {
    document.as_ref().map_or(Json::Null, |document| document.0.clone())
}
