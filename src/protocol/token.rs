//! Access tokens: what is accepted as one.

use crate::protocol::json::Json;
use crate::protocol::limits::LONGEST_ARGUMENT;

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
        Ok(Token { value, length: trimmed.len() })
    }

    /// The token as the host's text.
    pub fn value(&self) -> &V {
        &self.value
    }

    /// How many characters it has, all of them ASCII.
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
    if ["undefined", "null", "NaN", "true", "false"].contains(&token) {
        return Err("is a word that stands for a missing value, not a token");
    }
    let mut word = token;
    while let Some(shorter) = word.strip_suffix('=') {
        word = shorter;
    }
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte)) {
        return Err("must not contain spaces, line breaks or other characters that no token has");
    }
    Ok(())
}

/// Refuses what may be a token where a device id or a location belongs: it would be put into a URL and into errors.
///
/// * `token`: the one in use, where it is known
///
/// # Errors
/// What is wrong with it, without repeating any of it, as the end of a sentence that begins with the argument's name.
pub fn refuse_token<V: Json>(argument: &str, token: Option<&Token<V>>) -> Result<(), &'static str> {
    let trimmed = argument.trim_ascii();
    if looks_like_token(trimmed) || token.is_some_and(|token| *token.value() == V::from_text(trimmed)) {
        return Err("looks like an access token: the order is (token, deviceId), and a location comes from runDiagnostics");
    }
    if argument.len() > LONGEST_ARGUMENT {
        return Err("must not be longer than 1,024 characters");
    }
    Ok(())
}

/// Whether a text looks like an access token: three parts of base64url, of which the first begins as the header of every token does.
fn looks_like_token(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    text.starts_with("eyJ")
        && text.bytes().filter(|&byte| byte == b'.').count() == 2
        && text.bytes().all(|byte| byte == b'.' || is_base64url(byte))
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
    fn what_looks_like_a_token_has_three_parts_and_a_header() {
        assert!(looks_like_token("eyJ0eXAi.eyJhdWQi.c2ln-_"));
        for other in ["", "eyJ0eXAi", "eyJ0eXAi.eyJhdWQi", "a.b.c", "eyJ0eXAi.eyJhdWQi.c2ln.x", "eyJ0eXAi.eyJh/WQi.c2ln"] {
            assert!(!looks_like_token(other), "{other:?}");
        }
    }
}
