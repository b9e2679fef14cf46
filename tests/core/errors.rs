//! Errors: their messages, ids and hints. They never contain a token.

use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::time::Millis;
use teams_device_diagnostics_simulator::catalogue;

use crate::fixture::{Document, Fixture, TOKEN};

#[test]
fn the_token_appears_in_no_result_event_or_url() {
    for device in catalogue() {
        let mut fixture = Fixture::new();
        fixture.limits.operation_timeout = Millis(120_000.0);
        let shown = match fixture.run(&device.id) {
            Ok(operation) => format!("{:?} {:?}", operation.status, operation.document),
            Err(error) => text_of(&error),
        };
        let events = fixture.events.lines().join("\n");
        assert!(!shown.contains(TOKEN) && !events.contains(TOKEN), "{}", device.id);
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
fn an_error_has_graphs_message_and_ids() {
    let error = Fixture::new().start("conflict").err().expect("409");
    assert!(error.message.starts_with("Graph responded with 409: Conflict: "), "{}", error.message);
    assert!(error.request_id.is_some() && error.client_request_id.is_some() && error.date.is_some());
    assert!(error.hint().is_some());
}

#[test]
fn an_error_can_be_made_from_any_body() {
    let read = |status, body: &str| {
        Error::of_response(&Response { body: Some(Document(body.into())), ..Response::of_status(status) })
    };
    for body in [
        "",
        "null",
        "[]",
        "1",
        "{}",
        r#"{"error":null}"#,
        r#"{"error":{"code":1}}"#,
        r#"{"message":1,"title":"","detail":null}"#,
        "{\"error\":",
    ] {
        let error = read(502, body);
        assert!(error.code == ErrorCode::ServiceError, "{body}");
        assert_eq!(error.message, "Graph responded with 502", "{body}");
    }
    assert_eq!(Error::<Document>::of_response(&Response::of_status(502)).message, "Graph responded with 502");
    let nested = r#"{"error":{"code":"","message":"m","innererror":{"innerError":{"code":"Deep","request-id":"r","date":"2026-01-01T00:00:00"}}}}"#;
    let error = read(400, nested);
    assert_eq!((error.graph_code.as_deref(), error.request_id.as_deref()), (Some("Deep"), Some("r")));
    assert_eq!(error.date.as_deref(), Some("2026-01-01T00:00:00"));
    assert_eq!(error.message, "Graph responded with 400: Deep: m");
}

fn error_of(status: u16, body: &str) -> Box<Error<Document>> {
    Error::of_response(&Response { body: Some(Document(body.into())), ..Response::of_status(status) })
}

#[test]
fn a_gateways_message_is_kept_and_not_attributed_to_graph() {
    for (body, message) in [
        (r#"{"message":"Rate limit is exceeded."}"#, ": Rate limit is exceeded."),
        (r#"{"Message":"An error has occurred."}"#, ": An error has occurred."),
        (r#"{"error":"bad gateway"}"#, ": bad gateway"),
        (r#"{"error":"invalid_client","error_description":"No such client."}"#, ": invalid_client: No such client."),
        (
            r#"{"type":"about:blank","title":"Bad Gateway","detail":"No upstream.","status":502}"#,
            ": Bad Gateway: No upstream.",
        ),
        ("\n <!doctype html><title>secret page</title>", ""),
    ] {
        let error = error_of(502, body);
        assert_eq!(error.message, format!("Something between this client and Graph responded with 502{message}"), "{body}");
        assert!(error.code == ErrorCode::ServiceError && error.graph_code.is_none(), "{body}");
    }
    let graphs = error_of(502, r#"{"error":{"code":"BadGateway","message":"m"},"message":"more"}"#);
    assert_eq!(graphs.message, "Graph responded with 502: BadGateway: m");
    let redirect = "Graph responded with a redirect, which is not followed with a token";
    assert_eq!(error_of(302, "<html>").message, redirect);
    assert_eq!(error_of(302, r#"{"message":"m"}"#).message, redirect);
}

#[test]
fn a_gateways_403_has_no_permission_hint() {
    let hint = error_of(403, "<html>blocked</html>").hint().expect("a hint");
    assert!(hint.contains("between this client and Graph") && !hint.contains("TeamworkDevice"), "{hint}");
}

#[test]
fn a_403_about_a_licence_has_a_hint_about_licences() {
    let body = |message: &str| format!(r#"{{"error":{{"code":"Forbidden","message":"{message}"}}}}"#);
    for message in ["Failed to get license information for the user.", "The tenant needs a LICENSE", "No licenses"] {
        let hint = error_of(403, &body(message)).hint().expect("a hint");
        assert!(hint.contains("licence that Graph names"), "{message}: {hint}");
    }
    for message in ["", "lice", "Missing role permissions on the request."] {
        let hint = error_of(403, &body(message)).hint().expect("a hint");
        assert!(hint.contains("TeamworkDevice.ReadWrite.All"), "{message}: {hint}");
    }
    let other = error_of(400, &body("No license"));
    assert_eq!(other.hint(), ErrorCode::ServiceError.hint(false));
}

#[test]
fn every_code_but_invalid_argument_has_a_hint() {
    for code in [
        ErrorCode::MissingToken,
        ErrorCode::Unauthorized,
        ErrorCode::Forbidden,
        ErrorCode::NotFound,
        ErrorCode::Conflict,
        ErrorCode::Throttled,
        ErrorCode::ServiceError,
        ErrorCode::Network,
        ErrorCode::Timeout,
        ErrorCode::OperationTimeout,
        ErrorCode::OperationFailed,
        ErrorCode::OperationCancelled,
        ErrorCode::Protocol,
        ErrorCode::UntrustedLocation,
    ] {
        for has_location in [false, true] {
            assert!(code.hint(has_location).is_some_and(|hint| hint.ends_with('.')), "{}", code.as_str());
        }
    }
    assert!(ErrorCode::InvalidArgument.hint(false).is_none());
}
