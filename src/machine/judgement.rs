//! Decides what follows a failed attempt: one pure function.

use crate::machine::event::DelaySource;
use crate::protocol::error::ErrorCode;
use crate::protocol::http::Method;
use crate::protocol::poll_interval::before_deadline;
use crate::protocol::retry;
use crate::protocol::time::Millis;

/// How long after its first 404 an operation that was never seen may still appear: Graph may not know yet what it has just
/// started.
const NOT_YET_GRACE: Millis = Millis(10_000.0);
/// How long after its first 404 an operation that was seen before may reappear: one of several replicas may not know it.
const GONE_GRACE: Millis = Millis(30_000.0);

/// How long failures that can pass are retried.
#[derive(Clone, Copy)]
pub enum Persistence {
    /// This many retries.
    Retries(u32),
    /// For this long, but at least one retry; no retries if `whole` is zero.
    Patience {
        /// The whole patience.
        whole: Millis,
        /// The patience left; negative if it is exceeded.
        left: Millis,
    },
}

/// Everything that the decision about a failed attempt depends on.
#[derive(Clone, Copy)]
pub struct FailedAttempt {
    /// GET or POST.
    pub method: Method,
    /// The kind of failure.
    pub code: ErrorCode,
    /// The status of the response; `None` if none came.
    pub status_code: Option<u16>,
    /// The wait that the service requested.
    pub retry_after: Option<Millis>,
    /// The number of failed attempts, including this one but not those after which the token was renewed.
    pub failed: u32,
    /// The number of attempts of a call of a fleet that were throttled, which do not count as failed.
    pub throttled: u32,
    /// How long the request is retried.
    pub persistence: Persistence,
    /// Whether a new token may be requested after a 401.
    pub can_renew_token: bool,
    /// The time since the first 404 in a row, which may be this one; `None` if this is not a 404 to a poll.
    pub missing_for: Option<Millis>,
    /// Whether any poll has found the operation.
    pub is_operation_known: bool,
    /// Whether the POST may have started a run all the same.
    pub may_have_started: bool,
    /// The time until the call's deadline.
    pub remaining: Millis,
    /// A random number, at least 0 and less than 1.
    pub random: f64,
}

/// What follows a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// Request a new token and retry: immediately, unless the service requested a wait.
    RenewToken,
    /// Retry after a delay.
    Retry {
        /// The delay.
        delay: Millis,
        /// Where the delay comes from.
        source: DelaySource,
    },
    /// The failure is final.
    GiveUp,
    /// The failure could pass, but the caller's patience is exhausted.
    OutOfPatience,
    /// The failure could pass, but the delay would exceed the call's deadline.
    DelayExceedsDeadline,
}

/// Judges a failed attempt.
pub fn judge(attempt: &FailedAttempt) -> Verdict {
    if attempt.status_code == Some(401) && attempt.can_renew_token {
        let is_too_long = attempt.retry_after.is_some_and(|requested| requested >= attempt.remaining);
        return if is_too_long { Verdict::DelayExceedsDeadline } else { Verdict::RenewToken };
    }
    if !may_retry(attempt) {
        let is_out_of_patience = matches!(attempt.persistence, Persistence::Patience { .. })
            && attempt.failed > 1
            && retry::lacks_usable_response(attempt.code, attempt.status_code);
        return if is_out_of_patience { Verdict::OutOfPatience } else { Verdict::GiveUp };
    }
    let mut delay = retry::retry_delay(attempt.failed, attempt.retry_after, chosen_delay(attempt));
    // A device that is throttled again and again must not hold the others each time as soon as it may.
    if attempt.throttled > 1 {
        delay = delay.max(retry::backoff(attempt.throttled, attempt.random));
    }
    if delay >= attempt.remaining {
        return Verdict::DelayExceedsDeadline;
    }
    let source = if attempt.retry_after == Some(delay) { DelaySource::Header } else { DelaySource::Backoff };
    Verdict::Retry { delay, source }
}

/// Whether the request may be retried.
fn may_retry(attempt: &FailedAttempt) -> bool {
    match (attempt.method, attempt.status_code) {
        // A 404 is retried for a bounded time, not a number of times; never if retries are disabled.
        (_, Some(404)) => {
            attempt.grace_left().is_some_and(|left| left > Millis::ZERO) && attempt.persistence.allows_retries()
        }
        (Method::Get, status) => retry::lacks_usable_response(attempt.code, status) && attempt.has_retries_left(),
        (Method::Post, None) => false,
        (Method::Post, _) if attempt.may_have_started => false,
        (Method::Post, Some(status)) => attempt.failed <= retry::max_post_retries(status) && attempt.has_retries_left(),
    }
}

/// The delay that this client chooses. It is never longer than the grace period or the patience that is left.
fn chosen_delay(attempt: &FailedAttempt) -> Millis {
    let backoff = retry::backoff(attempt.failed, attempt.random);
    let limit = match (attempt.status_code, attempt.persistence) {
        (Some(404), _) => attempt.grace_left().unwrap_or(Millis::FOREVER),
        (_, Persistence::Patience { left, .. }) => left,
        (_, Persistence::Retries(_)) => return backoff,
    };
    before_deadline(backoff.min(limit.max(retry::SHORTEST_BACKOFF)), attempt.remaining)
}

impl FailedAttempt {
    /// The time until a 404 is final; `None` if it is final at once.
    fn grace_left(&self) -> Option<Millis> {
        let grace = if self.is_operation_known { GONE_GRACE } else { NOT_YET_GRACE };
        Some(grace - self.missing_for?)
    }

    fn has_retries_left(&self) -> bool {
        match self.persistence {
            Persistence::Retries(most) => self.failed <= most,
            // At least one retry, however long the first attempt took.
            Persistence::Patience { left, .. } => {
                (left > Millis::ZERO || self.failed <= 1) && self.persistence.allows_retries()
            }
        }
    }
}

impl Persistence {
    fn allows_retries(self) -> bool {
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

    /// The first failed attempt of a GET, with retries and time left.
    const FAILED: FailedAttempt = FailedAttempt {
        method: Method::Get,
        code: ErrorCode::ServiceError,
        status_code: None,
        retry_after: None,
        failed: 1,
        throttled: 0,
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

    fn with_retry_after(ms: f64, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { retry_after: Some(Millis(ms)), ..attempt }
    }

    fn failed(failed: u32, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { failed, ..attempt }
    }

    fn max_retries(max_retries: u32, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { persistence: Persistence::Retries(max_retries), ..attempt }
    }

    /// An attempt of a wait with this patience, and this much of it left.
    fn patience(whole: f64, left: f64, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { persistence: Persistence::Patience { whole: Millis(whole), left: Millis(left) }, ..attempt }
    }

    fn renewable(attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { can_renew_token: true, ..attempt }
    }

    /// A poll that got a 404, this long after the first 404 in a row.
    fn missing(ms: f64) -> FailedAttempt {
        FailedAttempt { missing_for: Some(Millis(ms)), ..get(404) }
    }

    fn previously_seen(attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { is_operation_known: true, ..attempt }
    }

    fn remaining(ms: f64, attempt: FailedAttempt) -> FailedAttempt {
        FailedAttempt { remaining: Millis(ms), ..attempt }
    }

    fn no_response(method: Method, code: ErrorCode) -> FailedAttempt {
        FailedAttempt { method, code, ..FAILED }
    }

    fn header(ms: f64) -> Verdict {
        Verdict::Retry { delay: Millis(ms), source: DelaySource::Header }
    }

    fn backoff(ms: f64) -> Verdict {
        Verdict::Retry { delay: Millis(ms), source: DelaySource::Backoff }
    }

    fn check(rows: &[(&str, FailedAttempt, Verdict)]) {
        for (name, attempt, verdict) in rows {
            assert_eq!(judge(attempt), *verdict, "{name}");
        }
    }

    #[test]
    fn a_401_is_retried_only_with_a_new_token() {
        check(&[
            ("a GET, a new token", renewable(get(401)), RenewToken),
            ("a POST, a new token", renewable(post(401)), RenewToken),
            ("a new token, maxRetries is 0", max_retries(0, failed(1, renewable(get(401)))), RenewToken),
            ("a new token without a backoff", remaining(0.0, renewable(get(401))), RenewToken),
            (
                "a new token after a requested delay",
                remaining(5_001.0, with_retry_after(5_000.0, renewable(get(401)))),
                RenewToken,
            ),
            (
                "a new token, the requested delay exceeds the deadline",
                remaining(5_000.0, with_retry_after(5_000.0, renewable(get(401)))),
                DelayExceedsDeadline,
            ),
            ("a GET, no new token", get(401), GiveUp),
            ("a POST, no new token", post(401), GiveUp),
            ("no new token, a requested delay", with_retry_after(1_000.0, get(401)), GiveUp),
            ("a 403 does not renew the token", renewable(get(403)), GiveUp),
        ]);
    }

    #[test]
    fn a_404_to_a_poll_is_retried_for_a_grace_period() {
        check(&[
            ("the first 404", missing(0.0), backoff(500.0)),
            ("the backoff is limited by the grace period", failed(9, missing(4_000.0)), backoff(6_000.0)),
            ("just within the grace period", missing(9_999.0), backoff(100.0)),
            ("just after the grace period", missing(10_000.0), GiveUp),
            ("more attempts than maxRetries", failed(9, missing(0.0)), backoff(10_000.0)),
            ("a requested delay", with_retry_after(2_000.0, missing(0.0)), header(2_000.0)),
            ("a requested delay beyond the grace period", with_retry_after(60_000.0, missing(0.0)), header(60_000.0)),
            (
                "a requested delay beyond the deadline",
                remaining(2_000.0, with_retry_after(2_000.0, missing(0.0))),
                DelayExceedsDeadline,
            ),
            ("maxRetries is 0", max_retries(0, missing(0.0)), GiveUp),
            ("patience is 0", patience(0.0, 0.0, missing(0.0)), GiveUp),
            ("patience does not extend the grace period", patience(1e6, 1e6, missing(10_000.0)), GiveUp),
            ("an operation seen before, within its grace period", previously_seen(missing(10_000.0)), backoff(500.0)),
            ("an operation seen before, after its grace period", previously_seen(missing(30_000.0)), GiveUp),
            ("a list of an unknown device", get(404), GiveUp),
            ("a POST to an unknown device", post(404), GiveUp),
            ("a 410", get(410), GiveUp),
        ]);
    }

    #[test]
    fn a_poll_of_a_wait_is_retried_until_patience_runs_out() {
        check(&[
            ("more attempts than maxRetries", failed(9, patience(3e5, 2e5, get(503))), backoff(15_000.0)),
            ("the backoff is limited by the patience left", failed(9, patience(3e5, 1_000.0, get(503))), backoff(1_000.0)),
            ("patience has run out", failed(9, patience(3e5, 0.0, get(503))), OutOfPatience),
            ("at least one retry", patience(10_000.0, -20_000.0, get(503)), backoff(100.0)),
            ("patience is 0", patience(0.0, 0.0, get(503)), GiveUp),
            ("patience is infinite", failed(99, patience(f64::INFINITY, f64::INFINITY, get(503))), backoff(15_000.0)),
            (
                "a requested delay beyond the patience",
                failed(9, patience(3e5, 1_000.0, with_retry_after(315_000.0, get(429)))),
                header(315_000.0),
            ),
            (
                "a last poll before the deadline",
                remaining(10_000.0, failed(9, patience(3e5, 2e5, get(503)))),
                backoff(9_000.0),
            ),
            ("a permanent failure", failed(9, patience(3e5, 0.0, get(403))), GiveUp),
        ]);
    }

    #[test]
    fn a_post_is_retried_only_if_it_was_not_accepted() {
        check(&[
            ("GET 429", get(429), backoff(500.0)),
            ("GET 503", get(503), backoff(500.0)),
            ("POST 429", post(429), backoff(500.0)),
            ("POST 503", post(503), backoff(500.0)),
            ("POST 503 of a gateway", FailedAttempt { may_have_started: true, ..post(503) }, GiveUp),
            ("POST 421", post(421), backoff(500.0)),
            ("POST 421, a second time", failed(2, post(421)), GiveUp),
            ("POST 423", post(423), GiveUp),
            ("GET 408", get(408), backoff(500.0)),
            ("GET 500", get(500), backoff(500.0)),
            ("GET 502", get(502), backoff(500.0)),
            ("GET 504", get(504), backoff(500.0)),
            ("POST 408", post(408), GiveUp),
            ("POST 500", post(500), GiveUp),
            ("POST 502", post(502), GiveUp),
            ("POST 504", post(504), GiveUp),
            ("a POST that may have been accepted, a requested delay", with_retry_after(1_000.0, post(500)), GiveUp),
            ("GET, no response", no_response(Method::Get, ErrorCode::Network), backoff(500.0)),
            ("GET, timeout", no_response(Method::Get, ErrorCode::Timeout), backoff(500.0)),
            ("POST, no response", no_response(Method::Post, ErrorCode::Network), GiveUp),
            ("POST, timeout", no_response(Method::Post, ErrorCode::Timeout), GiveUp),
        ]);
    }

    #[test]
    fn permanent_failures_are_final() {
        for status in [400, 403, 409, 410, 501, 505] {
            assert_eq!(judge(&with_retry_after(1_000.0, get(status))), GiveUp, "GET {status}");
            assert_eq!(judge(&with_retry_after(1_000.0, post(status))), GiveUp, "POST {status}");
        }
    }

    #[test]
    fn the_delay_is_the_requested_one_or_a_growing_backoff() {
        check(&[
            ("a requested delay", with_retry_after(7_000.0, get(503)), header(7_000.0)),
            ("a requested delay, POST", with_retry_after(7_000.0, post(429)), header(7_000.0)),
            (
                "a requested delay after the third attempt",
                failed(3, with_retry_after(120_000.0, get(429))),
                header(120_000.0),
            ),
            ("a Retry-After of zero, the first attempt", with_retry_after(0.0, get(429)), header(0.0)),
            ("a Retry-After of zero, the second attempt", failed(2, with_retry_after(0.0, get(429))), backoff(1_000.0)),
            (
                "a Retry-After of nearly zero, the second attempt",
                failed(2, with_retry_after(99.0, get(429))),
                backoff(1_000.0),
            ),
            ("backoff after the second attempt", failed(2, get(500)), backoff(1_000.0)),
            ("backoff after the third attempt", failed(3, get(500)), backoff(2_000.0)),
            ("backoff after the tenth attempt", failed(10, max_retries(10, get(500))), backoff(15_000.0)),
            ("the minimum of the backoff", FailedAttempt { random: 0.0, ..get(500) }, backoff(100.0)),
        ]);
    }

    #[test]
    fn retries_end_at_max_retries_or_at_the_deadline() {
        check(&[
            ("the last retry", failed(3, get(500)), backoff(2_000.0)),
            ("no retries left", failed(4, get(500)), GiveUp),
            ("no retries left, a requested delay", failed(4, with_retry_after(1_000.0, get(429))), GiveUp),
            ("no retries left, POST", failed(4, post(503)), GiveUp),
            ("no retries left, no response", failed(4, no_response(Method::Get, ErrorCode::Network)), GiveUp),
            ("maxRetries is 0, GET", max_retries(0, get(503)), GiveUp),
            ("maxRetries is 0, POST", max_retries(0, post(429)), GiveUp),
            (
                "the requested delay ends before the deadline",
                remaining(5_001.0, with_retry_after(5_000.0, get(429))),
                header(5_000.0),
            ),
            (
                "the requested delay ends at the deadline",
                remaining(5_000.0, with_retry_after(5_000.0, get(429))),
                DelayExceedsDeadline,
            ),
            (
                "the requested delay exceeds the deadline",
                remaining(4_000.0, with_retry_after(5_000.0, post(503))),
                DelayExceedsDeadline,
            ),
            ("the backoff exceeds the deadline", remaining(400.0, get(500)), DelayExceedsDeadline),
            ("no retries left, the backoff exceeds the deadline", remaining(400.0, failed(4, get(500))), GiveUp),
            ("no deadline", remaining(f64::INFINITY, with_retry_after(1e12, get(503))), header(1e12)),
        ]);
    }
}
