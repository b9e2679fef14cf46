//! `POST …/runDiagnostics` and its siblings.

use teams_device_diagnostics_simulator::{LocationForm, OperationType, Scenario, Settings};
use time::ext::NumericalDuration;

use crate::tenant::{ROOT, Tenant, json};

#[test]
fn a_start_gets_202_with_an_empty_body_and_a_location() {
    let mut tenant = Tenant::new();
    let response = tenant.run("successful");
    assert_eq!((response.status, response.body.as_str()), (202, ""));
    assert_eq!(response.header("content-type"), Some("text/plain"));
    assert_eq!(response.header("content-length"), Some("0"));
    let id = &tenant.graph.operations()[0].id;
    assert_eq!(response.header("location"), Some(format!("/teamwork/devices/successful/operations/{id}").as_str()));
}

#[test]
fn a_device_can_override_the_location_form_of_the_settings() {
    let location = |form: LocationForm, device: &str| {
        let mut tenant = Tenant::with(Settings { location: form, ..Settings::default() });
        tenant.run(device).header("location").map(str::to_owned)
    };
    let absolute = format!("{ROOT}/beta/teamwork/devices/successful/operations/");
    assert!(location(LocationForm::Absolute, "successful").unwrap().starts_with(&absolute));
    assert!(location(LocationForm::Versioned, "successful").unwrap().starts_with("/beta/teamwork/devices/"));
    assert!(location(LocationForm::QuotedKeys, "successful").unwrap().starts_with("/teamwork/devices('successful')/"));
    assert_eq!(location(LocationForm::Missing, "successful"), None);
    assert!(location(LocationForm::Relative, "absolute-location").unwrap().starts_with(ROOT));
    assert!(location(LocationForm::Relative, "foreign-location").unwrap().contains("evil.example"));
}

#[test]
fn an_action_can_be_named_with_its_namespace() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.post("/beta/teamwork/devices/successful/microsoft.graph.runDiagnostics").status, 202);
}

#[test]
fn restart_and_update_software_start_operations_of_their_type() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.post("/beta/teamwork/devices/successful/restart").status, 202);
    assert_eq!(tenant.post("/beta/teamwork/devices/failed/updateSoftware").status, 202);
    let types: Vec<OperationType> = tenant.graph.operations().iter().map(|operation| operation.operation_type).collect();
    assert_eq!(types, [OperationType::DeviceRestart, OperationType::SoftwareUpdate]);
}

#[test]
fn a_second_start_gets_409_until_the_first_run_is_in_progress() {
    let mut tenant = Tenant::new();
    tenant.run("successful");
    tenant.wait(1_999.milliseconds());
    let conflict = tenant.run("successful");
    assert_eq!((conflict.status, json(&conflict)["error"]["code"].as_str()), (409, Some("Conflict")));
    tenant.wait(1.milliseconds());
    assert_eq!(tenant.run("successful").status, 202);
    assert_eq!(tenant.graph.operations().len(), 2);
}

#[test]
fn runs_on_different_devices_do_not_conflict() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.run("successful").status, 202);
    assert_eq!(tenant.run("failed").status, 202);
}

#[test]
fn a_run_of_another_administrator_causes_a_409_and_can_be_polled() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.run("conflict").status, 409);
    let list = json(&tenant.get("/beta/teamwork/devices/conflict/operations"));
    let id = list["value"][0]["id"].as_str().unwrap();
    let operation = json(&tenant.get(&format!("/beta/teamwork/devices/conflict/operations/{id}")));
    assert_eq!(operation["value"]["status"], "Queued");
    assert!(tenant.graph.operations().is_empty());
}

#[test]
fn an_unknown_device_gets_404() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.run("nowhere").status, 404);
    assert_eq!(tenant.get("/beta/teamwork/devices/nowhere/operations").status, 404);
}

#[test]
fn special_characters_of_an_id_are_encoded_in_the_location() {
    let mut tenant = Tenant::new().and("Büro 2/3", Scenario::default());
    let response = tenant.run("B%C3%BCro%202%2F3");
    assert_eq!(response.status, 202);
    let location = response.header("location").unwrap().to_owned();
    assert!(location.starts_with("/teamwork/devices/B%C3%BCro%202%2F3/operations/"));
    assert_eq!(tenant.get(&format!("/beta{location}")).status, 200);
}

#[test]
fn v1_0_has_no_devices() {
    let mut tenant = Tenant::new();
    let response = tenant.post("/v1.0/teamwork/devices/successful/runDiagnostics");
    assert_eq!(response.status, 400);
    assert_eq!(json(&response)["error"]["message"], "Resource not found for the segment 'devices'.");
}

#[test]
fn a_get_request_to_an_action_gets_405() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.get("/beta/teamwork/devices/successful/runDiagnostics").status, 405);
}
