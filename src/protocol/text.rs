//! Text functions that avoid the formatting and searching code of the standard library, which would add 1.3 KB and more to
//! the download.

/// A whole number in decimal digits.
pub fn u32_to_string(number: u32) -> String {
    let mut digits = if number < 10 { String::new() } else { u32_to_string(number / 10) };
    digits.push(char::from(b'0' + (number % 10) as u8));
    digits
}

/// A byte as two upper-case hexadecimal digits.
pub fn hex(byte: u8) -> [u8; 2] {
    [byte >> 4, byte & 15].map(|digit| digit + if digit < 10 { b'0' } else { b'A' - 10 })
}

/// `str::split_once` for an ASCII byte.
pub fn split_once_byte(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Whether a text contains an ASCII word, in any case. The word must not be empty.
pub fn has_word(text: &str, word: &[u8]) -> bool {
    text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word))
}

/// Removes the next line from a text and returns it; empty if there is none left.
pub fn take_line<'a>(text: &mut &'a str) -> &'a str {
    let (line, rest) = split_once_byte(text, b'\n').unwrap_or((text, ""));
    *text = rest;
    line
}

/// A text without the white space that HTTP allows around a field value (OWS of RFC 9110, section 5.6.3).
pub fn trim_ows(mut text: &str) -> &str {
    while let [b' ' | b'\t', ..] = text.as_bytes() {
        text = text.get(1..).unwrap_or_default();
    }
    while let [.., b' ' | b'\t'] = text.as_bytes() {
        text = text.get(..text.len() - 1).unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_formatted_and_texts_are_split_and_searched() {
        for number in [0, 7, 10, 404, u32::MAX] {
            assert_eq!(u32_to_string(number), number.to_string());
        }
        assert_eq!(hex(0x0f), *b"0F");
        assert_eq!(hex(0xa0), *b"A0");
        assert_eq!(split_once_byte("a=b=ü", b'='), Some(("a", "b=ü")));
        assert_eq!(split_once_byte("ü", b'='), None);
        assert!(has_word("text/HTML; charset=utf-8", b"html") && !has_word("htm", b"html"));
    }
}
