//! Any response that repeats any token.

use serde_json::Value as Json;
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::json::Json as _;
use teams_device_diagnostics::protocol::token::Token;

use crate::document::Document;

const MARK: &str = "[token]";

/// The length of the shortest token that is not treated as a test token.
const LONG: usize = 16;

/// Checks that the token is removed from a response with this body. Returns the redacted body.
pub fn check(token: &str, body: &str) -> String {
    let checked = Token::new(Document::from_text(token)).expect("a token");
    let value = || Some(Document::from_text(body));
    // Without any fields, a response is redacted only where its values may repeat the token.
    let mut bare = Response { body: value(), ..Response::of_status(200) };
    bare.redact(std::slice::from_ref(&checked));
    let text = || Some(body.to_owned());
    let mut whole = Response {
        status: 200,
        location: text(),
        retry_after: text(),
        www_authenticate: text(),
        request_id: text(),
        date: text(),
        content_type: text(),
        body: value(),
    };
    whole.redact(&[checked]);
    let redacted = bare.body.and_then(|body| body.text()).expect("a text");
    for text in [whole.location, whole.request_id, whole.date, whole.content_type] {
        assert_eq!(text.as_ref(), Some(&redacted), "a field that is shown is redacted in another way");
    }
    assert_eq!((whole.retry_after, whole.www_authenticate), (text(), text()), "a field that is never shown was changed");
    assert_eq!(whole.body, Some(Document::from_text(&redacted)), "the body is redacted in another way");
    // A repeated token may lack its padding.
    if !body.contains(token.trim_end_matches('=')) && !body.contains(['\\', '%', '&']) {
        assert_eq!(redacted, body, "a body without the token was changed");
    }
    if token.len() >= LONG {
        check_removed(token, &redacted);
    } else if let (Ok(before), Ok(after)) = (serde_json::from_str(body), serde_json::from_str(&redacted)) {
        check_removed_values(token, &before, &after);
    }
    redacted
}

/// Checks that a token is removed from a text, and from every string of the document that it is the JSON of.
fn check_removed(token: &str, redacted: &str) {
    // Adjacent marks may spell a token that has brackets; the text between them must not contain it.
    for piece in redacted.split(MARK) {
        assert!(!piece.contains(token), "{redacted:?} still contains {token:?}");
    }
    if !token.contains(['[', ']']) {
        assert!(!redacted.contains(token), "{redacted:?} still contains {token:?}");
        if let Ok(document) = serde_json::from_str(redacted) {
            assert!(!has_string_with(&document, token), "{redacted} still contains {token:?}");
        }
    }
}

/// Checks that a short token is removed where it is a whole value, and that everything else is unchanged: it may be part of
/// any word.
fn check_removed_values(token: &str, before: &Json, after: &Json) {
    match (before, after) {
        (Json::String(before), Json::String(after)) => {
            assert_eq!(after, if unescaped(before) == token { MARK } else { before });
        }
        (Json::Array(before), Json::Array(after)) => {
            before.iter().zip(after).for_each(|(before, after)| check_removed_values(token, before, after));
        }
        (Json::Object(before), Json::Object(after)) => {
            assert!(before.keys().eq(after.keys()), "{token:?} was removed from the name of a member");
            before.values().zip(after.values()).for_each(|(before, after)| check_removed_values(token, before, after));
        }
        _ => assert_eq!(before, after),
    }
}

fn has_string_with(document: &Json, token: &str) -> bool {
    match document {
        Json::String(text) => text.contains(token),
        Json::Array(items) => items.iter().any(|item| has_string_with(item, token)),
        Json::Object(members) => members.iter().any(|(name, value)| name.contains(token) || has_string_with(value, token)),
        _ => false,
    }
}

/// A text with the escapes of URLs and HTML decoded, as the readers of an error would see it.
pub fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hex = |digits: Option<&str>| digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let reference = rest.strip_prefix('&').and_then(|rest| rest.split_once(';'));
        let (character, length) = match (first, reference) {
            ('%', _) => (hex(rest.get(1..3)), 3),
            ('&', Some((name, _))) => {
                let number = name.strip_prefix('#');
                let code = match number.and_then(|number| number.strip_prefix(['x', 'X'])) {
                    Some(digits) => hex(Some(digits.trim_start_matches('0'))),
                    None => number.and_then(|digits| digits.parse().ok()),
                };
                let named = [("plus", b'+'), ("sol", b'/'), ("equals", b'=')].into_iter().find(|(known, _)| *known == name);
                (code.or(named.map(|(_, character)| character)), name.len() + 2)
            }
            _ => (None, 0),
        };
        let (character, length) = character.map_or((first, first.len_utf8()), |byte| (char::from(byte), length));
        plain.push(character);
        rest = &rest[length..];
    }
    plain
}
