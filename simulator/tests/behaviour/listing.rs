//! Collections: devices, a device's operations, and their pages.

use serde_json::Value;
use teams_device_diagnostics_simulator::{NextLinkForm, Settings, catalogue};
use time::ext::NumericalDuration;

use crate::tenant::{ROOT, Tenant, json};

/// Reads this page and all that follow; the links lack the version.
fn all_pages(tenant: &mut Tenant, first: &str) -> Vec<Vec<Value>> {
    let mut pages = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(path) = next {
        let page = json(&tenant.get(&format!("/beta{path}")));
        pages.push(page["value"].as_array().unwrap().clone());
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
    }
    pages
}

#[test]
fn devices_come_in_pages_of_twenty_with_links_without_host_and_version() {
    let mut tenant = Tenant::new();
    let page = json(&tenant.get("/beta/teamwork/devices"));
    assert_eq!(page["@odata.context"], format!("{ROOT}/beta/$metadata#teamwork/devices"));
    assert_eq!(page["@odata.nextLink"], "/teamwork/devices?$top=20&$skipToken=20");
    let pages = all_pages(&mut tenant, "/teamwork/devices");
    assert_eq!(pages[0].len(), 20);
    assert_eq!(pages.concat().len(), catalogue().len());
}

#[test]
fn top_sets_the_page_size_up_to_fifty() {
    let mut tenant = Tenant::new();
    let size = |tenant: &mut Tenant, query: &str| {
        json(&tenant.get(&format!("/beta/teamwork/devices?{query}")))["value"].as_array().unwrap().len()
    };
    assert_eq!(size(&mut tenant, "$top=3"), 3);
    assert_eq!(size(&mut tenant, "%24top=3&%24skipToken=1"), 3);
    assert_eq!(size(&mut tenant, "$top=999"), catalogue().len().min(50));
    let mut small = Tenant::with(Settings { page_size: 7, ..Settings::default() });
    assert_eq!(size(&mut small, ""), 7);
}

#[test]
fn next_links_are_absolute_if_the_settings_say_so() {
    let mut tenant = Tenant::with(Settings { next_link: NextLinkForm::Absolute, ..Settings::default() });
    let first = json(&tenant.get("/beta/teamwork/devices?$top=30"));
    let link = first["@odata.nextLink"].as_str().unwrap();
    assert_eq!(link, format!("{ROOT}/beta/teamwork/devices?$top=30&$skipToken=30"));
    let second = json(&tenant.get(link.strip_prefix(ROOT).unwrap()));
    assert_eq!(second["value"].as_array().unwrap().len(), catalogue().len() - 30);
    for _ in 0..21 {
        tenant.run("successful");
        tenant.wait(3.seconds());
    }
    let operations = json(&tenant.get("/beta/teamwork/devices/successful/operations"));
    assert!(
        operations["@odata.nextLink"].as_str().unwrap().starts_with(&format!("{ROOT}/beta/teamwork/devices/successful/"))
    );
}

#[test]
fn a_single_device_has_the_same_document_as_in_the_list() {
    let mut tenant = Tenant::new();
    let device = json(&tenant.get("/beta/teamwork/devices/queued"));
    let listed = all_pages(&mut tenant, "/teamwork/devices").concat();
    assert!(listed.contains(&device));
    assert_eq!((device["id"].as_str(), device["healthStatus"].as_str()), (Some("queued"), Some("offline")));
}

#[test]
fn operations_are_listed_newest_first() {
    let mut tenant = Tenant::new();
    tenant.post("/beta/teamwork/devices/successful/restart");
    tenant.wait(1.minutes());
    tenant.run("successful");
    let operations = json(&tenant.get("/beta/teamwork/devices/successful/operations"))["value"].take();
    assert_eq!(operations[0]["operationType"], "deviceDiagnostics");
    assert_eq!(operations[1]["operationType"], "deviceRestart");
}

#[test]
fn a_successful_operation_in_a_list_has_an_error_without_a_code() {
    let mut tenant = Tenant::new();
    tenant.run("successful");
    let list = |tenant: &mut Tenant| json(&tenant.get("/beta/teamwork/devices/successful/operations"))["value"][0].take();
    assert_eq!(list(&mut tenant)["error"], Value::Null);
    tenant.wait(3.seconds());
    assert_eq!(list(&mut tenant)["error"], serde_json::json!({ "code": null, "message": "Unknown" }));
}

#[test]
fn operations_come_in_pages_of_twenty() {
    let mut tenant = Tenant::new();
    for _ in 0..25 {
        tenant.run("successful");
        tenant.wait(3.seconds());
    }
    let pages = all_pages(&mut tenant, "/teamwork/devices/successful/operations");
    assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [20, 5]);
}
