//! Claims challenges: what a 401 says (`WWW-Authenticate`) when the token is valid but no longer enough.
//!
//! Continuous access evaluation answers `Bearer error="insufficient_claims", claims="<base64>"`; the token source is then asked
//! for a token with these claims. Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>.

/// The claims that a Bearer challenge asks for, decoded: a JSON text.
///
/// The field may hold challenges of several schemes, and several of one (RFC 9110, section 11.6.1).
pub fn claims(field: &str) -> Option<String> {
    let mut rest = field;
    let mut is_bearer = false;
    let (mut error, mut claims) = (None, None);
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let (word, after) = split_word(rest);
        if word.is_empty() {
            // The end, or nothing that a challenge can be made of.
            return found(error, claims);
        }
        match split_value(after) {
            Some((value, after)) => {
                // A parameter that is written twice is no parameter; the first one counts.
                match word {
                    _ if !is_bearer => {}
                    _ if word.eq_ignore_ascii_case("error") => error = error.or(Some(value)),
                    _ if word.eq_ignore_ascii_case("claims") => claims = claims.or(Some(value)),
                    _ => {}
                }
                rest = after;
            }
            None => {
                // A new scheme: the challenge before is complete. Of one that is not Bearer nothing was kept.
                if let Some(claims) = found(error.take(), claims.take()) {
                    return Some(claims);
                }
                is_bearer = word.eq_ignore_ascii_case("bearer");
                rest = after_token68(after);
            }
        }
    }
}

fn found(error: Option<String>, claims: Option<String>) -> Option<String> {
    if error.as_deref() == Some("insufficient_claims") { decode(&claims?) } else { None }
}

/// A token (RFC 9110, section 5.6.2), and what follows.
fn split_word(text: &str) -> (&str, &str) {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let end = text.bytes().position(|byte| !is_part(byte)).unwrap_or(text.len());
    (text.get(..end).unwrap_or_default(), text.get(end..).unwrap_or_default())
}

/// The value after `=`, quoted or not, and what follows; nothing when no value follows.
fn split_value(text: &str) -> Option<(String, &str)> {
    let text = text.trim_start_matches([' ', '\t']).strip_prefix('=')?.trim_start_matches([' ', '\t']);
    let Some(quoted) = text.strip_prefix('"') else {
        let (word, after) = split_word(text);
        return Some((word.to_owned(), after));
    };
    let mut value = String::new();
    let mut rest = quoted.chars();
    while let Some(character) = rest.next() {
        match character {
            '"' => break,
            '\\' => value.extend(rest.next()),
            _ => value.push(character),
        }
    }
    Some((value, rest.as_str()))
}

/// What follows a scheme's token68, if it has one: that is one word up to the next comma, with nothing but `=` at its end.
fn after_token68(text: &str) -> &str {
    let item = text.split(',').next().unwrap_or_default();
    let word = item.trim_matches([' ', '\t']).trim_end_matches('=');
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if word.bytes().all(is_part) { text.get(item.len()..).unwrap_or_default() } else { text }
}

/// Base64, also in the alphabet for URLs, with or without padding (RFC 4648); nothing when it is not that, or no UTF-8.
fn decode(base64: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0u32, 0);
    for byte in base64.trim_end_matches('=').bytes() {
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
        assert_eq!(decode("eyJhIjoiw7w_In0=").as_deref(), Some(r#"{"a":"ü?"}"#));
        assert_eq!(decode("eyJhIjoiw7w/In0").as_deref(), Some(r#"{"a":"ü?"}"#));
    }
}
