//! A simulated tenant with the catalogue's devices, a clock that only tests advance, and short ways to send requests.

use serde_json::Value;
use teams_device_diagnostics_simulator::{Device, Disposition, Graph, Request, Response, Scenario, Settings, catalogue};
use time::macros::utc_datetime;
use time::{SignedDuration, UtcDateTime};

pub const ROOT: &str = "https://graph.microsoft.com";
/// A Sunday.
pub const START: UtcDateTime = utc_datetime!(2025-06-15 15:06:40);

pub struct Tenant {
    pub graph: Graph,
    pub now: UtcDateTime,
    pub token: &'static str,
}

impl Tenant {
    pub fn new() -> Tenant {
        Tenant::with(Settings::default())
    }

    pub fn with(settings: Settings) -> Tenant {
        let mut graph = Graph::new(ROOT, settings);
        catalogue().into_iter().for_each(|device| graph.add_device(device));
        Tenant { graph, now: START, token: "any" }
    }

    /// Adds a device.
    pub fn and(mut self, id: &str, scenario: Scenario) -> Tenant {
        let mut device: Device = serde_json::from_value(serde_json::json!({ "id": id })).unwrap();
        device.scenario = scenario;
        self.graph.add_device(device);
        self
    }

    pub fn send(&mut self, method: &str, target: &str, headers: &[(&str, &str)]) -> Disposition {
        let mut headers: Vec<(String, String)> =
            headers.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        headers.push(("Authorization".into(), format!("Bearer {}", self.token)));
        let request = Request { method: method.into(), target: target.into(), headers, body: Vec::new() };
        self.graph.handle(self.now, &request)
    }

    pub fn get(&mut self, target: &str) -> Response {
        responded(self.send("GET", target, &[]))
    }

    pub fn post(&mut self, target: &str) -> Response {
        responded(self.send("POST", target, &[]))
    }

    /// Starts diagnostics on a device.
    pub fn run(&mut self, device: &str) -> Response {
        self.post(&diagnostics_of(device))
    }

    /// The path of the operation that was started last.
    pub fn operation(&self) -> String {
        let operation = self.graph.operations().last().expect("an operation was started");
        format!("/beta/teamwork/devices/{}/operations/{}", operation.device_id, operation.id)
    }

    /// Polls the operation that was started last.
    pub fn poll(&mut self) -> Response {
        self.get(&self.operation())
    }

    pub fn wait(&mut self, length: SignedDuration) {
        self.now += length;
    }
}

pub fn diagnostics_of(device: &str) -> String {
    format!("/beta/teamwork/devices/{device}/runDiagnostics")
}

pub fn responded(disposition: Disposition) -> Response {
    match disposition {
        Disposition::Respond(response) => response,
        other => panic!("no response: {other:?}"),
    }
}

pub fn json(response: &Response) -> Value {
    serde_json::from_str(&response.body).unwrap_or_else(|error| panic!("{error} in {:?}", response.body))
}
