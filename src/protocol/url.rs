//! URLs, which the host parses: the `url` crate alone would add 62 KB to the download.

/// A URL as the host's own parser sees it (WHATWG URL).
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
    fn parse_url(text: &str) -> Option<Url>;
}
