//! Removes access tokens from what the service sent, so that nothing derived from it can show one.

use crate::protocol::http::Response;
use crate::protocol::json::Json;
use crate::protocol::token::Token;

impl<V: Json> Response<V> {
    /// Removes the tokens wherever the service repeated them. `Retry-After` and `WWW-Authenticate` are left unchanged: they
    /// are parsed but never shown.
    pub fn redact(&mut self, tokens: &[Token<V>]) {
        let Response { location, request_id, date, content_type, body, .. } = self;
        for field in [location, request_id, date, content_type].into_iter().flatten() {
            *field = redacted(std::mem::take(field), tokens);
        }
        for token in tokens {
            *body = body.take().map(|body| body.redacted(token.value()));
        }
    }
}

/// A text with all tokens removed. A text shorter than a token cannot contain it, in whatever form it is written.
pub fn redacted<V: Json>(text: String, tokens: &[Token<V>]) -> String {
    tokens.iter().fold(text, |text, token| match text.len() < token.length() {
        true => text,
        false => V::from_text(&text).redacted(token.value()).text().unwrap_or_default(),
    })
}
