//! Collections over all pages: the operations of a device, and the devices of the tenant.

use teams_device_diagnostics::collection::Pages;
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::{Code, Error, Failure};
use teams_device_diagnostics::protocol::json::Json;
use teams_device_diagnostics_simulator::{Answer, Response, Settings, catalogue};

use crate::platform::{Bench, Document};

/// The ids of all operations of a device, or the error.
async fn ids(bench: &Bench, device: &str) -> Result<Vec<String>, Box<Error<Document>>> {
    let device = DeviceId::new(device.to_owned()).expect("a device id");
    all_ids(bench, Pages::of_operations(&bench.root, &device)).await
}

async fn all_ids(bench: &Bench, mut pages: Pages) -> Result<Vec<String>, Box<Error<Document>>> {
    let mut ids = Vec::new();
    loop {
        let call = bench.call();
        match call.run(call.next_page(&mut pages)).await {
            Ok(Some(page)) => ids.extend(page.iter().filter_map(|item| item.member("id")?.text())),
            Ok(None) => return Ok(ids),
            Err(Failure::Error(error)) => return Err(error),
            Err(Failure::Callback(thrown)) => panic!("{thrown:?}"),
        }
    }
}

/// Answers with these bodies, one after the other.
fn pages(bodies: &'static [&'static str]) -> Bench {
    let bench = Bench::new();
    *bench.platform.intercept.borrow_mut() = Some(Box::new(move |number, _| {
        let body = bodies.get(number).copied().unwrap_or_default().to_owned();
        Some(Answer::Respond(Response { status: 200, headers: Vec::new(), body }))
    }));
    bench
}

#[tokio::test(start_paused = true)]
async fn all_pages_are_read_over_links_without_host_and_version() {
    let bench = Bench::with(Settings { page_size: 2, pace_ms: 0.0, ..Settings::default() });
    for _ in 0..5 {
        bench.start("successful").await.ok().expect("started");
    }
    let found = ids(&bench, "successful").await.ok().expect("a list");
    assert_eq!(found.len(), 5);
    assert_eq!(bench.platform.requests("GET"), 3);
}

#[tokio::test(start_paused = true)]
async fn the_devices_of_the_tenant_are_read_in_the_largest_pages() {
    let bench = Bench::with(Settings { page_size: 2, ..Settings::default() });
    let found = all_ids(&bench, Pages::of_devices(&bench.root)).await.ok().expect("a list");
    let everyone: Vec<String> = catalogue().into_iter().map(|device| device.id).collect();
    assert_eq!(found, everyone);
    let sent = bench.platform.sent.borrow();
    assert_eq!(sent[0].url, "https://graph.microsoft.com/beta/teamwork/devices?$top=50");
    assert_eq!(sent.len(), everyone.len().div_ceil(50));
}

#[tokio::test(start_paused = true)]
async fn links_may_be_absolute_and_pages_empty() {
    let bench = pages(&[
        r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/beta/x?$skiptoken=1"}"#,
        r#"{"value":[{"id":"a"},7,null],"@odata.nextLink":"/beta/x?$skiptoken=2"}"#,
        r#"{"value":[{"id":"a"},{"id":"b"}]}"#,
    ]);
    assert_eq!(ids(&bench, "d").await.ok(), Some(vec!["a".to_owned(), "b".to_owned()]), "what is repeated is given once");
    let urls: Vec<String> = bench.platform.sent.borrow().iter().map(|sent| sent.url.clone()).collect();
    assert_eq!(urls[1], "https://graph.microsoft.com/beta/x?$skiptoken=1");
    assert_eq!(urls[2], "https://graph.microsoft.com/beta/x?$skiptoken=2");
}

#[tokio::test(start_paused = true)]
async fn links_off_the_origin_and_in_a_circle_end_the_list() {
    let foreign = pages(&[r#"{"value":[{"id":"a"}],"@odata.nextLink":"https://graph.microsoft.com.evil.example/x"}"#]);
    assert!(ids(&foreign, "d").await.is_err_and(|error| error.code == Code::UntrustedLocation));
    assert_eq!(foreign.platform.sent.borrow().len(), 1);
    let circle = pages(&[
        r#"{"value":[{"id":"a"}],"@odata.nextLink":"/x?2"}"#,
        r#"{"value":[{"id":"b"}],"@odata.nextLink":"/teamwork/devices/d/operations"}"#,
    ]);
    assert!(ids(&circle, "d").await.is_err_and(|error| error.code == Code::Protocol));
    assert_eq!(circle.platform.sent.borrow().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_is_no_page_is_an_error() {
    for body in [&[""], &["<html>"], &["[]"], &["{}"], &[r#"{"value":{}}"#], &[r#"{"value":"x"}"#]] {
        assert!(ids(&pages(body), "d").await.is_err_and(|error| error.code == Code::Protocol), "{body:?}");
    }
}
