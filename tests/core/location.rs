//! Where tokens go, and where they do not.

use teams_device_diagnostics::protocol::error::Code;
use teams_device_diagnostics::protocol::location::ServiceRoot;

use crate::platform::{Bench, VirtualPlatform};
use crate::trust::LOCATIONS;

#[tokio::test(start_paused = true)]
async fn every_location_means_what_the_table_says() {
    let bench = Bench::new();
    for (location, expected) in LOCATIONS {
        assert_eq!(bench.root.trust(&bench.platform, location).as_deref(), *expected, "{location:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_root_behind_a_proxy_keeps_its_folder() {
    let platform = VirtualPlatform::new();
    let root = ServiceRoot::new(&platform, "https://proxy.example/graph/beta/").expect("a base URL");
    let resolve = |location| root.trust(&platform, location).unwrap_or_default();
    assert_eq!(root.url("/teamwork"), "https://proxy.example/graph/beta/teamwork");
    assert_eq!(resolve("/teamwork/o"), "https://proxy.example/graph/beta/teamwork/o");
    assert_eq!(resolve("/beta/o"), "https://proxy.example/graph/beta/o");
    assert_eq!(resolve("/graph/beta/o"), "https://proxy.example/graph/beta/o");
    assert_eq!(resolve("/v1.0/o"), "https://proxy.example/graph/v1.0/o");
}

#[tokio::test(start_paused = true)]
async fn a_base_url_is_https_or_loopback_and_nothing_but_origin_and_path() {
    let platform = VirtualPlatform::new();
    for good in
        ["https://custom", "http://127.0.0.1:8787/beta", "http://localhost:1/beta", "http://[::1]:1", "https://a/b/c/beta"]
    {
        assert!(ServiceRoot::new(&platform, good).is_ok(), "{good}");
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
        "https://graph.microsoft.com\\beta",
    ] {
        assert!(ServiceRoot::new(&platform, bad).is_err(), "{bad}");
    }
}

#[tokio::test(start_paused = true)]
async fn redirects_are_not_followed() {
    for device in ["start-redirect", "poll-redirect"] {
        let bench = Bench::new();
        let error = bench.run(device).await.err().expect(device);
        assert!(error.code == Code::UntrustedLocation, "{device}");
        assert_eq!(error.status_code, Some(302));
        assert_eq!(error.may_have_started, device == "start-redirect");
    }
}
