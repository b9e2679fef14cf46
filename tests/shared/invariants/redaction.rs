//! Any response of a service that repeats any token.

use serde_json::Value as Json;
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::json::Json as _;
use teams_device_diagnostics::protocol::token::Token;

use crate::document::Document;

const MARK: &str = "[token]";

/// A shorter token is a test token.
const LONG: usize = 16;

/// Returns the response's body without the token, after a check that it is really gone.
pub fn hold(token: &str, body: &str) -> String {
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
        assert_eq!(text.as_ref(), Some(&redacted), "every field that is shown is treated alike");
    }
    assert_eq!((whole.retry_after, whole.www_authenticate), (text(), text()), "what is never shown is read as it came");
    assert_eq!(whole.body, Some(Document::from_text(&redacted)), "and so is the body");
    if !body.contains(token) && !body.contains(['\\', '%', '&']) {
        assert_eq!(redacted, body, "nothing else is touched");
    }
    if token.len() >= LONG {
        is_gone(token, &redacted);
    } else if let (Ok(before), Ok(after)) = (serde_json::from_str(body), serde_json::from_str(&redacted)) {
        is_gone_as_a_value(token, &before, &after);
    }
    redacted
}

/// Checks that a token is gone from a text, and from every string of the document that it describes.
fn is_gone(token: &str, redacted: &str) {
    // Adjacent marks may spell a token that has brackets; between them nothing of it is left.
    for piece in redacted.split(MARK) {
        assert!(!piece.contains(token), "{redacted:?} still holds {token:?}");
    }
    if !token.contains(['[', ']']) {
        assert!(!redacted.contains(token), "{redacted:?} still holds {token:?}");
        if let Ok(document) = serde_json::from_str(redacted) {
            assert!(!holds(&document, token), "{redacted} still holds {token:?}");
        }
    }
}

/// A short token may be part of any word: it must be gone where it is a whole value, and everything else must be unchanged.
fn is_gone_as_a_value(token: &str, before: &Json, after: &Json) {
    match (before, after) {
        (Json::String(before), Json::String(after)) => {
            assert_eq!(after, if unescaped(before) == token { MARK } else { before });
        }
        (Json::Array(before), Json::Array(after)) => {
            before.iter().zip(after).for_each(|(before, after)| is_gone_as_a_value(token, before, after));
        }
        (Json::Object(before), Json::Object(after)) => {
            assert!(before.keys().eq(after.keys()), "{token:?} is no member's name");
            before.values().zip(after.values()).for_each(|(before, after)| is_gone_as_a_value(token, before, after));
        }
        _ => assert_eq!(before, after),
    }
}

fn holds(document: &Json, token: &str) -> bool {
    match document {
        Json::String(text) => text.contains(token),
        Json::Array(items) => items.iter().any(|item| holds(item, token)),
        Json::Object(members) => members.iter().any(|(name, value)| name.contains(token) || holds(value, token)),
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
