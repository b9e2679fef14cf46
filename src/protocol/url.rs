//! URLs. The host parses them: the `url` crate alone would add 62 KB to the download.

/// A URL as the host's parser reads it (WHATWG URL).
pub struct Url {
    /// Scheme, host and port; without the default port.
    pub origin: String,
    /// The whole URL in its normal form.
    pub href: String,
}

impl Url {
    /// The part after the origin: path, query and fragment. `None` if the URL does not begin with its origin, because it has
    /// a user name or a password, or the origin of another URL (`blob:https://…`).
    pub fn below_origin(&self) -> Option<&str> {
        self.href.strip_prefix(&self.origin).filter(|below| below.starts_with('/'))
    }
}

/// Parses URLs.
pub trait UrlParser {
    /// Parses an absolute URL; `None` if the text is not one.
    fn parse_url(text: &str) -> Option<Url>;
}
