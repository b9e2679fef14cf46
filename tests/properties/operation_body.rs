//! The operation that is read from any body of a response.

use proptest::prelude::*;
use serde_json::json;
use teams_device_diagnostics::protocol::json::Json as _;
use teams_device_diagnostics::protocol::operation::{Operation, OperationState};

use crate::config;
use crate::document::Document;
use crate::invariants::operation_body::check;
use crate::json::document;
use crate::text::{any_text, in_any_case};

fn with_status(word: &str) -> Operation<Document> {
    let body = Document::from_text(&json!({ "status": word }).to_string());
    Operation::read(200, Some(&body)).expect("an operation")
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_yields_its_operation_or_none(body in prop_oneof![any_text(), "[ -~]{0,60}"]) {
        check(&body);
    }

    #[test]
    fn any_document_yields_the_operation_that_it_contains(document in document(), wrapped in any::<bool>()) {
        let document = if wrapped { json!({ "value": document }) } else { document };
        check(&document.to_string());
    }

    #[test]
    fn only_successful_and_succeeded_are_success_in_any_case(
        word in prop_oneof![in_any_case("successful"), in_any_case("succeeded"), "[Ss]u[a-z]{0,9}", "\\PC{0,9}"],
    ) {
        let operation = with_status(&word);
        let is_success = ["successful", "succeeded"].contains(&word.to_lowercase().as_str());
        prop_assert_eq!(operation.state == OperationState::Successful, is_success);
        prop_assert_eq!(operation.status, Some(word), "the status is not kept unchanged");
    }

    #[test]
    fn an_undocumented_status_does_not_end_an_operation(
        word in "([a-z]{0,3}|un|not )(queued|successful|succeeded|failed|cancelled)([a-z ]{1,3}|With Warnings)",
    ) {
        let operation = with_status(&word);
        prop_assert!(operation.state == OperationState::Unknown && !operation.state.has_ended());
    }
}

#[test]
fn documents_can_be_nested_to_any_depth() {
    for depth in [1, 2, 3, 125, 126, 127, 128, 10_000] {
        let open = r#"{"status":"Successful","value":"#.repeat(depth) + r#"{"status":"Failed"}"#;
        for body in [&open, &(open.clone() + &"}".repeat(depth))] {
            check(body);
        }
    }
}
