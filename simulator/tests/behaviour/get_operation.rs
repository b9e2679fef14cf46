//! `GET …/operations/{id}`: the progress of an operation.

use serde_json::Value;
use teams_device_diagnostics_simulator::{Dates, Envelope, Settings};
use time::ext::NumericalDuration;

use crate::tenant::{START, Tenant, json};

/// The statuses of a device's operation, one poll per state.
fn statuses(device: &str) -> Vec<String> {
    let mut tenant = Tenant::new();
    tenant.run(device);
    let mut seen = Vec::new();
    for _ in 0..4 {
        let document = json(&tenant.poll());
        let operation = document.get("value").unwrap_or(&document);
        seen.push(operation["status"].as_str().unwrap().to_owned());
        tenant.wait(1.seconds());
    }
    seen
}

/// The operation of a device after it has ended.
fn ended(device: &str) -> Value {
    let mut tenant = Tenant::new();
    tenant.run(device);
    tenant.wait(30.seconds());
    json(&tenant.poll())["value"].take()
}

#[test]
fn an_operation_is_queued_then_scheduled_in_progress_and_final() {
    assert_eq!(statuses("successful"), ["Queued", "Scheduled", "InProgress", "Successful"]);
    assert_eq!(statuses("failed")[3], "Failed");
    assert_eq!(statuses("cancelled")[3], "Cancelled");
}

#[test]
fn statuses_differ_in_case_and_spelling() {
    assert_eq!(statuses("succeeded"), ["queued", "scheduled", "inProgress", "succeeded"]);
    assert_eq!(statuses("canceled")[3], "Canceled");
    assert_eq!(statuses("unknown-status")[1], "unknownFutureValue");
}

#[test]
fn the_operation_of_an_offline_device_stays_queued() {
    let mut tenant = Tenant::new();
    tenant.run("queued");
    tenant.wait(1.days());
    assert_eq!(json(&tenant.poll())["value"]["status"], "Queued");
}

#[test]
fn a_slow_device_takes_ten_times_as_long_in_every_state() {
    let mut tenant = Tenant::new();
    tenant.run("slow");
    tenant.wait(29_999.milliseconds());
    assert_eq!(json(&tenant.poll())["value"]["status"], "InProgress");
    tenant.wait(1.milliseconds());
    let operation = json(&tenant.poll())["value"].take();
    assert_eq!(operation["startedDateTime"], "2025-06-15T15:07:00.000Z");
    assert_eq!(operation["completedDateTime"], "2025-06-15T15:07:10.000Z");
}

#[test]
fn times_are_null_until_they_are_reached() {
    let mut tenant = Tenant::new();
    tenant.run("successful");
    let queued = json(&tenant.poll())["value"].take();
    assert_eq!(queued["createdDateTime"], "2025-06-15T15:06:40.000Z");
    assert_eq!((&queued["startedDateTime"], &queued["completedDateTime"]), (&Value::Null, &Value::Null));
    tenant.wait(2_500.milliseconds());
    let running = json(&tenant.poll())["value"].take();
    assert_eq!(running["startedDateTime"], "2025-06-15T15:06:42.000Z");
    assert_eq!((&running["lastActionDateTime"], &running["completedDateTime"]), (&running["startedDateTime"], &Value::Null));
}

#[test]
fn a_failed_operation_has_an_error_and_a_success_can_have_one() {
    assert_eq!(ended("failed")["error"]["code"], "DeviceUnreachable");
    assert_eq!(ended("successful")["error"], Value::Null);
    assert_eq!(ended("junk-error")["error"]["message"], "Unknown");
    assert_eq!(ended("junk-error")["status"], "Successful");
}

#[test]
fn an_operation_is_wrapped_in_value_unless_it_is_sent_bare() {
    let mut tenant = Tenant::new();
    tenant.run("bare");
    assert_eq!(json(&tenant.poll())["operationType"], "deviceDiagnostics");
    let mut bare = Tenant::with(Settings { envelope: Envelope::Bare, ..Settings::default() });
    bare.run("successful");
    assert!(json(&bare.poll()).get("value").is_none());
}

#[test]
fn times_can_be_written_with_hyphens() {
    let mut tenant = Tenant::with(Settings { dates: Dates::Hyphens, ..Settings::default() });
    tenant.run("successful");
    assert_eq!(json(&tenant.poll())["value"]["createdDateTime"], "2025-06-15T15-06-40.00Z");
    assert_eq!(ended("odd-dates")["completedDateTime"], "2025-06-15T15-06-43.00Z");
}

#[test]
fn a_running_operation_can_have_a_retry_after() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.run("running-retry-after").header("retry-after"), Some("1"));
    assert_eq!(tenant.poll().header("retry-after"), Some("1"));
    tenant.wait(3.seconds());
    assert_eq!(tenant.poll().header("retry-after"), None);
}

#[test]
fn an_operation_is_not_found_under_another_device() {
    let mut tenant = Tenant::new();
    tenant.run("successful");
    let elsewhere = tenant.operation().replace("/successful/", "/failed/");
    assert_eq!(tenant.get(&elsewhere).status, 404);
}

#[test]
fn a_location_with_quoted_keys_leads_to_the_operation() {
    let mut tenant = Tenant::new();
    let location = tenant.run("quoted-location").header("location").unwrap().to_owned();
    assert_eq!(tenant.get(&format!("/beta{location}")).status, 200);
}

#[test]
fn the_same_requests_at_the_same_times_get_the_same_responses() {
    let responses = || {
        let mut tenant = Tenant::new();
        let started = tenant.run("throttled").headers;
        tenant.run("throttled");
        tenant.now = START + 5.seconds();
        (started, tenant.poll().body)
    };
    assert_eq!(responses(), responses());
}
