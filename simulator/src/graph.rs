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
use crate::draft::{DraftBody, ResponseDraft, first_half};
use crate::error::GraphError;
use crate::inventory::Inventory;
use crate::message::{BodyEnd, Disposition, Request, Response};
use crate::operation::{Operation, OperationType};
use crate::operations::Operations;
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

/// The statuses of responses without a body (RFC 9110, section 15; a 205 is here too, because `fetch` treats it so).
const BODILESS: [u16; 3] = [204, 205, 304];

/// The challenge of a 401, which says where tokens come from.
const CHALLENGE: &str = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";

/// The simulated service.
pub struct Graph {
    root: String,
    settings: Settings,
    tenant: Tenant,
    /// The devices that were added, which the tenants without devices of their own have.
    added: Inventory,
    devices: Inventory,
    operations: Operations,
    record: Record,
    /// The times of the requests of the last second.
    recent: VecDeque<UtcDateTime>,
    /// The number of ids generated so far; the next one follows from it.
    ids: u64,
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
            added: Inventory::default(),
            devices: Inventory::default(),
            operations: Operations::default(),
            record: Record::default(),
            recent: VecDeque::new(),
        }
    }

    /// Adds a device to the current tenant, and to those that have no devices of their own; or replaces the one with its id.
    pub fn add_device(&mut self, device: Device) {
        self.devices.put(device.clone());
        self.added.put(device);
    }

    /// The current tenant.
    pub fn tenant(&self) -> Tenant {
        self.tenant
    }

    /// Changes the tenant; operations and requests are forgotten.
    pub fn enter(&mut self, tenant: Tenant) {
        self.tenant = tenant;
        self.devices = match tenant.devices() {
            Some(devices) => devices.into_iter().collect(),
            None => self.added.devices().cloned().collect(),
        };
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
        self.operations.all()
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
        self.devices.reset_faults();
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
            Disposition::Respond(draft) if draft.body.is_whole() => draft,
            _ => GraphError::of_status(504).into(),
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

    /// Whether the quota is exceeded. Refused requests count as well. The clock of a test may go back.
    fn is_over_quota(&mut self, now: UtcDateTime) -> bool {
        let Some(limit) = self.settings.requests_per_second else { return false };
        self.recent.push_back(now);
        self.recent.retain(|&at| at <= now && now - at < SignedDuration::SECOND);
        self.recent.len() > limit
    }

    /// `GET /teamwork/devices`.
    fn list_devices(&self, now: UtcDateTime, options: &Options) -> Result<ResponseDraft, GraphError> {
        if let Some(refusal) = self.tenant.refusal() {
            return Err(refusal);
        }
        let collection = self.collection(path::DEVICES.to_owned(), "teamwork/devices", &DEVICE);
        let page = collection.page(self.devices.devices(), |device| device.document(now), options)?;
        Ok(ResponseDraft::document(&page))
    }

    /// `GET /teamwork/devices/{id}`.
    fn get_device(&self, now: UtcDateTime, id: &str, options: &Options) -> Result<ResponseDraft, GraphError> {
        let selection = Selection::parse(options.get("select"), &DEVICE)?;
        Ok(ResponseDraft::document(&selection.of(self.devices.device(id)?.document(now))))
    }

    /// `POST …/runDiagnostics` and its siblings.
    fn start(
        &mut self,
        now: UtcDateTime,
        request: &Request,
        device_id: &str,
        operation_type: OperationType,
    ) -> Disposition<ResponseDraft> {
        let state = match self.devices.state(device_id) {
            Ok(state) => state,
            Err(error) => return error.into(),
        };
        let scenario = state.device.scenario.clone();
        let device_id = state.device.id.clone();
        let waits = self.operations.of_device(&device_id).any(|operation| operation.step(now) < 2);
        let is_occupied = scenario.has_foreign_operation || waits;
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
        if let Ok(state) = self.devices.state(device_id) {
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
        let device = self.devices.device(device_id)?;
        let dates = device.scenario.dates.unwrap_or(self.settings.dates);
        let other = device.scenario.has_foreign_operation.then(|| Operation::of_another_administrator(device));
        let all = other.iter().chain(self.operations.of_device(&device.id));
        let context = format!("teamwork/devices('{}')/operations", device.id);
        let collection = self.collection(path::operations(&device.id), &context, &OPERATION);
        let page = collection.page(all, |operation| operation.document_in_list(now, dates), options)?;
        Ok(ResponseDraft::document(&page))
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
        let device = self.devices.device(device_id)?;
        let mut other = device.scenario.has_foreign_operation.then(|| Operation::of_another_administrator(device));
        let other = other.as_mut().filter(|operation| operation.id.eq_ignore_ascii_case(operation_id));
        let found = self.operations.find(device_id, operation_id).or(other);
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
        let (content_type, document) = match &draft.body {
            DraftBody::Empty => ("text/plain", String::new()),
            DraftBody::Text(media_type, text) => (*media_type, text.clone()),
            DraftBody::Half(text, _) => ("application/json", text.clone()),
            DraftBody::Error(error) => ("application/json", error.body(now, &request_id, &client_request_id).to_string()),
        };
        let length = document.len();
        let (body, end) = match draft.body {
            DraftBody::Half(_, end) => (first_half(&document), end),
            _ if BODILESS.contains(&draft.status) => (String::new(), BodyEnd::Complete),
            _ => (document, BodyEnd::Complete),
        };
        let fields = [
            ("Date", http_date(now)),
            ("Cache-Control", caching),
            ("Content-Type", content_type.to_owned()),
            ("Content-Length", length.to_string()),
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
        let is_replaced = |name: &str| draft.headers.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
        let is_of_body = |name: &str| BODILESS.contains(&draft.status) && name.starts_with("Content-");
        headers.retain(|(name, _)| !is_replaced(name) && !is_of_body(name));
        headers.extend(draft.headers);
        Response { status: draft.status, headers, body, end }
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
