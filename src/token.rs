//! Where access tokens come from, and what a 401 says about them.

use crate::protocol::challenge;
use alloc::string::String;
use alloc::vec::Vec;

/// Gets access tokens.
pub trait TokenSource<V> {
    /// A token. Asked before every request; who keeps tokens for how long is the source's business.
    ///
    /// # Errors
    /// Why there is none.
    async fn token(&self, wanted: &Wanted<'_>) -> Result<String, TokenError<V>>;

    /// Whether asking again can give another token; not when the caller gave the token itself.
    fn can_renew(&self) -> bool;
}

/// What a token must be good for.
pub struct Wanted<'a> {
    /// Such as `https://graph.microsoft.com/.default`.
    pub scope: &'a str,
    /// The claims that Graph asked for (a JSON text); see [`crate::protocol::challenge`].
    pub claims: Option<&'a str>,
    /// A token that Graph has just refused: it is of no use again, however long it would last.
    pub refused: Option<&'a str>,
}

/// What a request has learnt from the 401s that it got.
#[derive(Default)]
pub struct Renewal {
    /// The claims that were asked for so far; an empty text stands for a 401 without claims.
    answered: Vec<String>,
    count: u32,
    claims: Option<String>,
    refused: Option<String>,
}

impl Renewal {
    /// How many 401s in a row are answered.
    const LIMIT: usize = 3;

    /// Takes a 401 and the token that it refused; returns whether another token is worth asking for. Each challenge is
    /// answered once, and so is a 401 without one.
    pub fn take(&mut self, www_authenticate: Option<&str>, refused: String) -> bool {
        let claims = www_authenticate.and_then(challenge::claims);
        let asked = claims.clone().unwrap_or_default();
        if self.answered.contains(&asked) || self.answered.len() == Self::LIMIT {
            return false;
        }
        self.answered.push(asked);
        self.count += 1;
        self.claims = claims;
        self.refused = Some(refused);
        true
    }

    /// How often the request was sent again after a 401.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The token was good, but something else failed: until the next try it may expire again.
    pub fn accepted(&mut self) {
        self.answered.retain(|claims| !claims.is_empty());
    }

    /// What the next token must be good for. Once it is there, it is a token like any other.
    pub fn wanted<'a>(&'a self, scope: &'a str) -> Wanted<'a> {
        Wanted { scope, claims: self.claims.as_deref(), refused: self.refused.as_deref() }
    }

    /// The new token is there.
    pub fn renewed(&mut self) {
        self.claims = None;
        self.refused = None;
    }
}

/// Why a source gave no token.
pub enum TokenError<V> {
    /// What it gave is none; the text is the end of a sentence that begins with `token`.
    Invalid(&'static str),
    /// It failed with the host's error.
    Failed(V),
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

    #[test]
    fn every_challenge_is_answered_once() {
        let challenge = |claims: &str| format!(r#"Bearer error="insufficient_claims", claims="{claims}""#);
        let mut renewal = Renewal::default();
        assert!(renewal.take(None, "T1".into()));
        assert_eq!(renewal.wanted("s").refused, Some("T1"));
        assert_eq!(renewal.wanted("s").claims, None);
        assert!(!renewal.take(Some("Bearer realm=\"\""), "T2".into()), "a second 401 without claims");
        renewal.accepted();
        assert!(renewal.take(None, "T2".into()), "it has expired since");
        assert!(renewal.take(Some(&challenge("e30=")), "T2".into()));
        assert_eq!(renewal.wanted("s").claims, Some("{}"));
        renewal.renewed();
        assert_eq!(renewal.wanted("s").claims, None);
        renewal.accepted();
        assert!(!renewal.take(Some(&challenge("e30=")), "T3".into()), "the same claims again");
        assert!(renewal.take(Some(&challenge("eyJhIjoxfQ==")), "T3".into()), "other claims");
        assert!(renewal.take(None, "T3".into()));
        assert!(!renewal.take(Some(&challenge("eyJhIjoyfQ==")), "T4".into()), "without end");
    }
}
