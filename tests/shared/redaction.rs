//! Native redaction, equivalent to `src/bindings/redaction.js`. Both are tested with the table `redaction.json`.

use teams_device_diagnostics::protocol::text::{hex, u32_to_string};

/// Tokens for Graph are hundreds of characters long. A shorter one is a test token, and may be part of any word.
const SHORTEST_REAL_TOKEN: usize = 16;

/// A text without the token, which must not be empty. A token as short as a test token is removed only where it is a whole
/// value.
pub fn redacted(text: &str, token: &str) -> String {
    let bytes = text.as_bytes();
    // The repeated token may lack its padding.
    let core = token.trim_end_matches('=').as_bytes();
    let padding = token.len() - core.len();
    let mut redacted = String::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        match length_at_start(rest, core).map(|length| with_padding(rest, length, padding)) {
            Some((length, found))
                if token.len() >= SHORTEST_REAL_TOKEN || (found == padding && is_whole_value(bytes, at, at + length)) =>
            {
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

/// Whether this part of a text is the whole text, or a string of a JSON document that is not a member's name.
fn is_whole_value(text: &[u8], from: usize, to: usize) -> bool {
    let (before, after) = (text.get(..from).unwrap_or_default(), text.get(to..).unwrap_or_default());
    let is_string = |after: &[u8]| !after.trim_ascii_start().starts_with(b":");
    (before.is_empty() && after.is_empty()) || (before.ends_with(b"\"") && after.strip_prefix(b"\"").is_some_and(is_string))
}

/// This length plus that of the padding that follows, and the number of its characters, up to a maximum.
fn with_padding(text: &[u8], length: usize, longest: usize) -> (usize, usize) {
    let mut rest = text.get(length..).unwrap_or_default();
    let mut found = 0;
    while let Some(after) = after_character(rest, b'=').filter(|_| found < longest) {
        rest = after;
        found += 1;
    }
    (text.len() - rest.len(), found)
}

/// The number of bytes that the token takes at the start of a text, in any of its forms.
fn length_at_start(text: &[u8], token: &[u8]) -> Option<usize> {
    // The first byte nearly always decides.
    if !text.first().is_some_and(|first| b"\\%&".contains(first) || token.first() == Some(first)) {
        return None;
    }
    let mut rest = text;
    for &byte in token {
        rest = after_character(rest, byte)?;
    }
    Some(text.len() - rest.len())
}

/// Skips a character of a token, which is ASCII, if a text begins with it: plain, or as JSON (`\u002B`, `\/`), URLs (`%2B`)
/// or HTML (`&#43;`, `&#x2B;`, `&plus;`) write it.
fn after_character(text: &[u8], byte: u8) -> Option<&[u8]> {
    let digits = hex(byte);
    match text {
        [plain, rest @ ..] if *plain == byte => Some(rest),
        [b'\\', b'u', b'0', b'0', high, low, rest @ ..] if digits.eq_ignore_ascii_case(&[*high, *low]) => Some(rest),
        [b'\\', escaped, rest @ ..] if *escaped == byte => Some(rest),
        [b'%', high, low, rest @ ..] if digits.eq_ignore_ascii_case(&[*high, *low]) => Some(rest),
        [b'&', reference @ ..] => after_reference(reference, byte),
        _ => None,
    }
}

/// Skips a character reference of HTML, after its `&`.
fn after_reference(text: &[u8], byte: u8) -> Option<&[u8]> {
    let end = text.iter().take(LONGEST_REFERENCE).position(|byte| *byte == b';')?;
    let (reference, rest) = (text.get(..end)?, text.get(end + 1..)?);
    let is_meant = match reference {
        [b'#', b'x' | b'X', number @ ..] => without_zeros(number).eq_ignore_ascii_case(&hex(byte)),
        [b'#', number @ ..] => without_zeros(number) == u32_to_string(byte.into()).as_bytes(),
        name => NAMED.iter().any(|(character, known)| *character == byte && *known == name),
    };
    is_meant.then_some(rest)
}

/// No one writes a longer reference: `#x0000002B`.
const LONGEST_REFERENCE: usize = 12;

/// The characters of tokens that have a name in HTML.
const NAMED: [(u8, &[u8]); 6] =
    [(b'+', b"plus"), (b'/', b"sol"), (b'=', b"equals"), (b'.', b"period"), (b'_', b"lowbar"), (b'-', b"hyphen")];

fn without_zeros(mut number: &[u8]) -> &[u8] {
    while let [b'0', rest @ ..] = number {
        number = rest;
    }
    number
}
