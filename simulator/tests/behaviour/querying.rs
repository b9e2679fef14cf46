//! OData query options: those that Microsoft documents for this resource work, and all others are refused.
//! Source: <https://learn.microsoft.com/graph/api/teamworkdevice-list?view=graph-rest-beta>.

use serde_json::{Value, json};
use teams_device_diagnostics_simulator::Tenant as Shown;

use crate::tenant::{Tenant, json as document};

const DEVICES: &str = "/beta/teamwork/devices";

/// The devices on one page of a list.
fn list(tenant: &mut Tenant, query: &str) -> Vec<Value> {
    let response = tenant.get(&format!("{DEVICES}?$top=50&{query}"));
    assert_eq!(response.status, 200, "{query}: {}", response.body);
    document(&response)["value"].as_array().unwrap().clone()
}

/// The message of the 400 that a refused query gets.
fn refusal(target: &str) -> String {
    let response = Tenant::new().get(target);
    let error = document(&response)["error"].take();
    assert_eq!((response.status, error["code"].as_str()), (400, Some("BadRequest")), "{target}");
    assert_eq!(error["innerError"]["request-id"].as_str(), response.header("request-id"));
    error["message"].as_str().unwrap().to_owned()
}

#[test]
fn devices_can_be_filtered_by_the_documented_properties() {
    let mut tenant = Tenant::new();
    let all = list(&mut tenant, "");
    let rooms = list(&mut tenant, "$filter=deviceType eq 'TeamsRoom'");
    assert!(!rooms.is_empty() && rooms.len() < all.len());
    assert!(rooms.iter().all(|device| device["deviceType"] == "teamsRoom"));
    for (property, value) in [
        ("hardwareDetail/uniqueId", &all[3]["hardwareDetail"]["uniqueId"]),
        ("currentUser/id", &all[3]["currentUser"]["id"]),
    ] {
        let query = format!("$filter={property}+eq+%27{}%27", value.as_str().unwrap());
        assert_eq!(list(&mut tenant, &query), [all[3].clone()], "{property}");
    }
    assert_eq!(list(&mut tenant, "$filter=deviceType eq 'it''s none'"), [] as [Value; 0]);
}

#[test]
fn conditions_can_be_joined_with_and() {
    let mut tenant = Tenant::new();
    let all = list(&mut tenant, "");
    let unique_id = all[0]["hardwareDetail"]["uniqueId"].as_str().unwrap().to_owned();
    let both =
        |device_type: &str| format!("$filter=deviceType eq '{device_type}' and hardwareDetail/uniqueId eq '{unique_id}'");
    assert_eq!(list(&mut tenant, &both("teamsRoom")).len(), 1);
    assert_eq!(list(&mut tenant, &both("sip")).len(), 0);
}

#[test]
fn a_filter_can_name_the_type_of_its_value() {
    let mut tenant = Tenant::new();
    let plain = list(&mut tenant, "$filter=deviceType eq 'sip'");
    assert!(!plain.is_empty() && plain.iter().all(|device| device["deviceType"] == "sip"));
    assert_eq!(list(&mut tenant, "$filter=deviceType eq microsoft.graph.teamworkDeviceType'sip'"), plain);
}

#[test]
fn any_other_filter_is_refused() {
    for filter in [
        "",
        "deviceType",
        "deviceType eq",
        "deviceType eq sip",
        "deviceType eq 'sip",
        "deviceType eq 'sip' and",
        "deviceType eq 'sip'and",
        "deviceType ne 'sip'",
        "deviceType eq 'sip' or deviceType eq 'teamsRoom'",
        "(deviceType eq 'sip')",
        "healthStatus eq 'healthy'",
        "startswith(deviceType,'s')",
        "currentUser/id eq null",
        "currentUser/id eq other.type'x'",
    ] {
        assert!(refusal(&format!("{DEVICES}?$filter={filter}")).starts_with("Invalid filter clause"), "{filter}");
    }
}

#[test]
fn a_next_link_keeps_filter_and_selection() {
    let mut tenant = Tenant::new();
    let rooms = list(&mut tenant, "$filter=deviceType eq 'teamsRoom'&$select=id");
    let mut found = Vec::new();
    let mut next = Some("/teamwork/devices?$top=2&$select=id&$filter=deviceType eq 'teamsRoom'".to_owned());
    while let Some(path) = next {
        let page = document(&tenant.get(&format!("/beta{path}")));
        found.extend(page["value"].as_array().unwrap().clone());
        next = page["@odata.nextLink"].as_str().map(str::to_owned);
        assert!(next.as_ref().is_none_or(|link| !link.contains([' ', '\''])), "{next:?}");
    }
    assert!(found.len() > 2 && found[0].as_object().unwrap().len() == 1);
    assert_eq!(found, rooms);
}

#[test]
fn only_selected_members_are_sent() {
    let mut tenant = Tenant::new();
    let page = document(&tenant.get(&format!("{DEVICES}?$select=id,healthStatus, DEVICETYPE")));
    assert_eq!(page["value"][0], json!({ "id": "successful", "healthStatus": "healthy", "deviceType": "teamsRoom" }));
    assert!(page["@odata.context"].as_str().unwrap().ends_with("#teamwork/devices(id,healthStatus,deviceType)"));
    let device = document(&tenant.get(&format!("{DEVICES}/successful?$select=notes")));
    assert_eq!(device.as_object().unwrap().len(), 1);
    assert_eq!(document(&tenant.get(&format!("{DEVICES}/successful?$select=*"))).as_object().unwrap().len(), 12);
    tenant.run("successful");
    let operations = document(&tenant.get(&format!("{DEVICES}/successful/operations?$select=status")));
    assert_eq!(operations["value"], json!([{ "status": "Queued" }]));
    let operation = tenant.operation();
    assert_eq!(document(&tenant.get(&format!("{operation}?$select=status"))), json!({ "value": { "status": "Queued" } }));
}

#[test]
fn the_selection_of_an_unknown_member_is_refused() {
    for target in [format!("{DEVICES}?$select=id,colour"), format!("{DEVICES}/successful?$select=colour")] {
        let sentence = refusal(&target);
        assert!(sentence.ends_with("Could not find a property named 'colour' on type 'microsoft.graph.teamworkDevice'."));
    }
    assert!(refusal(&format!("{DEVICES}/successful/operations?$select=notes")).contains("teamworkDeviceOperation"));
    refusal(&format!("{DEVICES}?$select="));
}

#[test]
fn every_member_of_a_document_can_be_selected() {
    let mut tenant = Tenant::new();
    tenant.run("successful");
    for path in [format!("{DEVICES}/successful"), tenant.operation()] {
        let whole = document(&tenant.get(&path));
        let members = whole.get("value").unwrap_or(&whole).as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        assert_eq!(document(&tenant.get(&format!("{path}?$select={}", members.join(",")))), whole);
    }
}

#[test]
fn a_page_has_at_most_fifty_items_and_can_be_empty() {
    let mut tenant = Tenant::new();
    tenant.graph.enter(Shown::Many);
    let page = document(&tenant.get(&format!("{DEVICES}?$top=999")));
    assert_eq!(page["value"].as_array().unwrap().len(), 50);
    assert_eq!(page["@odata.nextLink"], "/teamwork/devices?$top=50&$skipToken=50");
    let page = document(&tenant.get(&format!("{DEVICES}?$top=0")));
    assert_eq!((page["value"].as_array().unwrap().len(), page.get("@odata.nextLink")), (0, None));
}

#[test]
fn an_invalid_top_or_skip_token_is_refused() {
    for top in ["-1", "ten", "", "99999999999999999999999"] {
        let sentence = refusal(&format!("{DEVICES}?$top={top}"));
        assert!(sentence.starts_with(&format!("Invalid value '{top}' for $top query option found.")), "{sentence}");
    }
    assert!(refusal(&format!("{DEVICES}?$skipToken=what")).contains("$skipToken"));
}

#[test]
fn the_dollar_is_optional_and_non_odata_parameters_are_ignored() {
    let mut tenant = Tenant::new();
    let page = document(&tenant.get(&format!("{DEVICES}?TOP=2&Select=id&colour=red&&x")));
    assert_eq!(page["value"], json!([{ "id": "successful" }, { "id": "failed" }]));
}

#[test]
fn an_option_not_documented_for_the_resource_is_refused_and_named() {
    let options = ["$orderby=id", "$expand=operations", "$count=true", "$search=x", "$skip=1", "$colour=red", "orderby=id"];
    for option in options {
        let name = option.split('=').next().unwrap();
        assert_eq!(
            refusal(&format!("{DEVICES}?{option}")),
            format!("The query specified in the URI is not valid. The query parameter '{name}' is not supported.")
        );
    }
    refusal(&format!("{DEVICES}/successful?$top=1"));
    refusal(&format!("{DEVICES}/successful/operations?$filter=deviceType eq 'sip'"));
    assert!(refusal(&format!("{DEVICES}?$top=1&%24top=2")).contains("more than once"));
    assert_eq!(Tenant::new().post(&format!("{DEVICES}/successful/runDiagnostics?$select=id")).status, 400);
}
