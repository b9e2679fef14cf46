//! Device ids: which texts are accepted, and how an id becomes a single path segment.

use crate::protocol::text::hex;

/// The `id` of a teamworkDevice: any non-empty text without control characters. Graph's are GUIDs, but nothing documents that.
#[derive(Clone)]
pub struct DeviceId(String);

impl DeviceId {
    /// Checks an id.
    ///
    /// # Errors
    /// Describes the problem, as the end of a sentence that begins with the argument's name.
    pub fn new(id: String) -> Result<DeviceId, &'static str> {
        if id.is_empty() {
            return Err("must not be empty: pass the `id` of the teamworkDevice");
        }
        if id.chars().any(|c| c.is_control() || c == char::REPLACEMENT_CHARACTER) {
            return Err("must not contain control characters or broken text");
        }
        // A URL parser resolves these two even when they are percent-encoded (WHATWG URL, double-dot path segment).
        if id == "." || id == ".." {
            return Err("must not be `.` or `..`");
        }
        Ok(DeviceId(id))
    }

    /// The id as given.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one path segment.
    pub fn path_segment(&self) -> String {
        percent_encoded(&self.0)
    }
}

/// An id as one path segment: everything except the unreserved characters of RFC 3986 is percent-encoded, so that no id can
/// reach into another path, a query or a fragment.
pub fn percent_encoded(id: &str) -> String {
    let mut segment = String::new();
    for byte in id.bytes() {
        push_encoded(&mut segment, byte, byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
    }
    segment
}

/// Appends a byte to a URL: unchanged if `is_plain`, otherwise percent-encoded.
pub fn push_encoded(url: &mut String, byte: u8, is_plain: bool) {
    if is_plain {
        url.push(char::from(byte));
    } else {
        url.push('%');
        url.extend(hex(byte).map(char::from));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segment(id: &str) -> String {
        DeviceId::new(id.to_owned()).map_or_else(str::to_owned, |id| id.path_segment())
    }

    #[test]
    fn an_id_is_encoded_as_a_single_path_segment() {
        assert_eq!(segment("0f3ce432-e432-0f3c"), "0f3ce432-e432-0f3c");
        assert_eq!(segment("../users"), "..%2Fusers");
        assert_eq!(segment("a?b#c"), "a%3Fb%23c");
        assert_eq!(segment("a%2fb"), "a%252fb");
        assert_eq!(segment("%2e%2e"), "%252e%252e");
        assert_eq!(segment("a\\b c;d=é"), "a%5Cb%20c%3Bd%3D%C3%A9");
        assert_eq!(segment("Gerät 1"), "Ger%C3%A4t%201");
        assert_eq!(segment("..."), "...");
    }

    #[test]
    fn invalid_ids_are_refused() {
        for id in ["", ".", "..", "a\nb", "a\0", "a\u{7f}", "a\u{85}", "a\u{fffd}"] {
            assert!(DeviceId::new(id.to_owned()).is_err(), "{id:?}");
        }
    }
}
