//! Texts: arbitrary ones, ones made of meaningful pieces, and ones in any case.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

/// Any text, including control characters.
pub fn any_text() -> impl Strategy<Value = String> {
    vec(any::<char>(), 0..30).prop_map(String::from_iter)
}

/// The given pieces in any order, occasionally with other text between them.
pub fn pieced(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
    let piece = prop_oneof![9 => select(pieces).prop_map(str::to_owned), 1 => "\\PC{1,3}"];
    vec(piece, 0..10).prop_map(|pieces| pieces.concat())
}

/// The same text with its ASCII letters in upper or lower case.
pub fn in_any_case(text: &str) -> impl Strategy<Value = String> + use<> {
    let text = text.to_owned();
    vec(any::<bool>(), text.len()).prop_map(move |upper| {
        let letters = text.chars().zip(upper);
        letters.map(|(c, upper)| if upper { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() }).collect()
    })
}
