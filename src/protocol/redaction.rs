//! Takes access tokens out of what the service sent, so that nothing made of it can show one.

use crate::protocol::http::Response;
use crate::protocol::json::Json;
use crate::protocol::token::Token;

impl<V: Json> Response<V> {
    /// Takes the tokens out wherever the service repeated one. `Retry-After` and `WWW-Authenticate` stay as they are: they are read, and
    /// never shown.
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

/// A text without any of the tokens. However it writes one, it is not shorter than the token.
pub fn redacted<V: Json>(text: String, tokens: &[Token<V>]) -> String {
    tokens.iter().fold(text, |text, token| match text.len() < token.length() {
        true => text,
        false => V::from_text(&text).redacted(token.value()).text().unwrap_or_default(),
    })
}
