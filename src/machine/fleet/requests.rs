//! The requests of a fleet, and their responses.

use crate::machine::effect::{Host, Input};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::device::{Device, Key, Made};
use crate::machine::fleet::effect::FleetEffect;
use crate::machine::fleet::ends::Cause;
use crate::machine::fleet::record::RecordedState;
use crate::protocol::error::Error;
use crate::protocol::hint;
use crate::protocol::http::{Method, Request, Response};
use crate::protocol::time::Millis;
use crate::protocol::token::keep_token;

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
            error.message = "Graph demands a wait (Retry-After) that is longer than options.operationTimeout".to_owned();
            error.specific_hint = Some(hint::TRY_LATER);
            self.end_early(Cause::Failed(error));
        }
    }
}

/// Whether a response shows that the token was accepted: these may come before Graph looks at it.
fn accepts_token(status: u16) -> bool {
    status < 500 && !matches!(status, 401 | 407 | 408 | 421 | 425 | 429)
}
