//! How much of the received requests is kept for inspection, and how large a request may be.

use teams_device_diagnostics_simulator::{BODY_LIMIT, Request};

use crate::tenant::{Tenant, json, responded};

/// A POST with a body of this many bytes.
fn with_body(bytes: usize) -> Request {
    let headers = vec![("Authorization".to_owned(), "Bearer any".to_owned())];
    let target = "/beta/teamwork/devices/successful/restart".to_owned();
    Request { method: "POST".into(), target, headers, body: vec![b'a'; bytes] }
}

#[test]
fn the_last_ten_thousand_requests_are_kept() {
    let mut tenant = Tenant::new();
    for number in 0..20_001 {
        tenant.send("OPTIONS", &format!("/{number}"), &[]);
    }
    let kept = tenant.graph.requests();
    assert_eq!((kept.len(), kept[0].target.as_str(), kept[9_999].target.as_str()), (10_000, "/10001", "/20000"));
}

#[test]
fn fewer_large_requests_are_kept_within_64_mib() {
    let mut tenant = Tenant::new();
    let field = "a".repeat(1 << 20);
    for number in 0..100 {
        tenant.send("OPTIONS", &format!("/{number}"), &[("x-large", &field)]);
    }
    let kept = tenant.graph.requests();
    assert_eq!((kept.len(), kept[62].target.as_str()), (63, "/99"));
    tenant.graph.reset();
    tenant.send("OPTIONS", "/after", &[("x-large", &field)]);
    assert_eq!(tenant.graph.requests().len(), 1);
}

#[test]
fn the_first_16_kib_of_each_body_are_kept() {
    let mut tenant = Tenant::new();
    for (sent, kept) in [(10, 10), (16 * 1024, 16 * 1024), (16 * 1024 + 1, 16 * 1024), (BODY_LIMIT, 16 * 1024)] {
        tenant.graph.handle(tenant.now, &with_body(sent));
        assert_eq!(tenant.graph.requests().back().unwrap().body.len(), kept);
    }
}

#[test]
fn a_body_above_the_limit_gets_413_and_starts_nothing() {
    let mut tenant = Tenant::new();
    let response = responded(tenant.graph.handle(tenant.now, &with_body(BODY_LIMIT + 1)));
    assert_eq!((response.status, json(&response)["error"]["code"].as_str()), (413, Some("RequestEntityTooLarge")));
    assert!(tenant.graph.operations().is_empty());
    assert_eq!(responded(tenant.graph.handle(tenant.now, &with_body(BODY_LIMIT))).status, 202);
}
