//! The simulated Graph as a class of JavaScript. Documents cross the boundary as JSON.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use time::UtcDateTime;
use wasm_bindgen::prelude::*;

use crate::{BodyEnd, Dates, Device, Disposition, Graph, Request, Settings, Tenant, catalogue, milliseconds};

/// The simulated service.
#[wasm_bindgen]
pub struct SimulatedGraph(Graph);

#[wasm_bindgen]
impl SimulatedGraph {
    /// A service without devices.
    ///
    /// * `root`: its address without version
    /// * `settings`: [`Settings`]
    ///
    /// # Errors
    /// Says which member of the settings is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(root: &str, settings: &str) -> Result<SimulatedGraph, String> {
        Ok(SimulatedGraph(Graph::new(root, read::<Settings>(settings)?)))
    }

    /// Adds a [`Device`], or replaces the one with its id.
    ///
    /// # Errors
    /// Says which member of the device is wrong.
    #[wasm_bindgen(js_name = addDevice)]
    pub fn add_device(&mut self, device: &str) -> Result<(), String> {
        self.0.add_device(read::<Device>(device)?);
        Ok(())
    }

    /// Adds every device of the catalogue.
    #[wasm_bindgen(js_name = addCatalogue)]
    pub fn add_catalogue(&mut self) {
        catalogue().into_iter().for_each(|device| self.0.add_device(device));
    }

    /// Handles a request at a time in milliseconds since the Unix epoch. Returns what becomes of it, and the delay of the
    /// response in milliseconds.
    ///
    /// * `request`: the method, the target and the header fields
    ///
    /// # Errors
    /// The time is none.
    pub fn handle(&mut self, now: f64, request: &str, body: Vec<u8>) -> Result<String, String> {
        let (method, target, headers) = read(request)?;
        let request = Request { method, target, headers, body };
        let disposition = self.0.handle(moment(now)?, &request);
        let delay = self.0.latency(&request).as_seconds_f64() * 1_000.0;
        let disposition = match disposition {
            Disposition::Respond(response) => {
                let end = match response.end {
                    BodyEnd::Complete => "complete",
                    BodyEnd::Reset => "reset",
                    BodyEnd::Hang => "hang",
                };
                json!({ "status": response.status, "headers": response.headers, "body": response.body, "end": end })
            }
            Disposition::Reset => Value::from("reset"),
            Disposition::Hang => Value::from("hang"),
        };
        Ok(json!([disposition, delay]).to_string())
    }

    /// The requests so far.
    pub fn requests(&self) -> String {
        let requests = self.0.requests().iter().map(|request| {
            let Request { method, target, headers, body } = request;
            json!({ "method": method, "target": target, "headers": headers, "body": String::from_utf8_lossy(body) })
        });
        Value::from_iter(requests).to_string()
    }

    /// The operations so far, as they are at a time.
    ///
    /// # Errors
    /// The time is none.
    pub fn operations(&self, now: f64) -> Result<String, String> {
        let now = moment(now)?;
        let documents = self.0.operations().iter().map(|operation| {
            let mut document = operation.document(now, Dates::Iso);
            document["deviceId"] = operation.device_id.clone().into();
            document
        });
        Ok(Value::from_iter(documents).to_string())
    }

    /// Forgets operations and requests; scripted faults begin again.
    pub fn reset(&mut self) {
        self.0.reset();
    }

    /// The name of the current tenant, and all tenants that can be chosen.
    pub fn tenants(&self) -> String {
        let all = Tenant::ALL
            .into_iter()
            .map(|tenant| json!({ "name": tenant.name(), "title": tenant.title(), "about": tenant.about() }));
        json!({ "tenant": self.0.tenant().name(), "tenants": Value::from_iter(all) }).to_string()
    }

    /// Changes the tenant, and forgets operations and requests. Returns whether there is a tenant with this name.
    pub fn enter(&mut self, name: &str) -> bool {
        Tenant::named(name).map(|tenant| self.0.enter(tenant)).is_some()
    }
}

/// Reads a document; an error begins with the path of the member that is wrong.
fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_str(json)).map_err(|error| error.to_string())
}

fn moment(milliseconds_since_epoch: f64) -> Result<UtcDateTime, String> {
    let since_epoch = milliseconds(milliseconds_since_epoch);
    UtcDateTime::UNIX_EPOCH.checked_add(since_epoch).ok_or_else(|| "the time is outside the years 0 to 9999".to_owned())
}
