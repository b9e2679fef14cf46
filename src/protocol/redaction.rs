//! Takes the access token out of what the service sent, so that nothing made of it can show the token.

use crate::protocol::http::Response;
use crate::protocol::text::hex;
use alloc::string::String;

impl Response {
    /// Takes the token out wherever the service repeated it, so that nothing made of this answer can show it.
    ///
    /// A token as short as those of tests could be a part of any word; it is taken out where it stands alone. It is not empty:
    /// [`crate::token::check`].
    pub fn redact(&mut self, token: &str) {
        let Response { location, retry_after, request_id, date, www_authenticate, .. } = self;
        let fields = [location, retry_after, request_id, date, www_authenticate];
        for text in fields.into_iter().flatten().chain([&mut self.body]) {
            let bytes = text.as_bytes();
            let is_word = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_alphanumeric);
            let token_end = |at: usize| {
                let end = at + length_at_start(bytes.get(at..)?, token.as_bytes())?;
                let counts = token.len() >= SHORTEST_REAL_TOKEN || !(is_word(at.checked_sub(1)) || is_word(Some(end)));
                counts.then_some((at, end))
            };
            let mut redacted = String::new();
            let mut kept = 0;
            while let Some((at, end)) = (kept..bytes.len()).find_map(token_end) {
                redacted.push_str(text.get(kept..at).unwrap_or_default());
                redacted.push_str("[token]");
                kept = end;
            }
            redacted.push_str(text.get(kept..).unwrap_or_default());
            *text = redacted;
        }
    }
}

/// Tokens for Graph are hundreds of characters long.
const SHORTEST_REAL_TOKEN: usize = 16;

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
        let mut response =
            Response { location: Some("/x?token=T0ken&y".into()), body: "T0ken and T0ken".into(), ..Response::default() };
        response.redact("T0ken");
        assert_eq!(response.location.as_deref(), Some("/x?token=[token]&y"));
        assert_eq!(response.body, "[token] and [token]");
        response.redact("token");
        assert_eq!(response.body, "[[token]] and [[token]]");
    }

    #[test]
    fn a_short_token_is_taken_out_as_a_word_and_a_long_one_everywhere() {
        let redacted = |token: &str, body: &str| {
            let mut response = Response { body: body.into(), ..Response::default() };
            response.redact(token);
            response.body
        };
        assert_eq!(redacted("t", r#"{"status":"t","a":"Bearer t"}"#), r#"{"status":"[token]","a":"Bearer [token]"}"#);
        assert_eq!(redacted("t", "ätä t"), "ä[token]ä [token]");
        assert_eq!(redacted("0123456789abcdef", "x0123456789abcdefx"), "x[token]x");
    }

    #[test]
    fn a_token_is_taken_out_however_json_writes_it() {
        let body = r#"{"message":"EwB+/A== EwB\u002b\/A== EwB\u002B/A\u003D="}"#;
        let mut response = Response { body: body.into(), ..Response::default() };
        response.redact("EwB+/A==");
        assert_eq!(response.body, r#"{"message":"[token] [token] [token]"}"#);
    }
}
