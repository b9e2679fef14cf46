//! The rate of the requests of a fleet, and what happens while Graph throttles.

use std::cell::Cell;
use std::rc::Rc;

use teams_device_diagnostics::machine::fleet::record::Outcome;
use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics_simulator::{Disposition, Response};

use crate::driver::Clock;
use crate::ends::{error_of, outcomes};
use crate::fixture::{Fixture, Sent};

fn respond(status: u16, retry_after: Option<&str>) -> Disposition {
    let headers = retry_after.map(|value| ("Retry-After".to_owned(), value.to_owned())).into_iter().collect();
    Disposition::Respond(Response::whole(status, headers, String::new()))
}

/// The most requests in any second.
fn most_in_a_second(sent: &[Sent]) -> usize {
    let in_second_of =
        |first: &Sent| sent.iter().filter(|sent| sent.at >= first.at && sent.at - first.at < Millis(990.0)).count();
    sent.iter().map(in_second_of).max().unwrap_or_default()
}

#[test]
fn no_second_has_more_requests_than_the_maximum() {
    for rate in [0.5, 3.0, 10.0, 30.0] {
        let mut fixture = Fixture::of(100, Millis(20_000.0));
        fixture.requests_per_second = rate;
        let ended = fixture.run(100);
        assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{rate}");
        let most = most_in_a_second(&fixture.sent.borrow());
        assert!(most as f64 <= rate.max(1.0), "{most} requests in a second instead of {rate}");
    }
}

#[test]
fn the_first_request_is_alone_until_something_responds() {
    let fixture = Fixture::of(50, Millis(20_000.0));
    fixture.run(50);
    let sent = fixture.sent.borrow();
    assert!(sent[1].at - sent[0].at >= Millis(40.0), "the second request came before a response to the first");
}

#[test]
fn starts_and_polls_both_get_turns() {
    let fixture = Fixture::of(300, Millis(6_000.0));
    fixture.run(300);
    let sent = fixture.sent.borrow();
    let last_post = sent.iter().rposition(|sent| sent.method == "POST").expect("a POST");
    let polls = sent[..last_post].iter().filter(|sent| sent.method == "GET").count();
    let starts = last_post + 1 - polls;
    assert!(polls * 4 > starts, "{polls} polls among {starts} starts");
    assert!(starts as f64 > polls as f64 * 1.5, "{polls} polls among {starts} starts");
}

#[test]
fn a_throttled_request_holds_all_others() {
    for (status, body) in [(429, ""), (503, r#"{"error":{"code":"serviceNotAvailable"}}"#)] {
        let fixture = Fixture::of(60, Millis(20_000.0));
        let count = Rc::new(Cell::new(0));
        fixture.intercept(move |_, _| {
            count.set(count.get() + 1);
            (count.get() == 20).then(|| {
                let headers = vec![("Retry-After".to_owned(), "30".to_owned())];
                Disposition::Respond(Response::whole(status, headers, body.into()))
            })
        });
        let ended = fixture.run(60);
        assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{status}");
        let sent = fixture.sent.borrow();
        let refused = sent.iter().find(|sent| sent.status == status).expect("a refused request").at;
        let held = |sent: &&Sent| sent.at > refused + Millis(40.0) && sent.at < refused + Millis(30_040.0);
        assert_eq!(sent.iter().filter(held).count(), 0, "{status}");
        let after: Vec<_> = sent.iter().filter(|sent| sent.at > refused + Millis(30_000.0)).take(8).collect();
        let spacing = (after[7].at - after[0].at) / 7.0;
        assert!(spacing > Millis(130.0), "the rate did not fall: {spacing:?} between two requests");
        let states = fixture.states.borrow();
        assert!(states.iter().any(|(_, state)| state.throttled_until.is_some()));
    }
}

#[test]
fn the_503_of_a_gateway_concerns_its_device_alone() {
    let fixture = Fixture::of(60, Millis(20_000.0));
    let count = Rc::new(Cell::new(0));
    fixture.intercept(move |request, _| {
        let is_poll = request.method == "GET";
        count.set(count.get() + usize::from(is_poll));
        (is_poll && count.get() == 10).then(|| respond(503, None))
    });
    assert_eq!(fixture.run(60).len(), 60);
    let sent = fixture.sent.borrow();
    let refused = sent.iter().position(|sent| sent.status == 503).expect("a refused request");
    assert!(sent[refused + 1].at - sent[refused].at <= Millis(101.0));
}

#[test]
fn the_retry_after_of_a_success_delays_its_own_operation_alone() {
    let fixture = Fixture::of(30, Millis(20_000.0));
    fixture.intercept(|request, device| {
        let location = format!("/teamwork/devices/{device}/operations/1");
        (request.method == "POST" && device == "d3").then(|| {
            let headers = vec![("Location".to_owned(), location), ("Retry-After".to_owned(), "40".to_owned())];
            Disposition::Respond(Response::whole(202, headers, String::new()))
        })
    });
    fixture.run(30);
    let sent = fixture.sent.borrow();
    let own: Vec<_> = sent.iter().filter(|sent| sent.device == "d3").take(2).collect();
    assert!(own[1].at - own[0].at >= Millis(40_000.0));
    assert!(sent.iter().any(|other| other.at > own[0].at + Millis(100.0) && other.at < own[0].at + Millis(300.0)));
}

#[test]
fn a_device_that_is_always_throttled_does_not_hold_up_the_others() {
    for (status, retry_after) in [(503, Some("1")), (429, Some("1")), (429, None)] {
        let fixture = Fixture::of(30, Millis(20_000.0));
        fixture.intercept(move |request, device| {
            (device == "d3" && request.method == "POST").then(|| respond(status, retry_after))
        });
        let ended = fixture.run(30);
        let others = ended.iter().filter(|ended| ended.result.outcome == Outcome::Successful).count();
        assert_eq!(others, 29, "{status}");
        let last =
            ended.iter().filter(|ended| ended.device != "d3").map(|ended| ended.result.ended_at.0).fold(0.0, f64::max);
        let took = last - crate::calendar::EPOCH.0;
        assert!(took < 180_000.0, "{status}: the others took {took} ms");
        assert!(fixture.requests("POST") < 500, "{} POSTs", fixture.requests("POST"));
    }
}

#[test]
fn a_retry_after_beyond_the_time_of_every_device_ends_the_fleet() {
    let fixture = Fixture::of(50, Millis(20_000.0));
    let clock = fixture.clock.clone();
    fixture.intercept(move |_, _| (clock.now() > Instant(3_000.0)).then(|| respond(429, Some("999999999"))));
    let ended = fixture.run(50);
    assert!(fixture.clock.now() < Instant(4_000.0), "{:?}", fixture.clock.now());
    assert_eq!(ended.len(), 50);
    let count = |outcome| ended.iter().filter(|ended| ended.result.outcome == outcome).count();
    assert!(count(Outcome::StillRunning) > 10 && count(Outcome::NotStarted) > 10, "{:?}", outcomes(&ended));
    let error = error_of(&ended, "d49");
    assert_eq!((error.code, error.retry_after), (ErrorCode::OperationTimeout, Some(Millis(999_999_999_000.0))));
    assert!(error.hint().is_some_and(|hint| hint.contains("operationTimeout")));
}

#[test]
fn no_device_fails_because_of_throttling() {
    // Every request of the first two minutes is throttled; maxRetries is 3.
    let fixture = Fixture::of(20, Millis(20_000.0));
    let clock = fixture.clock.clone();
    fixture.intercept(move |_, _| (clock.now() < Instant(120_000.0)).then(|| respond(429, None)));
    let ended = fixture.run(20);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful));
    let refused = fixture.sent.borrow().iter().filter(|sent| sent.status == 429).count();
    assert!(refused < 110, "{refused} requests were refused");
}

#[test]
fn without_retries_a_throttled_device_fails() {
    let mut fixture = Fixture::of(2, Millis(20_000.0));
    fixture.limits.max_retries = 0;
    let count = Rc::new(Cell::new(0));
    fixture.intercept(move |_, _| {
        count.set(count.get() + 1);
        (count.get() == 1).then(|| respond(429, Some("5")))
    });
    assert_eq!(outcomes(&fixture.run(2)), [("d0", Outcome::Refused), ("d1", Outcome::Successful)]);
}

#[test]
fn the_rate_recovers_step_by_step() {
    let fixture = Fixture::of(600, Millis(60_000.0));
    let count = Rc::new(Cell::new(0));
    fixture.intercept(move |_, _| {
        count.set(count.get() + 1);
        (count.get() == 30).then(|| respond(429, Some("1")))
    });
    fixture.run(600);
    let sent = fixture.sent.borrow();
    let refused = sent.iter().find(|sent| sent.status == 429).expect("a refused request").at;
    let in_seconds = |from: f64, to: f64| {
        let range = refused + Millis(from * 1_000.0)..refused + Millis(to * 1_000.0);
        sent.iter().filter(|sent| range.contains(&sent.at)).count() as f64 / (to - from)
    };
    let (early, later) = (in_seconds(1.2, 3.2), in_seconds(30.0, 40.0));
    assert!(early < 8.5 && later > 9.0, "{early} requests in a second at first, {later} later");
}

#[test]
fn polls_become_rarer_when_there_are_too_many() {
    let mut fixture = Fixture::of(100, Millis(900_000.0));
    fixture.requests_per_second = 2.0;
    assert_eq!(fixture.run(100).len(), 100);
    let sent = fixture.sent.borrow();
    let own: Vec<_> = sent.iter().filter(|sent| sent.device == "d50" && sent.method == "GET").collect();
    let mean = (own[own.len() - 1].at - own[0].at) / (own.len() - 1) as f64;
    assert!(mean > Millis(35_000.0) && mean < Millis(80_000.0), "{mean:?} between two polls");
}

#[test]
fn a_service_that_never_responds_ends_the_fleet_after_the_first_device() {
    let fixture = Fixture::of(500, Millis(20_000.0));
    fixture.intercept(|_, _| Some(Disposition::Reset));
    let ended = fixture.run(500);
    assert_eq!(ended.iter().filter(|ended| ended.result.outcome == Outcome::Lost).count(), 1);
    assert_eq!(ended.iter().filter(|ended| ended.result.outcome == Outcome::NotStarted).count(), 499);
    let codes = ended.iter().map(|ended| error_of(std::slice::from_ref(ended), &ended.device).code);
    assert!(codes.into_iter().all(|code| code == ErrorCode::Network));
    assert_eq!(fixture.requests("POST"), 1);
    assert!(fixture.clock.now() < Instant(300_000.0), "{:?}", fixture.clock.now());
}

#[test]
fn while_nothing_responds_no_start_is_risked() {
    let fixture = Fixture::of(40, Millis(60_000.0));
    let clock = fixture.clock.clone();
    let outage = Instant(2_000.0)..Instant(60_000.0);
    let during = outage.clone();
    fixture.intercept(move |_, _| during.contains(&clock.now()).then_some(Disposition::Reset));
    let ended = fixture.run(40);
    let sent = fixture.sent.borrow();
    let posts = sent.iter().filter(|sent| sent.method == "POST" && outage.contains(&(sent.at + Millis(20.0)))).count();
    assert!(posts <= 2, "{posts} starts while nothing responded");
    let requests = sent.iter().filter(|sent| outage.contains(&sent.at)).count();
    assert!(requests < 20, "{requests} requests while nothing responded");
    assert!(ended.iter().filter(|ended| ended.result.outcome == Outcome::Successful).count() >= 38);
    assert!(sent.iter().all(|sent| sent.at >= Clock::ORIGIN));
}

#[test]
fn a_post_whose_record_took_long_is_not_sent_while_graph_throttles() {
    let mut fixture = Fixture::of(30, Millis(20_000.0));
    fixture.record_length = Millis(400.0);
    let count = Rc::new(Cell::new(0));
    fixture.intercept(move |_, _| {
        count.set(count.get() + 1);
        (count.get() == 5).then(|| respond(429, Some("30")))
    });
    let ended = fixture.run(30);
    assert!(ended.iter().all(|ended| ended.result.outcome == Outcome::Successful), "{:?}", outcomes(&ended));
    nothing_was_sent_while_held(&fixture);
}

#[test]
fn a_request_whose_token_took_long_is_not_sent_while_graph_throttles() {
    let mut fixture = Fixture::of(30, Millis(20_000.0));
    (fixture.token_length, fixture.latency) = (Millis(430.0), Millis(150.0));
    let count = Rc::new(Cell::new(0));
    fixture.intercept(move |_, _| {
        count.set(count.get() + 1);
        (count.get() == 5).then(|| respond(429, Some("30")))
    });
    fixture.run(30);
    nothing_was_sent_while_held(&fixture);
}

fn nothing_was_sent_while_held(fixture: &Fixture) {
    let sent = fixture.sent.borrow();
    let refused = sent.iter().find(|sent| sent.status == 429).expect("a refused request").at + fixture.latency * 2.0;
    let held = refused + Millis(0.1)..refused + Millis(29_999.0);
    let early = sent.iter().filter(|sent| held.contains(&sent.at)).count();
    assert_eq!(early, 0, "requests before the Retry-After was over");
}

#[test]
fn slow_records_let_no_burst_of_posts_pass() {
    let mut fixture = Fixture::of(100, Millis(20_000.0));
    // A disk that stalls: everything is kept at the same moments.
    fixture.records_stall = true;
    fixture.run(100);
    let most = most_in_a_second(&fixture.sent.borrow());
    assert!(most <= 21, "{most} requests in a second instead of 10, and those that waited");
}

#[test]
fn requests_that_wait_are_not_risked_when_one_gets_no_response() {
    let mut fixture = Fixture::of(40, Millis(20_000.0));
    (fixture.record_length, fixture.latency) = (Millis(600.0), Millis(150.0));
    let clock = fixture.clock.clone();
    let outage = Instant(2_000.0)..Instant(30_000.0);
    let during = outage.clone();
    fixture.intercept(move |_, _| during.contains(&clock.now()).then_some(Disposition::Reset));
    fixture.run(40);
    let sent = fixture.sent.borrow();
    // The first request that is lost is known to be lost now.
    let known = outage.start + Millis(300.0)..Instant(29_700.0);
    let risked: Vec<_> = sent.iter().map(|sent| sent.at).filter(|at| known.contains(at)).collect();
    let is_alone = risked.windows(2).all(|pair| pair[1] - pair[0] >= Millis(300.0));
    assert!(is_alone && risked.len() > 1, "{risked:?}");
}
