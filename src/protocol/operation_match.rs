//! Finds the operation that a POST is about if the POST's own response does not say: after a lost response, and after a 409.
//! These are the rules alone; [`crate::machine::search`] applies them.

use crate::protocol::date::date_time;
use crate::protocol::json::Json;
use crate::protocol::operation::{Operation, OperationState};
use crate::protocol::time::{Millis, UnixTime};

/// Waits before each round of reading the device's operations after a lost response: the service may still be processing the
/// request, and lists may lag behind.
pub const SEARCH_WAITS: [Millis; 3] = [Millis(1_000.0), Millis(2_000.0), Millis(4_000.0)];
/// The time limit of a search.
pub const SEARCH_LIMIT: Millis = Millis(60_000.0);
/// How much earlier than the POST an operation may seem to have been created if both times are the service's: they are
/// written in whole seconds, and by several computers.
const SERVICE_TOLERANCE: Millis = Millis(5_000.0);
/// How far the caller's clock may plausibly be wrong.
const CLOCK_TOLERANCE: Millis = Millis(120_000.0);

/// The most that the caller's clock can be wrong: a wrong time zone.
const ZONE_TOLERANCE: Millis = Millis(86_400_000.0);

/// The time when the POST was sent.
#[derive(Clone, Copy)]
pub struct SentAt {
    /// The time.
    pub time: UnixTime,
    /// Whether the time is by the service's clock (`Date`); scripts in a page cannot read that (CORS).
    pub is_service_time: bool,
}

/// Whether an operation was created after the POST was sent. `false` if it has no readable creation time.
///
/// An operation that has ended may be someone else's of a minute before: only the service's clock can prove that it is new.
/// An operation that has not ended must be the only one of its device, because a second start would have been refused.
pub fn is_created_since<V: Json>(operation: &Operation<V>, sent: SentAt) -> bool {
    if operation.state.has_ended() && !sent.is_service_time {
        return false;
    }
    let tolerance = if sent.is_service_time { SERVICE_TOLERANCE } else { CLOCK_TOLERANCE };
    created(operation).is_some_and(|created| created >= sent.time - tolerance)
}

/// Finds the run that was started by a POST whose response was lost. Candidates are diagnostics that were created since
/// then, and diagnostics in progress that may be new and were not in an earlier round (`seen`, a set of ids). The one
/// created closest to the POST is returned.
pub fn find_started<V: Json>(operations: &[Operation<V>], sent: SentAt, seen: Option<&V>) -> Option<Operation<V>> {
    let appeared = |operation: &Operation<V>| seen.is_some_and(|seen| !was_seen(operation, seen));
    let tolerance = if sent.is_service_time { CLOCK_TOLERANCE } else { ZONE_TOLERANCE };
    let may_be_new = |operation: &Operation<V>| created(operation).is_none_or(|created| created >= sent.time - tolerance);
    // An operation that has ended may be someone else's, and may have been listed late.
    let has_appeared =
        |operation: &Operation<V>| !operation.state.has_ended() && appeared(operation) && may_be_new(operation);
    let is_new = |operation: &Operation<V>| {
        operation.is_diagnostics() && (is_created_since(operation, sent) || has_appeared(operation))
    };
    highest_ranked(operations, &|operation| {
        let distance = || created(operation).map_or(f64::MAX, |created| (created - sent.time).0.abs());
        is_new(operation).then(|| (0, -distance()))
    })
}

/// Whether these operations, all that a device has, prove that the POST started nothing: all that may be diagnostics are
/// certainly older, even if the caller's clock is wrong, and were in an earlier round (`seen`, a set of ids).
pub fn has_started_nothing<V: Json>(operations: &[Operation<V>], sent: SentAt, seen: Option<&V>) -> bool {
    let tolerance = if sent.is_service_time { SERVICE_TOLERANCE } else { ZONE_TOLERANCE };
    let is_old = |operation: &Operation<V>| created(operation).is_some_and(|created| created < sent.time - tolerance);
    let was_seen_before = |operation: &Operation<V>| seen.is_none_or(|seen| was_seen(operation, seen));
    operations.iter().all(|operation| operation.is_other_type() || (is_old(operation) && was_seen_before(operation)))
}

fn was_seen<V: Json>(operation: &Operation<V>, seen: &V) -> bool {
    operation.text("id").is_none_or(|id| seen.member(&id).is_some())
}

/// Finds the operation that blocks another: the newest that has not ended. Diagnostics are preferred to other types, and a
/// documented status to an undocumented one, which may be a final state.
pub fn find_blocking<V: Json>(operations: &[Operation<V>]) -> Option<Operation<V>> {
    highest_ranked(operations, &|operation| {
        let age = || created(operation).map_or(f64::MIN, |created| created.0);
        let is_known = operation.state != OperationState::Unknown;
        (!operation.state.has_ended()).then(|| (2 * u8::from(is_known) + u8::from(operation.is_diagnostics()), age()))
    })
}

/// A rank: the class first, then the tie-breaker within a class. That is a bare number, because one search compares lengths of
/// time, the other one calendar times.
type Rank = (u8, f64);

/// The operation with the highest rank; it must have an id. The first of equals wins, because the order of lists is not
/// documented.
fn highest_ranked<V: Json>(
    operations: &[Operation<V>],
    rank: &dyn Fn(&Operation<V>) -> Option<Rank>,
) -> Option<Operation<V>> {
    let mut highest_rank = None;
    let mut found = None;
    for operation in operations.iter().filter(|operation| operation.text("id").is_some_and(|id| is_segment(&id))) {
        let rank = rank(operation);
        if rank > highest_rank {
            (found, highest_rank) = (Some(operation), rank);
        }
    }
    found.cloned()
}

/// Whether an id can be a URL segment: it is not empty and not a dot segment.
fn is_segment(id: &str) -> bool {
    !matches!(id, "" | "." | "..")
}

fn created<V: Json>(operation: &Operation<V>) -> Option<UnixTime> {
    date_time(&operation.text("createdDateTime")?)
}
