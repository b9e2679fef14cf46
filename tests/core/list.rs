//! Lists over several pages: the operations of a device, and the devices of the tenant.

use teams_device_diagnostics::machine::call::CallKind;
use teams_device_diagnostics::machine::effect::Output;
use teams_device_diagnostics::machine::pages::PageCursor;
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::json::Json;
use teams_device_diagnostics_simulator::{Settings, catalogue};
use time::SignedDuration;

use crate::driver::{DropAt, run};
use crate::fixture::{Document, Fixture, Outcome, device_id, ok, outcome, status};

/// The ids of all operations of a device, or the error.
fn ids(fixture: &Fixture, device: &str) -> Outcome<Vec<String>> {
    all_ids(fixture, PageCursor::of_operations(&fixture.root, &device_id(device)))
}

fn all_ids(fixture: &Fixture, mut cursor: PageCursor<Document>) -> Outcome<Vec<String>> {
    let mut ids = Vec::new();
    loop {
        let (page, next) = next_page(fixture, cursor);
        let Some(items) = page? else { return Ok(ids) };
        ids.extend(items.iter().filter_map(|item| item.text_member("id")));
        cursor = next;
    }
}

/// The next page, and the cursor after it.
fn next_page(fixture: &Fixture, cursor: PageCursor<Document>) -> (Outcome<Option<Vec<Document>>>, PageCursor<Document>) {
    let (end, call) = run(fixture, fixture.call(CallKind::List { cursor }), DropAt::Never);
    let page = outcome(end).map(|output| match output {
        Output::Page(items) => items,
        Output::Location(_) | Output::Operation(_) => panic!("a list call returns pages"),
    });
    (page, call.into_cursor().expect("a list call has a cursor"))
}

/// Responds with these bodies in order.
fn pages(bodies: &'static [&'static str]) -> Fixture {
    let fixture = Fixture::new();
    fixture.intercept(move |number, _| Some(ok(bodies.get(number).copied().unwrap_or_default())));
    fixture
}

#[test]
fn all_pages_are_read_through_links_without_host_and_version() {
    let fixture = Fixture::with(Settings { page_size: 2, pace: SignedDuration::ZERO, ..Settings::default() });
    for _ in 0..5 {
        fixture.start("successful").ok().expect("started");
    }
    let found = ids(&fixture, "successful").ok().expect("a list");
    assert_eq!(found.len(), 5);
    assert_eq!(fixture.requests("GET"), 3);
}

#[test]
fn the_devices_of_the_tenant_are_read_in_pages_of_fifty() {
    let fixture = Fixture::with(Settings { page_size: 2, ..Settings::default() });
    let found = all_ids(&fixture, PageCursor::of_devices(&fixture.root)).ok().expect("a list");
    let expected: Vec<String> = catalogue().into_iter().map(|device| device.id).collect();
    assert_eq!(found, expected);
    let sent = fixture.sent.borrow();
    assert_eq!(sent[0].url, "https://graph.microsoft.com/beta/teamwork/devices?$top=50");
    assert_eq!(sent.len(), expected.len().div_ceil(50));
}

#[test]
fn links_can_be_absolute_and_pages_can_be_empty() {
    let fixture = pages(&[
        r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/beta/x?$skiptoken=1"}"#,
        r#"{"value":[{"id":"a"},7,null],"@odata.nextLink":"/beta/x?$skiptoken=2"}"#,
        r#"{"value":[{"id":"a"},{"id":"b"}]}"#,
    ]);
    assert_eq!(
        ids(&fixture, "d").ok(),
        Some(vec!["a".to_owned(), "b".to_owned()]),
        "an item that is repeated is listed once"
    );
    let urls: Vec<String> = fixture.sent.borrow().iter().map(|sent| sent.url.clone()).collect();
    assert_eq!(urls[1], "https://graph.microsoft.com/beta/x?$skiptoken=1");
    assert_eq!(urls[2], "https://graph.microsoft.com/beta/x?$skiptoken=2");
}

#[test]
fn a_link_to_another_origin_or_an_earlier_page_is_an_error() {
    let foreign = pages(&[r#"{"value":[{"id":"a"}],"@odata.nextLink":"https://graph.microsoft.com.evil.example/x"}"#]);
    assert!(ids(&foreign, "d").is_err_and(|error| error.code == ErrorCode::UntrustedLocation));
    assert_eq!(foreign.sent.borrow().len(), 1);
    let circle = pages(&[
        r#"{"value":[{"id":"a"}],"@odata.nextLink":"/x?2"}"#,
        r#"{"value":[{"id":"b"}],"@odata.nextLink":"/teamwork/devices/d/operations"}"#,
    ]);
    assert!(ids(&circle, "d").is_err_and(|error| error.code == ErrorCode::Protocol));
    assert_eq!(circle.sent.borrow().len(), 2);
}

#[test]
fn a_document_that_is_not_a_page_is_an_error() {
    for body in [&[""], &["<html>"], &["[]"], &["{}"], &[r#"{"value":{}}"#], &[r#"{"value":"x"}"#]] {
        assert!(ids(&pages(body), "d").is_err_and(|error| error.code == ErrorCode::Protocol), "{body:?}");
    }
}

#[test]
fn a_page_that_failed_can_be_requested_again() {
    let fixture = Fixture::with(Settings { page_size: 2, pace: SignedDuration::ZERO, ..Settings::default() });
    for _ in 0..3 {
        fixture.start("successful").ok().expect("started");
    }
    let first = fixture.sent.borrow().len();
    fixture.intercept(move |number, _| (number == first + 1).then(|| status(403)));
    let cursor = PageCursor::of_operations(&fixture.root, &device_id("successful"));
    let (page, cursor) = next_page(&fixture, cursor);
    assert!(page.is_ok_and(|items| items.is_some_and(|items| items.len() == 2)));
    let (page, cursor) = next_page(&fixture, cursor);
    assert!(page.is_err_and(|error| error.code == ErrorCode::Forbidden));
    let (page, cursor) = next_page(&fixture, cursor);
    assert!(page.is_ok_and(|items| items.is_some_and(|items| items.len() == 1)));
    let (page, _) = next_page(&fixture, cursor);
    assert!(page.is_ok_and(|items| items.is_none()));
}

#[test]
fn a_link_can_be_empty_or_contain_spaces() {
    let fixture = pages(&[
        r#"{"value":[{"id":"a"}],"@odata.nextLink":"/x?$filter=a eq 'b c'"}"#,
        r#"{"value":[{"id":"b"}],"@odata.nextLink":""}"#,
    ]);
    assert_eq!(ids(&fixture, "d").ok(), Some(vec!["a".to_owned(), "b".to_owned()]));
    assert_eq!(fixture.sent.borrow()[1].url, "https://graph.microsoft.com/beta/x?$filter=a%20eq%20%27b%20c%27");
}

#[test]
fn a_link_that_is_not_a_url_is_a_protocol_error() {
    let broken = pages(&[r#"{"value":[],"@odata.nextLink":"https://[x"}"#; 4]);
    assert!(ids(&broken, "d").is_err_and(|error| error.code == ErrorCode::Protocol && error.message.contains("not a URL")));
}

#[test]
fn an_id_can_be_any_text_and_is_listed_once() {
    let fixture = pages(&[r#"{"value":[{"id":"constructor"},{"id":"__proto__"},{"id":"__proto__"},{"id":""}]}"#]);
    assert_eq!(ids(&fixture, "d").ok().map(|ids| ids.len()), Some(3));
}

#[test]
fn an_endless_list_fails_after_ten_thousand_pages() {
    let fixture = Fixture::new();
    fixture
        .intercept(|number, _| Some(ok(&format!(r#"{{"value":[{{"id":"{number}"}}],"@odata.nextLink":"/x?{number}"}}"#))));
    let error = ids(&fixture, "d").expect_err("an endless list");
    assert!(error.code == ErrorCode::Protocol && error.message.contains("10,000 pages"), "{}", error.message);
    assert_eq!(fixture.sent.borrow().len(), 10_000);
}

#[test]
fn a_truncated_page_is_retried() {
    let fixture = pages(&[r#"{"value":[{"id":"a"}"#, "<html>", r#"{"value":[{"id":"a"}]}"#]);
    assert_eq!(ids(&fixture, "d").ok(), Some(vec!["a".to_owned()]));
}
