//! The error that is made from any body of a response.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use teams_device_diagnostics::protocol::error::Error;
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::json::Json as _;

use crate::config;
use crate::document::Document;
use crate::invariants::error_body::{DEPTH, check};
use crate::json::document;
use crate::redaction::token;
use crate::text::any_text;

/// One of the nested errors; `None` for a member that is missing or empty.
type Level = [Option<String>; 3];

const NAMES: [&str; 3] = ["code", "request-id", "date"];

fn level() -> impl Strategy<Value = Level> {
    let text = || prop::option::weighted(0.2, "\\PC{0,8}");
    [text(), text(), text()]
}

/// Graph's error with these inner errors.
fn nested(levels: &[Level]) -> Json {
    let mut error = json!({});
    for (depth, level) in levels.iter().enumerate().rev() {
        let mut outer = json!({});
        for (name, text) in NAMES.into_iter().zip(level).filter(|(_, text)| text.is_some()) {
            outer[name] = json!(text);
        }
        outer[if depth % 2 == 0 { "innerError" } else { "innererror" }] = error;
        error = outer;
    }
    error
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_yields_an_error_with_the_code_of_the_status(token in token(), body in prop_oneof![any_text(), "[ -~]{0,60}"]) {
        check(&token, &body);
    }

    #[test]
    fn any_document_yields_an_error_with_only_its_own_messages(token in token(), document in document(), wrapped in any::<bool>()) {
        let document = if wrapped { json!({ "error": document }) } else { document };
        check(&token, &document.to_string());
    }

    #[test]
    fn codes_and_ids_are_found_in_inner_errors(levels in vec(level(), 1..12)) {
        let body = Document::from_text(&json!({ "error": nested(&levels) }).to_string());
        let error = Error::of_response(&Response { body: Some(body), ..Response::of_status(400) });
        let first = |levels: &[Level], at: usize| {
            levels.iter().take(1 + DEPTH).find_map(|level| level[at].clone().filter(|text| !text.is_empty()))
        };
        let inner = &levels[1..levels.len().min(1 + DEPTH)];
        prop_assert_eq!(error.graph_code, first(&levels, 0));
        prop_assert_eq!(error.request_id, first(inner, 1));
        prop_assert_eq!(error.date, first(inner, 2));
    }

    #[test]
    fn the_ids_of_the_headers_take_precedence_over_those_of_the_body(id in "[a-z]{1,5}", date in "[a-z]{1,5}", document in document()) {
        let body = json!({ "error": document }).to_string();
        let body = Some(Document::from_text(&body));
        let response = Response { request_id: Some(id.clone()), date: Some(date.clone()), body, ..Response::of_status(400) };
        let error = Error::of_response(&response);
        prop_assert_eq!((error.request_id, error.date), (Some(id), Some(date)));
    }
}

#[test]
fn errors_can_be_nested_to_any_depth() {
    for depth in [1, DEPTH - 1, DEPTH, DEPTH + 1, 100, 127, 128, 10_000] {
        let open = r#"{"error":{"code":"""#.to_owned() + &r#","innerError":{"code":"""#.repeat(depth - 1);
        let open = open + r#","innerError":{"code":"Deepest""#;
        for body in [&open, &(open.clone() + &"}".repeat(depth + 2))] {
            check("s3cret.t0ken", body);
        }
    }
}
