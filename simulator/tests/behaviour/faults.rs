//! The catalogue's faults, and how faults are scripted.

use teams_device_diagnostics_simulator::{Device, Disposition, Fault, FaultBody, FaultResponse, Scenario, catalogue};
use time::ext::NumericalDuration;

use crate::tenant::{Tenant, diagnostics_of, json};

/// Sends starts to a device until the service accepts one; returns the statuses.
fn starts(tenant: &mut Tenant, device: &str) -> Vec<u16> {
    let mut statuses = Vec::new();
    while statuses.len() < 5 && statuses.last() != Some(&202) {
        statuses.push(tenant.run(device).status);
    }
    statuses
}

/// The statuses of the first three polls of a device's operation.
fn polls(device: &str) -> [u16; 3] {
    let mut tenant = Tenant::new();
    starts(&mut tenant, device);
    [(); 3].map(|()| tenant.poll().status)
}

#[test]
fn every_device_of_the_catalogue_is_named_and_described() {
    let devices = catalogue();
    for device in &devices {
        assert_eq!(devices.iter().filter(|other| other.id == device.id).count(), 1, "{}", device.id);
        assert!(device.notes.ends_with('.') && !device.manufacturer.is_empty() && !device.current_user.is_empty());
    }
}

#[test]
fn faults_of_the_start_come_once_and_begin_again_after_a_run_was_started() {
    for (device, status) in [("throttled", 429), ("throttled-hidden", 429), ("unavailable", 503), ("claims-challenge", 401)]
    {
        let mut tenant = Tenant::new();
        assert_eq!(starts(&mut tenant, device), [status, 202], "{device}");
        tenant.wait(1.minutes());
        assert_eq!(starts(&mut tenant, device), [status, 202], "{device}");
    }
}

#[test]
fn faults_that_stay_start_nothing() {
    for (device, status) in [("start-server-error", 500), ("html-error", 502), ("empty-error", 500), ("withdrawn", 410)] {
        let mut tenant = Tenant::new();
        assert_eq!(starts(&mut tenant, device), [status; 5], "{device}");
        assert!(tenant.graph.operations().is_empty());
    }
}

#[test]
fn faults_of_polls_come_at_their_place_in_every_run() {
    assert_eq!(polls("throttled"), [200, 429, 200]);
    assert_eq!(polls("unavailable"), [503, 200, 200]);
    assert_eq!(polls("poll-server-error"), [500, 502, 200]);
    assert_eq!(polls("late"), [404, 200, 200]);
    assert_eq!(polls("poll-redirect"), [302, 200, 200]);
    let mut tenant = Tenant::new();
    for _ in 0..2 {
        tenant.run("late");
        assert_eq!([tenant.poll().status, tenant.poll().status], [404, 200]);
        tenant.wait(1.minutes());
    }
}

#[test]
fn retry_after_is_there_or_hidden_or_missing_as_the_name_says() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.run("throttled").header("retry-after"), Some("1"));
    assert_eq!(tenant.run("throttled-hidden").header("retry-after"), None);
}

#[test]
fn a_lost_start_has_started_and_a_second_start_is_a_conflict() {
    for device in ["lost-start", "start-hang"] {
        let mut tenant = Tenant::new();
        let lost = tenant.send("POST", &diagnostics_of(device), &[]);
        assert!(matches!((device, lost), ("lost-start", Disposition::Reset) | ("start-hang", Disposition::Hang)));
        assert_eq!(tenant.run(device).status, 409);
        assert_eq!(tenant.graph.operations().len(), 1);
        assert_eq!(tenant.poll().status, 200);
    }
}

#[test]
fn connections_are_lost_or_left_open_on_the_first_poll() {
    for device in ["poll-reset", "poll-hang"] {
        let mut tenant = Tenant::new();
        tenant.run(device);
        let path = tenant.operation();
        let first = tenant.send("GET", &path, &[]);
        assert!(matches!((device, first), ("poll-reset", Disposition::Reset) | ("poll-hang", Disposition::Hang)));
        assert_eq!(tenant.poll().status, 200);
    }
}

#[test]
fn redirects_lead_to_another_host() {
    let response = Tenant::new().run("start-redirect");
    assert_eq!((response.status, response.header("location")), (302, Some("https://elsewhere.example/capture")));
}

#[test]
fn bodies_can_be_pages_nothing_or_halves() {
    let mut tenant = Tenant::new();
    let html = tenant.run("html-error");
    assert_eq!(html.header("content-type"), Some("text/html"));
    assert_eq!(tenant.run("empty-error").body, "");
    tenant.run("truncated");
    let half = tenant.poll();
    assert_eq!(half.status, 200);
    assert!(half.body.starts_with("{\"value\":{") && serde_json::from_str::<serde_json::Value>(&half.body).is_err());
    assert_eq!(half.header("content-length"), Some(half.body.len().to_string().as_str()));
}

#[test]
fn an_echo_repeats_the_token() {
    let mut tenant = Tenant { token: "secret-42", ..Tenant::new() };
    let response = tenant.run("echo");
    assert_eq!(response.status, 400);
    assert!(json(&response)["error"]["message"].as_str().unwrap().contains("Bearer secret-42"));
}

#[test]
fn a_claims_challenge_is_the_only_challenge_of_its_answer() {
    let response = Tenant::new().run("claims-challenge");
    let challenges: Vec<_> = response.headers.iter().filter(|(name, _)| name == "WWW-Authenticate").collect();
    assert_eq!(challenges.len(), 1);
    assert!(challenges[0].1.contains("insufficient_claims"));
}

#[test]
fn a_scripted_answer_can_carry_anything() {
    let fault = FaultResponse::new(503)
        .retry_after("Sun, 15 Jun 2025 15:06:45 GMT")
        .header("x-ms-ags-diagnostic", "{}")
        .body(FaultBody::Literal("{\"error\":{}}".into()));
    let mut tenant =
        Tenant::new().and("scripted", Scenario { post_faults: vec![fault.into(), Fault::Hang], ..Scenario::default() });
    let first = tenant.run("scripted");
    assert_eq!((first.status, first.body.as_str()), (503, "{\"error\":{}}"));
    assert_eq!(first.header("retry-after"), Some("Sun, 15 Jun 2025 15:06:45 GMT"));
    assert_eq!(first.header("x-ms-ags-diagnostic"), Some("{}"));
    assert!(matches!(tenant.send("POST", &diagnostics_of("scripted"), &[]), Disposition::Hang));
    assert_eq!(tenant.run("scripted").status, 202);
}

#[test]
fn devices_can_be_written_in_json() {
    let text = r#"{
        "id": "room", "deviceType": "teamsRoom",
        "scenario": {
            "paceMs": 5, "outcome": "failed", "location": { "literal": "/elsewhere" }, "envelope": "bare", "dates": "hyphens",
            "statusTexts": ["Waiting", "Ready", "Busy", "Broken"],
            "postFaults": ["reset", { "response": { "status": 429, "retryAfter": "2.128", "headers": [["x-ms-a", "b"]], "body": "html" } }],
            "pollFaults": [null, { "redirect": "https://elsewhere.example/" }, "hangAfter"]
        }
    }"#;
    let device: Device = serde_json::from_str(text).unwrap();
    let mut tenant = Tenant::new().and("room", device.scenario);
    assert!(matches!(tenant.send("POST", &diagnostics_of("room"), &[]), Disposition::Reset));
    assert_eq!(tenant.run("room").header("retry-after"), Some("2.128"));
    assert_eq!(tenant.run("room").header("location"), Some("/elsewhere"));
    tenant.wait(15.milliseconds());
    assert_eq!(json(&tenant.poll())["status"], "Broken");
    assert!(serde_json::from_str::<Device>(r#"{ "id": "room", "scenario": { "outcom": "failed" } }"#).is_err());
}
