//! The service's response to a request that has reached it: the model's, with replicas that lag behind, operations that vary
//! and tokens that are refused.

use teams_device_diagnostics::protocol::device_id::percent_encoded;
use teams_device_diagnostics::protocol::http::Request;
use teams_device_diagnostics::protocol::time::Millis;
use teams_device_diagnostics_simulator::{self as simulator, Disposition, Operation};
use time::UtcDateTime;

use crate::calendar::{duration, utc};
use crate::document::Document;
use crate::network::{is_list, plain, token_of};
use crate::plan::FOREIGN;
use crate::service::{Service, request_of_another};

/// base64 of `{"x":1}`
const CLAIMS: &str = "eyJ4IjoxfQ==";

impl Service {
    pub fn read(&self, request: &Request<Document>) -> simulator::Response {
        let now = utc(self.service_time());
        self.let_others_start(now);
        let token = token_of(request);
        let target = request.url.as_str().strip_prefix("https://graph.microsoft.com").unwrap_or_default();
        let graph = self.graph.borrow();
        let operation = graph.operations().iter().find(|operation| target.contains(&operation.id)).cloned();
        drop(graph);
        if let Some(refusal) = self.refusal(&token, target) {
            return refusal;
        }
        if is_list(request) && self.plan.list_is_forbidden {
            return plain(403);
        }
        if operation.as_ref().is_some_and(|operation| is_newer(operation, self.plan.replication, now)) {
            return plain(404);
        }
        let mut response = self.handle(request.method.as_str(), target, &token, now);
        if is_list(request) {
            self.let_list_lag_behind(&mut response, now);
        }
        if let Some(operation) = operation.filter(|operation| !operation.has_ended(now) && response.status == 200) {
            self.vary(&operation, &mut response);
        }
        response
    }

    fn let_others_start(&self, now: UtcDateTime) {
        self.starts_of_others.borrow_mut().retain(|(at, device)| {
            let is_due = self.clock.now() >= *at;
            if is_due {
                self.graph.borrow_mut().handle(now, &request_of_another(device, "runDiagnostics"));
            }
            !is_due
        });
    }

    /// The model's own response.
    fn handle(&self, method: &str, target: &str, token: &str, now: UtcDateTime) -> simulator::Response {
        let received = simulator::Request {
            method: method.into(),
            target: target.into(),
            headers: vec![("authorization".into(), format!("Bearer {token}"))],
            body: Vec::new(),
        };
        let mut graph = self.graph.borrow_mut();
        let before = graph.operations().len();
        let Disposition::Respond(response) = graph.handle(now, &received) else {
            unreachable!("the model itself never fails")
        };
        if let Some(started) = graph.operations().get(before) {
            self.record.started.borrow_mut().push(started.id.clone());
        }
        response
    }

    fn let_list_lag_behind(&self, response: &mut simulator::Response, now: UtcDateTime) {
        let graph = self.graph.borrow();
        let is_new = |id: &str| {
            let mut all = graph.operations().iter();
            all.any(|operation| operation.id == id && is_newer(operation, self.plan.list_lag, now))
        };
        let mut document: serde_json::Value = serde_json::from_str(&response.body).unwrap_or_default();
        if let Some(items) = document["value"].as_array_mut() {
            items.retain(|item| !is_new(item["id"].as_str().unwrap_or_default()));
            response.body = document.to_string();
        }
    }

    /// A running operation may return to an earlier status, move, get a 202, and request a wait before the next poll.
    fn vary(&self, operation: &Operation, response: &mut simulator::Response) {
        if !self.rng.happens(self.plan.fault_rate) {
            return;
        }
        match self.rng.below(5) {
            0 => response.body = response.body.replace("\"InProgress\"", "\"Queued\""),
            1 => {
                let (device, id) = (percent_encoded(&operation.device_id), &operation.id);
                let path = format!("/teamwork/devices/{device}/operations/{id}?moved={}", self.rng.below(3));
                let location = match self.rng.below(8) {
                    0 => self.rng.pick(&FOREIGN).to_owned(),
                    1..=3 => format!("/beta{path}"),
                    4 => format!("https://graph.microsoft.com/beta{path}"),
                    _ => path,
                };
                response.headers.push(("Location".into(), location));
            }
            2 => {
                response.status = 202;
                response.body.clear();
            }
            _ => {}
        }
    }

    /// A 401, if the token is too old, lacks claims, or is refused in any case or for this device.
    fn refusal(&self, token: &str, url: &str) -> Option<simulator::Response> {
        let now = self.clock.now();
        let token = self.token_source.issued(token)?;
        let is_refused = self.plan.refused.contains(&now);
        let lacks_claims = now >= self.plan.claims_from && !token.has_claims;
        let challenge = if lacks_claims || (is_refused && self.rng.happens(0.5)) {
            let other = if self.rng.happens(0.5) { "PoP nonce=\"ey==\", " } else { "" };
            format!("{other}Bearer realm=\"\", error=\"insufficient_claims\", claims=\"{CLAIMS}\"")
        } else if is_refused || now - token.issued_at > self.plan.token_life || self.refuses_alone(url) {
            "Bearer error=\"invalid_token\"".to_owned()
        } else {
            return None;
        };
        let mut response = plain(401);
        response.headers.push(("WWW-Authenticate".into(), challenge));
        Some(response)
    }

    /// It ends again: a fleet of one such device would wait for a better token.
    fn refuses_alone(&self, url: &str) -> bool {
        if self.clock.now() >= self.refused_alone_until {
            return false;
        }
        let path = |id| ["/devices/", &percent_encoded(id), "/"].concat();
        self.refused_alone.iter().any(|id| url.contains(&path(id)))
    }
}

/// Whether an operation was created less than this long ago.
fn is_newer(operation: &Operation, length: Millis, now: UtcDateTime) -> bool {
    now < operation.created + duration(length)
}
