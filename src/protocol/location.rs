//! Where an operation lives: making an absolute URL of a `Location`, and trusting it or not.
//!
//! Graph documents a `Location` without host and without version, `/teamwork/devices/{id}/operations/{id}`
//! (<https://learn.microsoft.com/graph/api/teamworkdevice-rundiagnostics?view=graph-rest-beta>). Resolved as RFC 3986 says it
//! would name a URL that does not exist, so it is put under the service root, with its version.

use std::rc::Rc;

use crate::protocol::text::split_once_byte;
use crate::protocol::token::holds_jwt;
use crate::protocol::url::UrlParser;

/// A URL of the service that the token is for: on its origin, and in its folder behind a reverse proxy. Nothing else is ever sent a
/// request.
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
    /// It is no URL.
    Malformed,
    /// It leads to another origin, or out of the folder of a reverse proxy.
    Elsewhere,
    /// It is a folder, such as `…/operations/`, or the service itself.
    NoOperation,
}

/// The service root: the only origin, and the only folder of it, that a token is ever sent to, and the path that relative locations are
/// put under.
///
/// Cheap to clone, as [`TrustedUrl`] is: many calls share one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRoot(Rc<Root>);

#[derive(Debug, PartialEq, Eq)]
struct Root {
    origin: String,
    /// What stands before the version: empty at Graph, a folder behind a reverse proxy.
    prefix: String,
    /// `/beta`, or nothing when the base URL has no path.
    version: String,
}

impl ServiceRoot {
    /// Takes a base URL such as `https://graph.microsoft.com/beta`.
    ///
    /// # Errors
    /// What is wrong with it, as the end of a sentence that begins with the option's name.
    pub fn new<U: UrlParser>(base_url: &str) -> Result<ServiceRoot, &'static str> {
        let url = uri_text(base_url)
            .and_then(U::parse_url)
            .ok_or("must be an absolute URL such as https://graph.microsoft.com/beta")?;
        if !url.href.starts_with("https://") && !url.origin.strip_prefix("http://").is_some_and(is_loopback) {
            return Err("must be https (http only on a loopback address, for tests)");
        }
        let path = url.below_origin().filter(|path| !path.bytes().any(|byte| byte == b'?' || byte == b'#'));
        let mut prefix = path.ok_or("must have no user name, password, query or fragment")?.to_owned();
        while prefix.ends_with('/') {
            prefix.pop();
        }
        let version = prefix.split_off(prefix.bytes().rposition(|byte| byte == b'/').unwrap_or(0));
        Ok(ServiceRoot(Rc::new(Root { origin: url.origin, prefix, version })))
    }

    /// The scope that a token for this service is asked for.
    pub fn scope(&self) -> String {
        [&self.0.origin, "/.default"].concat()
    }

    /// The absolute URL of a path below the root; the path begins with `/`.
    pub fn url(&self, path: &str) -> TrustedUrl {
        let Root { origin, prefix, version } = &*self.0;
        TrustedUrl([origin, prefix, version, path].concat().into())
    }

    /// The absolute URL that a `Location` means, if it is one of this service.
    ///
    /// # Errors
    /// It is no URL, or leads elsewhere.
    ///
    /// Accepted are absolute URLs, paths with the version (`/beta/…`, also `/v1.0/…`, which stays what it says) and paths
    /// without it, which is what Graph documents. The host is compared as the platform's URL parser reads it, never as text.
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
        // Dots of a relative one lead nowhere else either.
        let ends = |rest: &str| rest.bytes().next().is_none_or(|byte| b"/?#".contains(&byte));
        let is_below = |rest: &str| root.is_empty() || root.ends_with('/') || ends(rest);
        if !url.href.strip_prefix(root.as_str()).is_some_and(is_below) {
            return Err(Untrusted::Elsewhere);
        }
        let Root { origin, prefix, .. } = &*self.0;
        let is_below_prefix = |below: &&str| below.strip_prefix(prefix.as_str()).is_some_and(|rest| rest.starts_with('/'));
        let below =
            url.below_origin().filter(is_below_prefix).filter(|_| url.origin == *origin).ok_or(Untrusted::Elsewhere)?;
        // No URL has one in its path: it is the mark of a token that was taken out.
        if below.bytes().any(|byte| byte == b'[') {
            return Err(Untrusted::Malformed);
        }
        let below = split_once_byte(below, b'#').map_or(below, |(below, _)| below);
        // An empty query is none.
        let below = split_once_byte(below, b'?').filter(|(_, query)| query.is_empty()).map_or(below, |(path, _)| path);
        Ok(TrustedUrl([&url.origin, below].concat().into()))
    }

    /// The URL of an operation that a `Location` means. The last segment of its path is the operation's id.
    ///
    /// # Errors
    /// It is not trusted ([`ServiceRoot::trust`]), or names no operation.
    pub fn trust_operation<U: UrlParser>(&self, location: &str) -> Result<TrustedUrl, Untrusted> {
        let trusted = self.trust::<U>(location)?;
        let url = trusted.as_str();
        let path = split_once_byte(url, b'?').map_or(url, |(path, _)| path);
        let segment = path.get(path.bytes().rposition(|byte| byte == b'/').map_or(0, |at| at + 1)..).unwrap_or_default();
        let is_none = NO_IDS.iter().any(|name| segment.eq_ignore_ascii_case(name)) || holds_jwt(segment.as_bytes());
        if is_none { Err(Untrusted::NoOperation) } else { Ok(trusted) }
    }

    /// What a relative location lies under, with the version, and the rest of it.
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

/// Last segments of paths that are no operation's: the service, its versions, the folder of operations, the start itself, and what a
/// program writes that knows none. Nor is a token one.
const NO_IDS: [&str; 7] = ["", "beta", "v1.0", "operations", "runDiagnostics", "null", "undefined"];

/// The text, if it consists of what a URI may be written with (RFC 3986 is ASCII without spaces). URL parsers drop tabs and
/// newlines and turn backslashes into slashes; no service sends them for good.
fn uri_text(text: &str) -> Option<&str> {
    (!text.is_empty() && text.bytes().all(is_of_uri)).then_some(text)
}

/// Whether a URI may have this character (RFC 3986, section 2).
pub fn is_of_uri(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)
}

/// RFC 3986, section 3.1: a letter, then letters, digits, `+`, `-` or `.`, then a colon.
fn has_scheme(text: &str) -> bool {
    let Some((scheme, _)) = split_once_byte(text, b':') else { return false };
    scheme.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_version(segment: &str) -> bool {
    segment.eq_ignore_ascii_case("beta") || segment.eq_ignore_ascii_case("v1.0")
}

/// 127.0.0.0/8, ::1 and `localhost`. URL parsers write every form of an IPv4 address as four numbers; `127.0.0..` is a name.
fn is_loopback(host: &str) -> bool {
    // Without its port; the address in brackets has colons of its own.
    let hostname = split_once_byte(host, b':').map_or(host, |(hostname, _)| hostname);
    hostname == "localhost"
        || host == "[::1]"
        || host.starts_with("[::1]:")
        || (hostname.starts_with("127.")
            && !hostname.ends_with('.')
            && hostname.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
}
