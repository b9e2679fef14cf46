//! Any text as a `Location` and as a base URL.

use teams_device_diagnostics::protocol::location::{ServiceRoot, TrustedUrl};
use url::{Host, ParseError, Url};

use crate::document::Document;

/// Base URLs of all shapes.
const BASE_URLS: [&str; 4] = [
    "https://graph.microsoft.com/beta",
    "https://graph.microsoft.us",
    "https://proxy.example:8443/a/b/beta",
    "http://[::1]:1/x",
];

pub fn check(text: &str) {
    for base_url in BASE_URLS {
        let root = ServiceRoot::new::<Document>(base_url).expect(base_url);
        let trusted = root.trust::<Document>(text).ok();
        assert_eq!(
            trusted.as_ref().map(TrustedUrl::as_str),
            expected_url(base_url, text).as_deref(),
            "{text:?} under {base_url}"
        );
        if let Some(trusted) = trusted {
            check_origin(base_url, trusted.as_str());
            assert_eq!(
                root.trust::<Document>(trusted.as_str()),
                Ok(trusted),
                "the URL of a trusted location is not trusted"
            );
        }
    }
    check_base_url(text);
}

/// Checks that a trusted URL is on the origin of the base URL.
fn check_origin(base_url: &str, trusted: &str) {
    let (url, base) = (Url::parse(trusted).expect(trusted), Url::parse(base_url).expect(base_url));
    assert_eq!(url.origin(), base.origin());
    assert_eq!((url.scheme(), url.host(), url.port()), (base.scheme(), base.host(), base.port()));
    assert_eq!((url.username(), url.password(), url.fragment()), ("", None, None));
    assert_eq!(url.as_str(), trusted, "the URL changes when it is parsed again");
}

/// The URL of a location, found by the `url` crate's resolution of references instead of by concatenation.
fn expected_url(base_url: &str, location: &str) -> Option<String> {
    let base = Url::parse(base_url).ok()?;
    let root = Url::parse(&format!("{base_url}/")).ok()?;
    if !is_plain(location) {
        return None;
    }
    let mut url = match Url::parse(location) {
        Ok(url) => url,
        Err(ParseError::RelativeUrlWithoutBase) if location.starts_with("//") => {
            // Any number of slashes counts as two (WHATWG URL); this crate does so for absolute URLs only.
            root.join(&format!("//{}", location.trim_start_matches('/'))).ok()?
        }
        Err(ParseError::RelativeUrlWithoutBase) => {
            let path = location.strip_prefix('/').unwrap_or(location);
            let first = path.split(['/', '?', '#']).next().unwrap_or_default();
            let version = base.path_segments()?.next_back().filter(|version| !version.is_empty());
            let (below, least) = if version.is_some() && location.starts_with(root.path()) {
                (root.join("/").ok()?, base.path().to_owned())
            } else if ["beta", "v1.0"].contains(&first.to_ascii_lowercase().as_str()) || version == Some(first) {
                let below = if version.is_some() { root.join("../").ok()? } else { root };
                let least = format!("{}{first}", below.path());
                (below, least)
            } else {
                let least = root.path().to_owned();
                (root, least)
            };
            // The dot prevents a colon in the first segment from ending a scheme.
            let url = below.join(&format!("./{path}")).ok()?;
            let rest = url.path().strip_prefix(&least)?;
            if !(rest.is_empty() || rest.starts_with('/') || least.ends_with('/')) {
                return None;
            }
            url
        }
        Err(_) => return None,
    };
    let is_trusted = url.scheme() == base.scheme()
        && url.host() == base.host()
        && url.port() == base.port()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path().starts_with(&base.path()[..=base.path().rfind('/')?])
        // The mark of a token that was removed.
        && !url[url::Position::BeforePath..].contains('[');
    url.set_fragment(None);
    if url.query() == Some("") {
        url.set_query(None);
    }
    is_trusted.then(|| url.into())
}

fn check_base_url(text: &str) {
    let root = ServiceRoot::new::<Document>(text);
    let url = is_plain(text).then(|| Url::parse(text).ok()).flatten().filter(|url| {
        let is_loopback = match url.host() {
            Some(Host::Ipv4(address)) => address.is_loopback(),
            Some(Host::Ipv6(address)) => address.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        // `[` in a path is the mark of a token that was removed.
        let is_bare = url.query().is_none() && url.fragment().is_none() && !url.path().contains('[');
        let is_private = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
        is_private && is_bare && url.username().is_empty() && url.password().is_none()
    });
    assert_eq!(root.is_ok(), url.is_some(), "{text:?} as a base URL");
    let (Ok(root), Some(url)) = (root, url) else { return };
    let below = root.url("/teamwork/devices");
    let origin = url.origin().ascii_serialization();
    assert_eq!(below.as_str(), format!("{origin}{}/teamwork/devices", url.path().trim_end_matches('/')));
    assert_eq!(root.trust::<Document>(below.as_str()), Ok(below), "a URL below the root is not trusted unchanged");
    assert_eq!(root.scope(), format!("{origin}/.default"));
}

/// Whether a text has only the characters of RFC 3986, which is not all of visible ASCII.
fn is_plain(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| ('!'..='~').contains(&c) && !"\"<>\\^`{|}".contains(c))
}
