//! Claims challenges: what the `WWW-Authenticate` field of a 401 says when the token is valid but no longer sufficient.
//!
//! Continuous access evaluation sends `Bearer error="insufficient_claims", claims="<base64>"`; the client then requests a
//! token with these claims from the token source. Source:
//! <https://learn.microsoft.com/entra/identity-platform/claims-challenge>.

/// Returns the claims that a Bearer challenge demands, decoded to JSON text; `None` if the field has no such challenge.
///
/// The field may hold challenges of several schemes, and several of one scheme (RFC 9110, section 11.6.1).
pub fn claims(field: &str) -> Option<String> {
    let mut rest = field.as_bytes();
    let mut is_bearer = false;
    let (mut error, mut claims) = (None, None);
    loop {
        let (word, after) = split_word(skip_bytes(rest, b" \t,"));
        if word.is_empty() {
            // The end of the field, or text that is not part of a challenge.
            return claims_of(error, claims);
        }
        match split_value(after) {
            Some((value, after)) => {
                // If a parameter is repeated, which is not allowed, the first one counts.
                match word {
                    _ if !is_bearer => {}
                    _ if word.eq_ignore_ascii_case(b"error") => error = error.or(Some(value)),
                    _ if word.eq_ignore_ascii_case(b"claims") => claims = claims.or(Some(value)),
                    _ => {}
                }
                rest = after;
            }
            None => {
                // A new scheme begins, so the previous challenge is complete. Parameters of schemes other than Bearer were
                // not kept.
                if let Some(claims) = claims_of(error.take(), claims.take()) {
                    return Some(claims);
                }
                is_bearer = word.eq_ignore_ascii_case(b"bearer");
                rest = skip_token68(after);
            }
        }
    }
}

fn claims_of(error: Option<Vec<u8>>, claims: Option<Vec<u8>>) -> Option<String> {
    if error.as_deref() == Some(b"insufficient_claims") { decode(&claims?) } else { None }
}

/// Skips these bytes at the beginning of a text.
fn skip_bytes<'a>(mut text: &'a [u8], bytes: &[u8]) -> &'a [u8] {
    while let [first, rest @ ..] = text
        && bytes.contains(first)
    {
        text = rest;
    }
    text
}

/// Splits off a token (RFC 9110, section 5.6.2) at the beginning; returns it and the rest.
fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    text.split_at_checked(text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len())).unwrap_or_default()
}

/// Splits off `=` and a value, quoted or not; returns the value and the rest. `None` if no `=` follows.
fn split_value(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let text = skip_bytes(skip_bytes(text, b" \t").strip_prefix(b"=")?, b" \t");
    let [b'"', rest @ ..] = text else {
        let (word, after) = split_word(text);
        return Some((word.to_vec(), after));
    };
    let mut value = Vec::new();
    let mut rest = rest.iter();
    while let Some(&byte) = rest.next() {
        match byte {
            b'"' => break,
            b'\\' => value.extend(rest.next()),
            _ => value.push(byte),
        }
    }
    Some((value, rest.as_slice()))
}

/// Skips the token68 of a scheme, if it has one: a single word before the next comma, with `=` only at its end.
fn skip_token68(text: &[u8]) -> &[u8] {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    let word = skip_bytes(text, b" \t");
    let end = word.iter().position(|byte| !is_part(byte)).unwrap_or(word.len());
    let after = skip_bytes(word.get(end..).unwrap_or_default(), b"= \t");
    if matches!(after, [] | [b',', ..]) { after } else { text }
}

/// Decodes Base64 in the standard or the URL-safe alphabet, with or without padding (RFC 4648). `None` if the text is not
/// Base64, or what it encodes is empty or not UTF-8.
fn decode(mut base64: &[u8]) -> Option<String> {
    while let [text @ .., b'='] = base64 {
        base64 = text;
    }
    let mut bytes = Vec::new();
    let (mut bits, mut bit_count) = (0u32, 0);
    for &byte in base64 {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(six);
        bit_count += 6;
        if bit_count >= 8 {
            bit_count -= 8;
            bytes.push((bits >> bit_count) as u8);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_of_a_bearer_challenge_are_found_anywhere_in_the_field() {
        for field in [
            r#"Bearer error="insufficient_claims", claims="e30=""#,
            r#"bearer claims=e30, ERROR=insufficient_claims"#,
            r#"Bearer realm="a, b=\"c", authorization_uri="https://x/?a=b,c", error="insufficient_claims",claims="e30""#,
            r#"PoP nonce="ey==", Bearer error="insufficient_claims", claims="e30=""#,
            r#"Negotiate abc==, Bearer error="insufficient_claims", claims="e30=", Basic realm="x""#,
            r#"Negotiate, Bearer   error = "insufficient_claims" ,, claims = "e30=""#,
            r#"Bearer realm="", Bearer error="insufficient_claims", claims="e30=""#,
            r#"Bearer abc, Bearer error="insufficient_claims", claims="e30=""#,
        ] {
            assert_eq!(claims(field).as_deref(), Some("{}"), "{field}");
        }
    }

    #[test]
    fn any_other_field_has_no_claims() {
        for field in [
            "",
            "Bearer",
            r#"Bearer error="invalid_token""#,
            r#"Bearer error="invalid_token", claims="e30=""#,
            r#"Bearer claims="e30=""#,
            r#"Basic error="insufficient_claims", claims="e30=""#,
            r#"Bearer error="insufficient_claims", Basic claims="e30=""#,
            r#"Bearer error="insufficient_claims", claims="""#,
            r#"Bearer error="insufficient_claims", claims="not base64!""#,
            r#"Bearer error="insufficient_claims", claims="/w==""#,
            r#"Bearer realm="error="insufficient_claims", claims="e30="#,
            "Bearer error=\"insufficient_claims\", claims=\"",
            "\"\"\"",
            "é=é",
        ] {
            assert_eq!(claims(field), None, "{field}");
        }
    }

    #[test]
    fn base64_is_decoded_in_both_alphabets() {
        assert_eq!(decode(b"eyJhIjoiw7w_In0=").as_deref(), Some(r#"{"a":"ü?"}"#));
        assert_eq!(decode(b"eyJhIjoiw7w/In0").as_deref(), Some(r#"{"a":"ü?"}"#));
    }
}
