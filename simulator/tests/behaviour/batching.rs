//! `POST /beta/$batch`: several requests in one, each with its own response. Source:
//! <https://learn.microsoft.com/graph/json-batching>.

use serde_json::{Value, json};
use teams_device_diagnostics_simulator::{Request, Response, Settings, Tenant as Shown};
use time::ext::NumericalDuration;

use crate::tenant::{Tenant, json as document, responded};

fn batch_request(token: &str, body: &str) -> Request {
    let headers = vec![
        ("Authorization".to_owned(), format!("Bearer {token}")),
        ("Content-Type".to_owned(), "application/json".to_owned()),
        ("client-request-id".to_owned(), "of-the-batch".to_owned()),
    ];
    Request { method: "POST".into(), target: "/beta/$batch".into(), headers, body: body.as_bytes().to_vec() }
}

fn send(tenant: &mut Tenant, requests: Value) -> Response {
    let request = batch_request(tenant.token, &json!({ "requests": requests }).to_string());
    responded(tenant.graph.handle(tenant.now, &request))
}

/// The responses of an accepted batch, by the ids of its requests.
fn batch_items(tenant: &mut Tenant, requests: Value) -> Value {
    let response = send(tenant, requests);
    assert_eq!(response.status, 200, "{}", response.body);
    let responses = document(&response)["responses"].take();
    responses.as_array().unwrap().iter().map(|item| (item["id"].as_str().unwrap().to_owned(), item.clone())).collect()
}

fn get(id: &str, url: &str) -> Value {
    json!({ "id": id, "method": "GET", "url": url })
}

/// Graph requires a body and its type even for an action without a body.
fn start(id: &str, device: &str) -> Value {
    let url = format!("/teamwork/devices/{device}/runDiagnostics");
    json!({ "id": id, "method": "POST", "url": url, "headers": { "Content-Type": "application/json" }, "body": {} })
}

#[test]
fn each_request_gets_its_own_status_headers_and_body() {
    let mut tenant = Tenant::new();
    let requests = json!([
        get("list", "/teamwork/devices?$top=2&$select=id"),
        get("without-slash", "teamwork/devices/queued?$select=id"),
        start("started", "running-retry-after"),
        start("throttled", "throttled"),
        get("nowhere", "/me"),
    ]);
    let items = batch_items(&mut tenant, requests);
    assert_eq!(items["list"]["body"]["value"], json!([{ "id": "successful" }, { "id": "failed" }]));
    assert_eq!(items["without-slash"]["body"], json!({ "id": "queued" }));
    assert_eq!((&items["started"]["status"], items["started"].get("body")), (&json!(202), None));
    let location = format!("/{}", tenant.operation().strip_prefix("/beta/").unwrap());
    assert_eq!(items["started"]["headers"]["Location"], location);
    assert_eq!(items["started"]["headers"]["Retry-After"], "1");
    assert_eq!((&items["throttled"]["status"], &items["throttled"]["headers"]["Retry-After"]), (&json!(429), &json!("1")));
    assert_eq!(
        (&items["nowhere"]["status"], &items["nowhere"]["body"]["error"]["code"]),
        (&json!(400), &json!("BadRequest"))
    );
    let headers = items["list"]["headers"].as_object().unwrap();
    assert_eq!(
        (&headers["Content-Type"], &headers["client-request-id"]),
        (&json!("application/json"), &json!("of-the-batch"))
    );
    assert!(!headers.keys().any(|name| name.starts_with("Access-Control-") || name == "Content-Length"));
}

#[test]
fn responses_come_in_a_different_order_than_requests() {
    let requests = json!([get("1", "/teamwork/devices"), get("2", "/teamwork/devices"), get("3", "/teamwork/devices")]);
    let responses = document(&send(&mut Tenant::new(), requests))["responses"].take();
    let ids: Vec<&str> = responses.as_array().unwrap().iter().filter_map(|item| item["id"].as_str()).collect();
    assert_eq!(ids, ["3", "2", "1"]);
}

#[test]
fn a_batch_of_up_to_twenty_requests_is_accepted() {
    let many = |count: usize| (0..count).map(|id| get(&id.to_string(), "/teamwork/devices/queued")).collect::<Value>();
    assert_eq!(batch_items(&mut Tenant::new(), many(20)).as_object().unwrap().len(), 20);
    let response = send(&mut Tenant::new(), many(21));
    assert_eq!((response.status, document(&response)["error"]["code"].as_str()), (400, Some("BadRequest")));
}

#[test]
fn a_malformed_batch_is_refused_as_a_whole_and_starts_nothing() {
    let started = || start("1", "successful");
    let without = |member: &str| {
        let mut request = started();
        request.as_object_mut().unwrap().remove(member);
        json!({ "requests": [start("0", "failed"), request] }).to_string()
    };
    let bodies = [
        String::new(),
        "[".to_owned(),
        json!([started()]).to_string(),
        json!({ "requests": started() }).to_string(),
        json!({ "requests": [started(), get("1", "/teamwork/devices")] }).to_string(),
        json!({ "requests": [get("a", "/teamwork/devices"), get("A", "/teamwork/devices")] }).to_string(),
        json!({ "requests": [{ "id": 1, "method": "GET", "url": "/teamwork/devices" }] }).to_string(),
        json!({ "requests": [{ "id": "1", "method": "GET", "url": "/teamwork/devices", "dependsOn": ["2"] }] }).to_string(),
        without("id"),
        without("method"),
        without("url"),
        without("body"),
        without("headers"),
    ];
    for body in bodies {
        let mut tenant = Tenant::new();
        let response = responded(tenant.graph.handle(tenant.now, &batch_request("any", &body)));
        assert_eq!(response.status, 400, "{body}");
        let error = document(&response)["error"].take();
        assert_eq!(error["code"], "BadRequest", "{body}");
        assert_eq!(error["innerError"]["request-id"].as_str(), response.header("request-id"));
        assert!(tenant.graph.operations().is_empty(), "{body}");
    }
}

#[test]
fn a_nested_batch_is_refused_and_the_other_requests_are_not() {
    let nested = json!({
        "id": "nested", "method": "POST", "url": "/$batch", "headers": { "Content-Type": "application/json" },
        "body": { "requests": [start("inner", "successful")] },
    });
    let mut tenant = Tenant::new();
    let items = batch_items(&mut tenant, json!([nested, get("other", "/teamwork/devices")]));
    assert_eq!((&items["nested"]["status"], &items["other"]["status"]), (&json!(400), &json!(200)));
    assert!(tenant.graph.operations().is_empty());
}

#[test]
fn each_request_uses_the_token_of_the_batch() {
    let requests = || json!([get("list", "/teamwork/devices"), start("started", "successful")]);
    let mut tenant = Tenant { token: "read-only", ..Tenant::new() };
    let statuses = batch_items(&mut tenant, requests());
    assert_eq!((&statuses["list"]["status"], &statuses["started"]["status"]), (&json!(200), &json!(403)));
    let mut own = start("1", "successful");
    own["headers"]["authorization"] = "Bearer any".into();
    assert_eq!(batch_items(&mut tenant, json!([own]))["1"]["status"], 403);
    let mut tenant = Tenant { token: "expired", ..Tenant::new() };
    assert_eq!(send(&mut tenant, requests()).status, 401);
}

#[test]
fn each_request_counts_towards_the_quota_but_not_the_batch_itself() {
    let mut tenant = Tenant::with(Settings { requests_per_second: Some(2), ..Settings::default() });
    let requests = ["1", "2", "3"].map(|id| get(id, "/teamwork/devices/queued"));
    let items = batch_items(&mut tenant, json!(requests));
    assert_eq!(["1", "2", "3"].map(|id| items[id]["status"].as_u64().unwrap()), [200, 200, 429]);
}

#[test]
fn a_lost_response_becomes_504_for_its_request_only() {
    let mut tenant = Tenant::new();
    let items = batch_items(
        &mut tenant,
        json!([start("lost", "lost-start"), start("hang", "start-hang"), start("good", "successful")]),
    );
    assert_eq!(["lost", "hang", "good"].map(|id| items[id]["status"].as_u64().unwrap()), [504, 504, 202]);
    assert_eq!(tenant.graph.operations().len(), 3);
}

#[test]
fn a_body_that_is_not_json_is_a_string() {
    let mut tenant = Tenant::new();
    assert!(
        batch_items(&mut tenant, json!([start("1", "html-error")]))["1"]["body"].as_str().unwrap().starts_with("<html>")
    );
}

#[test]
fn a_request_that_depends_on_a_failed_one_gets_424_and_is_not_made() {
    let mut after = start("3", "successful");
    after["dependsOn"] = json!(["1", "2"]);
    let mut last = get("4", "/teamwork/devices");
    last["dependsOn"] = json!(["3"]);
    let mut tenant = Tenant::new();
    let requests = json!([get("1", "/teamwork/devices"), start("2", "conflict"), after, last]);
    let items = batch_items(&mut tenant, requests);
    assert_eq!(["1", "2", "3", "4"].map(|id| items[id]["status"].as_u64().unwrap()), [200, 409, 424, 424]);
    assert!(tenant.graph.operations().is_empty());
}

#[test]
fn a_slow_list_delays_the_whole_batch() {
    let mut tenant = Tenant::new();
    tenant.graph.enter(Shown::Slow);
    let latency =
        |requests: Value| tenant.graph.latency(&batch_request("any", &json!({ "requests": requests }).to_string()));
    assert_eq!(latency(json!([get("1", "/teamwork/devices/queued"), get("2", "/teamwork/devices")])), 5.seconds());
    assert_eq!(latency(json!([get("1", "/teamwork/devices/queued")])), 0.seconds());
}

#[test]
fn a_batch_must_be_a_post_without_options_and_also_works_in_v1_0() {
    let mut tenant = Tenant::new();
    assert_eq!(tenant.get("/beta/$batch").status, 405);
    let mut request = batch_request("any", &json!({ "requests": [get("1", "/teamwork/devices")] }).to_string());
    request.target = "/v1.0/%24batch".into();
    let response = responded(tenant.graph.handle(tenant.now, &request));
    assert_eq!((response.status, document(&response)["responses"][0]["status"].as_u64()), (200, Some(400)));
    request.target = "/beta/$batch?$top=1".into();
    assert_eq!(responded(tenant.graph.handle(tenant.now, &request)).status, 400);
}
