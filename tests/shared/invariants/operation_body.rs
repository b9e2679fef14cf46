//! Any text as the body of a response that may contain an operation.

use serde_json::Value as Json;
use teams_device_diagnostics::protocol::json::Json as _;
use teams_device_diagnostics::protocol::operation::{Operation, OperationState};

use crate::document::Document;

pub fn check(body: &str) {
    let sent = serde_json::from_str::<Json>(body).ok().filter(Json::is_object);
    let wrapped = sent.as_ref().and_then(|sent| sent.get("value")).filter(|value| value.is_object());
    let document = wrapped.or(sent.as_ref());
    let status = document.and_then(|document| document.get("status")?.as_str());

    for http_status in [200, 202] {
        let operation = Operation::read(http_status, Some(&Document::from_text(body)));
        assert_eq!(operation.is_some(), http_status == 202 || status.is_some(), "{http_status} {body:?}");
        let Some(operation) = operation else { continue };
        assert_eq!(operation.status.as_deref(), status, "Graph's status is not kept unchanged");
        assert!(operation.state == state(status), "{status:?} is not {}", operation.state.as_str());
        let kept = operation.document.map(|Document(document)| document);
        let expected = document.map(|document| with_state(document, operation.state));
        assert_eq!(kept, expected, "the document must have all that Graph sent, and the state");
    }
    if sent.is_some() && wrapped.is_none() {
        check_wrapped(body);
    }
}

/// Checks that a document wrapped in `value` is read like the document alone.
fn check_wrapped(body: &str) {
    let read = |body: &str| {
        let operation = Operation::read(200, Some(&Document::from_text(body)))?;
        Some((operation.state.as_str(), operation.status, operation.document))
    };
    let wrapped = format!(r#"{{"@odata.context":"x","value":{body}}}"#);
    // One more level may exceed the depth limit of `serde_json`.
    if serde_json::from_str::<Json>(&wrapped).is_ok() {
        assert_eq!(read(&wrapped), read(body), "{body:?}");
    }
}

fn state(status: Option<&str>) -> OperationState {
    match status.unwrap_or_default().to_ascii_lowercase().as_str() {
        "queued" => OperationState::Queued,
        "scheduled" => OperationState::Scheduled,
        "inprogress" => OperationState::InProgress,
        "successful" | "succeeded" => OperationState::Successful,
        "failed" => OperationState::Failed,
        "cancelled" | "canceled" => OperationState::Cancelled,
        _ => OperationState::Unknown,
    }
}

fn with_state(document: &Json, state: OperationState) -> Json {
    let mut document = document.clone();
    document["state"] = state.as_str().into();
    document
}
