//! Claims challenges: what a 401 says (`WWW-Authenticate`) when the token is valid but no longer enough.
//!
//! Continuous access evaluation answers `Bearer error="insufficient_claims", claims="<base64>"`; the token source is then asked
//! for a token with these claims. Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>.

/// The claims that a Bearer challenge asks for, decoded: a JSON text.
///
/// The field may hold challenges of several schemes, and several of one (RFC 9110, section 11.6.1).
pub fn claims(field: &str) -> Option<String> {
    let mut rest = field.as_bytes();
    let mut is_bearer = false;
    let (mut error, mut claims) = (None, None);
    loop {
        let (word, after) = split_word(after_all(rest, b" \t,"));
        if word.is_empty() {
            // The end, or nothing that a challenge can be made of.
            return found(error, claims);
        }
        match split_value(after) {
            Some((value, after)) => {
                // A parameter that is written twice is no parameter; the first one counts.
                match word {
                    _ if !is_bearer => {}
                    _ if word.eq_ignore_ascii_case(b"error") => error = error.or(Some(value)),
                    _ if word.eq_ignore_ascii_case(b"claims") => claims = claims.or(Some(value)),
                    _ => {}
                }
                rest = after;
            }
            None => {
                // A new scheme: the challenge before is complete. Of one that is not Bearer nothing was kept.
                if let Some(claims) = found(error.take(), claims.take()) {
                    return Some(claims);
                }
                is_bearer = word.eq_ignore_ascii_case(b"bearer");
                rest = after_token68(after);
            }
        }
    }
}

fn found(error: Option<Vec<u8>>, claims: Option<Vec<u8>>) -> Option<String> {
    if error.as_deref() == Some(b"insufficient_claims") { decode(&claims?) } else { None }
}

/// What follows all such bytes.
fn after_all<'a>(mut text: &'a [u8], bytes: &[u8]) -> &'a [u8] {
    while let [first, rest @ ..] = text
        && bytes.contains(first)
    {
        text = rest;
    }
    text
}

/// A token (RFC 9110, section 5.6.2), and what follows.
fn split_word(text: &[u8]) -> (&[u8], &[u8]) {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    text.split_at_checked(text.iter().position(|byte| !is_part(byte)).unwrap_or(text.len())).unwrap_or_default()
}

/// The value after `=`, quoted or not, and what follows; nothing when no value follows.
fn split_value(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let text = after_all(after_all(text, b" \t").strip_prefix(b"=")?, b" \t");
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

/// What follows a scheme's token68, if it has one: that is one word up to the next comma, with nothing but `=` at its end.
fn after_token68(text: &[u8]) -> &[u8] {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
    let word = after_all(text, b" \t");
    let end = word.iter().position(|byte| !is_part(byte)).unwrap_or(word.len());
    let after = after_all(word.get(end..).unwrap_or_default(), b"= \t");
    if matches!(after, [] | [b',', ..]) { after } else { text }
}

/// Base64, also in the alphabet for URLs, with or without padding (RFC 4648); nothing when it is not that, or no UTF-8.
fn decode(mut base64: &[u8]) -> Option<String> {
    while let [text @ .., b'='] = base64 {
        base64 = text;
    }
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
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
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    String::from_utf8(bytes).ok().filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_found_wherever_a_challenge_can_stand() {
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
    fn what_is_no_claims_challenge_asks_for_nothing() {
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
