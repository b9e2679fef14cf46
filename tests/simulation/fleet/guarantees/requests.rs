//! What holds at every request of a fleet.

use teams_device_diagnostics::machine::fleet::device::Key;
use teams_device_diagnostics::machine::fleet::record::RecordedState;
use teams_device_diagnostics::protocol::http::{Method, Request};
use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::document::Document;
use crate::fleet::device::Post;
use crate::fleet::guarantees::ROUNDING;
use crate::fleet::ledger::Ledger;
use crate::fleet::life::Life;
use crate::network::{is_list, token_of};

/// A POST follows its record at most this long after it. If keeping it took longer, it is made again this often.
const OLDEST_RECORD: Millis = Millis(20_000.0);
const MOST_RENEWALS: usize = 3;
/// The age of an interrupted start, by the service's clock in whole seconds, before a list can prove that it started nothing.
const INTERRUPTED_AGE: Millis = Millis(59_000.0);
/// Most of a second: timers have no exact length.
const SECOND: Millis = Millis(990.0);
/// The most probes in a pause.
const MOST_PROBES: usize = 8;
/// The most starts in a row while a poll is due.
const STARTS_IN_A_ROW: usize = 2;

/// Checks a request before it is noted.
pub fn check_request(life: &Life, key: Key, request: &Request<Document>) {
    let (ledger, now) = (life.ledger.borrow(), life.service.clock.now());
    crate::guarantees::tokens_are_sent_to_graph_only(request);
    every_token_is_from_the_token_source(request, &ledger);
    nothing_is_sent_after_the_end(&ledger);
    assert!(!life.service.is_offline(), "a request is sent although the host is offline");
    assert!(!life.awaits_token(), "a request is sent although the fleet waits for a token");
    a_token_that_paused_the_fleet_is_hardly_used_again(request, &ledger);
    a_device_is_not_touched_after_its_end(key, life, &ledger);
    retry_after_is_respected(key, &ledger, now);
    only_one_request_is_sent_while_nothing_responds(&ledger);
    starts_leave_turns_to_polls(&ledger, life);
    the_rate_is_respected(life, &ledger, now);
    drop(ledger);
    if request.method == Method::Get && !is_list(request) {
        a_run_is_recorded_before_its_poll(life, key);
    }
    if request.method == Method::Post {
        check_post(life, key, now);
    }
}

fn check_post(life: &Life, key: Key, now: Instant) {
    let mut ledger = life.ledger.borrow_mut();
    let id = ledger.ids[key as usize].clone().unwrap_or_default();
    let last = life.journal.last(&id);
    let device = ledger.device(key);
    if !life.process.has_failing_record() {
        let last = last.expect("a POST without any record");
        let is_kept = matches!(last.record.state, RecordedState::Starting) && last.is_acknowledged && device.records > 0;
        assert!(is_kept, "a POST without a kept record");
        let of_device = life.journal.of(&id);
        let starting = of_device.iter().rev().take_while(|entry| matches!(entry.record.state, RecordedState::Starting));
        let age = now - last.made_at;
        assert!(age <= OLDEST_RECORD || starting.count() > MOST_RENEWALS, "a POST {} ms after its record", age.0);
    }
    let may_be_sent = match device.post {
        Post::NotAccepted if device.is_interrupted() && device.attempts_to_post == 0 => {
            let interrupted = device.resumed.as_ref().map_or(now, |(_, at)| *at);
            device.lists.iter().filter(|list| **list - interrupted >= INTERRUPTED_AGE).count() >= 2
        }
        Post::NotAccepted => true,
        Post::Unknown => false,
        Post::Unavailable(before) => device.lists.len() > before,
    };
    assert!(may_be_sent, "the POST is repeated although it may have been accepted");
    device.attempts_to_post += 1;
}

/// A later process finds it without a search.
fn a_run_is_recorded_before_its_poll(life: &Life, key: Key) {
    let id = life.ledger.borrow().ids[key as usize].clone().unwrap_or_default();
    let last = life.journal.last(&id);
    let is_recorded = last.is_some_and(|last| matches!(last.record.state, RecordedState::Running { .. }));
    assert!(is_recorded || life.process.has_failing_record(), "a poll of a run that no record names");
}

fn every_token_is_from_the_token_source(request: &Request<Document>, ledger: &Ledger) {
    assert!(ledger.tokens.contains(&token_of(request)), "a token that the token source never returned");
}

fn nothing_is_sent_after_the_end(ledger: &Ledger) {
    assert!(!ledger.is_over, "a request is sent after the end of the fleet");
}

pub fn check_token_request(life: &Life) {
    let (ledger, process, now) = (life.ledger.borrow(), &life.process, life.service.clock.now());
    assert!(!ledger.is_over, "a token is requested after the end of the fleet");
    let before = Instant(now.0 - 1_000.0);
    let is_paused = ledger.pause.current.is_some_and(|(_, since)| since < before);
    let is_too_long = is_paused && ledger.pause.is_too_long(process, before);
    let is_in_time = !is_too_long || process.has_late_timers();
    assert!(is_in_time, "a token is requested although the pause is too long");
}

/// But for a few probes, whose responses show whether it is the token that Graph refuses. Each may be retried once.
fn a_token_that_paused_the_fleet_is_hardly_used_again(request: &Request<Document>, ledger: &Ledger) {
    let pause = &ledger.pause;
    let is_alone = pause.current.is_some_and(|(_, since)| ledger.open.values().all(|open| open.sent_at <= since));
    let is_probe = is_alone && pause.probes < 2 * MOST_PROBES;
    assert!(
        is_probe || !pause.refused.contains(&token_of(request)),
        "a token is used again because of which the fleet paused"
    );
}

fn a_device_is_not_touched_after_its_end(key: Key, life: &Life, ledger: &Ledger) {
    let id = ledger.ids[key as usize].as_deref().unwrap_or_default();
    let device = &ledger.devices[id];
    let had_ended = matches!(device.resumed, Some((RecordedState::Ended { .. }, _)));
    assert!(!had_ended, "a request is sent for a device that had ended in an earlier process");
    let has_ended = matches!(life.journal.last(id), Some(last) if matches!(last.record.state, RecordedState::Ended { .. }));
    assert!(!has_ended && device.results == 0, "a request is sent for a device that has ended");
}

/// That of a throttled request holds for all devices.
fn retry_after_is_respected(key: Key, ledger: &Ledger, now: Instant) {
    let too_early = ledger.held_until - now;
    assert!(too_early <= ROUNDING, "sent {} ms before Graph's Retry-After for all was over", too_early.0);
    let id = ledger.ids[key as usize].as_deref().unwrap_or_default();
    let too_early = ledger.devices[id].not_before - now;
    assert!(too_early <= ROUNDING, "sent {} ms before the Retry-After of the device was over", too_early.0);
}

/// Also the first request, and the first after a pause.
fn only_one_request_is_sent_while_nothing_responds(ledger: &Ledger) {
    let is_alone = ledger.open.is_empty();
    assert!(is_alone || !ledger.is_first, "the first request is not alone");
    assert!(is_alone || ledger.has_response, "a second request is sent before the first got a response");
    assert!(is_alone || ledger.unanswered == 0, "several requests are sent while nothing responds");
}

/// Late timers are made up for, up to a second; requests that waited for a token or a record go together.
fn the_rate_is_respected(life: &Life, ledger: &Ledger, now: Instant) {
    let process = &life.process;
    let least = if process.is_prompt() { ledger.rate.decreased_at } else { ledger.began };
    let began = Instant(now.0 - SECOND.0).max(least);
    let sent = 1 + ledger.sent.iter().rev().take_while(|at| **at > began).count();
    let rate = if process.is_prompt() { ledger.rate.at(now) } else { process.requests_per_second };
    let of_a_second = (rate * SECOND.0 / 1_000.0 + 1e-6).floor() + 1.0;
    let late = if process.has_late_timers() { of_a_second } else { 0.0 };
    let slow = if process.is_slow() { of_a_second } else { 0.0 };
    let hurried = ledger.wake_ups.iter().filter(|at| **at >= began).count() as f64;
    let most = of_a_second + late + slow + hurried;
    assert!(sent as f64 <= most, "{sent} requests in a second instead of {most}");
}

/// While a poll is due, starts get two of three turns.
fn starts_leave_turns_to_polls(ledger: &Ledger, life: &Life) {
    let is_fair = ledger.starts_in_a_row <= STARTS_IN_A_ROW || !life.process.is_prompt();
    assert!(is_fair, "{} starts in a row although a poll is due", ledger.starts_in_a_row);
}
