//! Which of a device's operations was meant, when the POST did not say: after a lost answer, and after a 409. The rules alone;
//! [`crate::machine::search`] carries them out.

use crate::protocol::date::date_time;
use crate::protocol::json::Json;
use crate::protocol::operation::{Operation, OperationState};
use crate::protocol::time::{Millis, UnixTime};

/// Waits before each reading of the device's operations after a lost answer: the service may still be busy with the request, and
/// lists may lag behind.
pub const SEARCH_WAITS: [Millis; 3] = [Millis(1_000.0), Millis(2_000.0), Millis(4_000.0)];
/// A search takes no longer than this.
pub const SEARCH_LIMIT: Millis = Millis(60_000.0);
/// How much earlier than the POST an operation may seem to be created when both times are the service's: they are written in
/// whole seconds, and by several machines.
const SERVICE_TOLERANCE: Millis = Millis(5_000.0);
/// How far the clock of the caller's machine may be wrong.
const CLOCK_TOLERANCE: Millis = Millis(120_000.0);

/// How far the clock of the caller's machine is wrong at the very most: its time zone is another one.
const WRONG_ZONE: Millis = Millis(86_400_000.0);

/// A time when the POST was sent, and whose clock it was read from.
#[derive(Clone, Copy)]
pub struct SentAt {
    /// The moment.
    pub time: UnixTime,
    /// Whether it is the service's clock (`Date`); pages cannot read that (CORS).
    pub is_service_time: bool,
}

/// Whether an operation was created after the POST was sent. An operation without a readable time was not.
///
/// One that has ended could be anybody's of a minute before: that it is new can only the service's own clock tell. One that has not
/// ended is the only one that the device can have: a second start would have been refused.
pub fn is_created_since<V: Json>(operation: &Operation<V>, sent: SentAt) -> bool {
    if operation.state.has_ended() && !sent.is_service_time {
        return false;
    }
    let tolerance = if sent.is_service_time { SERVICE_TOLERANCE } else { CLOCK_TOLERANCE };
    created(operation).is_some_and(|created| created >= sent.time - tolerance)
}

/// The run that was started by a POST whose answer was lost: of the diagnostics that were created since, or that are under way and were
/// not there at an earlier reading (`seen`, a set of ids) although they may be new, those that were created closest to the POST.
pub fn find_started<V: Json>(operations: &[Operation<V>], sent: SentAt, seen: Option<&V>) -> Option<Operation<V>> {
    let appeared = |operation: &Operation<V>| seen.is_some_and(|seen| !was_seen(operation, seen));
    let tolerance = if sent.is_service_time { CLOCK_TOLERANCE } else { WRONG_ZONE };
    let may_be_new = |operation: &Operation<V>| created(operation).is_none_or(|created| created >= sent.time - tolerance);
    // One that has ended may be anybody's, and its place in the list may be late.
    let has_appeared =
        |operation: &Operation<V>| !operation.state.has_ended() && appeared(operation) && may_be_new(operation);
    let is_new = |operation: &Operation<V>| {
        operation.is_diagnostics() && (is_created_since(operation, sent) || has_appeared(operation))
    };
    highest(operations, &|operation| {
        let distance = || created(operation).map_or(f64::MAX, |created| (created - sent.time).0.abs());
        is_new(operation).then(|| (0, -distance()))
    })
}

/// Whether these operations, all that a device has, show that the POST has started nothing: all that may be diagnostics are certainly
/// older, also if the caller's clock is wrong, and were there at an earlier reading (`seen`, a set of ids).
pub fn has_started_nothing<V: Json>(operations: &[Operation<V>], sent: SentAt, seen: Option<&V>) -> bool {
    let tolerance = if sent.is_service_time { SERVICE_TOLERANCE } else { WRONG_ZONE };
    let is_old = |operation: &Operation<V>| created(operation).is_some_and(|created| created < sent.time - tolerance);
    let was_there = |operation: &Operation<V>| seen.is_none_or(|seen| was_seen(operation, seen));
    operations.iter().all(|operation| operation.is_no_diagnostics() || (is_old(operation) && was_there(operation)))
}

fn was_seen<V: Json>(operation: &Operation<V>, seen: &V) -> bool {
    operation.text("id").is_none_or(|id| seen.member(&id).is_some())
}

/// The operation that stands in the way of another: the newest that has not ended; diagnostics before anything else, and a documented
/// status before any other, which may well be an end.
pub fn find_blocking<V: Json>(operations: &[Operation<V>]) -> Option<Operation<V>> {
    highest(operations, &|operation| {
        let age = || created(operation).map_or(f64::MIN, |created| created.0);
        let is_known = operation.state != OperationState::Unknown;
        (!operation.state.has_ended()).then(|| (2 * u8::from(is_known) + u8::from(operation.is_diagnostics()), age()))
    })
}

/// A rank: what counts first, then what decides among equals.
type Rank = (u8, f64);

/// The operation of the highest rank, which must have an id. The order of lists is not documented; of equals, the first.
fn highest<V: Json>(operations: &[Operation<V>], rank: &dyn Fn(&Operation<V>) -> Option<Rank>) -> Option<Operation<V>> {
    let mut highest = None;
    let mut found = None;
    for operation in operations.iter().filter(|operation| operation.text("id").is_some_and(|id| is_segment(&id))) {
        let rank = rank(operation);
        if rank > highest {
            (found, highest) = (Some(operation), rank);
        }
    }
    found.cloned()
}

/// Whether it can stand in a URL: no empty text, and none that leads to the folder or out of it.
fn is_segment(id: &str) -> bool {
    !matches!(id, "" | "." | "..")
}

fn created<V: Json>(operation: &Operation<V>) -> Option<UnixTime> {
    date_time(&operation.text("createdDateTime")?)
}
