//! Which responses of the service are cacheable.

use teams_device_diagnostics_simulator::{Response, Settings};

use crate::tenant::Tenant;

fn fields(response: &Response) -> (Option<&str>, Option<&str>) {
    (response.header("cache-control"), response.header("expires"))
}

#[test]
fn responses_are_not_cacheable_by_default() {
    let mut tenant = Tenant::new();
    assert_eq!(fields(&tenant.get("/beta/teamwork/devices")), (Some("no-store"), None));
    assert_eq!(fields(&tenant.run("successful")), (Some("no-store"), None));
}

#[test]
fn with_cacheable_set_only_gets_are_cacheable_for_a_minute() {
    let mut tenant = Tenant::with(Settings { cacheable: true, ..Settings::default() });
    let minute = (Some("max-age=60"), Some("Sun, 15 Jun 2025 15:07:40 GMT"));
    for target in
        ["/beta/teamwork/devices", "/beta/teamwork/devices/successful", "/beta/teamwork/devices/nowhere", "/beta/me"]
    {
        let response = tenant.get(target);
        assert_eq!(fields(&response), minute, "{target}");
        assert_eq!(response.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("cache-control")).count(), 1);
    }
    assert_eq!(fields(&tenant.run("successful")), (Some("no-store"), None));
    assert_eq!(fields(&tenant.poll()), minute);
}
