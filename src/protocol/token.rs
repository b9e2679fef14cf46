//! Access tokens: what is accepted as one.

use crate::protocol::json::Json;

/// An access token, checked. The host keeps its text: a call that waits holds no copy of it.
#[derive(Clone)]
pub struct Token<V> {
    value: V,
    length: usize,
}

impl<V: Json> Token<V> {
    /// Takes what a token source gave.
    ///
    /// # Errors
    /// What is wrong with it, without repeating any of it, as the end of a sentence that begins with `token`.
    pub fn new(token: V) -> Result<Token<V>, &'static str> {
        let text = token.text().ok_or("must be text, but the token source gave none")?;
        check(&text)?;
        Ok(Token { value: token, length: text.len() })
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

/// Checks a token: visible ASCII (RFC 6750, section 2.1), so that it can be written into a header field and nowhere else.
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
    if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("must not contain spaces, line breaks or other characters that no token has");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_one_word_of_visible_ascii() {
        assert!(check("eyJ0eXAi.eyJhdWQi.c2ln-_~+/=").is_ok());
        for bad in ["", " ", "a b", "a\r\nX: y", "a\n", "é", "Bearer abc", "bearer abc"] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }
}
