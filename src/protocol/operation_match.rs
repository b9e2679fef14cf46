//! Which of a device's operations was meant, when the POST did not say: after a lost answer, and after a 409. The rules alone;
//! [`crate::client`] carries them out.

use crate::protocol::date::date_time;
use crate::protocol::json::Json;
use crate::protocol::operation::Operation;
use alloc::string::String;

/// Waits before the looks at the device's operations after a lost answer, in milliseconds: the service may still be busy with
/// the request, and lists may lag behind.
pub const WAITS_MS: [f64; 3] = [1_000.0, 2_000.0, 4_000.0];
/// Looking for a run takes no longer than this, in milliseconds.
pub const LIMIT_MS: f64 = 60_000.0;
/// How much earlier than the POST an operation may seem to be created when both times are the service's: they are written in
/// whole seconds, and by several machines.
const SERVICE_TOLERANCE_MS: f64 = 5_000.0;
/// How far the clock of the caller's machine may be wrong.
const CLOCK_TOLERANCE_MS: f64 = 120_000.0;

/// A time when the POST was sent, and whose clock it was read from.
#[derive(Clone, Copy)]
pub struct SentAt {
    /// Milliseconds since the Unix epoch.
    pub unix_time: f64,
    /// Whether it is the service's clock (`Date`); pages cannot read that (CORS).
    pub is_service_time: bool,
}

/// Whether an operation was created after the POST was sent. An operation without a readable time was not.
///
/// One that has ended could be anybody's of a minute before, so that the caller's clock has to be right. One that has not
/// ended is the only one that the device can have: a second start would have been refused.
pub fn is_created_since<V: Json>(operation: &Operation<V>, sent: SentAt) -> bool {
    let tolerance =
        if sent.is_service_time || operation.state.has_ended() { SERVICE_TOLERANCE_MS } else { CLOCK_TOLERANCE_MS };
    created(operation).is_some_and(|created| created >= sent.unix_time - tolerance)
}

/// The run that was started by a POST whose answer was lost: of the diagnostics that were created since, or that were not there
/// at an earlier look (`seen`, ids), those that were created closest to the POST.
pub fn find_started<V: Json>(operations: &[Operation<V>], sent: SentAt, seen: Option<&[String]>) -> Option<Operation<V>> {
    first_by(operations, &|operation| {
        let appeared = || operation.text("id").is_some_and(|id| seen.is_some_and(|seen| !seen.contains(&id)));
        let is_new = operation.is_diagnostics() && (is_created_since(operation, sent) || appeared());
        is_new.then(|| created(operation).map_or(f64::MIN, |created| -(created - sent.unix_time).abs()))
    })
}

/// The operation that stands in the way of another: the newest that has not ended; diagnostics before anything else.
pub fn find_blocking<V: Json>(operations: &[Operation<V>]) -> Option<Operation<V>> {
    first_by(operations, &|operation| {
        let preferred = if operation.is_diagnostics() { AGES_MS } else { 0.0 };
        (!operation.state.has_ended()).then(|| created(operation).unwrap_or(-AGES_MS / 2.0) + preferred)
    })
}

/// More than lies between any two dates.
const AGES_MS: f64 = 1e16;

/// The operation of the highest rank, which must have an id. The order of lists is not documented; of equals, the first.
fn first_by<V: Json>(operations: &[Operation<V>], rank: &dyn Fn(&Operation<V>) -> Option<f64>) -> Option<Operation<V>> {
    let mut first = None;
    let mut highest = None;
    for operation in operations.iter().filter(|operation| operation.text("id").is_some()) {
        let rank = rank(operation);
        if rank > highest {
            (first, highest) = (Some(operation), rank);
        }
    }
    first.cloned()
}

fn created<V: Json>(operation: &Operation<V>) -> Option<f64> {
    date_time(&operation.text("createdDateTime")?)
}
