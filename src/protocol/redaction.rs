//! Takes the access token out of what the service sent, so that nothing made of it can show the token.

use crate::protocol::http::Response;
use crate::protocol::json::Json;
use crate::protocol::text::hex;
use crate::protocol::token::Token;

/// Tokens for Graph are hundreds of characters long. A shorter one is one of tests, and may be a part of any word.
const SHORTEST_REAL_TOKEN: usize = 16;

impl<V: Json> Response<V> {
    /// Takes the token out wherever the service repeated it, so that nothing made of this response can show it.
    pub fn redact(&mut self, token: &Token<V>) {
        // Of nearly every response this is all: the token's text is copied out of the host for few of them. However a field writes a
        // token, it is not shorter than the token.
        let is_too_short = |field: &&mut String| field.len() < token.length();
        let may_repeat = self.body.as_ref().is_some_and(|body| body.may_repeat(token.value()));
        if !may_repeat && self.fields_mut().all(|field| is_too_short(&field)) {
            return;
        }
        let token = token.value().text().unwrap_or_default();
        for field in self.fields_mut() {
            *field = redacted(field, &token);
        }
        if let Some(body) = &mut self.body {
            *body = V::from_text(&redacted(&body.text().unwrap_or_default(), &token));
        }
    }

    fn fields_mut(&mut self) -> impl Iterator<Item = &mut String> {
        let Response { location, retry_after, www_authenticate, request_id, date, .. } = self;
        [location, retry_after, www_authenticate, request_id, date].into_iter().flatten()
    }
}

/// A text without the token, which is not empty. One as short as those of tests is taken out only where it stands alone.
pub fn redacted(text: &str, token: &str) -> String {
    let bytes = text.as_bytes();
    let mut redacted = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match length_at_start(rest, token.as_bytes()) {
            Some(length) if token.len() >= SHORTEST_REAL_TOKEN || stands_alone(bytes, at, at + length) => {
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

fn stands_alone(text: &[u8], from: usize, to: usize) -> bool {
    let is_word = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(u8::is_ascii_alphanumeric);
    !is_word(from.checked_sub(1)) && !is_word(Some(to))
}

/// How many bytes at the start of a text are the token, plainly or as JSON may write it: many services write `+` as `\u002B`,
/// and some `/` as `\/`.
#[inline(never)] // in the loop that calls it, it would be larger
fn length_at_start(text: &[u8], token: &[u8]) -> Option<usize> {
    // Nearly everywhere the first byte says it.
    if !text.first().is_some_and(|first| *first == b'\\' || token.first() == Some(first)) {
        return None;
    }
    if text.starts_with(token) {
        return Some(token.len());
    }
    let mut rest = text;
    for &byte in token {
        let [high, low] = hex(byte);
        let in_hex = [b'\\', b'u', b'0', b'0', high, low];
        rest = match (rest.split_first_chunk::<6>(), rest) {
            (Some((escape, rest)), _) if escape.eq_ignore_ascii_case(&in_hex) => rest,
            (_, [b'\\', escaped, rest @ ..]) if *escaped == byte => rest,
            (_, [plain, rest @ ..]) if *plain == byte => rest,
            _ => return None,
        };
    }
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_that_the_service_repeats_is_taken_out() {
        assert_eq!(redacted("/x?token=T0ken&y", "T0ken"), "/x?token=[token]&y");
        assert_eq!(redacted("T0ken and T0ken", "T0ken"), "[token] and [token]");
        assert_eq!(redacted("[token] and [token]", "token"), "[[token]] and [[token]]");
    }

    #[test]
    fn a_short_token_is_taken_out_as_a_word_and_a_long_one_everywhere() {
        let body = r#"{"status":"t","a":"Bearer t"}"#;
        assert_eq!(redacted(body, "t"), r#"{"status":"[token]","a":"Bearer [token]"}"#);
        assert_eq!(redacted("ätä t", "t"), "ä[token]ä [token]");
        assert_eq!(redacted("x0123456789abcdefx", "0123456789abcdef"), "x[token]x");
    }

    #[test]
    fn a_token_is_taken_out_however_json_writes_it() {
        let body = r#"{"message":"EwB+/A== EwB\u002b\/A== EwB\u002B/A\u003D="}"#;
        assert_eq!(redacted(body, "EwB+/A=="), r#"{"message":"[token] [token] [token]"}"#);
    }
}
