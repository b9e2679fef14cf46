//! URLs, which the host language parses: a parser of our own would be larger than the rest of the client.

use alloc::string::String;

/// A URL as the platform's own parser sees it (WHATWG URL).
pub struct Url {
    /// Scheme, host and port; the default port is left out.
    pub origin: String,
    /// The scheme with its colon, `https:`.
    pub protocol: String,
    /// The host without the port.
    pub hostname: String,
    /// The path, beginning with `/`.
    pub pathname: String,
    /// The query with its `?`, or nothing.
    pub search: String,
    /// Whether a user name or a password is written before the host.
    pub has_credentials: bool,
    /// Whether a fragment is written at the end.
    pub has_fragment: bool,
}

/// Parses URLs.
pub trait UrlParser {
    /// Parses an absolute URL; nothing when the text is none.
    fn parse_url(&self, text: &str) -> Option<Url>;
}
