//! What holds for the records of a fleet.

use teams_device_diagnostics::machine::fleet::device::Key;
use teams_device_diagnostics::machine::fleet::record::{Record, RecordedState};
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::time::Millis;

use crate::fleet::journal;
use crate::fleet::ledger::Ledger;
use crate::fleet::life::Life;

/// Checks a record before it is noted.
pub fn check_record(life: &Life, key: Key, number: u32, record: &Record) {
    let mut ledger = life.ledger.borrow_mut();
    assert!(number == ledger.device(key).records + 1, "the records of a device are not numbered one by one");
    nothing_follows_the_end(&mut ledger, key, life);
    a_record_knows_its_requests(&mut ledger, key, record);
    a_record_says_when_it_was_made(record, life);
}

/// As text, it is what it was.
pub fn a_record_can_be_read_again(record: &Record, text: &str, root: &ServiceRoot) {
    super::nothing_that_is_shown_has_a_token(text);
    let again = journal::read(text, root).map(|record| journal::text(&record));
    assert!(again.as_deref() == Some(text), "a record that a later process cannot read: {record:?}");
    assert!(text.len() < 2_000, "a record of {} characters", text.len());
}

fn nothing_follows_the_end(ledger: &mut Ledger, key: Key, life: &Life) {
    let id = ledger.ids[key as usize].clone().unwrap_or_default();
    let last = life.journal.last(&id);
    let has_ended = last.is_some_and(|last| matches!(last.record.state, RecordedState::Ended { .. }));
    assert!(!has_ended, "a record follows that of the end");
    assert!(ledger.device(key).results == 0, "a record follows the result");
}

/// By the service's clock: in whole seconds, and as of a response that may have taken a second.
fn a_record_says_when_it_was_made(record: &Record, life: &Life) {
    if let Some(time) = record.service_time {
        let Millis(ago) = life.service_time() - time;
        assert!((-1.0..=2_100.0).contains(&ago), "a record of {ago} ms ago by the service's clock");
    }
}

/// The requests of all processes together.
fn a_record_knows_its_requests(ledger: &mut Ledger, key: Key, record: &Record) {
    let device = ledger.device(key);
    let sent = device.attempts;
    assert!(record.attempts >= sent, "a record of {} requests, but {sent} were sent", record.attempts);
}
