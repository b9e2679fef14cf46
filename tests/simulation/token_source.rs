//! The caller's token source: which token it returns, how long it takes, and whether it fails.

use std::cell::RefCell;

use teams_device_diagnostics::machine::effect::{Input, TokenFailure};
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::{Token, TokenRequest};

use crate::document::Document;
use crate::driver::Later;
use crate::guarantees::SECRET;
use crate::network::{never, then};
use crate::plan::SLOWEST_TOKEN;
use crate::record::UnderWay;
use crate::service::Service;

/// The tokens issued so far; the last one is the current one.
#[derive(Default)]
pub struct TokenSource(RefCell<Vec<IssuedToken>>);

#[derive(Clone)]
pub struct IssuedToken {
    text: String,
    pub issued_at: Instant,
    pub has_claims: bool,
}

impl TokenSource {
    /// What is known of a token; `None` if this source did not issue it.
    pub fn issued(&self, text: &str) -> Option<IssuedToken> {
        self.0.borrow().iter().find(|known| known.text == text).cloned()
    }
}

impl Service {
    /// Requests a token from the source, which may hang. A token that the caller passed as text is always available.
    pub fn request_token<'a>(&'a self, request: TokenRequest<Document>, under_way: UnderWay<'a>) -> Later<'a> {
        let is_source = self.plan.token_renews;
        if is_source && self.rng.happens(self.plan.token_hang_rate) {
            self.trace(|| "the token source hangs".into());
            return never(under_way);
        }
        let is_slow = is_source && self.rng.happens(0.1);
        let slowness = if is_slow { self.rng.millis(0.0, SLOWEST_TOKEN.0) } else { Millis::ZERO };
        let requested_at = self.clock.now();
        then(slowness, move || {
            drop(under_way);
            // Offline time does not count as patience anyway.
            if !self.is_offline() {
                self.record.note_token_wait(self.clock.now() - requested_at);
            }
            let token = if is_source && self.rng.happens(self.plan.token_fault_rate) {
                Err(TokenFailure::Failed(Document("signed out".into())))
            } else {
                let text = self.current_token(&request, requested_at);
                self.record.note_given_token(&text);
                Ok(checked(text))
            };
            Later::Input(Millis::ZERO, Input::Token(token))
        })
    }

    /// The last token again, unless another is requested; a source that cannot renew its token has only one.
    fn current_token(&self, request: &TokenRequest<Document>, issued_at: Instant) -> String {
        let mut tokens = self.token_source.0.borrow_mut();
        let refused = request.refused.as_ref().and_then(|token| token.value().0.as_str());
        if let Some(last) = tokens.last()
            && (!self.plan.token_renews
                || (request.claims.is_none() && refused != Some(last.text.as_str()))
                || issued_at - last.issued_at < self.plan.token_rest)
        {
            return last.text.clone();
        }
        let text =
            if self.plan.token_renews { format!("{SECRET}.0123-{}==", tokens.len()) } else { format!("{SECRET}.text") };
        // Once claims were requested, the source includes them in every later token.
        let has_claims = request.claims.is_some() || tokens.iter().any(|token| token.has_claims);
        tokens.push(IssuedToken { text: text.clone(), issued_at, has_claims });
        text
    }
}

pub fn checked(token: String) -> Token<Document> {
    Token::new(Document(token.into())).unwrap_or_else(|problem| panic!("token {problem}"))
}
