//! Takes access tokens out of what the service sent, so that nothing made of it can show one.

use crate::protocol::http::Response;
use crate::protocol::json::Json;
use crate::protocol::text::{hex, u32_to_string};
use crate::protocol::token::Token;

/// Tokens for Graph are hundreds of characters long. A shorter one is one of tests, and may be a part of any word.
const SHORTEST_REAL_TOKEN: usize = 16;

impl<V: Json> Response<V> {
    /// Takes the tokens out wherever the service repeated one. `Retry-After` and `WWW-Authenticate` stay as they are: they are read, and
    /// never shown.
    pub fn redact(&mut self, tokens: &[Token<V>]) {
        for token in tokens {
            self.redact_one(token);
        }
    }

    fn redact_one(&mut self, token: &Token<V>) {
        // Of nearly every response this is all: the token's text is copied out of the host for few of them. However a field writes a
        // token, it is not shorter than the token.
        let may_repeat = self.body.as_ref().is_some_and(|body| body.may_repeat(token.value()));
        if !may_repeat && self.shown_fields().all(|field| field.len() < token.length()) {
            return;
        }
        let token = token.value().text().unwrap_or_default();
        for field in self.shown_fields() {
            *field = redacted(field, &token);
        }
        if let Some(body) = &mut self.body {
            *body = V::from_text(&redacted(&body.text().unwrap_or_default(), &token));
        }
    }

    fn shown_fields(&mut self) -> impl Iterator<Item = &mut String> {
        let Response { location, request_id, date, content_type, .. } = self;
        [location, request_id, date, content_type].into_iter().flatten()
    }
}

/// A text without any of the tokens.
pub fn redacted_all<V: Json>(text: String, tokens: &[Token<V>]) -> String {
    let known = tokens.iter().filter(|token| token.length() <= text.len());
    known.fold(text.clone(), |text, token| redacted(&text, &token.value().text().unwrap_or_default()))
}

/// A text without the token, which is not empty. One as short as those of tests is taken out only where it is a whole value.
pub fn redacted(text: &str, token: &str) -> String {
    let bytes = text.as_bytes();
    let mut redacted = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match length_at_start(rest, token.as_bytes()) {
            Some(length) if token.len() >= SHORTEST_REAL_TOKEN || is_whole_value(bytes, at, at + length) => {
                redacted.push_str(text.get(kept..at).unwrap_or_default());
                redacted.push_str("[token]");
                kept = at + length;
                at = kept;
            }
            _ => at += 1,
        }
    }
    redacted.push_str(text.get(kept..).unwrap_or_default());
    redacted
}

/// Whether this part of a text is all of it, or a string of a JSON document that is no member's name.
fn is_whole_value(text: &[u8], from: usize, to: usize) -> bool {
    let (before, after) = (text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default());
    let is_string = |after: &[u8]| !after.trim_ascii_start().starts_with(b":");
    (before.is_empty() && after.is_empty()) || (before.ends_with(b"\"") && after.strip_prefix(b"\"").is_some_and(is_string))
}

/// How many bytes at the start of a text are the token, however it is written there.
#[inline(never)] // in the loop that calls it, it would be larger
fn length_at_start(text: &[u8], token: &[u8]) -> Option<usize> {
    // Nearly everywhere the first byte says it.
    if !text.first().is_some_and(|first| b"\\%&".contains(first) || token.first() == Some(first)) {
        return None;
    }
    let mut rest = text;
    for &byte in token {
        rest = after_character(rest, byte)?;
    }
    Some(text.len() - rest.len())
}

/// What follows a character of a token, which is ASCII, where a text begins with it: plainly, or as JSON (`\u002B`, `\/`), URLs (`%2B`)
/// or HTML (`&#43;`, `&#x2B;`, `&plus;`) write it.
fn after_character(text: &[u8], byte: u8) -> Option<&[u8]> {
    let digits = hex(byte);
    match text {
        [plain, rest @ ..] if *plain == byte => Some(rest),
        [b'\\', b'u', b'0', b'0', high, low, rest @ ..] if digits.eq_ignore_ascii_case(&[*high, *low]) => Some(rest),
        [b'\\', escaped, rest @ ..] if *escaped == byte => Some(rest),
        [b'%', high, low, rest @ ..] if digits.eq_ignore_ascii_case(&[*high, *low]) => Some(rest),
        [b'&', reference @ ..] => after_reference(reference, byte),
        _ => None,
    }
}

/// What follows a character reference of HTML, which has begun with `&`.
fn after_reference(text: &[u8], byte: u8) -> Option<&[u8]> {
    let end = text.iter().take(LONGEST_REFERENCE).position(|byte| *byte == b';')?;
    let (reference, rest) = (text.get(..end)?, text.get(end + 1..)?);
    let is_meant = match reference {
        [b'#', b'x' | b'X', number @ ..] => without_zeros(number).eq_ignore_ascii_case(&hex(byte)),
        [b'#', number @ ..] => without_zeros(number) == u32_to_string(byte.into()).as_bytes(),
        name => NAMED.iter().any(|(character, known)| *character == byte && *known == name),
    };
    is_meant.then_some(rest)
}

/// Nobody writes a character of a token longer: `#x0000002B`.
const LONGEST_REFERENCE: usize = 12;

/// The characters of tokens that have a name in HTML.
const NAMED: [(u8, &[u8]); 6] =
    [(b'+', b"plus"), (b'/', b"sol"), (b'=', b"equals"), (b'.', b"period"), (b'_', b"lowbar"), (b'-', b"hyphen")];

fn without_zeros(mut number: &[u8]) -> &[u8] {
    while let [b'0', rest @ ..] = number {
        number = rest;
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_the_service_repeats_is_taken_out() {
        assert_eq!(redacted("/x?token=T0ken.T0ken.T0ken&y", "T0ken.T0ken.T0ken"), "/x?token=[token]&y");
        assert_eq!(redacted("[token.token.token]", "token.token.token"), "[[token]]");
    }

    #[test]
    fn a_short_token_is_taken_out_as_a_whole_value_and_a_long_one_everywhere() {
        let body = r#"{"status":"t","t":"Bearer t","list":["t"],"t" : "t"}"#;
        assert_eq!(redacted(body, "t"), r#"{"status":"[token]","t":"Bearer t","list":["[token]"],"t" : "[token]"}"#);
        assert_eq!(redacted("t", "t"), "[token]");
        assert_eq!(redacted("ätä t", "t"), "ätä t");
        assert_eq!(redacted("x0123456789abcdefx", "0123456789abcdef"), "x[token]x");
    }

    #[test]
    fn a_token_is_taken_out_however_it_is_written() {
        let token = "EwB+/A.-_~0123456==";
        for written in [
            r"EwB+/A.-_~0123456==",
            r"EwB\u002b\/A\u002E-_~0123456\u003D\u003d",
            "EwB%2B%2fA.-_%7E0123456%3D%3d",
            "EwB&#43;&#x2f;A&period;&hyphen;&lowbar;~0123456&equals;&#061;",
            "E%77B&plus;&sol;A.-_~&#x00030;123456=%3D",
        ] {
            assert_eq!(redacted(&["<", written, ">"].concat(), token), "<[token]>", "{written}");
        }
        assert_eq!(redacted("EwB&amp;/A.-_~0123456==", token), "EwB&amp;/A.-_~0123456==");
    }
}
