//! What a failed attempt leads to: one pure function.

use crate::machine::event::DelaySource;
use crate::protocol::error::ErrorCode;
use crate::protocol::http::Method;
use crate::protocol::poll_interval::before_the_end;
use crate::protocol::retry;
use crate::protocol::time::Millis;

/// So long after its first 404 an operation that was never seen may still come: Graph may not know yet what it has just started.
const NOT_YET_GRACE: Millis = Millis(10_000.0);
/// So long after its first 404 an operation that was there may come again: one of several replicas does not know it.
const GONE_GRACE: Millis = Millis(30_000.0);

/// Until when a request is sent again after failures that can pass.
#[derive(Clone, Copy)]
pub enum Persistence {
    /// So many times.
    Retries(u32),
    /// For so long, and once more at least; not at all when it is zero.
    Patience {
        /// The whole of it.
        whole: Millis,
        /// How much is left.
        left: Millis,
    },
}

/// All that counts when an attempt has failed.
#[derive(Clone, Copy)]
pub struct FailedAttempt {
    /// GET or POST.
    pub method: Method,
    /// What kind of failure it is.
    pub code: ErrorCode,
    /// The status of the response; nothing when no response came.
    pub status_code: Option<u16>,
    /// How long the service asked to wait.
    pub retry_after: Option<Millis>,
    /// How many attempts have failed, this one included; not counted are those that a fresh token answered.
    pub failed: u32,
    /// Until when the request is sent again.
    pub persistence: Persistence,
    /// Whether a 401 can be answered with another token.
    pub can_renew_token: bool,
    /// How long ago the first 404 of a row came, this one included; nothing when the request is no poll of an operation.
    pub missing_for: Option<Millis>,
    /// Whether the operation was ever seen.
    pub is_operation_known: bool,
    /// Whether the POST may have started a run all the same.
    pub may_have_started: bool,
    /// Until the call is given up.
    pub remaining: Millis,
    /// A random number, at least 0 and less than 1.
    pub random: f64,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Ask for another token, and send the request again: at once, unless the service asked to wait.
    RenewToken,
    /// Send the request again after a delay.
    RetryAfter {
        /// The delay.
        delay: Millis,
        /// Who named it.
        source: DelaySource,
    },
    /// The failure is the result.
    GiveUp,
    /// The failure could pass, but the caller has no more patience.
    OutOfPatience,
    /// The failure could pass, but the delay would outlast the call.
    DelayExceedsDeadline,
}

/// Judges a failed attempt.
pub fn judge(attempt: &FailedAttempt) -> Verdict {
    if attempt.status_code == Some(401) && attempt.can_renew_token {
        let is_too_long = attempt.retry_after.is_some_and(|asked| asked >= attempt.remaining);
        return if is_too_long { Verdict::DelayExceedsDeadline } else { Verdict::RenewToken };
    }
    if !may_retry(attempt) {
        let is_out_of_patience = matches!(attempt.persistence, Persistence::Patience { .. })
            && attempt.failed > 1
            && retry::is_no_usable_answer(attempt.code, attempt.status_code);
        return if is_out_of_patience { Verdict::OutOfPatience } else { Verdict::GiveUp };
    }
    let delay = retry::retry_delay(attempt.failed, attempt.retry_after, own_delay(attempt));
    if delay >= attempt.remaining {
        return Verdict::DelayExceedsDeadline;
    }
    let source = if attempt.retry_after.is_some() { DelaySource::Header } else { DelaySource::Backoff };
    Verdict::RetryAfter { delay, source }
}

/// Whether the request may be sent again.
fn may_retry(attempt: &FailedAttempt) -> bool {
    match (attempt.method, attempt.status_code) {
        // For a bounded time, however often that takes, unless nothing is to be sent again.
        (_, Some(404)) => attempt.grace_left().is_some_and(|left| left > Millis::ZERO) && attempt.persistence.is_any(),
        (Method::Get, status) => retry::is_no_usable_answer(attempt.code, status) && attempt.may_go_on(),
        (Method::Post, None) => false,
        (Method::Post, _) if attempt.may_have_started => false,
        (Method::Post, Some(status)) => attempt.failed <= retry::most_retries_of_post(status) && attempt.may_go_on(),
    }
}

/// The delay that this client chooses: none outlasts what it waits for.
fn own_delay(attempt: &FailedAttempt) -> Millis {
    let backoff = retry::backoff(attempt.failed, attempt.random);
    let limit = match (attempt.status_code, attempt.persistence) {
        (Some(404), _) => attempt.grace_left().unwrap_or(Millis::FOREVER),
        (_, Persistence::Patience { left, .. }) => left,
        (_, Persistence::Retries(_)) => return backoff,
    };
    before_the_end(backoff.min(limit.max(retry::SHORTEST_BACKOFF)), attempt.remaining)
}

impl FailedAttempt {
    /// Until a 404 is believed; nothing when it is at once.
    fn grace_left(&self) -> Option<Millis> {
        let grace = if self.is_operation_known { GONE_GRACE } else { NOT_YET_GRACE };
        Some(Millis(grace.0 - self.missing_for?.0))
    }

    fn may_go_on(&self) -> bool {
        match self.persistence {
            Persistence::Retries(most) => self.failed <= most,
            // It ends with a further request, however long the first one took.
            Persistence::Patience { left, .. } => (left > Millis::ZERO || self.failed <= 1) && self.persistence.is_any(),
        }
    }
}

impl Persistence {
    fn is_any(self) -> bool {
        match self {
            Persistence::Retries(most) => most > 0,
            Persistence::Patience { whole, .. } => whole > Millis::ZERO,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Verdict::{DelayExceedsDeadline, GiveUp, OutOfPatience, RenewToken};
    use super::*;

    /// A first failure in the middle of a call that has retries and time left.
    const FAILED: FailedAttempt = FailedAttempt {
        method: Method::Get,
        code: ErrorCode::ServiceError,
        status_code: None,
        retry_after: None,
        failed: 1,
        persistence: Persistence::Retries(3),
        can_renew_token: false,
        missing_for: None,
        is_operation_known: false,
        may_have_started: false,
        remaining: Millis(3_540_000.0),
        random: 0.5,
    };

    fn get(status: u16) -> FailedAttempt {
        FailedAttempt { code: ErrorCode::of_http_status(status), status_code: Some(status), ..FAILED }
    }

    fn post(status: u16) -> FailedAttempt {
        FailedAttempt { method: Method::Post, ..get(status) }
    }

    fn asked(ms: f64, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { retry_after: Some(Millis(ms)), ..attempt }
    }

    fn failed(failed: u32, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { failed, ..attempt }
    }

    fn max_retries(max_retries: u32, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { persistence: Persistence::Retries(max_retries), ..attempt }
    }

    /// An attempt of a wait with so much patience, of which so much is left.
    fn patience(whole: f64, left: f64, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { persistence: Persistence::Patience { whole: Millis(whole), left: Millis(left) }, ..attempt }
    }

    fn renewable(attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { can_renew_token: true, ..attempt }
    }

    /// A poll that was answered with 404, so long after the first of a row.
    fn missing(ms: f64) -> FailedAttempt {
        FailedAttempt { missing_for: Some(Millis(ms)), ..get(404) }
    }

    fn known(attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { is_operation_known: true, ..attempt }
    }

    fn remaining(ms: f64, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { remaining: Millis(ms), ..attempt }
    }

    fn no_response(method: Method, code: ErrorCode) -> FailedAttempt {
        FailedAttempt { method, code, ..FAILED }
    }

    fn header(ms: f64) -> Verdict {
        Verdict::RetryAfter { delay: Millis(ms), source: DelaySource::Header }
    }

    fn backoff(ms: f64) -> Verdict {
        Verdict::RetryAfter { delay: Millis(ms), source: DelaySource::Backoff }
    }

    fn check(rows: &[(&str, FailedAttempt, Verdict)]) {
        for (name, attempt, verdict) in rows {
            assert_eq!(judge(attempt), *verdict, "{name}");
        }
    }

    #[test]
    fn a_401_is_answered_with_another_token_or_not_at_all() {
        check(&[
            ("a GET, another token", renewable(get(401)), RenewToken),
            ("a POST, another token", renewable(post(401)), RenewToken),
            ("another token needs no retries", max_retries(0, failed(1, renewable(get(401)))), RenewToken),
            ("another token needs no delay of our own", remaining(0.0, renewable(get(401))), RenewToken),
            ("another token, later", remaining(5_001.0, asked(5_000.0, renewable(get(401)))), RenewToken),
            ("another token, too late", remaining(5_000.0, asked(5_000.0, renewable(get(401)))), DelayExceedsDeadline),
            ("a GET, no other token", get(401), GiveUp),
            ("a POST, no other token", post(401), GiveUp),
            ("a delay does not make it pass", asked(1_000.0, get(401)), GiveUp),
            ("no other status asks for a token", renewable(get(403)), GiveUp),
        ]);
    }

    #[test]
    fn a_404_to_a_poll_is_not_believed_at_once() {
        check(&[
            ("not yet", missing(0.0), backoff(500.0)),
            ("no delay outlasts the grace", failed(9, missing(4_000.0)), backoff(6_000.0)),
            ("just within the grace", missing(9_999.0), backoff(100.0)),
            ("just after the grace", missing(10_000.0), GiveUp),
            ("more often than maxRetries", failed(9, missing(0.0)), backoff(10_000.0)),
            ("with a delay", asked(2_000.0, missing(0.0)), header(2_000.0)),
            ("with a delay beyond the grace", asked(60_000.0, missing(0.0)), header(60_000.0)),
            ("with a delay that is too long", remaining(2_000.0, asked(2_000.0, missing(0.0))), DelayExceedsDeadline),
            ("no retries wanted", max_retries(0, missing(0.0)), GiveUp),
            ("no patience", patience(0.0, 0.0, missing(0.0)), GiveUp),
            ("patience does not make it longer", patience(1e6, 1e6, missing(10_000.0)), GiveUp),
            ("it was there before", known(missing(10_000.0)), backoff(500.0)),
            ("it was there before, and is gone", known(missing(30_000.0)), GiveUp),
            ("a list: there is no such device", get(404), GiveUp),
            ("a POST: there is no such device", post(404), GiveUp),
            ("gone for good", get(410), GiveUp),
        ]);
    }

    #[test]
    fn a_wait_has_patience() {
        check(&[
            ("more often than maxRetries", failed(9, patience(3e5, 2e5, get(503))), backoff(15_000.0)),
            ("to its end", failed(9, patience(3e5, 1_000.0, get(503))), backoff(1_000.0)),
            ("no longer", failed(9, patience(3e5, 0.0, get(503))), OutOfPatience),
            ("with one more poll at least", patience(10_000.0, -20_000.0, get(503)), backoff(100.0)),
            ("not at all", patience(0.0, 0.0, get(503)), GiveUp),
            ("without end", failed(99, patience(f64::INFINITY, f64::INFINITY, get(503))), backoff(15_000.0)),
            (
                "longer, when it is asked to wait",
                failed(9, patience(3e5, 1_000.0, asked(315_000.0, get(429)))),
                header(315_000.0),
            ),
            (
                "with a last poll before its end",
                remaining(10_000.0, failed(9, patience(3e5, 2e5, get(503)))),
                backoff(9_000.0),
            ),
            ("not for what does not pass", failed(9, patience(3e5, 0.0, get(403))), GiveUp),
        ]);
    }

    #[test]
    fn a_post_is_sent_again_only_when_it_was_not_taken() {
        check(&[
            ("GET 429", get(429), backoff(500.0)),
            ("GET 503", get(503), backoff(500.0)),
            ("POST 429", post(429), backoff(500.0)),
            ("POST 503", post(503), backoff(500.0)),
            ("POST 503 of a gateway", FailedAttempt { may_have_started: true, ..post(503) }, GiveUp),
            ("POST 421", post(421), backoff(500.0)),
            ("POST 421, again", failed(2, post(421)), GiveUp),
            ("POST 423", post(423), GiveUp),
            ("GET 408", get(408), backoff(500.0)),
            ("GET 500", get(500), backoff(500.0)),
            ("GET 502", get(502), backoff(500.0)),
            ("GET 504", get(504), backoff(500.0)),
            ("POST 408", post(408), GiveUp),
            ("POST 500", post(500), GiveUp),
            ("POST 502", post(502), GiveUp),
            ("POST 504", post(504), GiveUp),
            ("a POST that may have been taken, with a delay", asked(1_000.0, post(500)), GiveUp),
            ("GET, no response", no_response(Method::Get, ErrorCode::Network), backoff(500.0)),
            ("GET, timeout", no_response(Method::Get, ErrorCode::Timeout), backoff(500.0)),
            ("POST, no response", no_response(Method::Post, ErrorCode::Network), GiveUp),
            ("POST, timeout", no_response(Method::Post, ErrorCode::Timeout), GiveUp),
        ]);
    }

    #[test]
    fn what_does_not_pass_is_the_result() {
        for status in [400, 403, 409, 410, 501, 505] {
            assert_eq!(judge(&asked(1_000.0, get(status))), GiveUp, "GET {status}");
            assert_eq!(judge(&asked(1_000.0, post(status))), GiveUp, "POST {status}");
        }
    }

    #[test]
    fn the_delay_is_the_services_or_a_growing_one() {
        check(&[
            ("as the service says", asked(7_000.0, get(503)), header(7_000.0)),
            ("as the service says, for the POST", asked(7_000.0, post(429)), header(7_000.0)),
            ("later as well", failed(3, asked(120_000.0, get(429))), header(120_000.0)),
            ("at once, for the first time", asked(0.0, get(429)), header(0.0)),
            ("at once, again", failed(2, asked(0.0, get(429))), header(1_000.0)),
            ("nearly at once, again", failed(2, asked(99.0, get(429))), header(1_000.0)),
            ("the second", failed(2, get(500)), backoff(1_000.0)),
            ("the third", failed(3, get(500)), backoff(2_000.0)),
            ("the tenth", failed(10, max_retries(10, get(500))), backoff(15_000.0)),
            ("never nothing", FailedAttempt { random: 0.0, ..get(500) }, backoff(100.0)),
        ]);
    }

    #[test]
    fn retries_and_time_have_an_end() {
        check(&[
            ("the last retry", failed(3, get(500)), backoff(2_000.0)),
            ("used up", failed(4, get(500)), GiveUp),
            ("used up, whatever the service says", failed(4, asked(1_000.0, get(429))), GiveUp),
            ("used up by the POST", failed(4, post(503)), GiveUp),
            ("used up without a response", failed(4, no_response(Method::Get, ErrorCode::Network)), GiveUp),
            ("none wanted", max_retries(0, get(503)), GiveUp),
            ("none wanted, for the POST", max_retries(0, post(429)), GiveUp),
            ("the delay just fits", remaining(5_001.0, asked(5_000.0, get(429))), header(5_000.0)),
            ("the delay ends with the call", remaining(5_000.0, asked(5_000.0, get(429))), DelayExceedsDeadline),
            ("the delay is longer than the call", remaining(4_000.0, asked(5_000.0, post(503))), DelayExceedsDeadline),
            ("the own delay is longer than the call", remaining(400.0, get(500)), DelayExceedsDeadline),
            ("used up comes first", remaining(400.0, failed(4, get(500))), GiveUp),
            ("no end of the call", remaining(f64::INFINITY, asked(1e12, get(503))), header(1e12)),
        ]);
    }
}
