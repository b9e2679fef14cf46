//! The faults of the catalogue, and scripted faults.

use teams_device_diagnostics_simulator::{
    BodyEnd, Device, Disposition, Fault, FaultBody, FaultResponse, Scenario, catalogue,
};
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
fn every_device_of_the_catalogue_has_a_unique_id_and_a_description() {
    let devices = catalogue();
    for device in &devices {
        assert_eq!(devices.iter().filter(|other| other.id == device.id).count(), 1, "{}", device.id);
        assert!(device.notes.ends_with('.') && !device.manufacturer.is_empty() && !device.current_user.is_empty());
    }
}

#[test]
fn a_temporary_start_fault_occurs_once_before_each_run() {
    for (device, status) in [("throttled", 429), ("throttled-hidden", 429), ("unavailable", 503), ("claims-challenge", 401)]
    {
        let mut tenant = Tenant::new();
        assert_eq!(starts(&mut tenant, device), [status, 202], "{device}");
        tenant.wait(1.minutes());
        assert_eq!(starts(&mut tenant, device), [status, 202], "{device}");
    }
}

#[test]
fn a_permanent_start_fault_never_starts_a_run() {
    for (device, status) in [("start-server-error", 500), ("html-error", 502), ("empty-error", 500), ("withdrawn", 410)] {
        let mut tenant = Tenant::new();
        assert_eq!(starts(&mut tenant, device), [status; 5], "{device}");
        assert!(tenant.graph.operations().is_empty());
    }
}

#[test]
fn poll_faults_occur_at_the_same_polls_of_every_run() {
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
fn throttled_sends_a_retry_after_and_throttled_hidden_does_not() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.run("throttled").header("retry-after"), Some("1"));
    assert_eq!(tenant.run("throttled-hidden").header("retry-after"), None);
}

#[test]
fn a_start_whose_response_is_lost_takes_effect_and_the_next_gets_409() {
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
fn the_first_poll_can_lose_its_connection_or_hang() {
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
fn a_redirect_leads_to_another_host() {
    let response = Tenant::new().run("start-redirect");
    assert_eq!((response.status, response.header("location")), (302, Some("https://elsewhere.example/capture")));
}

#[test]
fn a_faulty_body_can_be_html_empty_or_truncated() {
    let mut tenant = Tenant::new();
    let html = tenant.run("html-error");
    assert_eq!(html.header("content-type"), Some("text/html"));
    assert_eq!(tenant.run("empty-error").body, "");
    tenant.run("truncated");
    let truncated = tenant.poll();
    assert_eq!(truncated.status, 200);
    assert!(
        truncated.body.starts_with("{\"value\":{") && serde_json::from_str::<serde_json::Value>(&truncated.body).is_err()
    );
    assert_eq!(truncated.header("content-length"), Some(truncated.body.len().to_string().as_str()));
}

#[test]
fn the_device_echo_repeats_the_token_in_its_error() {
    let mut tenant = Tenant { token: "secret-42", ..Tenant::new() };
    let response = tenant.run("echo");
    assert_eq!(response.status, 400);
    assert!(json(&response)["error"]["message"].as_str().unwrap().contains("Bearer secret-42"));
}

#[test]
fn a_claims_challenge_is_the_only_challenge_of_its_response() {
    let response = Tenant::new().run("claims-challenge");
    let challenges: Vec<_> = response.headers.iter().filter(|(name, _)| name == "WWW-Authenticate").collect();
    assert_eq!(challenges.len(), 1);
    assert!(challenges[0].1.contains("insufficient_claims"));
}

#[test]
fn a_scripted_response_can_have_any_status_headers_and_body() {
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
fn a_device_can_be_defined_in_json() {
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

#[test]
fn a_field_of_a_fault_replaces_the_usual_one() {
    let fault = FaultResponse::new(503).header("content-type", "text/plain").header("Request-Id", "mine");
    let mut tenant = Tenant::new().and("d", Scenario { post_faults: vec![fault.into()], ..Scenario::default() });
    let response = tenant.run("d");
    for (name, value) in [("content-type", "text/plain"), ("request-id", "mine")] {
        let values: Vec<_> = response.headers.iter().filter(|(field, _)| field.eq_ignore_ascii_case(name)).collect();
        assert_eq!((values.len(), values[0].1.as_str()), (1, value));
    }
}

#[test]
fn a_response_that_cannot_have_a_body_says_nothing_of_one() {
    for status in [204, 205, 304] {
        let fault = FaultResponse::new(status).into();
        let mut tenant = Tenant::new().and("d", Scenario { post_faults: vec![fault], ..Scenario::default() });
        let response = tenant.run("d");
        assert_eq!((response.status, response.body.as_str()), (status, ""));
        assert_eq!((response.header("content-length"), response.header("content-type")), (None, None));
    }
}

#[test]
fn half_a_body_has_the_length_of_the_whole_one() {
    for (body, end) in [(FaultBody::Interrupted, BodyEnd::Reset), (FaultBody::Stalled, BodyEnd::Hang)] {
        let faults = vec![Some(FaultResponse::new(200).body(body).into())];
        let mut tenant = Tenant::new().and("d", Scenario { poll_faults: faults, ..Scenario::default() });
        tenant.run("d");
        let (half, whole) = (tenant.poll(), tenant.poll());
        assert_eq!((half.status, half.end, whole.end), (200, end, BodyEnd::Complete));
        assert_eq!(half.header("content-length"), whole.header("content-length"));
        assert_eq!(half.body, whole.body[..half.body.len()]);
        assert!(half.body.len() > 100 && half.body.len() < whole.body.len());
    }
}
