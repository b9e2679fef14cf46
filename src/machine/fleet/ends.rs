//! How devices end, each by itself or all together.

use crate::machine::effect::{Failure, Host};
use crate::machine::fleet::Fleet;
use crate::machine::fleet::device::{Device, DeviceError, DeviceResult, Key, Stage};
use crate::machine::fleet::effect::FleetEffect;
use crate::machine::fleet::pause::PauseReason;
use crate::machine::fleet::record::{Outcome, RecordedState};
use crate::protocol::error::{Error, ErrorCode};
use crate::protocol::time::Instant;

/// Why a fleet ends early.
pub enum Cause<V> {
    /// The caller ended it, for this reason.
    Aborted(V),
    /// No device can be started or followed any more.
    Failed(Box<Error<V>>),
}

/// The early end of a fleet.
pub struct Ending<V> {
    /// What is thrown after all results.
    pub thrown: Option<Failure<V>>,
    /// When it began.
    pub at: Instant,
}

impl<V: Host> Fleet<V> {
    /// Ends a device for a reason of its own.
    pub(super) fn end_device(&mut self, key: Key, outcome: Outcome, operation: Option<V>, error: Option<Box<Error<V>>>) {
        let Some(device) = self.device(key) else { return };
        let id = device.id.as_str().to_owned();
        let own_location = device.location.as_ref().map(|location| location.as_str().to_owned());
        let location = own_location.or_else(|| error.as_ref()?.location.clone());
        let state = match (outcome, &device.location) {
            // The run goes on, and so can a later fleet.
            (Outcome::StillRunning, Some(location)) => RecordedState::Running { location: location.clone() },
            _ => {
                let error = error.as_ref().map(|error| (error.code.as_str().to_owned(), error.message.clone()));
                RecordedState::Ended { outcome, location: location.clone(), error }
            }
        };
        let error = error.map(|mut error| {
            // The call that follows a run does not know its device.
            error.device_id.get_or_insert(id);
            DeviceError::Error(error)
        });
        let result = self.result(key, outcome, operation, error, location);
        self.end(key, result, Some(state));
    }

    /// Yields the result of a device that ended in an earlier fleet.
    pub(super) fn repeat_result(
        &mut self,
        key: Key,
        outcome: Outcome,
        location: Option<String>,
        error: Option<(String, String)>,
    ) {
        let error = error.map(|(code, message)| DeviceError::Recorded(code, message));
        let result = self.result(key, outcome, None, error, location);
        self.count(outcome);
        self.keep_until_recorded(key, result, None);
    }

    /// Refuses a device whose id is none.
    pub(super) fn refuse(&mut self, key: Key, error: Box<Error<V>>) {
        self.count(Outcome::Refused);
        let result = DeviceResult {
            outcome: Outcome::Refused,
            operation: None,
            error: Some(DeviceError::Error(error)),
            location: None,
            started_at: None,
            ended_at: self.now.unix_time,
            attempts: 0,
            is_token: false,
        };
        self.effects.push(FleetEffect::Result(key, Box::new(result)));
    }

    /// Ends a device whose id, or whose location in a record, contains the token. It gets no record, which would contain it too.
    pub(super) fn refuse_token(&mut self, key: Key, error: Box<Error<V>>) {
        let mut result = self.result(key, Outcome::Refused, None, Some(DeviceError::Error(error)), None);
        result.is_token = true;
        self.end(key, result, None);
    }

    /// Ends a device of which nothing new is known. Its record stays, so that a later fleet can find out.
    pub(super) fn leave(&mut self, key: Key, mut error: Box<Error<V>>) {
        error.device_id = self.device(key).map(|device| device.id.as_str().to_owned());
        let result = self.result(key, Outcome::Lost, None, Some(DeviceError::Error(error)), None);
        self.end(key, result, None);
    }

    /// Ends a device because the caller takes it back.
    pub(super) fn abort_device(&mut self, key: Key) {
        let Some((outcome, operation)) = self.device(key).and_then(Device::interrupted) else { return };
        self.end_turn(key);
        let Some(device) = self.device(key) else { return };
        let location = device.location.as_ref().map(|location| location.as_str().to_owned());
        let state = RecordedState::Ended { outcome, location: location.clone(), error: None };
        // A device without any record needs none.
        let has_record = device.records > 0 || device.is_resumed;
        let state = Some(state).filter(|_| has_record || outcome != Outcome::NotStarted);
        let result = self.result(key, outcome, operation, None, location);
        self.end(key, result, state);
    }

    /// Ends the fleet: no device is started any more, and no run followed.
    pub(super) fn end_early(&mut self, cause: Cause<V>) {
        if self.ending.is_some() {
            return;
        }
        let was_complete = std::mem::replace(&mut self.has_all_devices, true);
        self.pauses.end();
        let (thrown, error) = match cause {
            Cause::Aborted(reason) => (Some(Failure::Thrown(reason)), None),
            // The devices that were not added have no result that could tell the caller.
            Cause::Failed(error) => ((!was_complete).then(|| Failure::Error(error.clone())), Some(error)),
        };
        self.ending = Some(Ending { thrown, at: self.now.instant });
        // Otherwise each device would be searched for among all that wait.
        self.waiting.clear();
        for key in 0..self.devices.len() as Key {
            self.end_with_fleet(key, error.as_deref());
        }
        self.abandon_renewal();
    }

    /// Ends a device with its fleet. A later fleet can go on with its record.
    pub(super) fn end_with_fleet(&mut self, key: Key, error: Option<&Error<V>>) {
        let Some((mut outcome, operation)) = self.device(key).and_then(Device::interrupted) else { return };
        self.end_turn(key);
        let Some(device) = self.device(key) else { return };
        let location = device.location.as_ref().map(|location| location.as_str().to_owned());
        let state = device.location.clone().map(|location| RecordedState::Running { location });
        let mut error = error.map(|error| Box::new(error.clone()));
        if let Some(error) = &mut error {
            error.device_id = Some(device.id.as_str().to_owned());
            error.location = location.clone();
            error.operation = operation.clone();
            error.may_have_started = outcome == Outcome::Lost;
            if outcome == Outcome::Aborted {
                outcome = Outcome::StillRunning;
            }
        }
        let result = self.result(key, outcome, operation, error.map(DeviceError::Error), location);
        self.end(key, result, state);
    }

    /// Ends the fleet because a pause has lasted too long.
    pub(super) fn end_pause_too_late(&mut self) {
        let refusal = self.pauses.refusal.as_ref().map(|refusal| refusal.error.clone());
        let error = match (self.pauses.reason(), refusal) {
            (Some(PauseReason::Unauthorized), Some(error)) => error,
            _ => {
                let mut error = Error::new(ErrorCode::Network, "The host was offline for longer than options.pauseTimeout");
                error.specific_hint = Some("Check the connection, and start again.");
                error
            }
        };
        self.end_early(Cause::Failed(error));
    }

    fn result(
        &mut self,
        key: Key,
        outcome: Outcome,
        operation: Option<V>,
        error: Option<DeviceError<V>>,
        location: Option<String>,
    ) -> Box<DeviceResult<V>> {
        let ended_at = self.now.unix_time;
        let (started_at, attempts) = self.device(key).map_or((None, 0), |device| (device.started_at, device.attempts));
        Box::new(DeviceResult { outcome, operation, error, location, started_at, ended_at, attempts, is_token: false })
    }

    /// Ends a device that is waiting, being started or followed.
    fn end(&mut self, key: Key, result: Box<DeviceResult<V>>, state: Option<RecordedState>) {
        let Some(device) = self.device(key) else { return };
        let (since, interval) = (device.followed_since, device.poll_interval);
        let has_ended = matches!(result.outcome, Outcome::Successful | Outcome::Failed | Outcome::Cancelled);
        match &device.stage {
            Stage::Waiting => {
                self.totals.waiting -= 1;
                self.waiting.retain(|waiting| *waiting != key);
            }
            Stage::Starting(_) => self.totals.starting -= 1,
            Stage::Following(_) => self.end_following(since, interval, has_ended),
            Stage::Ended(_) => return,
        }
        self.count(result.outcome);
        self.keep_until_recorded(key, result, state);
    }

    /// Keeps a result until its record is kept, so that no caller learns of an end that a later fleet would not know.
    fn keep_until_recorded(&mut self, key: Key, result: Box<DeviceResult<V>>, state: Option<RecordedState>) {
        let Some(device) = self.device(key) else { return };
        device.stage = Stage::Ended(result);
        let is_keeping = device.records_kept < device.records;
        match state {
            Some(state) if self.settings.keeps_records => self.keep_record(key, state),
            // An earlier record is still being kept, and the caller's store must not be left in the middle of that.
            _ if is_keeping => {}
            _ => self.deliver_result(key),
        }
    }

    pub(super) fn deliver_result(&mut self, key: Key) {
        let Some(Device { stage: Stage::Ended(result), .. }) = self.devices.get_mut(key as usize).and_then(Option::take)
        else {
            return;
        };
        self.open -= 1;
        self.effects.push(FleetEffect::Result(key, result));
    }

    fn count(&mut self, outcome: Outcome) {
        let totals = &mut self.totals;
        let counter = match outcome {
            Outcome::Successful => &mut totals.successful,
            Outcome::Failed => &mut totals.failed,
            _ => &mut totals.other,
        };
        *counter += 1;
    }
}

impl<V: Host> Device<V> {
    /// The outcome and the last operation of a device whose wait ends now; `None` if it has ended.
    fn interrupted(&mut self) -> Option<(Outcome, Option<V>)> {
        // A POST that waits for its record was not sent.
        let is_held = self.held_post.is_some();
        match &self.stage {
            Stage::Waiting => Some((Outcome::NotStarted, None)),
            Stage::Starting(call) if call.facts().may_have_started && !is_held => Some((Outcome::Lost, None)),
            Stage::Starting(_) => Some((Outcome::NotStarted, None)),
            Stage::Following(call) => Some((Outcome::Aborted, call.facts().operation.clone())),
            Stage::Ended(_) => None,
        }
    }
}
