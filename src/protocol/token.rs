//! Access tokens: what is accepted as one.

use crate::protocol::json::Json;
use crate::protocol::limits::LONGEST_ARGUMENT;
use crate::protocol::time::Millis;

/// An access token, checked. The host keeps its text: a call that waits holds no copy of it.
#[derive(Clone, PartialEq)]
pub struct Token<V> {
    value: V,
    length: usize,
}

impl<V: Json> Token<V> {
    /// Takes what a token source gave, without the white space around it.
    ///
    /// # Errors
    /// What is wrong with it, without repeating any of it, as the end of a sentence that begins with `token`.
    pub fn new(token: V) -> Result<Token<V>, &'static str> {
        let text = token.text().ok_or("must be text, but the token source gave none")?;
        let trimmed = text.trim_ascii();
        check(trimmed)?;
        let value = if trimmed.len() == text.len() { token } else { V::from_text(trimmed) };
        Ok(Token { value, length: without_padding(trimmed).len() })
    }

    /// The token as the host's text.
    pub fn value(&self) -> &V {
        &self.value
    }

    /// Whether it stands in a text, however it is written there.
    pub fn is_in(&self, text: &str) -> bool {
        let text = V::from_text(text);
        text.redacted(&self.value) != text
    }

    /// How many characters it has at least, all of them ASCII: some leave the padding out.
    pub fn length(&self) -> usize {
        self.length
    }
}

/// What a token must be good for.
#[derive(Clone)]
pub struct TokenRequest<V> {
    /// Such as `https://graph.microsoft.com/.default`.
    pub scope: String,
    /// The claims that Graph asked for (a JSON text); see [`crate::protocol::challenge`].
    pub claims: Option<String>,
    /// A token that Graph has just refused: it is of no use again, however long it would last.
    pub refused: Option<Token<V>>,
    /// How long an answer is awaited.
    pub timeout: Millis,
}

/// Checks a token: the characters that one can have (`b64token` of RFC 6750, section 2.1), and no word that stands for a value that is
/// not there.
///
/// # Errors
/// What is wrong with it, without repeating any of it.
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

/// Refuses what may be a token where a device id or a location belongs: it would be put into a URL and into errors.
///
/// * `token`: the one in use, where it is known
///
/// # Errors
/// What is wrong with it, without repeating any of it, as the end of a sentence that begins with the argument's name.
pub fn refuse_token<V: Json>(argument: &str, token: Option<&Token<V>>) -> Result<(), &'static str> {
    if holds_jwt(argument.as_bytes()) || token.is_some_and(|token| token.is_in(argument.trim_ascii())) {
        return Err("looks like an access token: the order is (token, deviceId), and a location comes from runDiagnostics");
    }
    if characters(argument.as_bytes()) > LONGEST_ARGUMENT {
        return Err("must not be longer than 1,024 characters");
    }
    Ok(())
}

/// Whether there is a JWT in a text: two parts of base64url, each with a dot behind it, of which the first begins as the header of every
/// token does. Also where a URL has encoded the dots.
pub fn holds_jwt(text: &[u8]) -> bool {
    (0..text.len()).any(|at| {
        let rest = text.get(at..).filter(|rest| rest.starts_with(b"eyJ"));
        rest.and_then(after_part).and_then(after_part).is_some()
    })
}

/// What follows base64url and a dot.
fn after_part(text: &[u8]) -> Option<&[u8]> {
    let is_base64url = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    match text.get(text.iter().position(|byte| !is_base64url(byte))?..)? {
        [b'.', rest @ ..] | [b'%', b'2', b'e' | b'E', rest @ ..] => Some(rest),
        _ => None,
    }
}

/// How many characters a text has, in which URLs may write each of them as several bytes.
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
    fn a_token_is_found_wherever_it_is_in_a_text() {
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
            assert!(holds_jwt(text.as_bytes()), "{text:?}");
        }
        for text in ["", "eyJ", "eyJ.a", "eyJ0eXAi.eyJhdWQi", "a.b.c", "3c6ef362-5157-4d00-8000-000000000002", "ey.J.a"] {
            assert!(!holds_jwt(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn characters_are_counted_and_not_their_bytes() {
        for (text, count) in [("", 0), ("abc", 3), ("\u{4f1a}\u{8b70}", 2), ("%E4%BC%9A%20x", 3), ("%", 0)] {
            assert_eq!(characters(text.as_bytes()), count, "{text:?}");
        }
    }
}
