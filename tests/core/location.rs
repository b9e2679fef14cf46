//! The URLs to which tokens are sent, and those to which they are not.

use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::location::{ServiceRoot, TrustedUrl, Untrusted};
use teams_device_diagnostics::protocol::time::Millis;

use crate::fixture::{Builder, Document, Fixture, status};
use crate::trust::LOCATIONS;

#[test]
fn every_location_resolves_as_in_the_table() {
    let fixture = Fixture::new();
    for (location, expected) in LOCATIONS {
        let trusted = fixture.root.trust::<Document>(location).ok();
        assert_eq!(trusted.as_ref().map(TrustedUrl::as_str), *expected, "{location:?}");
    }
}

#[test]
fn a_location_stays_in_the_folder_of_a_proxys_base_url() {
    let root = ServiceRoot::new::<Document>("https://proxy.example/graph/beta/").expect("a base URL");
    let resolve = |location| root.trust::<Document>(location).map(|url| url.as_str().to_owned()).unwrap_or_default();
    assert_eq!(root.url("/teamwork").as_str(), "https://proxy.example/graph/beta/teamwork");
    assert_eq!(resolve("/teamwork/o"), "https://proxy.example/graph/beta/teamwork/o");
    assert_eq!(resolve("/beta/o"), "https://proxy.example/graph/beta/o");
    assert_eq!(resolve("/graph/beta/o"), "https://proxy.example/graph/beta/o");
    assert_eq!(resolve("/v1.0/o"), "https://proxy.example/graph/v1.0/o");
    assert_eq!(resolve("/other/o"), "https://proxy.example/graph/beta/other/o");
    assert_eq!(resolve("https://proxy.example/graph/v1.0/o"), "https://proxy.example/graph/v1.0/o");
    for location in [
        "https://proxy.example/other/beta/o",
        "https://proxy.example/graphs/beta/o",
        "https://proxy.example/graph",
        "https://proxy.example/GRAPH/beta/o",
        "https://proxy.example/graph/../other/o",
        "https://proxy.example/graph/%2e%2e/other/o",
        "../../other/o",
        "/graph/beta/../../other/o",
    ] {
        assert_eq!(root.trust::<Document>(location), Err(Untrusted::Elsewhere), "{location}");
    }
}

#[test]
fn a_base_url_is_https_or_loopback_with_only_origin_and_path() {
    for good in
        ["https://custom", "http://127.0.0.1:8787/beta", "http://localhost:1/beta", "http://[::1]:1", "https://a/b/c/beta"]
    {
        assert!(ServiceRoot::new::<Document>(good).is_ok(), "{good}");
    }
    for bad in [
        "",
        "graph.microsoft.com",
        "/beta",
        "http://graph.microsoft.com/beta",
        "http://127.evil.example",
        "http://127.0.0..",
        "http://localhost.evil.example",
        "https://u@graph.microsoft.com",
        "https://graph.microsoft.com/beta?x",
        "https://graph.microsoft.com/beta#x",
        "ftp://graph.microsoft.com",
        "https://proxy.example/[x]/beta",
        "https://graph.microsoft.com\\beta",
    ] {
        assert!(ServiceRoot::new::<Document>(bad).is_err(), "{bad}");
    }
}

#[test]
fn redirects_are_not_followed() {
    for device in ["start-redirect", "poll-redirect"] {
        let mut fixture = Fixture::new();
        fixture.limits.patience = Millis::ZERO;
        let error = fixture.run(device).err().expect(device);
        assert!(error.code == ErrorCode::UntrustedLocation, "{device}");
        assert_eq!(error.status_code, Some(302));
        assert_eq!(error.may_have_started, device == "start-redirect");
    }
}

#[test]
fn a_redirect_to_the_same_origin_is_a_protocol_error() {
    let mut fixture = Fixture::new();
    fixture.limits.patience = Millis::ZERO;
    fixture.respond_with([status(307).field("Location", "/beta/login")]);
    let error = fixture.wait("https://graph.microsoft.com/beta/x").err().expect("a redirect");
    assert!(error.code == ErrorCode::Protocol && error.message.contains("redirect"), "{}", error.message);
    assert_eq!(fixture.sent.borrow().len(), 1);
}
