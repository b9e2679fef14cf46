//! Any text as a `WWW-Authenticate` field.

use teams_device_diagnostics::protocol::challenge::claims;

pub const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
pub const FOR_URLS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Checks that claims come only from the field: it must contain the scheme, the error, and the claims in base64.
pub fn check(field: &str) {
    let Some(claims) = claims(field) else { return };
    assert!(!claims.is_empty(), "{field:?}");
    // Any character of a quoted string may have a backslash before it.
    let unquoted = field.replace('\\', "").replace('-', "+").replace('_', "/");
    assert!(unquoted.to_ascii_lowercase().contains("bearer"), "{field:?}");
    assert!(field.replace('\\', "").contains("insufficient_claims"), "{field:?}");
    // The last character may have unused bits.
    let mut encoded = base64(claims.as_bytes(), STANDARD);
    encoded.pop();
    assert!(unquoted.contains(&encoded), "{field:?} does not contain {claims:?}");
}

/// Base64 without padding.
pub fn base64(bytes: &[u8], alphabet: &[u8; 64]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1)).collect::<Vec<_>>();
    let six = |bits: &[u8]| (0..6).fold(0, |value, at| value << 1 | bits.get(at).copied().unwrap_or(0));
    bits.chunks(6).map(|bits| char::from(alphabet[usize::from(six(bits))])).collect()
}
