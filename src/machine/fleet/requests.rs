//! The requests of a fleet, and the record that is kept before each POST.

use crate::machine::effect::{Host, Input};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::device::{Device, Key, Made, Stage};
use crate::machine::fleet::effect::FleetEffect;
use crate::machine::fleet::ends::Cause;
use crate::machine::fleet::record::{Outcome, Record, RecordedState};
use crate::protocol::error::Error;
use crate::protocol::hint;
use crate::protocol::http::{Method, Request, Response};
use crate::protocol::time::Millis;
use crate::protocol::token::keep_token;

/// A POST follows its record at most this long after it, so that a later process can rely on the record's time.
const OLDEST_RECORD: Millis = Millis(20_000.0);
/// How often the record of a POST is made again because keeping it took longer.
const MOST_RENEWALS: u32 = 3;
/// Nor does one that is still older then: a later process could start a second run.
const UNRELIABLE_RECORD: Millis = Millis(40_000.0);
/// A response that took longer does not say what time it is now.
const PROMPT: Millis = Millis(1_000.0);

impl<V: Host> Fleet<V> {
    /// Sends a request; a POST only after its record is kept.
    pub(super) fn send_or_hold(&mut self, key: Key, request: Box<Request<V>>) {
        let made = Made { at: self.now.instant, time: self.now.unix_time };
        let is_held = request.method == Method::Post && self.settings.keeps_records;
        let Some(device) = self.device(key) else { return };
        if !is_held {
            return self.send(key, request);
        }
        if let Some(call) = device.call() {
            call.stop_timeout();
        }
        device.held_post = Some((request, made));
        self.held += 1;
        self.keep_record(key, RecordedState::Starting);
    }

    pub(super) fn send(&mut self, key: Key, request: Box<Request<V>>) {
        let now = self.now.instant;
        keep_token(&mut self.used_tokens, &request.token);
        let Some(device) = self.device(key) else { return };
        device.sent_at = Some(now);
        device.token = Some(request.token.clone());
        device.attempts += 1;
        self.in_flight += 1;
        self.totals.requests_sent += 1;
        self.effects.push(FleetEffect::Send(key, request));
    }

    pub(super) fn on_response(&mut self, key: Key, response: Box<Response<V>>) {
        let Some(sent_at) = self.end_request(key) else { return };
        let now = self.now.instant;
        self.gate.on_response();
        self.has_response = true;
        let token = self.device(key).and_then(|device| device.token.take());
        match token {
            Some(token) if response.status == 401 => self.pauses.on_refused_token(token, now),
            Some(token) if accepts_token(response.status) => {
                self.on_accepted(key, &token);
                // A portal where people sign in to a network responds with 200 to everything.
                if response.request_id.is_some() {
                    self.judge_refusals(key, &token, sent_at);
                }
            }
            _ => {}
        }
        // A service may repeat the token of another device.
        let tokens = std::mem::take(&mut self.used_tokens);
        if let Some(call) = self.device(key).and_then(Device::call) {
            call.keep_tokens(&tokens);
        }
        self.used_tokens = tokens;
        let Some((effect, facts)) = self.step_call_once(key, Input::Response(response)) else { return };
        let retry_after = facts.not_before.map(|not_before| not_before - now);
        // The time in a response that took long, or came while the computer was asleep, has passed: the start that a record
        // is about would seem to be older than it is.
        let is_current = facts.service_clock.is_some_and(|(_, at)| at == now) && now - sent_at <= PROMPT;
        if is_current {
            self.service_clock = facts.service_clock;
        }
        if facts.is_throttled {
            self.gate.on_throttled(sent_at, retry_after, now);
        }
        self.carry_out(key, effect);
        self.note_poll_interval(key);
        // Nothing could be started or polled in the time that each device has.
        let longest = self.settings.call.limits.operation_timeout;
        let is_too_long = facts.is_throttled && facts.not_before.is_some_and(|not_before| not_before >= now + longest);
        if let Some(wait) = retry_after.filter(|_| is_too_long) {
            let mut error = Error::retry_after_exceeds_deadline(wait);
            error.specific_hint = Some(hint::TRY_LATER);
            self.end_early(Cause::Failed(error));
        }
    }

    pub(super) fn on_record_kept(&mut self, key: Key, number: u32) {
        let now = self.now;
        let Some(device) = self.device(key) else { return };
        device.records_kept = device.records_kept.max(number);
        if device.records_kept < device.records {
            return;
        }
        if let Stage::Ended(_) = device.stage {
            return self.deliver_result(key);
        }
        let Some((request, made)) = &device.held_post else { return };
        let (token, made) = (request.token.clone(), *made);
        if !self.may_send(key) || self.pauses.has_refused_since(made.at, &token) {
            return self.step_call(key, Input::TurnLost);
        }
        let Some(device) = self.device(key) else { return };
        let age = made.age(now);
        if age > OLDEST_RECORD && device.renewed_records < MOST_RENEWALS {
            device.renewed_records += 1;
            if let Some((_, made)) = &mut device.held_post {
                *made = Made { at: now.instant, time: now.unix_time };
            }
            return self.keep_record(key, RecordedState::Starting);
        }
        if age > UNRELIABLE_RECORD {
            self.step_call(key, Input::TurnLost);
            let error =
                Error::invalid_argument("options.onState", "took too long: a POST must follow its record within 40 seconds");
            return self.end_device(key, Outcome::Refused, None, Some(error));
        }
        let Some((request, _)) = device.held_post.take() else { return };
        self.held -= 1;
        let Some(device) = self.device(key) else { return };
        if let Some(call) = device.call() {
            call.restart_timeout(now.instant);
        }
        self.send(key, request);
        self.set_timer(key);
    }

    pub(super) fn keep_record(&mut self, key: Key, state: RecordedState) {
        let (time, now) = (self.now.unix_time, self.now.instant);
        let service_time = self.service_clock.map(|(time, at)| time + (now - at));
        let Some(device) = self.device(key) else { return };
        device.records += 1;
        let (number, started_at, attempts) = (device.records, device.started_at, device.attempts);
        let record = Box::new(Record { state, time, service_time, started_at, attempts });
        self.effects.push(FleetEffect::KeepRecord { key, number, record });
    }
}

/// Whether a response shows that the token was accepted: these may come before Graph looks at it.
fn accepts_token(status: u16) -> bool {
    status < 500 && !matches!(status, 401 | 407 | 408 | 421 | 425 | 429)
}
