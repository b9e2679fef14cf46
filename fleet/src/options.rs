//! The options that only a fleet has.

use teams_device_diagnostics::bindings::options::{Checked, Given, wrong};
use teams_device_diagnostics::protocol::time::Millis;
use wasm_bindgen::prelude::*;

/// The options that only a fleet has.
pub struct FleetOptions {
    /// `concurrency`
    pub concurrency: usize,
    /// `maxRequestsPerSecond`
    pub requests_per_second: f64,
    /// `pauseTimeout`
    pub pause_timeout: Millis,
}

impl FleetOptions {
    /// Reads the options, which are a plain object already.
    ///
    /// # Errors
    /// `invalidArgument`, which names the option.
    pub fn read(options: &JsValue) -> Checked<FleetOptions> {
        let given = Given(options.clone());
        let mut pause_timeout = Millis::FOREVER;
        given.millis("pauseTimeout", f64::INFINITY, &mut pause_timeout)?;
        Ok(FleetOptions {
            concurrency: concurrency(&given)?,
            requests_per_second: requests_per_second(&given)?,
            pause_timeout,
        })
    }
}

fn concurrency(given: &Given) -> Checked<usize> {
    let Some(value) = given.option("concurrency") else { return Ok(usize::MAX) };
    // More devices than memory has room for are no limit, like Infinity.
    let count = value.as_f64().filter(|count| *count >= 1.0 && (*count == count.trunc() || count.is_infinite()));
    count.map(|count| count as usize).ok_or_else(|| wrong("concurrency", "must be a whole number, at least 1"))
}

fn requests_per_second(given: &Given) -> Checked<f64> {
    let Some(value) = given.option("maxRequestsPerSecond") else { return Ok(10.0) };
    let rate = value.as_f64().filter(|rate| *rate > 0.0 && *rate <= 1_000.0);
    rate.ok_or_else(|| wrong("maxRequestsPerSecond", "must be a number, more than 0 and at most 1,000"))
}
