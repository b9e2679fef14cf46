//! URLs, which the host parses: the `url` crate alone would add 62 KB to the download.

/// A URL as the host's own parser sees it (WHATWG URL).
pub struct Url {
    /// Scheme, host and port; the default port is left out.
    pub origin: String,
    /// The whole URL in its normal form.
    pub href: String,
}

impl Url {
    /// What follows the origin: the path, then the query and the fragment. Nothing when the URL does not begin with its origin, because
    /// it has a user name or a password, or because its origin is another URL's (`blob:https://…`).
    pub fn below_origin(&self) -> Option<&str> {
        self.href.strip_prefix(&self.origin).filter(|below| below.starts_with('/'))
    }
}

/// Parses URLs.
pub trait UrlParser {
    /// Parses an absolute URL; nothing when the text is none.
    fn parse_url(text: &str) -> Option<Url>;
}
