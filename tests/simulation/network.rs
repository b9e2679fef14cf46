//! The way of a request to the service, and of the response back to the caller, with what goes wrong on it.

use teams_device_diagnostics::machine::effect::Input;
use teams_device_diagnostics::protocol::http::{Method, Request, Response};
use teams_device_diagnostics::protocol::time::Millis;
use teams_device_diagnostics_simulator as simulator;

use crate::document::Document;
use crate::driver::Later;
use crate::fault::Fault;
use crate::gateway::portal;
use crate::plan::FOREIGN;
use crate::record::{Delivered, UnderWay};
use crate::retry_after::{RequestedWait, http_date, second};
use crate::service::Service;

/// A response on its way.
pub struct Reply {
    pub response: simulator::Response,
    pub requested: RequestedWait,
    /// How long its body takes.
    slowness: Millis,
}

impl Reply {
    pub fn of(response: simulator::Response) -> Reply {
        // The model itself requests a wait, in seconds, when its quota is exceeded.
        let seconds = response.header("retry-after").and_then(|text| text.parse().ok());
        let requested =
            seconds.map_or(RequestedWait::Nothing, |seconds: f64| RequestedWait::Length(Millis(1_000.0 * seconds)));
        Reply { response, requested, slowness: Millis::ZERO }
    }

    pub fn add_field(&mut self, name: &str, value: String) {
        self.response.headers.push((name.into(), value));
    }

    pub fn request_wait(&mut self, (text, wait): (String, RequestedWait)) {
        self.add_field("Retry-After", text);
        self.requested = wait;
    }
}

impl Service {
    /// The request has left the caller.
    pub fn transmit<'a>(&'a self, request: Request<Document>, under_way: UnderWay<'a>) -> Later<'a> {
        if self.is_offline() {
            return no_response(under_way);
        }
        let fault = Fault::draw(request.method, self.clock.now(), &self.plan, &self.rng);
        self.trace(|| format!("    fault: {fault:?}"));
        then(self.rng.millis(1.0, 100.0), move || self.arrive(request, fault, under_way))
    }

    /// The request has reached the service, or a gateway in front of it.
    fn arrive<'a>(&'a self, request: Request<Document>, fault: Fault, under_way: UnderWay<'a>) -> Later<'a> {
        let read = fault.is_read().then(|| self.read(&request));
        let reply = match (fault, read) {
            (Fault::Reset { .. }, _) => return no_response(under_way),
            (Fault::Hang { .. }, _) => return never(under_way),
            (Fault::Gateway { status, .. }, _) => self.gateway(status, &request),
            (Fault::Redirect, _) => self.redirect(),
            (Fault::Portal, _) => portal(),
            (Fault::Unavailable { .. }, _) => self.unavailable(),
            (Fault::Missing, _) if !is_list(&request) => Reply::of(plain(404)),
            (Fault::Appended, Some(response)) => Reply::of(appended(response)),
            (Fault::Cut { breaks: true }, Some(response)) if !is_head_enough(&request, &response) => {
                return no_response(under_way);
            }
            (Fault::Cut { .. }, Some(response)) => Reply::of(self.cut(response)),
            (Fault::Slow(slowness), Some(response)) if !is_head_enough(&request, &response) => {
                Reply { slowness, ..Reply::of(response) }
            }
            (_, read) => Reply::of(read.expect("without a fault every request is read")),
        };
        then(reply.slowness, move || self.leave(request, reply, under_way))
    }

    /// The response is in transit to the caller.
    fn leave<'a>(&'a self, request: Request<Document>, mut reply: Reply, under_way: UnderWay<'a>) -> Later<'a> {
        self.add_fields(&request, &mut reply);
        then(self.rng.millis(1.0, 100.0), move || {
            drop(under_way);
            Later::Input(Millis::ZERO, Input::Response(Box::new(self.deliver(&request, reply))))
        })
    }

    /// A response may give its location twice, and request a wait although nothing failed.
    fn add_fields(&self, request: &Request<Document>, reply: &mut Reply) {
        if reply.response.header("date").is_none() {
            reply.add_field("Date", http_date(self.service_time()));
        }
        let is_running = reply.response.status == 202 && request.method == Method::Get;
        let has_location = has_usable_location(&reply.response);
        if has_location && request.method == Method::Post && self.rng.happens(0.1) {
            let mut fields = reply.response.headers.iter_mut();
            let location = fields.find(|(name, _)| name.eq_ignore_ascii_case("location"));
            location.into_iter().for_each(|(_, value)| *value = format!("{value}, {value}"));
        }
        if (is_running || (reply.response.status == 202 && has_location)) && self.rng.happens(0.2) {
            reply.request_wait(self.retry_after());
        }
    }

    /// The response has reached the caller. From now on the caller must wait as long as it requests.
    fn deliver(&self, request: &Request<Document>, Reply { response, requested, .. }: Reply) -> Response<Document> {
        self.trace(|| format!("    {} {:?} {}", response.status, response.headers, response.body));
        let (plan, now) = (&self.plan, self.clock.now());
        let by_service = plan.reads_date.then(|| second(self.service_time()));
        let wait = plan.reads_retry_after.then(|| requested.length(by_service, self.caller_time()));
        if let Some(wait) = wait {
            self.record.note_requested_wait(wait, now);
        }
        let is_from_graph =
            response.body.contains(r#""error":{"#) || (plan.reads_retry_after && response.header("retry-after").is_some());
        self.record.note_response(request, &response, is_from_graph, now);
        let wait = wait.filter(|_| response.header("retry-after").is_some());
        self.record.delivered.set(Some(Delivered { is_from_graph, wait }));
        let field = |name| response.header(name).map(str::to_owned);
        Response {
            status: response.status,
            location: field("location"),
            retry_after: field("retry-after").filter(|_| plan.reads_retry_after),
            request_id: field("request-id"),
            www_authenticate: field("www-authenticate"),
            date: field("date").filter(|_| plan.reads_date),
            content_type: None,
            body: Some(response.body).filter(|body| !body.is_empty()).map(|body| Document(body.into())),
        }
    }

    fn cut(&self, mut response: simulator::Response) -> simulator::Response {
        let cut = self.rng.below(response.body.len() + 1);
        response.body.truncate((0..=cut).rev().find(|&at| response.body.is_char_boundary(at)).unwrap_or(0));
        response
    }
}

fn appended(mut response: simulator::Response) -> simulator::Response {
    response.body.push_str("<!-- served from a cache -->");
    response
}

pub fn plain(status: u16) -> simulator::Response {
    simulator::Response::whole(status, Vec::new(), String::new())
}

/// The body of the 202 to a POST is not read.
fn is_head_enough(request: &Request<Document>, response: &simulator::Response) -> bool {
    request.method == Method::Post && response.status == 202
}

pub fn is_list(request: &Request<Document>) -> bool {
    request.url.as_str().split('?').next().is_some_and(|path| path.ends_with("/operations"))
}

pub fn token_of(request: &Request<Document>) -> String {
    request.token.value().0.as_str().unwrap_or_default().to_owned()
}

pub fn has_usable_location(response: &simulator::Response) -> bool {
    response.header("location").is_some_and(|location| !FOREIGN.contains(&location))
}

/// Continues after this time.
pub fn then<'a>(length: Millis, proceed: impl FnOnce() -> Later<'a> + 'a) -> Later<'a> {
    Later::Then(length, Box::new(proceed))
}

/// Nothing ever comes.
pub fn never(under_way: UnderWay<'_>) -> Later<'_> {
    then(Millis::FOREVER, move || {
        drop(under_way);
        Later::Never
    })
}

fn no_response(under_way: UnderWay<'_>) -> Later<'_> {
    drop(under_way);
    Later::Input(Millis::ZERO, Input::NoResponse(Document("connection reset".into())))
}
