//! What a failed attempt leads to: one pure function.

use crate::machine::event::DelaySource;
use crate::protocol::error::ErrorCode;
use crate::protocol::http::Method;
use crate::protocol::retry;
use crate::protocol::time::Millis;

/// How long after its start a call takes a 404 for "not yet": Graph may not know yet what it has just started.
const NOT_FOUND_GRACE: Millis = Millis(10_000.0);

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
    /// How often a request is sent again.
    pub max_retries: u32,
    /// Whether a 401 can be answered with another token.
    pub can_renew_token: bool,
    /// Whether the operation was ever seen.
    pub is_operation_known: bool,
    /// Whether the POST may have started a run all the same.
    pub may_have_started: bool,
    /// Since the call began.
    pub elapsed: Millis,
    /// Until the call is given up.
    pub remaining: Millis,
    /// A random number, at least 0 and less than 1.
    pub random: f64,
}

/// What follows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Ask for another token, and send the request again at once.
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
    /// The failure could pass, but the delay would outlast the call.
    DelayExceedsDeadline,
}

/// Judges a failed attempt.
pub fn judge(attempt: &FailedAttempt) -> Verdict {
    if attempt.status_code == Some(401) && attempt.can_renew_token {
        return Verdict::RenewToken;
    }
    if !may_retry(attempt) {
        return Verdict::GiveUp;
    }
    let delay = retry::retry_delay(attempt.failed, attempt.retry_after, attempt.random);
    if delay >= attempt.remaining {
        return Verdict::DelayExceedsDeadline;
    }
    let source = if attempt.retry_after.is_some() { DelaySource::Header } else { DelaySource::Backoff };
    Verdict::RetryAfter { delay, source }
}

/// Whether the request may be sent again.
fn may_retry(attempt: &FailedAttempt) -> bool {
    let is_get = attempt.method == Method::Get;
    let may_pass = match attempt.status_code {
        // As long as the operation was never seen, and for a bounded time: however often that takes, unless no retries are wanted.
        Some(404) => {
            let is_in_grace = attempt.max_retries > 0 && attempt.elapsed < NOT_FOUND_GRACE;
            return is_get && is_in_grace && !attempt.is_operation_known;
        }
        Some(_) if !is_get && attempt.may_have_started => false,
        // Not processed, but it would not be anywhere else either.
        Some(421 | 425) if !is_get => attempt.failed <= 1,
        Some(status) => retry::may_retry_status(attempt.method, status),
        None => is_get && matches!(attempt.code, ErrorCode::Network | ErrorCode::Timeout),
    };
    may_pass && attempt.failed <= attempt.max_retries
}

#[cfg(test)]
mod tests {
    use super::Verdict::{DelayExceedsDeadline, GiveUp, RenewToken};
    use super::*;

    /// A first failure in the middle of a call that has retries and time left.
    const FAILED: FailedAttempt = FailedAttempt {
        method: Method::Get,
        code: ErrorCode::ServiceError,
        status_code: None,
        retry_after: None,
        failed: 1,
        max_retries: 3,
        can_renew_token: false,
        is_operation_known: false,
        may_have_started: false,
        elapsed: Millis(60_000.0),
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
        FailedAttempt { max_retries, ..attempt }
    }

    fn renewable(attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { can_renew_token: true, ..attempt }
    }

    fn elapsed(ms: f64, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { elapsed: Millis(ms), ..attempt }
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
            ("another token needs no delay", remaining(0.0, asked(5_000.0, renewable(get(401)))), RenewToken),
            ("a GET, no other token", get(401), GiveUp),
            ("a POST, no other token", post(401), GiveUp),
            ("a delay does not make it pass", asked(1_000.0, get(401)), GiveUp),
            ("no other status asks for a token", renewable(get(403)), GiveUp),
        ]);
    }

    #[test]
    fn a_404_is_not_yet_for_a_while() {
        check(&[
            ("at once", elapsed(0.0, get(404)), backoff(500.0)),
            ("just within the grace", elapsed(9_999.0, get(404)), backoff(500.0)),
            ("just after the grace", elapsed(10_000.0, get(404)), GiveUp),
            ("more often than maxRetries", elapsed(9_000.0, failed(9, get(404))), backoff(15_000.0)),
            ("with a delay", elapsed(0.0, asked(2_000.0, get(404))), header(2_000.0)),
            (
                "with a delay that is too long",
                elapsed(0.0, remaining(2_000.0, asked(2_000.0, get(404)))),
                DelayExceedsDeadline,
            ),
            ("no retries wanted", elapsed(0.0, max_retries(0, get(404))), GiveUp),
            ("it was there before", elapsed(0.0, known(get(404))), GiveUp),
            ("a POST: there is no such device", elapsed(0.0, post(404)), GiveUp),
            ("gone for good", elapsed(0.0, get(410)), GiveUp),
        ]);
    }

    #[test]
    fn a_post_is_sent_again_only_when_it_was_not_taken() {
        check(&[
            ("GET 429", get(429), backoff(500.0)),
            ("GET 503", get(503), backoff(500.0)),
            ("POST 429", post(429), backoff(500.0)),
            ("POST 503", post(503), backoff(500.0)),
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
        for status in [0, 302, 400, 403, 409, 410, 501, 505] {
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
