//! The token is removed from every text that repeats it, in every form in which it may be written there.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value as Json, json};
use teams_device_diagnostics::protocol::token;

use crate::config;
use crate::document::redaction::redacted;
use crate::invariants::redaction::{check, unescaped};

/// Any text that is accepted as a token, often one that looks like a service's.
pub fn token() -> impl Strategy<Value = String> {
    let token = prop_oneof![
        3 => "eyJ[A-Za-z0-9_-]{4,12}\\.[A-Za-z0-9_-]{4,12}\\.[A-Za-z0-9_-]{4,12}",
        3 => "[A-Za-z0-9._~+/-]{1,40}={0,2}",
        1 => "[a-z]{1,6}",
        1 => "(token|oken){1,5}",
        1 => "[/+u0-9.]{14,20}",
    ];
    token.prop_filter("no token", |text| token::check(text).is_ok())
}

/// A text as JSON, URLs or HTML may write it: each character plain or in any of its escaped forms.
fn escaped(text: &str) -> impl Strategy<Value = String> + use<> {
    let text = text.to_owned();
    vec(0..16u8, text.chars().count()).prop_map(move |ways| {
        let mut written = String::new();
        for (character, way) in text.chars().zip(ways) {
            let code = u32::from(character);
            match (character, way) {
                (_, 0) => written += &format!("\\u{code:04x}"),
                (_, 1) => written += &format!("\\u{code:04X}"),
                ('/', 2) => written += "\\/",
                (_, 3) => written += &format!("%{code:02x}"),
                (_, 4) => written += &format!("%{code:02X}"),
                (_, 5) => written += &format!("&#{code};"),
                (_, 6) => written += &format!("&#x{code:x};"),
                (_, 7) => written += &format!("&#X{code:05X};"),
                ('+', 8) => written += "&plus;",
                ('/', 8) => written += "&sol;",
                ('=', 8) => written += "&equals;",
                _ => written.push(character),
            }
        }
        written
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_repeated_token_is_removed_from_any_text(
        (token, body) in token().prop_flat_map(|token| {
            let parts = (0..=token.len(), 0..=token.len()).prop_map({
                let token = token.clone();
                move |(from, to)| token.get(from..to).unwrap_or(&token).to_owned()
            });
            let piece = prop_oneof![Just(token.clone()), parts, "\\PC{0,3}", Just("[token]".to_owned())];
            (Just(token), vec(piece, 0..8).prop_map(|pieces| pieces.concat()))
        }),
    ) {
        check(&token, &body);
    }

    #[test]
    fn a_repeated_token_is_removed_from_any_document_even_if_escaped(
        (token, text) in token().prop_flat_map(|token| {
            let repeated = escaped(&token);
            (Just(token), repeated)
        }),
        before in "[ -!#-Z]{0,5}",
        template in select(&[r#"{"error":{"code":"x","message":"%"}}"#, r#"{"status":"Failed","%":["%"]}"#, r#""%%""#][..]),
    ) {
        let body = template.replace('%', &format!("{before}{text}"));
        prop_assert!(serde_json::from_str::<Json>(&body).is_ok(), "{}", body);
        let redacted = check(&token, &body);
        if token.len() >= 16 {
            let shown = serde_json::from_str::<Json>(&redacted).expect("still a document").to_string();
            prop_assert!(!unescaped(&shown).contains(&token), "{} shows {}", redacted, token);
        }
    }

    #[test]
    fn the_rest_of_the_text_is_kept(token in "eyJ[A-Za-z0-9_.-]{20,40}", before in "[ -Z]{0,9}", after in "[ -Z]{0,9}") {
        let body = json!({ "error": { "message": format!("{before}{token}{after}") } }).to_string();
        let kept: Json = serde_json::from_str(&check(&token, &body)).expect("still a document");
        prop_assert_eq!(&kept["error"]["message"], &json!(format!("{before}[token]{after}")));
    }
}

/// The JavaScript implementation is tested with the same table.
#[test]
fn texts_are_redacted_as_in_the_shared_table() {
    let rows: Vec<[String; 3]> = serde_json::from_str(include_str!("../shared/redaction.json")).expect("a table");
    for [text, token, expected] in &rows {
        assert_eq!(redacted(text, token), *expected, "{text} without {token}");
    }
}
