//! The service: who may do what, which path means what, and what is answered. A pure function of its state and the time.

use std::collections::VecDeque;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Value, json};

use crate::clock::http_date;
use crate::device::Device;
use crate::error::GraphError;
use crate::message::{Answer, Request, Response};
use crate::operation::{Operation, OperationType};
use crate::scenario::{Body, Dates, Envelope, Fault, LocationForm, Scenario};

const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const READ: &str = "TeamworkDevice.Read.All, TeamworkDevice.ReadWrite.All";
const WRITE: &str = "TeamworkDevice.ReadWrite.All";
/// How many requests are kept for inspection.
const REQUESTS_KEPT: usize = 10_000;
/// The page size of Graph's collections here, and its limit.
const PAGE: usize = 20;
const LARGEST_PAGE: usize = 50;

/// How the service behaves as a whole; devices can differ from it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Milliseconds that an operation spends in each of the states Queued, Scheduled and InProgress.
    pub pace_ms: f64,
    /// How `Location` is written.
    pub location: LocationForm,
    /// How one operation is sent.
    pub envelope: Envelope,
    /// How times are written.
    pub dates: Dates,
    /// Whether pages may read `Retry-After` (CORS).
    pub expose_retry_after: bool,
    /// Whether pages may read `Location` (CORS).
    pub expose_location: bool,
    /// How many requests are taken in a second before 429; no limit when there is none.
    pub requests_per_second: Option<usize>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            pace_ms: 1_000.0,
            location: LocationForm::default(),
            envelope: Envelope::default(),
            dates: Dates::default(),
            expose_retry_after: true,
            expose_location: true,
            requests_per_second: None,
        }
    }
}

struct Managed {
    device: Device,
    /// Faults of the POST that are still to come, last first.
    start: Vec<Fault>,
}

/// What goes into an answer: status, extra header fields, body with its type.
type Reply = (u16, Vec<(String, String)>, Option<(&'static str, String)>);

/// What becomes of a request before headers that every answer has are added.
enum Course {
    Reply(Reply),
    Error(GraphError),
    Reset,
    Hang,
}

/// The simulated service.
pub struct Graph {
    root: String,
    settings: Settings,
    devices: Vec<Managed>,
    operations: Vec<Operation>,
    requests: VecDeque<Request>,
    /// When the requests of the last second came.
    recent: VecDeque<f64>,
    ids: u64,
}

impl Graph {
    /// A service without devices. `root` is its address without version, such as `https://graph.microsoft.com`.
    pub fn new(root: &str, settings: Settings) -> Graph {
        let (devices, operations) = (Vec::new(), Vec::new());
        let (requests, recent) = (VecDeque::new(), VecDeque::new());
        Graph { root: root.to_owned(), settings, devices, operations, requests, recent, ids: 0 }
    }

    /// Adds a device, or replaces the one of that id.
    pub fn add_device(&mut self, device: Device) {
        self.devices.retain(|managed| managed.device.id != device.id);
        let start = device.scenario.start.iter().rev().cloned().collect();
        self.devices.push(Managed { device, start });
    }

    /// Every operation that was started, in order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The last requests that were received, in order.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter()
    }

    /// Answers a request. `now_ms` is the time, in milliseconds since the Unix epoch.
    pub fn answer(&mut self, now_ms: f64, request: &Request) -> Answer {
        if self.requests.len() == REQUESTS_KEPT {
            self.requests.pop_front();
        }
        self.requests.push_back(request.clone());
        let request_id = self.guid();
        let client_request_id = request.header("client-request-id").unwrap_or(&request_id).to_owned();
        let (status, fields, body) = match self.course(now_ms, request) {
            Course::Reset => return Answer::Reset,
            Course::Hang => return Answer::Hang,
            Course::Reply(reply) => reply,
            Course::Error(error) => {
                let mut fields = Vec::new();
                if error.status == 401 {
                    let challenge =
                        "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\"";
                    fields.push(("WWW-Authenticate".to_owned(), challenge.to_owned()));
                }
                let body = error.body(now_ms, &request_id, &client_request_id).to_string();
                (error.status, fields, Some(("application/json", body)))
            }
        };
        let mut headers = self.common_headers(now_ms, request_id, client_request_id);
        headers.extend(fields);
        let (content_type, body) = body.unwrap_or(("text/plain", String::new()));
        headers.push(("Content-Type".into(), content_type.into()));
        Answer::Respond(Response { status, headers, body })
    }

    fn common_headers(&self, now_ms: f64, request_id: String, client_request_id: String) -> Vec<(String, String)> {
        let mut exposed = vec!["ETag", "Preference-Applied", "Content-Range", "request-id", "client-request-id"];
        exposed.extend(["ReadWriteConsistencyToken", "SdkVersion", "WWW-Authenticate"]);
        if self.settings.expose_location {
            exposed.push("Location");
        }
        if self.settings.expose_retry_after {
            exposed.push("Retry-After");
        }
        let fields = [
            ("Date", http_date(now_ms)),
            ("Cache-Control", "no-store".to_owned()),
            ("request-id", request_id),
            ("client-request-id", client_request_id),
            ("Access-Control-Allow-Origin", "*".to_owned()),
            ("Access-Control-Expose-Headers", exposed.join(", ")),
        ];
        fields.map(|(name, value)| (name.to_owned(), value)).to_vec()
    }

    fn course(&mut self, now_ms: f64, request: &Request) -> Course {
        if request.method == "OPTIONS" {
            return Course::Reply(preflight(request));
        }
        if self.is_over_quota(now_ms) {
            let fields = vec![("Retry-After".to_owned(), "1".to_owned())];
            let body = GraphError::too_many_requests().body(now_ms, "", "").to_string();
            return Course::Reply((429, fields, Some(("application/json", body))));
        }
        let (path, query) = request.target.split_once('?').unwrap_or((&request.target, ""));
        let segments: Vec<String> = path.split('/').skip(1).flat_map(keys_as_segments).collect();
        let names: Vec<String> = segments.iter().map(|segment| segment.to_ascii_lowercase()).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if names.first() != Some(&"beta") {
            return Course::Error(GraphError::no_such_segment(segments.get(1).map_or("", String::as_str)));
        }
        if let Err(error) = authorize(request) {
            return Course::Error(error);
        }
        match (request.method.as_str(), &names[1..]) {
            ("GET", ["teamwork", "devices"]) => {
                let all = self.devices.iter().map(|managed| managed.device.document(now_ms)).collect();
                Course::Reply(self.page(all, "/teamwork/devices", "teamwork/devices", query))
            }
            ("GET", ["teamwork", "devices", _]) => match self.device(&segments[3]) {
                Some(managed) => Course::Reply(json_reply(managed.device.document(now_ms))),
                None => Course::Error(GraphError::not_found("device")),
            },
            ("POST", ["teamwork", "devices", _, action]) => match OperationType::of_action(action) {
                Some(operation_type) => self.start(now_ms, request, &segments[3], operation_type),
                None => Course::Error(GraphError::no_such_segment(action)),
            },
            ("GET", ["teamwork", "devices", _, "operations"]) => self.list_operations(now_ms, &segments[3], query),
            ("GET", ["teamwork", "devices", _, "operations", _]) => self.look(now_ms, request, &segments[3], &segments[5]),
            (_, ["teamwork", "devices", ..]) => Course::Error(GraphError::method_not_allowed()),
            (_, rest) => Course::Error(GraphError::no_such_segment(rest.first().unwrap_or(&""))),
        }
    }

    fn is_over_quota(&mut self, now_ms: f64) -> bool {
        let Some(limit) = self.settings.requests_per_second else { return false };
        self.recent.push_back(now_ms);
        while self.recent.front().is_some_and(|&at| at <= now_ms - 1_000.0) {
            self.recent.pop_front();
        }
        self.recent.len() > limit
    }

    /// `POST …/runDiagnostics` and its siblings.
    fn start(&mut self, now_ms: f64, request: &Request, device_id: &str, operation_type: OperationType) -> Course {
        let Some(managed) = self.devices.iter_mut().find(|managed| managed.device.id.eq_ignore_ascii_case(device_id)) else {
            return Course::Error(GraphError::not_found("device"));
        };
        let scenario = managed.device.scenario.clone();
        let device_id = managed.device.id.clone();
        let stays = scenario.start_for_ever && managed.start.len() == 1;
        let fault = if stays { managed.start.last().cloned() } else { managed.start.pop() };
        match fault {
            Some(Fault::ResetAfter) => {
                self.begin(now_ms, &device_id, operation_type, scenario);
                return Course::Reset;
            }
            Some(Fault::HangAfter) => {
                self.begin(now_ms, &device_id, operation_type, scenario);
                return Course::Hang;
            }
            Some(fault) => return faulty(now_ms, request, &fault),
            None => {}
        }
        let queued = |operation: &&Operation| operation.device_id == device_id && operation.step(now_ms) < 2;
        if scenario.occupied || self.operations.iter().any(|operation| queued(&operation)) {
            return Course::Error(GraphError::conflict());
        }
        let location = scenario.location.clone().unwrap_or_else(|| self.settings.location.clone());
        let mut fields = Vec::new();
        if let Some(wait) = &scenario.running_retry_after {
            fields.push(("Retry-After".to_owned(), wait.clone()));
        }
        let operation_id = self.begin(now_ms, &device_id, operation_type, scenario);
        if let Some(location) = self.write_location(&location, &device_id, &operation_id) {
            fields.push(("Location".to_owned(), location));
        }
        Course::Reply((202, fields, None))
    }

    fn begin(&mut self, now_ms: f64, device_id: &str, operation_type: OperationType, scenario: Scenario) -> String {
        let id = self.guid();
        let looks = scenario.looks.iter().rev().cloned().collect();
        if let Some(managed) = self.devices.iter_mut().find(|managed| managed.device.id == device_id) {
            managed.start = scenario.start.iter().rev().cloned().collect();
        }
        self.operations.push(Operation {
            id: id.clone(),
            device_id: device_id.to_owned(),
            operation_type,
            created_ms: now_ms,
            created_by: "Simulated administrator",
            pace_ms: self.settings.pace_ms,
            scenario,
            looks,
        });
        id
    }

    fn write_location(&self, form: &LocationForm, device_id: &str, operation_id: &str) -> Option<String> {
        let device = utf8_percent_encode(device_id, SEGMENT);
        let path = format!("/teamwork/devices/{device}/operations/{operation_id}");
        match form {
            LocationForm::Relative => Some(path),
            LocationForm::Versioned => Some(format!("/beta{path}")),
            LocationForm::Absolute => Some(format!("{}/beta{path}", self.root)),
            LocationForm::QuotedKeys => Some(format!("/teamwork/devices('{device}')/operations('{operation_id}')")),
            LocationForm::Missing => None,
            LocationForm::Literal(text) => Some(text.clone()),
        }
    }

    /// `GET …/operations`: the newest first, after those of somebody else.
    fn list_operations(&mut self, now_ms: f64, device_id: &str, query: &str) -> Course {
        let Some(managed) = self.device(device_id) else { return Course::Error(GraphError::not_found("device")) };
        let (device_id, occupied) = (managed.device.id.clone(), managed.device.scenario.occupied);
        let dates = managed.device.scenario.dates.unwrap_or(self.settings.dates);
        let mut all: Vec<Value> = Vec::new();
        if occupied {
            all.push(occupant(&device_id, self.settings.pace_ms).document(now_ms, dates));
        }
        let own = self.operations.iter().rev().filter(|operation| operation.device_id == device_id);
        all.extend(own.map(|operation| operation.document(now_ms, dates)));
        let path = format!("/teamwork/devices/{}/operations", utf8_percent_encode(&device_id, SEGMENT));
        let context = format!("teamwork/devices('{device_id}')/operations");
        Course::Reply(self.page(all, &path, &context, query))
    }

    /// `GET …/operations/{id}`.
    fn look(&mut self, now_ms: f64, request: &Request, device_id: &str, operation_id: &str) -> Course {
        let settings = self.settings.clone();
        let same = |operation: &&mut Operation| {
            operation.id.eq_ignore_ascii_case(operation_id) && operation.device_id.eq_ignore_ascii_case(device_id)
        };
        let Some(operation) = self.operations.iter_mut().find(same) else {
            return Course::Error(GraphError::not_found("operation"));
        };
        let dates = operation.scenario.dates.unwrap_or(settings.dates);
        let document = operation.document(now_ms, dates);
        if let Some(Some(fault)) = operation.looks.pop() {
            return match fault {
                Fault::Answer { status, body: Body::Truncated, .. } => {
                    let whole = document.to_string();
                    let half = whole[..whole.len() / 2].to_owned();
                    Course::Reply((status, Vec::new(), Some(("application/json", half))))
                }
                fault => faulty(now_ms, request, &fault),
            };
        }
        let (status, mut fields, body) = json_reply(match operation.scenario.envelope.unwrap_or(settings.envelope) {
            Envelope::Wrapped => json!({ "value": document }),
            Envelope::Bare => document,
        });
        if let Some(wait) = operation.scenario.running_retry_after.clone().filter(|_| !operation.has_ended(now_ms)) {
            fields.push(("Retry-After".to_owned(), wait));
        }
        Course::Reply((status, fields, body))
    }

    /// A page of a collection; the link to the next one is relative and without version, as documented.
    fn page(&self, all: Vec<Value>, path: &str, context: &str, query: &str) -> Reply {
        let parameter = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            let found = pairs.find(|(key, _)| percent_decode_str(key).decode_utf8_lossy().eq_ignore_ascii_case(name));
            found.and_then(|(_, value)| value.parse::<usize>().ok())
        };
        let top = parameter("$top").unwrap_or(PAGE).clamp(1, LARGEST_PAGE);
        let skip = parameter("$skiptoken").unwrap_or(0);
        let rest = all.len().saturating_sub(skip + top);
        let value: Vec<Value> = all.into_iter().skip(skip).take(top).collect();
        let mut document = json!({ "@odata.context": format!("{}/beta/$metadata#{context}", self.root), "value": value });
        if rest > 0 {
            document["@odata.nextLink"] = format!("{path}?$top={top}&$skipToken={}", skip + top).into();
        }
        json_reply(document)
    }

    fn device(&self, id: &str) -> Option<&Managed> {
        self.devices.iter().find(|managed| managed.device.id.eq_ignore_ascii_case(id))
    }

    fn guid(&mut self) -> String {
        self.ids += 1;
        format!("{:08x}-5157-4d00-8000-{:012x}", self.ids.wrapping_mul(2_654_435_761) & 0xffff_ffff, self.ids)
    }
}

/// Somebody else's operation, which stays queued.
fn occupant(device_id: &str, pace_ms: f64) -> Operation {
    Operation {
        id: "0cc0bada-5157-4d00-8000-000000000000".into(),
        device_id: device_id.to_owned(),
        operation_type: OperationType::DeviceDiagnostics,
        created_ms: 1_767_225_600_000.0,
        created_by: "Another administrator",
        pace_ms,
        scenario: Scenario { outcome: crate::scenario::Outcome::Never, ..Scenario::default() },
        looks: Vec::new(),
    }
}

/// OData writes keys as segments or in brackets, `devices/1` or `devices('1')`; Graph takes both. Percent-encoding is undone
/// once, after the path was cut into segments.
fn keys_as_segments(segment: &str) -> Vec<String> {
    let decode = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    match segment.strip_suffix(')').and_then(|text| text.split_once('(')) {
        Some((name, key)) => vec![decode(name), decode(key).trim_matches('\'').to_owned()],
        None => vec![decode(segment)],
    }
}

/// What a token may do; its text says so. Any text that says nothing has all rights.
fn authorize(request: &Request) -> Result<(), GraphError> {
    let token = request.header("authorization").and_then(|field| field.strip_prefix("Bearer ")).unwrap_or_default();
    let writes = request.method == "POST";
    match token {
        "" => Err(GraphError::unauthorized("Access token is empty.")),
        _ if token.starts_with("expired") => {
            Err(GraphError::unauthorized("Lifetime validation failed, the token is expired."))
        }
        "no-roles" => Err(GraphError::forbidden(if writes { WRITE } else { READ })),
        "read-only" if writes => Err(GraphError::forbidden(WRITE)),
        _ => Ok(()),
    }
}

fn faulty(now_ms: f64, request: &Request, fault: &Fault) -> Course {
    match fault {
        Fault::Reset | Fault::ResetAfter => Course::Reset,
        Fault::Hang | Fault::HangAfter => Course::Hang,
        Fault::Redirect(url) => Course::Reply((302, vec![("Location".to_owned(), url.clone())], None)),
        Fault::Answer { status, retry_after, body } => {
            let mut error = GraphError::of_status(*status);
            let client_request_id = request.header("client-request-id").unwrap_or_default();
            let body = match body {
                Body::Html => Some(("text/html", format!("<html><body><h1>{status} Bad Gateway</h1></body></html>"))),
                Body::Empty | Body::Truncated => None,
                Body::Literal(text) => Some(("application/json", text.clone())),
                Body::Error | Body::Echo => {
                    if matches!(body, Body::Echo) {
                        error.message = format!("Rejected: {}", request.header("authorization").unwrap_or_default());
                    }
                    Some((
                        "application/json",
                        error.body(now_ms, "5157fa17-5157-4d00-8000-000000000000", client_request_id).to_string(),
                    ))
                }
            };
            let fields = retry_after.iter().map(|wait| ("Retry-After".to_owned(), wait.clone())).collect();
            Course::Reply((*status, fields, body))
        }
    }
}

/// The answer to a CORS preflight. What Graph allows in full was not seen; these are what SDKs send from pages.
fn preflight(request: &Request) -> Reply {
    let allowed = "authorization, client-request-id, sdkversion, content-type, prefer, feature-usage, consistencylevel";
    let fields = [
        ("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE, OPTIONS"),
        ("Access-Control-Allow-Headers", allowed),
        ("Access-Control-Max-Age", "600"),
        ("Vary", request.header("origin").map_or("Origin", |_| "Origin, Access-Control-Request-Headers")),
    ];
    (200, fields.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(), None)
}

fn json_reply(document: Value) -> Reply {
    (200, Vec::new(), Some(("application/json", document.to_string())))
}
