//! Any text as the body of a response that is not a success.

use serde_json::Value as Json;
use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::json::Json as _;

use crate::document::Document;
use crate::invariants::redaction;

/// How deep inner errors are read.
pub const DEPTH: usize = 8;

const STATUSES: [u16; 13] = [0, 302, 304, 400, 401, 403, 404, 409, 410, 429, 500, 503, 999];

pub fn check(token: &str, body: &str) {
    let redacted = redaction::check(token, body);
    for status in STATUSES {
        check_error(status, &redacted);
    }
}

/// Checks the error of a response with this status and body.
fn check_error(status: u16, body: &str) {
    let error_of = |body: Option<&str>| {
        let body = body.map(Document::from_text);
        Error::<Document>::of_response(&Response { body, ..Response::of_status(status) })
    };
    let (error, without_body) = (error_of(Some(body)), error_of(None));
    assert!(error.code == without_body.code, "the code depends on {body:?}, not on the status alone");
    assert_eq!(error.status_code, (status != 0).then_some(status));

    let document = parsed(body).unwrap_or(Json::Null);
    let levels = levels(&document);
    let first = |levels: &[&Json], name: &str| levels.iter().find_map(|level| text(level, name));
    let inner = levels.get(1..).unwrap_or_default();
    assert_eq!(error.graph_code, first(&levels, "code"), "{body:?}");
    assert_eq!(error.request_id, first(inner, "request-id"), "{body:?}");
    assert_eq!(error.date, first(inner, "date"), "{body:?}");

    if error.code == ErrorCode::UntrustedLocation {
        assert_eq!(error.message, without_body.message, "the body of a redirect is not shown");
        return;
    }
    assert_eq!(without_body.message, format!("Graph responded with {status}"));
    let (sender, words) = if document["error"].is_object() {
        ("", vec![error.graph_code, first(&levels[..levels.len().min(1)], "message")])
    } else {
        of_gateway(&document, body)
    };
    let parts = std::iter::once(without_body.message).chain(words.into_iter().flatten()).collect::<Vec<_>>();
    assert_eq!(error.message, format!("{sender}{}", parts.join(": ")));
}

/// The sender, if it was not Graph, and its messages.
fn of_gateway(document: &Json, body: &str) -> (&'static str, Vec<Option<String>>) {
    let names = [
        "error",
        "error_description",
        "message",
        "Message",
        "errorMessage",
        "title",
        "detail",
        "description",
        "reason",
        "msg",
        "faultstring",
    ];
    let inner = document.get("fault").or(document.get("Error")).or_else(|| document.get("errors")?.as_array()?.first());
    let mut words = names.map(|name| text(inner.unwrap_or(document), name)).to_vec();
    let sentence = match parsed(body) {
        Some(Json::String(text)) => text,
        Some(_) => String::new(),
        None => body.trim_ascii().to_owned(),
    };
    let sentence = sentence.trim_ascii();
    let is_markup = sentence.starts_with('<');
    let is_part = parsed(body).is_none() && sentence.starts_with(['{', '[', '"']);
    if !is_markup && !is_part && !sentence.is_empty() && sentence.len() <= 500 {
        words.insert(0, Some(sentence.to_owned()));
    }
    let is_gateways = is_markup || words.iter().any(Option::is_some);
    (if is_gateways { "Something between this client and " } else { "" }, words)
}

/// The document of a body, which may follow a byte order mark.
fn parsed(body: &str) -> Option<Json> {
    serde_json::from_str(body.strip_prefix('\u{feff}').unwrap_or(body)).ok()
}

/// The error and all nested errors.
fn levels<'a>(document: &'a Json) -> Vec<&'a Json> {
    let inner = |level: &&'a Json| level.get("innerError").or_else(|| level.get("innererror"));
    std::iter::successors(document.get("error"), inner).take(1 + DEPTH).collect()
}

fn text(level: &Json, name: &str) -> Option<String> {
    level.get(name)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}
