//! The class that JavaScript gets.

use std::rc::Rc;

use teams_device_diagnostics::bindings::errors::to_js_error;
use teams_device_diagnostics::bindings::exports::{device, settings, started_with, token_source};
use teams_device_diagnostics::bindings::options::Options;
use teams_device_diagnostics::bindings::token_source::TokenSource;
use teams_device_diagnostics::bindings::token_store::{self, Known};
use teams_device_diagnostics::bindings::value::Js;
use teams_device_diagnostics::machine::effect::Failure;
use teams_device_diagnostics::machine::fleet::effect::{FleetInput, FleetSettings};
use teams_device_diagnostics::machine::fleet::record::Outcome;
use teams_device_diagnostics::machine::state::Settings;
use teams_device_diagnostics::protocol::location::ServiceRoot;
use wasm_bindgen::prelude::*;

use crate::driver::{Arrival, Caller, FleetTask, OnResult, deliver};
use crate::objects::from_js_record;
use crate::options::FleetOptions;
use crate::port::Port;

/// A fleet.
#[wasm_bindgen]
pub struct Fleet {
    task: Rc<FleetTask>,
    tokens: TokenSource,
    root: ServiceRoot,
}

#[wasm_bindgen]
impl Fleet {
    /// A fleet without any device so far. Sends nothing yet.
    ///
    /// # Errors
    /// An argument or option is wrong: the members of a `DiagnosticsError`.
    #[wasm_bindgen(constructor)]
    pub fn new(token: JsValue, options: JsValue, port: Port) -> Result<Fleet, JsValue> {
        Fleet::checked(token, &options, port).map_err(to_js_error)
    }

    fn checked(token: JsValue, options: &JsValue, port: Port) -> Result<Fleet, Failure<Js>> {
        let tokens = token_source(token)?;
        let own = FleetOptions::read(options)?;
        let options = Options::read(options)?;
        let root = options.root()?;
        let fleet_settings = FleetSettings {
            call: Settings { awaits_turns: true, ..settings(&tokens, &options, root.clone()) },
            on_conflict: options.on_conflict,
            concurrency: own.concurrency,
            requests_per_second: own.requests_per_second,
            pause_timeout: own.pause_timeout,
            // Also if the caller keeps none: after a trap, the last record of a device is all that is known.
            keeps_records: true,
        };
        let on_result = remember(&options, &tokens, &root);
        let caller = Caller { tokens: tokens.clone(), fetch: options.fetch.clone(), port, on_result };
        Ok(Fleet { task: FleetTask::new(fleet_settings, caller)?, tokens, root })
    }

    /// Adds a device, with its record of an earlier fleet or undefined. One that was taken back before is not started.
    ///
    /// # Errors
    /// The record is wrong: the members of a `DiagnosticsError`. A wrong id is a result instead.
    pub fn add(&self, device_id: &JsValue, record: &JsValue, is_aborted: bool) -> Result<(), JsValue> {
        let record =
            if record.is_undefined() { None } else { Some(from_js_record(record, &self.root).map_err(to_js_error)?) };
        let id = match device(device_id, &self.tokens) {
            Ok(id) => Ok(id),
            Err(Failure::Error(error)) => Err(error),
            Err(thrown) => return Err(to_js_error(thrown)),
        };
        self.deliver(FleetInput::Device { id, record, is_aborted });
        Ok(())
    }

    /// Says that all devices have been added.
    #[wasm_bindgen(js_name = noMoreDevices)]
    pub fn no_more_devices(&self) {
        self.deliver(FleetInput::NoMoreDevices);
    }

    /// Says that a record is kept.
    #[wasm_bindgen(js_name = recordKept)]
    pub fn record_kept(&self, key: u32, number: u32) {
        self.deliver(FleetInput::RecordKept(key, number));
    }

    /// Takes back a device, or ends its wait.
    #[wasm_bindgen(js_name = abortDevice)]
    pub fn abort_device(&self, key: u32) {
        self.deliver(FleetInput::AbortDevice(key));
    }

    /// Ends the fleet.
    pub fn abort(&self) {
        self.deliver(FleetInput::Abort(Js(JsValue::UNDEFINED)));
    }

    fn deliver(&self, input: FleetInput<Js>) {
        deliver(&self.task, Arrival::Input(input));
    }
}

/// Remembers the token source of every run that has not ended, so that its location alone is enough to follow it.
fn remember(options: &Options, tokens: &TokenSource, root: &ServiceRoot) -> OnResult {
    let started_with = Rc::new(started_with(tokens, options, root));
    let root = root.clone();
    Box::new(move |result| {
        let goes_on = matches!(result.outcome, Outcome::StillRunning | Outcome::Aborted);
        let location = result.location.as_deref().filter(|_| goes_on);
        if let Some(location) = location.and_then(|location| root.trust_operation::<Js>(location).ok()) {
            token_store::update(&location, Known { started_with: Some(started_with.clone()), not_before: None });
        }
    })
}
