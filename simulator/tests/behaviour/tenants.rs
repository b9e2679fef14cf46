//! Tenants as a whole: which devices they have, and whether they can be listed.

use serde_json::Value;
use teams_device_diagnostics_simulator::{Outcome, Request, Scenario, Tenant as Shown, catalogue};
use time::SignedDuration;
use time::ext::NumericalDuration;

use crate::tenant::{Tenant, json};

fn shown(which: Shown) -> Tenant {
    let mut tenant = Tenant::new();
    tenant.graph.enter(which);
    tenant
}

/// Every device of the list, over all pages.
fn devices(tenant: &mut Tenant) -> Vec<Value> {
    let mut devices = Vec::new();
    let mut next = Some("/teamwork/devices?$top=50".to_owned());
    while let Some(path) = next {
        let page = json(&tenant.get(&format!("/beta{path}")));
        devices.extend(page["value"].as_array().unwrap().clone());
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    devices
}

fn times(devices: &[Value], member: &str, value: &str) -> usize {
    devices.iter().filter(|device| device[member] == value).count()
}

#[test]
fn every_tenant_is_found_by_its_name_and_has_a_description() {
    for tenant in Shown::ALL {
        assert_eq!(Shown::named(tenant.name()), Some(tenant));
        assert!(!tenant.title().is_empty() && tenant.about().ends_with('.'));
    }
    assert_eq!(Shown::named("Catalogue"), None);
}

#[test]
fn a_switch_of_tenants_clears_the_runs_and_keeps_added_devices() {
    let mut tenant = Tenant::new().and("mine", Default::default());
    assert_eq!(tenant.graph.tenant(), Shown::Catalogue);
    tenant.run("throttled");
    tenant.run("throttled");
    assert_eq!(tenant.run("mine").status, 202);
    tenant.graph.enter(Shown::Empty);
    assert!(tenant.graph.operations().is_empty() && tenant.graph.requests().is_empty());
    assert_eq!(tenant.run("mine").status, 404);
    tenant.graph.enter(Shown::Catalogue);
    assert_eq!(devices(&mut tenant).len(), catalogue().len() + 1);
    assert_eq!((tenant.run("mine").status, tenant.run("throttled").status), (202, 429));
}

#[test]
fn an_added_device_is_in_the_current_tenant_and_in_those_without_devices_of_their_own() {
    let mut tenant = shown(Shown::Many).and("mine", Default::default());
    assert_eq!(tenant.run("mine").status, 202);
    for (other, status) in [(Shown::Markup, 404), (Shown::Slow, 202), (Shown::Many, 404)] {
        tenant.graph.enter(other);
        assert_eq!(tenant.run("mine").status, status, "{other:?}");
    }
}

#[test]
fn a_device_is_replaced_and_found_whatever_the_case_of_its_id() {
    let failing = Scenario { outcome: Outcome::Failed, ..Scenario::default() };
    let mut tenant = Tenant::new().and("Room", Default::default()).and("rOOM", failing);
    assert_eq!(devices(&mut tenant).len(), catalogue().len() + 1);
    assert_eq!(tenant.run("room").status, 202);
    tenant.wait(SignedDuration::MINUTE);
    assert_eq!(json(&tenant.poll())["value"]["status"], "Failed");
}

#[test]
fn the_catalogue_has_many_types_and_states_and_only_unique_names() {
    let devices = devices(&mut Tenant::new());
    for (member, values) in [
        ("deviceType", &["teamsRoom", "collaborationBar", "ipPhone", "teamsPanel", "teamsDisplay", "surfaceHub", "sip"][..]),
        ("healthStatus", &["healthy", "nonUrgent", "critical", "offline", "unknown"]),
        ("activityState", &["idle", "busy", "unavailable", "unknown"]),
    ] {
        values.iter().for_each(|value| assert!(times(&devices, member, value) > 0, "{value}"));
    }
    let mut names: Vec<String> = devices.iter().map(|device| device["currentUser"]["displayName"].to_string()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), devices.len());
}

#[test]
fn the_tenant_many_always_has_the_same_500_mostly_healthy_devices() {
    let devices = devices(&mut shown(Shown::Many));
    assert_eq!(devices.len(), 500);
    let ids: std::collections::HashSet<&str> = devices.iter().filter_map(|device| device["id"].as_str()).collect();
    assert_eq!(ids.len(), 500);
    assert!(times(&devices, "healthStatus", "healthy") > 350);
    assert!((10..60).contains(&times(&devices, "healthStatus", "offline")));
    assert!(devices.iter().any(|device| device["currentUser"].is_null()));
    assert_eq!(devices, self::devices(&mut shown(Shown::Many)));
}

#[test]
fn a_run_on_an_offline_device_of_the_tenant_many_stays_queued() {
    let mut tenant = shown(Shown::Many);
    let devices = devices(&mut tenant);
    let offline = devices.iter().find(|device| device["healthStatus"] == "offline").unwrap();
    assert!(offline["lastModifiedDateTime"].as_str().unwrap() < "2025-06-15");
    assert_eq!(tenant.run(offline["id"].as_str().unwrap()).status, 202);
    tenant.wait(12.days());
    assert_eq!(json(&tenant.poll())["value"]["status"], "Queued");
}

#[test]
fn the_device_list_can_be_empty_forbidden_or_failing() {
    assert_eq!(devices(&mut shown(Shown::Empty)), [] as [Value; 0]);
    for (which, status) in [(Shown::Forbidden, 403), (Shown::Failing, 500)] {
        let mut tenant = shown(which);
        assert_eq!(tenant.get("/beta/teamwork/devices").status, status);
        assert_eq!(tenant.run("successful").status, 202, "a device whose id is known still runs");
        assert_eq!(tenant.poll().status, 200);
    }
}

#[test]
fn only_the_device_list_of_the_slow_tenant_takes_five_seconds() {
    let latency = |which, method: &str, target: &str| {
        let request = Request { method: method.into(), target: target.into(), headers: Vec::new(), body: Vec::new() };
        shown(which).graph.latency(&request)
    };
    assert_eq!(latency(Shown::Slow, "GET", "/beta/teamwork/devices?$top=20"), 5.seconds());
    assert_eq!(latency(Shown::Slow, "OPTIONS", "/beta/teamwork/devices"), 0.seconds());
    assert_eq!(latency(Shown::Slow, "GET", "/beta/teamwork/devices/successful"), 0.seconds());
    assert_eq!(latency(Shown::Catalogue, "GET", "/beta/teamwork/devices"), 0.seconds());
}

#[test]
fn every_text_of_the_markup_tenant_contains_markup() {
    let mut tenant = shown(Shown::Markup);
    let devices = devices(&mut tenant);
    for device in &devices {
        let texts =
            [&device["id"], &device["notes"], &device["hardwareDetail"]["model"], &device["currentUser"]["displayName"]];
        texts.iter().for_each(|text| assert!(text.as_str().unwrap().contains('<'), "{text}"));
    }
    let path_of = |what: &str| {
        let device = devices.iter().find(|device| device["id"].as_str().unwrap().ends_with(what)).unwrap();
        let id = device["id"].as_str().unwrap();
        id.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>()
    };
    assert_eq!(tenant.run(&path_of("fails")).status, 202);
    tenant.wait(1.minutes());
    let operations = json(&tenant.get(&format!("/beta/teamwork/devices/{}/operations", path_of("fails"))));
    assert!(operations["value"][0]["error"]["message"].as_str().unwrap().starts_with("<img "));
    assert_eq!(tenant.run(&path_of("is occupied")).status, 409);
    let operations = json(&tenant.get(&format!("/beta/teamwork/devices/{}/operations", path_of("is occupied"))));
    assert!(operations["value"][0]["createdBy"]["user"]["displayName"].as_str().unwrap().starts_with("<img "));
    let refused = tenant.run(&path_of("is refused"));
    assert_eq!((refused.status, json(&refused)["error"]["code"].as_str().unwrap().starts_with("<script>")), (403, true));
}
