//! Locations: resolving a `Location` to an absolute URL, and deciding whether it is trusted.
//!
//! Graph documents a `Location` without host and without version, `/teamwork/devices/{id}/operations/{id}`
//! (<https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta>). Resolving it by RFC 3986
//! would give a URL that does not exist, so it is appended to the service root, which includes the version.

use std::rc::Rc;

use crate::protocol::text::split_once_byte;
use crate::protocol::token::contains_jwt;
use crate::protocol::url::UrlParser;

/// A URL of the service that the token is for: on its origin and, behind a reverse proxy, in its folder. Requests are sent
/// only to such URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedUrl(Rc<str>);

impl TrustedUrl {
    /// The absolute URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a location is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Untrusted {
    /// It is not a URL.
    Malformed,
    /// It leads to another origin, or out of the folder of a reverse proxy.
    Elsewhere,
    /// It is a folder, such as `…/operations/`, or the service root itself.
    NoOperation,
}

/// The service root: the only origin and folder that a token is ever sent to, and the base of relative locations.
///
/// Cheap to clone, like [`TrustedUrl`]: many calls share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRoot(Rc<Root>);

#[derive(Debug, PartialEq, Eq)]
struct Root {
    origin: String,
    /// The path before the version: empty for Graph itself, a folder behind a reverse proxy.
    prefix: String,
    /// `/beta`, for example; empty if the base URL has no path.
    version: String,
}

impl ServiceRoot {
    /// Takes a base URL such as `https://graph.microsoft.com/beta`.
    ///
    /// # Errors
    /// Describes the problem, as the end of a sentence that begins with the option's name.
    pub fn new<U: UrlParser>(base_url: &str) -> Result<ServiceRoot, &'static str> {
        let url = uri_text(base_url)
            .and_then(U::parse_url)
            .ok_or("must be an absolute URL such as https://graph.microsoft.com/beta")?;
        if !url.href.starts_with("https://") && !url.origin.strip_prefix("http://").is_some_and(is_loopback) {
            return Err("must be https (http only on a loopback address, for tests)");
        }
        // With a `[` in the path, no location below it would be trusted.
        let path = url.below_origin().filter(|path| !path.bytes().any(|byte| matches!(byte, b'?' | b'#' | b'[')));
        let mut prefix = path.ok_or("must have no user name, password, query, fragment or `[`")?.to_owned();
        while prefix.ends_with('/') {
            prefix.pop();
        }
        let version = prefix.split_off(prefix.bytes().rposition(|byte| byte == b'/').unwrap_or(0));
        Ok(ServiceRoot(Rc::new(Root { origin: url.origin, prefix, version })))
    }

    /// The scope to request a token with.
    pub fn scope(&self) -> String {
        [&self.0.origin, "/.default"].concat()
    }

    /// The absolute URL of a path below the root; the path must begin with `/`.
    pub fn url(&self, path: &str) -> TrustedUrl {
        let Root { origin, prefix, version } = &*self.0;
        TrustedUrl([origin, prefix, version, path].concat().into())
    }

    /// Resolves a `Location` to its absolute URL, if it belongs to this service.
    ///
    /// # Errors
    /// If it is not a URL, or leads elsewhere.
    ///
    /// Accepts absolute URLs, paths with a version (`/beta/…`, or `/v1.0/…`, which is kept) and paths without one, which is
    /// what Graph documents. The host is compared as the platform's URL parser reads it, never as text.
    pub fn trust<U: UrlParser>(&self, location: &str) -> Result<TrustedUrl, Untrusted> {
        let location = uri_text(location).ok_or(Untrusted::Malformed)?;
        let mut root = String::new();
        let absolute = if has_scheme(location) {
            location.to_owned()
        } else if location.starts_with("//") {
            [if self.0.origin.starts_with("https:") { "https:" } else { "http:" }, location].concat()
        } else {
            let path;
            (root, path) = self.resolve(location);
            [root.as_str(), path].concat()
        };
        let url = U::parse_url(&absolute).ok_or(Untrusted::Malformed)?;
        // Dot segments must not lead a relative location out of the root.
        let ends = |rest: &str| rest.bytes().next().is_none_or(|byte| b"/?#".contains(&byte));
        let is_below = |rest: &str| root.is_empty() || root.ends_with('/') || ends(rest);
        if !url.href.strip_prefix(root.as_str()).is_some_and(is_below) {
            return Err(Untrusted::Elsewhere);
        }
        let Root { origin, prefix, .. } = &*self.0;
        let is_below_prefix = |below: &&str| below.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let below =
            url.below_origin().filter(is_below_prefix).filter(|_| url.origin == *origin).ok_or(Untrusted::Elsewhere)?;
        // A valid path has no `[`. It marks a token that was removed from the text.
        if below.bytes().any(|byte| byte == b'[') {
            return Err(Untrusted::Malformed);
        }
        let below = split_once_byte(below, b'#').map_or(below, |(below, _)| below);
        // An empty query is dropped.
        let below = split_once_byte(below, b'?').filter(|(_, query)| query.is_empty()).map_or(below, |(path, _)| path);
        Ok(TrustedUrl([&url.origin, below].concat().into()))
    }

    /// Resolves the `Location` of an operation. The last segment of its path is the operation's id.
    ///
    /// # Errors
    /// If it is not trusted ([`ServiceRoot::trust`]), or does not name an operation.
    pub fn trust_operation<U: UrlParser>(&self, location: &str) -> Result<TrustedUrl, Untrusted> {
        let trusted = self.trust::<U>(location)?;
        let url = trusted.as_str();
        let path = split_once_byte(url, b'?').map_or(url, |(path, _)| path);
        let segment = path.get(path.bytes().rposition(|byte| byte == b'/').map_or(0, |at| at + 1)..).unwrap_or_default();
        let is_none = NO_IDS.iter().any(|name| segment.eq_ignore_ascii_case(name)) || contains_jwt(segment.as_bytes());
        if is_none { Err(Untrusted::NoOperation) } else { Ok(trusted) }
    }

    /// Splits a relative location into the base that it belongs to, including the version, and the rest.
    fn resolve<'a>(&self, location: &'a str) -> (String, &'a str) {
        let Root { origin, prefix, version } = &*self.0;
        let root = [origin.as_str(), prefix, version].concat();
        let below_root = root.get(origin.len()..).and_then(|path| location.strip_prefix(path));
        if let Some(rest) = below_root.filter(|rest| rest.starts_with('/')) {
            return (root, rest);
        }
        let path = location.strip_prefix('/').unwrap_or(location);
        let end = path.bytes().position(|byte| b"/?#".contains(&byte)).unwrap_or(path.len());
        let (first, rest) = path.split_at_checked(end).unwrap_or_default();
        if is_version(first) || version.strip_prefix('/') == Some(first) {
            return ([origin.as_str(), prefix, "/", first].concat(), rest);
        }
        (root + "/", path)
    }
}

/// Last path segments that are not the id of an operation: the service itself, its versions, the collection, the action, and
/// what a program writes when it has no id. A token is not an id either.
const NO_IDS: [&str; 7] = ["", "beta", "v1.0", "operations", "runDiagnostics", "null", "undefined"];

/// The text, if it has only characters that a URI may have (RFC 3986: ASCII without spaces). URL parsers drop tabs and
/// newlines and turn backslashes into slashes; no service sends those in good faith.
fn uri_text(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(is_uri_byte)).then_some(text)
}

/// Whether a URI may contain this character (RFC 3986, section 2).
pub fn is_uri_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)
}

/// Whether a text begins with a scheme (RFC 3986, section 3.1): a letter, then letters, digits, `+`, `-` or `.`, then a
/// colon.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = split_once_byte(text, b':') else { return false };
    scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_version(segment: &str) -> bool {
    segment.eq_ignore_ascii_case("beta") || segment.eq_ignore_ascii_case("v1.0")
}

/// Whether a host is 127.0.0.0/8, ::1 or `localhost`. URL parsers write every form of an IPv4 address as four numbers;
/// `127.0.0..` is a name.
fn is_loopback(host: &str) -> bool {
    // The host without its port; an IPv6 address in brackets contains colons itself.
    let hostname = split_once_byte(host, b':').map_or(host, |(hostname, _)| hostname);
    hostname == "localhost"
        || host == "[::1]"
        || host.starts_with("[::1]:")
        || (hostname.starts_with("127.")
            && !hostname.ends_with('.')
            && hostname.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
