//! The URLs to which tokens are sent, for any `Location`.

use proptest::prelude::*;
use proptest::sample::select;
use teams_device_diagnostics::protocol::device_id::percent_encoded;
use teams_device_diagnostics::protocol::location::{ServiceRoot, TrustedUrl};

use crate::device_id::device_id;
use crate::document::Document;
use crate::text::{any_text, in_any_case, pieced};
use crate::{config, invariants};

const HOST: &str = "graph.microsoft.com";

fn graph() -> ServiceRoot {
    ServiceRoot::new::<Document>("https://graph.microsoft.com/beta").expect("the global cloud")
}

/// The URL that a location resolves to, if it is trusted.
fn trusted(location: &str) -> Option<String> {
    graph().trust::<Document>(location).ok().as_ref().map(TrustedUrl::as_str).map(str::to_owned)
}

/// Parts of locations, and texts that parsers may misread.
const PIECES: &[&str] = &[
    "https:",
    "http:",
    "blob:",
    "/",
    "//",
    "\\",
    "@",
    ":",
    "?",
    "#",
    "443",
    "8443",
    ".",
    "..",
    "%2e",
    "%2F",
    "%00",
    "\t",
    "\n",
    "\u{3002}",
    "\u{ff47}",
    "\u{ad}",
    "[::1]",
    "127.1",
    "localhost",
    "0x7f.1",
    "graph.microsoft.com",
    "graph.microsoft.us",
    "proxy.example:8443",
    "evil.example",
    "beta",
    "v1.0",
    "a/b",
    "x",
    "teams('t:1')",
    "teamwork/devices/d/operations/o",
];

/// Hosts that look like Graph's, or that a parser may mistake for it.
fn other_host() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z0-9-]{1,8}\\.?".prop_map(|prefix| prefix + HOST),
        "[a-z0-9.-]{1,8}".prop_map(|suffix| HOST.to_owned() + &suffix),
        "[a-z]{0,5}:?[a-z]{1,5}@".prop_map(|user| user + HOST),
        "[a-z.]{1,8}".prop_map(|host| format!("{HOST}@{host}")),
        "[1-9][0-9]{0,5}".prop_filter("another port", |port| port != "443").prop_map(|port| format!("{HOST}:{port}")),
        (0..HOST.len()).prop_map(|at| [&HOST[..at], &HOST[at + 1..]].concat()),
        (0..HOST.len(), "[a-z0-9-]").prop_filter_map("another letter", |(at, letter)| {
            let host = [&HOST[..at], &letter, &HOST[at + 1..]].concat();
            (host != HOST).then_some(host)
        }),
        // Parsers drop some of these, and treat others as an ASCII letter or a dot: no service has a reason to send them.
        (0..=HOST.len(), "[\\x00-\\x20\\\\\u{7f}\u{ad}\u{200b}\u{3002}\u{ff0e}\u{ff47}\u{43e}\u{e9}]")
            .prop_map(|(at, odd)| [&HOST[..at], &odd, &HOST[at..]].concat()),
        (0..=HOST.len(), "%(0[0-9a-f]|20|23|2[f5]|3[af]|40|5[bcd]|7f|e3%80%82)").prop_map(|(at, escape)| [
            &HOST[..at],
            &escape,
            &HOST[at..]
        ]
        .concat()),
    ]
}

/// The spellings of Graph's origin that every URL parser accepts.
fn same_origin() -> impl Strategy<Value = String> {
    let host = in_any_case(HOST).prop_flat_map(|host| {
        let escaped = (0..host.len()).prop_map({
            let host = host.clone();
            move |at| format!("{}%{:02x}{}", &host[..at], host.as_bytes()[at], &host[at + 1..])
        });
        prop_oneof![2 => Just(host), 1 => escaped]
    });
    let port = select(&["", ":", ":443", ":0443"][..]);
    (in_any_case("https"), host, port).prop_map(|(scheme, host, port)| format!("{scheme}://{host}{port}"))
}

/// A URL with any of the parts that a URL can have.
fn url() -> impl Strategy<Value = String> {
    let host = "(graph\\.microsoft\\.(com|us)|proxy\\.example:8443|localhost|127\\.0\\.0\\.1:1|128\\.0\\.0\\.1|127\\.0\\.0\\.\\.|127(\\.[0-9]?){1,3}|\\[::[12]\\]:1|127\\.a)";
    let user = prop::option::weighted(0.1, "[a-z]{0,2}:?[a-z]{0,2}@");
    let rest = [prop::option::weighted(0.2, "\\?[a-z]{0,2}"), prop::option::weighted(0.2, "#[a-z]{0,2}")];
    ("(https|http|blob:https)", user, host, "(/[a-z.]{0,3}){0,3}", rest).prop_map(|(scheme, user, host, path, rest)| {
        let [query, fragment] = rest.map(Option::unwrap_or_default);
        format!("{scheme}://{}{host}{path}{query}{fragment}", user.unwrap_or_default())
    })
}

/// A path with or without the version, or the folder of a reverse proxy, or both.
fn path() -> impl Strategy<Value = String> {
    "/{0,3}(beta|BETA|v1\\.0|V1\\.0|v2\\.0|betas|x|a|a/b|a/b/beta|teamwork)([/?#][a-z:]{0,3}){0,3}"
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_text_is_refused_or_stays_on_the_origin(text in prop_oneof![any_text(), "[!-~]{0,30}", pieced(PIECES), path()]) {
        invariants::location::check(&text);
    }

    #[test]
    fn a_url_of_any_shape_is_refused_or_stays_on_the_origin(url in url()) {
        invariants::location::check(&url);
    }

    #[test]
    fn another_host_port_or_user_never_gets_the_token(host in other_host(), path in "(/[a-z0-9]{0,5}){0,3}") {
        for scheme in ["https:", "HTTPS:", "http:", ""] {
            let location = format!("{scheme}//{host}{path}");
            prop_assert_eq!(trusted(&location), None, "{:?}", location);
        }
    }

    #[test]
    fn another_scheme_never_gets_the_token(
        scheme in prop_oneof!["[a-z][a-z0-9+.-]{0,8}", "(blob|filesystem|view-source):https", "(https|http|wss|ftp):?"],
        path in "(/[a-z0-9]{0,5}){1,3}",
    ) {
        prop_assume!(scheme != "https");
        let location = format!("{scheme}://{HOST}{path}");
        prop_assert_eq!(trusted(&location), None, "{:?}", location);
    }

    #[test]
    fn every_spelling_of_graphs_origin_is_trusted(origin in same_origin(), path in "(/[a-z0-9]{1,5}){1,3}(\\?[a-z]=[0-9])?") {
        let location = format!("{origin}{path}");
        prop_assert_eq!(trusted(&location), Some(format!("https://{HOST}{path}")), "{:?}", location);
    }

    #[test]
    fn the_documented_location_resolves_under_beta_for_any_ids(device in device_id(), operation in device_id()) {
        let path = format!("/teamwork/devices/{}/operations/{}", percent_encoded(&device), percent_encoded(&operation));
        let url = format!("https://{HOST}/beta{path}");
        let forms = [path.clone(), path[1..].to_owned(), format!("/beta{path}"), format!("//{HOST}/beta{path}"), url.clone()];
        for location in forms {
            prop_assert_eq!(trusted(&location), Some(url.clone()), "{:?}", location);
        }
        let below = graph().url(&path);
        prop_assert_eq!(below.as_str(), url);
    }
}
