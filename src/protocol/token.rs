//! Access tokens: which texts are accepted as one.

use crate::protocol::json::Json;
use crate::protocol::limits::{KEPT_TOKENS, LONGEST_ARGUMENT};
use crate::protocol::time::Millis;

/// A checked access token. The host keeps its text, so that a waiting call holds no copy of it.
#[derive(Clone, PartialEq)]
pub struct Token<V> {
    value: V,
    length: usize,
}

impl<V: Json> Token<V> {
    /// Checks what a token source returned, and removes the white space around it.
    ///
    /// # Errors
    /// Describes the problem without repeating any of the token, as the end of a sentence that begins with `token`.
    pub fn new(token: V) -> Result<Token<V>, &'static str> {
        let text = token.text().ok_or("must be text, but the token source gave none")?;
        let trimmed = text.trim_ascii();
        check(trimmed)?;
        let value = if trimmed.len() == text.len() { token } else { V::from_text(trimmed) };
        Ok(Token { value, length: without_padding(trimmed).len() })
    }

    /// The token as a string of the host.
    pub fn value(&self) -> &V {
        &self.value
    }

    /// Whether a text contains the token, in whatever form it is written.
    pub fn is_in(&self, text: &str) -> bool {
        let text = V::from_text(text);
        text.redacted(&self.value) != text
    }

    /// The minimum number of its characters, all of them ASCII: the padding, which some leave out, is not counted.
    pub fn length(&self) -> usize {
        self.length
    }
}

/// Adds a token to those that are removed from every response. Only the last ones are kept.
pub fn keep_token<V: Json>(kept: &mut Vec<Token<V>>, token: &Token<V>) {
    if kept.contains(token) {
        return;
    }
    if kept.len() == KEPT_TOKENS {
        kept.remove(0);
    }
    kept.push(token.clone());
}

/// What a token is requested for.
#[derive(Clone)]
pub struct TokenRequest<V> {
    /// The scope, such as `https://graph.microsoft.com/.default`.
    pub scope: String,
    /// The claims that Graph demanded (JSON text); see [`crate::protocol::challenge`].
    pub claims: Option<String>,
    /// A token that Graph has just refused. It must not be used again, whatever its lifetime.
    pub refused: Option<Token<V>>,
    /// The timeout of the token source.
    pub timeout: Millis,
}

/// Checks a token: only characters that a token can have (`b64token` of RFC 6750, section 2.1), and no word that stands for
/// a missing value.
///
/// # Errors
/// Describes the problem, without repeating any of the token.
pub fn check(token: &str) -> Result<(), &'static str> {
    if token.is_empty() {
        return Err("must not be empty");
    }
    if token.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("bearer ")) {
        return Err("must be the token alone, without the word Bearer");
    }
    if token.starts_with(['"', '\'']) {
        return Err("must be the token alone, without quotes around it");
    }
    if ["undefined", "null", "nan", "true", "false", "none"].iter().any(|word| token.eq_ignore_ascii_case(word)) {
        return Err("is a word that stands for a missing value, not a token");
    }
    let word = without_padding(token);
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)) {
        return Err("must not contain spaces, line breaks or other characters that no token has");
    }
    Ok(())
}

/// A token without the `=` at its end, which some leave out.
fn without_padding(mut token: &str) -> &str {
    while let Some(shorter) = token.strip_suffix('=') {
        token = shorter;
    }
    token
}

/// Refuses a device id or a location that may be a token, because the argument would appear in URLs and errors.
///
/// * `token`: the token in use, if it is known
///
/// # Errors
/// Describes the problem as the end of a sentence that begins with the argument's name, without repeating any of the
/// argument.
pub fn refuse_token<V: Json>(argument: &str, token: Option<&Token<V>>) -> Result<(), &'static str> {
    if contains_jwt(argument.as_bytes()) || token.is_some_and(|token| token.is_in(argument.trim_ascii())) {
        return Err("looks like an access token: the order is (token, deviceId), and a location comes from runDiagnostics");
    }
    if characters(argument.as_bytes()) > LONGEST_ARGUMENT {
        return Err("must not be longer than 1,024 characters");
    }
    Ok(())
}

/// Whether a text contains a JWT: two parts of base64url, each followed by a dot, the first of which begins like the header
/// of every JWT. Percent-encoded dots count too.
pub fn contains_jwt(text: &[u8]) -> bool {
    (0..text.len()).any(|at| {
        let rest = text.get(at..).filter(|rest| rest.starts_with(b"eyJ"));
        rest.and_then(skip_part).and_then(skip_part).is_some()
    })
}

/// Skips base64url and a dot; `None` if they do not come next.
fn skip_part(text: &[u8]) -> Option<&[u8]> {
    let is_base64url = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    match text.get(text.iter().position(|byte| !is_base64url(byte))?..)? {
        [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// The number of characters of a text in which characters may be percent-encoded, each as several bytes.
fn characters(text: &[u8]) -> usize {
    let is_continuation = |at: &usize| match text.get(*at..) {
        Some([b'%', high, _, ..]) => b"89ABab".contains(high),
        Some([byte, ..]) => *byte & 0xc0 == 0x80,
        _ => false,
    };
    let encoded = text.iter().filter(|byte| **byte == b'%').count();
    let continued = (0..text.len()).filter(is_continuation).count();
    text.len() - (2 * encoded + continued).min(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_of_visible_ascii() {
        assert!(check("eyJ0eXAi.eyJhdWQi.c2ln-_~+/=").is_ok());
        let bad = [
            "",
            " ",
            "a b",
            "a\r\nX: y",
            "a\n",
            "é",
            "Bearer abc",
            "bearer abc",
            "\"a\"",
            "'a'",
            "a\"",
            "a,",
            "a=b",
            "=",
            "undefined",
            "null",
            "NaN",
            "true",
            "false",
            "{a}",
            "a:b",
        ];
        for bad in bad {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_jwt_is_found_anywhere_in_a_text() {
        let jwts = [
            "eyJ0eXAi.eyJhdWQi.c2ln-_",
            "Bearer eyJ0eXAi.eyJhdWQi.c2ln",
            "\"eyJ0eXAi.eyJhdWQi.c2ln\"",
            "eyJ.eyJ0eXAi.eyJhdWQi.c2ln,",
            "https://x/o?access_token=eyJ0eXAi.eyJhdWQi.",
            "eyJ0eXAi%2EeyJhdWQi%2ec2ln",
            "eyJ0eXAi.a.b.c.d",
        ];
        for text in jwts {
            assert!(contains_jwt(text.as_bytes()), "{text:?}");
        }
        for text in ["", "eyJ", "eyJ.a", "eyJ0eXAi.eyJhdWQi", "a.b.c", "3c6ef362-5157-4d00-8000-000000000002", "ey.J.a"] {
            assert!(!contains_jwt(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn characters_are_counted_instead_of_bytes() {
        for (text, count) in [("", 0), ("abc", 3), ("\u{4f1a}\u{8b70}", 2), ("%E4%BC%9A%20x", 3), ("%", 0)] {
            assert_eq!(characters(text.as_bytes()), count, "{text:?}");
        }
    }
}
