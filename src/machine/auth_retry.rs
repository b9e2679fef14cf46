//! The 401s of a request, and after which of them a new token is requested.

use crate::protocol::challenge;
use crate::protocol::json::Json;
use crate::protocol::time::Millis;
use crate::protocol::token::{Token, TokenRequest};

/// The 401s of one request.
pub struct AuthRetry<V> {
    /// The claims that were demanded so far; an empty text stands for a 401 without claims.
    challenges: Vec<String>,
    /// The number of retries after a 401.
    count: u32,
    /// The claims that the next token must satisfy, and the token that was refused last.
    claims: Option<String>,
    refused: Option<Token<V>>,
}

impl<V> Default for AuthRetry<V> {
    fn default() -> AuthRetry<V> {
        AuthRetry { challenges: Vec::new(), count: 0, claims: None, refused: None }
    }
}

impl<V: Json> AuthRetry<V> {
    /// The maximum number of challenges in a row after which a new token is requested.
    const LIMIT: usize = 3;

    /// Whether to request a new token after a 401: once for each challenge, and once for a 401 without one.
    pub fn can_renew(&self, www_authenticate: Option<&str>) -> bool {
        let claims = www_authenticate.and_then(challenge::claims).unwrap_or_default();
        self.challenges.len() < Self::LIMIT && !self.challenges.contains(&claims)
    }

    /// Records a 401 after which a new token is requested: it must differ from the refused one and satisfy the claims of the
    /// challenge.
    pub fn on_unauthorized(&mut self, www_authenticate: Option<&str>, refused: Token<V>) {
        self.claims = www_authenticate.and_then(challenge::claims);
        self.challenges.push(self.claims.clone().unwrap_or_default());
        self.count += 1;
        self.refused = Some(refused);
    }

    /// Records a 401 that ends the series: the next token request begins another.
    pub fn on_refused(&mut self, www_authenticate: Option<&str>, refused: Token<V>) {
        self.on_unauthorized(www_authenticate, refused);
        self.challenges.clear();
    }

    /// A non-401 failure proves that the token was accepted: after a later 401 without claims a new token may be requested once more.
    pub fn on_other_failure(&mut self) {
        self.challenges.retain(|claims| !claims.is_empty());
    }

    /// Records that a new token has come: from now on it is treated like any other.
    pub fn on_token(&mut self) {
        self.claims = None;
        self.refused = None;
    }

    /// The number of retries after a 401.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The request for the next token.
    pub fn token_request(&self, scope: String, timeout: Millis) -> TokenRequest<V> {
        TokenRequest { scope, claims: self.claims.clone(), refused: self.refused.clone(), timeout }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text of a token. These tests need nothing else of it.
    #[derive(Clone, Debug, PartialEq)]
    struct Text(&'static str);

    impl Json for Text {
        fn from_text(_: &str) -> Text {
            Text("")
        }
        fn text(&self) -> Option<String> {
            Some(self.0.to_owned())
        }
        fn redacted(&self, _: &Text) -> Text {
            self.clone()
        }
        fn parse(&self) -> Option<Text> {
            None
        }
        fn empty() -> Text {
            Text("")
        }
        fn is_object(&self) -> bool {
            false
        }
        fn member(&self, _: &str) -> Option<Text> {
            None
        }
        fn with_member(self, _: &str, _: &str) -> Text {
            self
        }
        fn items(&self) -> Option<Vec<Text>> {
            None
        }
    }

    fn challenge(claims: &str) -> String {
        format!(r#"Bearer error="insufficient_claims", claims="{claims}""#)
    }

    /// Handles a 401; returns whether a new token is requested.
    fn receive_401(auth: &mut AuthRetry<Text>, www_authenticate: Option<&str>, refused: &'static str) -> bool {
        let can_renew = auth.can_renew(www_authenticate);
        if can_renew {
            auth.on_unauthorized(www_authenticate, Token::new(Text(refused)).expect("a token"));
        }
        can_renew
    }

    /// The claims and the refused token of the next token request.
    fn next_token_request(auth: &AuthRetry<Text>) -> (Option<String>, Option<&'static str>) {
        let request = auth.token_request("s".to_owned(), Millis::ZERO);
        assert_eq!(request.scope, "s");
        (request.claims, request.refused.map(|token| token.value().0))
    }

    #[test]
    fn a_new_token_is_requested_once_for_each_challenge() {
        let mut auth = AuthRetry::default();
        assert_eq!(next_token_request(&auth), (None, None));
        assert!(receive_401(&mut auth, None, "T1"));
        assert_eq!(next_token_request(&auth), (None, Some("T1")));
        assert!(!receive_401(&mut auth, Some("Bearer realm=\"\""), "T2"), "a second 401 without claims");
        auth.on_other_failure();
        assert!(receive_401(&mut auth, None, "T2"), "after another failure, the token may have expired since");
        assert!(receive_401(&mut auth, Some(&challenge("e30=")), "T2"));
        assert_eq!(next_token_request(&auth), (Some("{}".to_owned()), Some("T2")));
        auth.on_token();
        assert_eq!(next_token_request(&auth), (None, None), "the new token is treated like any other");
        auth.on_other_failure();
        assert!(!receive_401(&mut auth, Some(&challenge("e30=")), "T3"), "the same claims again");
        assert!(receive_401(&mut auth, Some(&challenge("eyJhIjoxfQ==")), "T3"), "other claims");
        assert!(receive_401(&mut auth, None, "T3"));
        assert!(!receive_401(&mut auth, Some(&challenge("eyJhIjoyfQ==")), "T4"), "too many challenges in a row");
        assert_eq!(auth.count(), 5);
    }
}
