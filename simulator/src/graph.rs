//! The service: routing and responses. A pure function of its state and the time that is passed in. Paths, pages, errors and
//! faults have their own modules.

use std::collections::VecDeque;

use serde_json::json;
use time::{SignedDuration, UtcDateTime};

use crate::access::{authenticate, authorize};
use crate::batch::{self, Step};
use crate::clock::http_date;
use crate::cors;
use crate::device::Device;
use crate::draft::{DraftBody, ResponseDraft};
use crate::error::GraphError;
use crate::fault::Fault;
use crate::message::{Disposition, Request, Response};
use crate::operation::{Operation, OperationType};
use crate::page::Collection;
use crate::path::{self, Resource};
use crate::query::Options;
use crate::record::Record;
use crate::scenario::{Envelope, NextLinkForm, Scenario};
use crate::select::{DEVICE, EntityType, OPERATION, Selection};
use crate::settings::Settings;
use crate::tenant::Tenant;

/// The limit for the body of a request, in bytes. No call of this service needs more.
pub const BODY_LIMIT: usize = 1024 * 1024;

/// The lifetime of a cacheable response.
const MAX_AGE: SignedDuration = SignedDuration::MINUTE;

/// The challenge of a 401, which says where tokens come from.
const CHALLENGE: &str = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";

/// The simulated service.
pub struct Graph {
    root: String,
    settings: Settings,
    tenant: Tenant,
    /// The devices that were added; not every tenant has them.
    added: Vec<Device>,
    devices: Vec<DeviceState>,
    operations: Vec<Operation>,
    record: Record,
    /// The times of the requests of the last second.
    recent: VecDeque<UtcDateTime>,
    /// The number of ids generated so far; the next one follows from it.
    ids: u64,
}

/// A device, and the faults of the POST that are still to come, last first.
struct DeviceState {
    device: Device,
    post_faults: Vec<Fault>,
}

impl Graph {
    /// A service without devices. `root` is its address without version, such as `https://graph.microsoft.com`.
    pub fn new(root: &str, settings: Settings) -> Graph {
        Graph {
            root: root.to_owned(),
            // Each seed has sixteen million ids of its own.
            ids: u64::from(settings.seed) << 24,
            settings,
            tenant: Tenant::default(),
            added: Vec::new(),
            devices: Vec::new(),
            operations: Vec::new(),
            record: Record::default(),
            recent: VecDeque::new(),
        }
    }

    /// Adds a device, or replaces the one with its id.
    pub fn add_device(&mut self, device: Device) {
        if self.tenant.devices().is_none() {
            upsert(&mut self.devices, DeviceState::from(device.clone()), |known| known.device.id == device.id);
        }
        let id = device.id.clone();
        upsert(&mut self.added, device, |known| known.id == id);
    }

    /// The current tenant.
    pub fn tenant(&self) -> Tenant {
        self.tenant
    }

    /// Changes the tenant; operations and requests are forgotten.
    pub fn enter(&mut self, tenant: Tenant) {
        self.tenant = tenant;
        let devices = tenant.devices().unwrap_or_else(|| self.added.clone());
        self.devices = devices.into_iter().map(DeviceState::from).collect();
        self.reset();
    }

    /// The delay of the response to a request, without the time on the network. A batch takes as long as its slowest request.
    pub fn latency(&self, request: &Request) -> SignedDuration {
        match Resource::parse(request.path_and_query().0) {
            Ok(Resource::Devices) if request.method == "GET" => self.tenant.list_latency(),
            Ok(Resource::Batch(version)) => {
                let steps = batch::steps(version, request).unwrap_or_default();
                steps.iter().map(|step| self.latency(&step.request)).max().unwrap_or_default()
            }
            _ => SignedDuration::ZERO,
        }
    }

    /// Every operation that was started, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The last 10,000 requests, in order; fewer if they exceed 64 MiB together. The first 16 KiB of each body are kept.
    pub fn requests(&self) -> &VecDeque<Request> {
        self.record.requests()
    }

    /// Forgets operations and requests; scripted faults begin again. The devices stay, and ids are never reused.
    pub fn reset(&mut self) {
        self.operations.clear();
        self.record.clear();
        self.recent.clear();
        for state in &mut self.devices {
            state.reset_faults();
        }
    }

    /// Handles a request. `now` is the current time.
    pub fn handle(&mut self, now: UtcDateTime, request: &Request) -> Disposition {
        self.record.add(request);
        let request_id = self.next_id();
        match self.disposition(now, request) {
            Disposition::Respond(draft) => Disposition::Respond(self.complete(now, request, request_id, draft)),
            Disposition::Reset => Disposition::Reset,
            Disposition::Hang => Disposition::Hang,
        }
    }

    fn disposition(&mut self, now: UtcDateTime, request: &Request) -> Disposition<ResponseDraft> {
        if request.body.len() > BODY_LIMIT {
            return GraphError::too_large().into();
        }
        if request.method == "OPTIONS" {
            return cors::preflight(request).into();
        }
        match Resource::parse(request.path_and_query().0) {
            Ok(Resource::Batch(version)) => self.batch(now, request, version).unwrap_or_else(Disposition::from),
            _ => self.single(now, request),
        }
    }

    /// `POST /$batch`. The responses come in another order than the requests, as Graph permits, so that no client relies on
    /// the order.
    fn batch(
        &mut self,
        now: UtcDateTime,
        request: &Request,
        version: &'static str,
    ) -> Result<Disposition<ResponseDraft>, GraphError> {
        authenticate(request)?;
        Options::parse(request.path_and_query().1, &Resource::Batch(version))?;
        if request.method != "POST" {
            return Err(GraphError::method_not_allowed());
        }
        let mut responses = Vec::new();
        let mut failed = Vec::new();
        for step in batch::steps(version, request)? {
            let response = self.step(now, &step, &failed);
            responses.push(batch::response_item(&step.id, &response));
            if response.status >= 400 {
                failed.push(step.id.to_ascii_lowercase());
            }
        }
        responses.reverse();
        Ok(ResponseDraft::document(&json!({ "responses": responses })).into())
    }

    /// One request of a batch: it counts towards the quota, and may fail, by itself.
    fn step(&mut self, now: UtcDateTime, step: &Step, failed: &[String]) -> Response {
        let request_id = self.next_id();
        let disposition = match step.depends_on.iter().any(|id| failed.contains(&id.to_ascii_lowercase())) {
            true => GraphError::of_status(424).into(),
            false => self.single(now, &step.request),
        };
        let draft = match disposition {
            Disposition::Respond(draft) => draft,
            Disposition::Reset | Disposition::Hang => GraphError::of_status(504).into(),
        };
        self.complete(now, &step.request, request_id, draft)
    }

    /// Handles a request that is not a batch.
    fn single(&mut self, now: UtcDateTime, request: &Request) -> Disposition<ResponseDraft> {
        if self.is_over_quota(now) {
            return ResponseDraft::from(GraphError::too_many_requests()).with("Retry-After", "1").into();
        }
        self.route(now, request).unwrap_or_else(Disposition::from)
    }

    /// Routes a request. A path that does not exist is refused before the token is checked.
    fn route(&mut self, now: UtcDateTime, request: &Request) -> Result<Disposition<ResponseDraft>, GraphError> {
        let (path, query) = request.path_and_query();
        let resource = Resource::parse(path)?;
        authorize(request)?;
        let options = Options::parse(query, &resource)?;
        match (request.method.as_str(), resource) {
            ("GET", Resource::Devices) => self.list_devices(now, &options).map(Disposition::from),
            ("GET", Resource::Device(id)) => self.get_device(now, &id, &options).map(Disposition::from),
            ("POST", Resource::Action(id, operation_type)) => Ok(self.start(now, request, &id, operation_type)),
            ("GET", Resource::Operations(id)) => self.list_operations(now, &id, &options).map(Disposition::from),
            ("GET", Resource::Operation(device_id, id)) => self.poll(now, request, &device_id, &id, &options),
            (_, Resource::Batch(_)) => Err(GraphError::bad_request("A batch cannot hold another batch.".to_owned())),
            _ => Err(GraphError::method_not_allowed()),
        }
    }

    /// Whether the quota is exceeded. Refused requests count as well.
    fn is_over_quota(&mut self, now: UtcDateTime) -> bool {
        let Some(limit) = self.settings.requests_per_second else { return false };
        self.recent.push_back(now);
        while self.recent.front().is_some_and(|&at| now - at >= SignedDuration::SECOND) {
            self.recent.pop_front();
        }
        self.recent.len() > limit
    }

    /// `GET /teamwork/devices`.
    fn list_devices(&self, now: UtcDateTime, options: &Options) -> Result<ResponseDraft, GraphError> {
        if let Some(refusal) = self.tenant.refusal() {
            return Err(refusal);
        }
        let all = self.devices.iter().map(|state| state.device.document(now)).collect();
        let collection = self.collection(path::DEVICES.to_owned(), "teamwork/devices", &DEVICE);
        Ok(ResponseDraft::document(&collection.page(all, options)?))
    }

    /// `GET /teamwork/devices/{id}`.
    fn get_device(&self, now: UtcDateTime, id: &str, options: &Options) -> Result<ResponseDraft, GraphError> {
        let selection = Selection::parse(options.get("select"), &DEVICE)?;
        Ok(ResponseDraft::document(&selection.of(self.device(id)?.document(now))))
    }

    /// `POST …/runDiagnostics` and its siblings.
    fn start(
        &mut self,
        now: UtcDateTime,
        request: &Request,
        device_id: &str,
        operation_type: OperationType,
    ) -> Disposition<ResponseDraft> {
        let Some(state) = self.devices.iter_mut().find(|state| state.device.id.eq_ignore_ascii_case(device_id)) else {
            return GraphError::not_found("device").into();
        };
        let scenario = state.device.scenario.clone();
        let device_id = state.device.id.clone();
        let waits = |operation: &Operation| operation.device_id == device_id && operation.step(now) < 2;
        let is_occupied = scenario.has_foreign_operation || self.operations.iter().any(waits);
        // A fault after the start can only occur if the start succeeds.
        let fault = match state.post_faults.last() {
            Some(fault) if fault.comes_after() && is_occupied => None,
            Some(fault) if scenario.repeat_last_post_fault && state.post_faults.len() == 1 => Some(fault.clone()),
            _ => state.post_faults.pop(),
        };
        if let Some(fault) = fault {
            if fault.comes_after() {
                self.begin(now, &device_id, operation_type, scenario);
            }
            return fault.disposition(request, "{}");
        }
        if is_occupied {
            return GraphError::conflict().into();
        }
        let mut draft = ResponseDraft::new(202, DraftBody::Empty);
        if let Some(wait) = &scenario.running_retry_after {
            draft = draft.with("Retry-After", wait);
        }
        let form = scenario.location.clone().unwrap_or_else(|| self.settings.location.clone());
        let operation_id = self.begin(now, &device_id, operation_type, scenario);
        match path::location(&form, &self.root, &device_id, &operation_id) {
            Some(location) => draft.with("Location", location).into(),
            None => draft.into(),
        }
    }

    /// Adds an operation; the faults of its device begin again.
    fn begin(&mut self, now: UtcDateTime, device_id: &str, operation_type: OperationType, scenario: Scenario) -> String {
        let id = self.next_id();
        if let Some(state) = self.devices.iter_mut().find(|state| state.device.id == device_id) {
            state.reset_faults();
        }
        self.operations.push(Operation {
            id: id.clone(),
            device_id: device_id.to_owned(),
            operation_type,
            created: now,
            created_by: scenario.administrator.clone().unwrap_or_else(|| "Simulated administrator".to_owned()),
            pace: self.settings.pace,
            poll_faults: scenario.poll_faults.iter().rev().cloned().collect(),
            scenario,
        });
        id
    }

    /// `GET …/operations`: the other administrator's operation first, then the newest first.
    fn list_operations(&self, now: UtcDateTime, device_id: &str, options: &Options) -> Result<ResponseDraft, GraphError> {
        let device = self.device(device_id)?;
        let dates = device.scenario.dates.unwrap_or(self.settings.dates);
        let other = device.scenario.has_foreign_operation.then(|| Operation::of_another_administrator(device));
        let own = self.operations.iter().rev().filter(|operation| operation.device_id == device.id);
        let all = other.iter().chain(own).map(|operation| operation.document_in_list(now, dates)).collect();
        let context = format!("teamwork/devices('{}')/operations", device.id);
        let collection = self.collection(path::operations(&device.id), &context, &OPERATION);
        Ok(ResponseDraft::document(&collection.page(all, options)?))
    }

    /// `GET …/operations/{id}`.
    fn poll(
        &mut self,
        now: UtcDateTime,
        request: &Request,
        device_id: &str,
        operation_id: &str,
        options: &Options,
    ) -> Result<Disposition<ResponseDraft>, GraphError> {
        let selection = Selection::parse(options.get("select"), &OPERATION)?;
        let device = self.device(device_id)?;
        let mut other = device.scenario.has_foreign_operation.then(|| Operation::of_another_administrator(device));
        let same = |operation: &&mut Operation| {
            operation.id.eq_ignore_ascii_case(operation_id) && operation.device_id.eq_ignore_ascii_case(device_id)
        };
        let found = self.operations.iter_mut().chain(&mut other).find(same);
        let operation = found.ok_or_else(|| GraphError::not_found("operation"))?;
        let dates = operation.scenario.dates.unwrap_or(self.settings.dates);
        let document = selection.of(operation.document(now, dates));
        let document = match operation.scenario.envelope.unwrap_or(self.settings.envelope) {
            Envelope::Wrapped => json!({ "value": document }),
            Envelope::Bare => document,
        };
        if let Some(Some(fault)) = operation.poll_faults.pop() {
            return Ok(fault.disposition(request, &document.to_string()));
        }
        let draft = ResponseDraft::document(&document);
        Ok(match &operation.scenario.running_retry_after {
            Some(wait) if !operation.has_ended(now) => draft.with("Retry-After", wait).into(),
            _ => draft.into(),
        })
    }

    /// Adds the header fields that every response has.
    fn complete(&self, now: UtcDateTime, request: &Request, request_id: String, draft: ResponseDraft) -> Response {
        let is_cacheable = self.settings.cacheable && request.method == "GET";
        let caching = if is_cacheable { format!("max-age={}", MAX_AGE.whole_seconds()) } else { "no-store".to_owned() };
        let client_request_id = request.header("client-request-id").unwrap_or(&request_id).to_owned();
        let (content_type, body) = match &draft.body {
            DraftBody::Empty => ("text/plain", String::new()),
            DraftBody::Text(media_type, text) => (*media_type, text.clone()),
            DraftBody::Error(error) => ("application/json", error.body(now, &request_id, &client_request_id).to_string()),
        };
        let fields = [
            ("Date", http_date(now)),
            ("Cache-Control", caching),
            ("Content-Type", content_type.to_owned()),
            ("Content-Length", body.len().to_string()),
            ("request-id", request_id),
            ("client-request-id", client_request_id),
            ("Access-Control-Allow-Origin", "*".to_owned()),
            ("Access-Control-Expose-Headers", cors::exposed(&self.settings)),
        ];
        let mut headers = fields.map(|(name, value)| (name.to_owned(), value)).to_vec();
        if is_cacheable {
            headers.push(("Expires".to_owned(), http_date(now.saturating_add(MAX_AGE))));
        }
        let has_challenge = draft.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("WWW-Authenticate"));
        if draft.status == 401 && !has_challenge {
            headers.push(("WWW-Authenticate".to_owned(), CHALLENGE.to_owned()));
        }
        headers.extend(draft.headers);
        Response { status: draft.status, headers, body }
    }

    fn device(&self, id: &str) -> Result<&Device, GraphError> {
        let mut devices = self.devices.iter().map(|state| &state.device);
        devices.find(|device| device.id.eq_ignore_ascii_case(id)).ok_or_else(|| GraphError::not_found("device"))
    }

    /// A collection at a path without version.
    fn collection(&self, path: String, context: &str, entity_type: &'static EntityType) -> Collection {
        let context = format!("{}/beta/$metadata#{context}", self.root);
        let link = match self.settings.next_link {
            NextLinkForm::Relative => path,
            NextLinkForm::Absolute => format!("{}/beta{path}", self.root),
        };
        Collection { link, context, entity_type, page_size: self.settings.page_size }
    }

    /// A GUID that looks random but is the same in every run.
    fn next_id(&mut self) -> String {
        self.ids += 1;
        format!("{:08x}-5157-4d00-8000-{:012x}", self.ids.wrapping_mul(2_654_435_761) & 0xffff_ffff, self.ids)
    }
}

impl From<Device> for DeviceState {
    fn from(device: Device) -> DeviceState {
        let mut state = DeviceState { device, post_faults: Vec::new() };
        state.reset_faults();
        state
    }
}

impl DeviceState {
    /// Starts the scripted faults again.
    fn reset_faults(&mut self) {
        self.post_faults = self.device.scenario.post_faults.iter().rev().cloned().collect();
    }
}

/// Adds an item, or replaces the one that matches.
fn upsert<T>(items: &mut Vec<T>, item: T, is_same: impl Fn(&T) -> bool) {
    match items.iter_mut().find(|known| is_same(known)) {
        Some(known) => *known = item,
        None => items.push(item),
    }
}
