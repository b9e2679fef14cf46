//! What surfaces: helpful, and never with a token in it.

use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::time::Millis;
use teams_device_diagnostics_simulator::catalogue;

use crate::fixture::{Document, Fixture, TOKEN};

#[test]
fn no_token_in_anything_that_surfaces_in_any_scenario() {
    for device in catalogue() {
        let mut fixture = Fixture::new();
        fixture.limits.operation_timeout = Millis(120_000.0);
        let surfaced = match fixture.run(&device.id) {
            Ok(operation) => format!("{:?} {:?}", operation.status, operation.document),
            Err(error) => text_of(&error),
        };
        let events = fixture.events.lines().join("\n");
        assert!(!surfaced.contains(TOKEN) && !events.contains(TOKEN), "{}", device.id);
        for sent in fixture.sent.borrow().iter() {
            assert!(!sent.url.contains(TOKEN), "{}", device.id);
        }
    }
}

fn text_of(error: &Error<Document>) -> String {
    let texts =
        [&error.graph_code, &error.request_id, &error.client_request_id, &error.date, &error.device_id, &error.location];
    format!("{} {} {texts:?} {:?} {:?}", error.code.as_str(), error.message, error.operation, error.cause)
}

#[test]
fn graphs_own_words_and_ids_are_kept() {
    let error = Fixture::new().start("conflict").err().expect("409");
    assert!(error.message.starts_with("Graph answered 409: Conflict: "), "{}", error.message);
    assert!(error.request_id.is_some() && error.client_request_id.is_some() && error.date.is_some());
    assert!(error.hint().is_some());
}

#[test]
fn any_body_of_an_error_is_survived() {
    let read = |status, body: &str| {
        Error::of_response(&Response { body: Some(Document(body.into())), ..Response::of_status(status) })
    };
    for body in [
        "",
        "<html>",
        "null",
        "[]",
        "1",
        "{}",
        r#"{"error":null}"#,
        r#"{"error":"x"}"#,
        r#"{"error":{"code":1}}"#,
        "{\"error\":",
    ] {
        let error = read(502, body);
        assert!(error.code == ErrorCode::ServiceError, "{body}");
        assert_eq!(error.message, "Graph answered 502", "{body}");
    }
    assert_eq!(Error::<Document>::of_response(&Response::of_status(502)).message, "Graph answered 502");
    let nested = r#"{"error":{"code":"","message":"m","innererror":{"innerError":{"code":"Deep","request-id":"r","date":"2026-01-01T00:00:00"}}}}"#;
    let error = read(400, nested);
    assert_eq!((error.graph_code.as_deref(), error.request_id.as_deref()), (Some("Deep"), Some("r")));
    assert_eq!(error.date.as_deref(), Some("2026-01-01T00:00:00"));
    assert_eq!(error.message, "Graph answered 400: Deep: m");
}
