//! Tokens, error documents, quotas, and CORS.

use teams_device_diagnostics_simulator::{Request, Settings};
use time::ext::NumericalDuration;

use crate::tenant::{Tenant, diagnostics_of, json, responded};

/// The statuses of a start and of a list with this token.
fn statuses(token: &'static str) -> (u16, u16) {
    let mut tenant = Tenant { token, ..Tenant::new() };
    (tenant.run("successful").status, tenant.get("/beta/teamwork/devices").status)
}

#[test]
fn the_text_of_a_token_says_what_it_permits() {
    assert_eq!(statuses("any"), (202, 200));
    assert_eq!(statuses("read-only"), (403, 200));
    assert_eq!(statuses("no-roles"), (403, 403));
    assert_eq!(statuses("expired-yesterday"), (401, 401));
    assert_eq!(statuses(""), (401, 401));
}

#[test]
fn a_missing_token_gets_401_with_a_challenge() {
    let mut tenant = Tenant::new();
    let target = diagnostics_of("successful");
    let request = Request { method: "POST".into(), target, headers: Vec::new(), body: Vec::new() };
    let response = responded(tenant.graph.handle(tenant.now, &request));
    assert_eq!(response.status, 401);
    assert_eq!(json(&response)["error"]["code"], "InvalidAuthenticationToken");
    assert!(response.header("www-authenticate").unwrap().starts_with("Bearer "));
    assert!(tenant.graph.operations().is_empty());
}

#[test]
fn the_error_names_the_missing_roles() {
    let mut tenant = Tenant { token: "no-roles", ..Tenant::new() };
    let message = json(&tenant.run("successful"))["error"]["message"].take();
    assert!(message.as_str().unwrap().starts_with("Missing role permissions on the request."));
    assert!(message.as_str().unwrap().contains("'TeamworkDevice.ReadWrite.All'"));
}

#[test]
fn an_error_body_repeats_the_ids_and_the_date_of_the_headers() {
    let mut tenant = Tenant::new();
    for target in ["/beta/teamwork/devices/nowhere", "/beta/teamwork/devices/successful/operations/none", "/beta/nothing"] {
        let response = responded(tenant.send("GET", target, &[("client-request-id", "mine")]));
        let inner = json(&response)["error"]["innerError"].take();
        assert_eq!(inner["request-id"].as_str(), response.header("request-id"));
        assert_eq!(
            (inner["client-request-id"].as_str(), response.header("Client-Request-Id")),
            (Some("mine"), Some("mine"))
        );
        assert_eq!(inner["date"], "2025-06-15T15:06:40");
        assert_eq!(response.header("date"), Some("Sun, 15 Jun 2025 15:06:40 GMT"));
    }
}

#[test]
fn requests_over_the_quota_get_429_and_count_towards_the_quota() {
    let mut tenant = Tenant::with(Settings { requests_per_second: Some(2), ..Settings::default() });
    let mut statuses = || {
        let response = tenant.get("/beta/teamwork/devices");
        tenant.wait(400.milliseconds());
        (response.status, response.header("retry-after").map(str::to_owned))
    };
    assert_eq!(statuses().0, 200);
    assert_eq!(statuses().0, 200);
    assert_eq!(statuses(), (429, Some("1".to_owned())));
    assert_eq!(statuses().0, 429);
}

#[test]
fn a_clock_that_goes_back_begins_the_quota_again() {
    let mut tenant = Tenant::with(Settings { requests_per_second: Some(1), ..Settings::default() });
    for (moved, status) in [(0.days(), 200), (0.days(), 429), (-9.days(), 200), (0.days(), 429), (9.days(), 200)] {
        tenant.wait(moved);
        assert_eq!(tenant.get("/beta/teamwork/devices").status, status);
    }
}

#[test]
fn cors_exposes_location_and_retry_after_unless_they_are_hidden() {
    let exposed = |settings: Settings| {
        let response = Tenant::with(settings).get("/beta/teamwork/devices");
        assert_eq!(response.header("access-control-allow-origin"), Some("*"));
        response.header("access-control-expose-headers").unwrap().to_owned()
    };
    let all = exposed(Settings::default());
    assert!(all.contains("Location") && all.contains("Retry-After") && !all.contains("Date"));
    let hidden = exposed(Settings { expose_location: false, expose_retry_after: false, ..Settings::default() });
    assert!(!hidden.contains("Location") && !hidden.contains("Retry-After") && hidden.contains("request-id"));
}

#[test]
fn a_preflight_needs_no_token_and_allows_headers_of_client_libraries() {
    let mut tenant = Tenant { token: "", ..Tenant::new() };
    let requested = [("Access-Control-Request-Headers", "authorization,x-ms-useragent,x-other")];
    let response = responded(tenant.send("OPTIONS", &diagnostics_of("successful"), &requested));
    assert_eq!(response.status, 200);
    let allowed = response.header("access-control-allow-headers").unwrap();
    assert!(allowed.contains("authorization") && allowed.contains("sdkversion") && allowed.contains("x-ms-useragent"));
    assert!(!allowed.contains("x-other"));
}

#[test]
fn received_requests_can_be_inspected_until_a_reset() {
    let mut tenant = Tenant::new();
    tenant.run("throttled");
    tenant.run("throttled");
    let seen: Vec<&str> = tenant.graph.requests().iter().map(|request| request.method.as_str()).collect();
    assert_eq!(seen, ["POST", "POST"]);
    assert_eq!(tenant.graph.requests()[0].header("AUTHORIZATION"), Some("Bearer any"));
    tenant.graph.reset();
    assert!(tenant.graph.requests().is_empty() && tenant.graph.operations().is_empty());
    assert_eq!(tenant.run("throttled").status, 429);
}
