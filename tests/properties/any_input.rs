//! What a call does, whatever happens to it: any inputs, in any order, at any time, even inputs that nothing awaits.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use teams_device_diagnostics::machine::call::{Call, CallKind};
use teams_device_diagnostics::machine::effect::{Effect, Failure, Input, Now, Output, TokenFailure};
use teams_device_diagnostics::machine::event::EventKind;
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::machine::pages::PageCursor;
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::machine::state::{Limits, Settings};
use teams_device_diagnostics::protocol::device_id::DeviceId;
use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::http::{Method, Request, Response};
use teams_device_diagnostics::protocol::location::ServiceRoot;
use teams_device_diagnostics::protocol::time::{Instant, Millis, UnixTime};
use teams_device_diagnostics::protocol::token::{Token, TokenRequest};

use crate::config;
use crate::document::Document;

const ORIGIN: &str = "https://graph.microsoft.com";
const OPERATION: &str = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
/// Part of every token, which must be visible nowhere.
const SECRET: &str = "tok3n";
/// The maximum number of deadlines of a call that gets no responses: a wait without a limit polls twice a minute.
const MOST_DEADLINES: usize = 200_000;

/// The settings of a call.
#[derive(Clone, Debug)]
struct Setting {
    kind: Kind,
    timeout: f64,
    operation_timeout: f64,
    token_timeout: f64,
    max_retries: u32,
    patience: f64,
    poll_interval: Option<f64>,
    can_renew_token: bool,
    emits_events: bool,
    /// How far the calendar clock differs from the service's.
    clock_skew: f64,
    is_online: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Start { attaches: bool },
    Follow { first_poll_after: f64 },
    Poll,
    Devices,
    Operations,
}

/// One input, and when it arrives.
#[derive(Clone, Debug)]
struct Step {
    given: Given,
    moment: Moment,
    random: f64,
}

#[derive(Clone, Copy, Debug)]
enum Moment {
    /// This long after the last input.
    After(f64),
    /// At the deadline of the current effect, if that has not passed.
    Deadline,
    JustBeforeDeadline,
}

#[derive(Clone, Debug)]
enum Given {
    /// The result of the current effect; a response has this content.
    Awaited(Content),
    Begin,
    Token,
    NoToken,
    InvalidToken,
    Response(Content),
    NoResponse,
    Deadline,
    WakeUp,
    Emitted,
    CallbackFailed,
}

#[derive(Clone, Debug)]
struct Content {
    status: u16,
    location: Option<&'static str>,
    retry_after: Option<&'static str>,
    www_authenticate: Option<&'static str>,
    date: Option<&'static str>,
    body: Option<String>,
}

fn setting() -> impl Strategy<Value = Setting> {
    let kind = prop_oneof![
        4 => any::<bool>().prop_map(|attaches| Kind::Start { attaches }),
        3 => select(vec![0.0, 500.0, 30_000.0, 1e7]).prop_map(|first_poll_after| Kind::Follow { first_poll_after }),
        1 => select(vec![Kind::Poll, Kind::Devices, Kind::Operations]),
    ];
    let times = (
        select(vec![1.0, 1_000.0, 30_000.0]),
        select(vec![1.0, 5_000.0, 60_000.0, 3_600_000.0, 1e9]),
        select(vec![1.0, 1_000.0, 300_000.0]),
        select(vec![None, None, Some(0.0), Some(500.0), Some(1e6)]),
        select(vec![0.0, 0.0, -7.2e6, 7.2e6, 1e12]),
    );
    let persistence = (select(vec![0, 0, 1, 3, 100]), select(vec![0.0, 1_000.0, 300_000.0, f64::INFINITY]));
    let flags = (prop::bool::weighted(0.8), prop::bool::weighted(0.8), prop::bool::weighted(0.9));
    (kind, times, persistence, flags).prop_map(|(kind, times, (max_retries, patience), flags)| {
        let (can_renew_token, emits_events, is_online) = flags;
        let (timeout, operation_timeout, token_timeout, poll_interval, clock_skew) = times;
        Setting {
            kind,
            timeout,
            operation_timeout,
            token_timeout,
            max_retries,
            patience,
            poll_interval,
            can_renew_token,
            emits_events,
            clock_skew,
            is_online,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let given = prop_oneof![
        20 => answer().prop_map(Given::Awaited),
        2 => answer().prop_map(Given::Response),
        6 => select(vec![Given::Token, Given::NoResponse, Given::Deadline, Given::WakeUp, Given::Emitted, Given::Begin]),
        1 => select(vec![Given::NoToken, Given::InvalidToken, Given::CallbackFailed]),
    ];
    let moment = prop_oneof![
        4 => prop_oneof![Just(0.0), 0.0..100.0, 0.0..40_000.0].prop_map(Moment::After),
        2 => Just(Moment::Deadline),
        1 => Just(Moment::JustBeforeDeadline),
    ];
    (given, moment, 0.0..1.0).prop_map(|(given, moment, random)| Step { given, moment, random })
}

fn answer() -> impl Strategy<Value = Content> {
    let status = prop_oneof![
        9 => select(vec![200, 200, 200, 202, 202, 204, 401, 404, 409, 409, 429, 429, 500, 500, 502, 503, 503, 504]),
        3 => select(vec![0, 302, 307, 400, 403, 408, 410, 501, 505, 520]),
        1 => any::<u16>(),
    ];
    let location = select(vec![
        None,
        Some("/teamwork/devices/d/operations/o"),
        Some(OPERATION),
        Some("/teamwork/devices/d/operations/o?repeats=tok3n.0123456789abcdef"),
        Some("https://evil.example/beta/teamwork/devices/d/operations/o"),
        Some("//evil.example/tok3n.0123456789abcdef"),
        Some("https://graph.microsoft.com.evil.example/beta/teamwork/devices/d/operations/o"),
        Some("https://graph.microsoft.com:8443/evil"),
        Some(""),
    ]);
    let retry_after = prop_oneof![
        Just(None),
        select(vec!["0", "1", "2.5", "30", "50", "70", "4000", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT"]).prop_map(Some),
    ];
    let www_authenticate = select(vec![
        None,
        Some("Bearer error=\"invalid_token\""),
        Some("Bearer error=\"insufficient_claims\", claims=\"e30=\""),
        Some("Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\""),
        Some("Bearer realm=\"tok3n.0123456789abcdef\""),
    ]);
    let date = select(vec![
        None,
        Some("Mon, 01 Jun 2026 00:00:00 GMT"),
        Some("Mon, 01 Jun 2026 00:01:00 GMT"),
        Some("tok3n.0123456789abcdef"),
    ]);
    let body = prop_oneof![
        1 => Just(None),
        10 => select(BODIES.to_vec()).prop_map(|body| Some(body.to_owned())),
        1 => "\\PC{0,20}".prop_map(Some),
    ];
    (status, location, retry_after, www_authenticate, date, body).prop_map(
        |(status, location, retry_after, www_authenticate, date, body)| Content {
            status,
            location,
            retry_after,
            www_authenticate,
            date,
            body,
        },
    )
}

const BODIES: &[&str] = &[
    "",
    "<html>tok3n.0123456789abcdef</html>",
    r#"{"error":{"code":"tok3n.0123456789abcdef","message":"Bearer tok3n\u002E0123456789abcdef is refused"}}"#,
    // Operations
    r#"{"id":"o","status":"queued","operationType":"deviceDiagnostics"}"#,
    r#"{"value":{"id":"o","status":"inProgress","note":"tok3n.0123456789abcdef"}}"#,
    r#"{"id":"o","status":"somethingNew"}"#,
    r#"{"id":"o","status":"successful"}"#,
    r#"{"value":{"id":"o","status":"failed","error":{"code":"Odd","message":"tok3n.0123456789abcdef"}}}"#,
    r#"{"id":"o","status":"cancelled"}"#,
    // Lists
    r#"{"value":[]}"#,
    r#"{"value":[{"id":"o","status":"queued","operationType":"deviceDiagnostics","createdDateTime":"2026-06-01T00:00:01Z"}]}"#,
    r#"{"value":[{"id":"old","status":"successful","operationType":"deviceDiagnostics","createdDateTime":"2020-01-01T00:00:00Z"}]}"#,
    r#"{"value":[{"id":"r","status":"queued","operationType":"deviceRestart","createdDateTime":"2026-06-01T00:00:01Z"}],"@odata.nextLink":"https://graph.microsoft.com/beta/next"}"#,
    r#"{"value":[{"id":"old","status":"failed","operationType":"deviceDiagnostics"}],"@odata.nextLink":"https://graph.microsoft.com/beta/next"}"#,
    r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/beta/other"}"#,
    r#"{"value":[{"id":"x"}],"@odata.nextLink":"https://evil.example/beta/next"}"#,
];

impl Content {
    fn response(&self) -> Response<Document> {
        let value = |text: &str| Document(text.into());
        Response {
            status: self.status,
            location: self.location.map(str::to_owned),
            retry_after: self.retry_after.map(str::to_owned),
            www_authenticate: self.www_authenticate.map(str::to_owned),
            request_id: self.date.map(str::to_owned),
            date: self.date.map(str::to_owned),
            content_type: None,
            body: self.body.as_deref().map(value),
        }
    }

    /// The `Location`, if requests may be sent to it.
    fn trusted_location(&self) -> Option<&'static str> {
        self.location.filter(|location| !location.is_empty() && !["evil", SECRET].iter().any(|part| location.contains(part)))
    }

    /// Whether the response is Graph's, not a gateway's.
    fn is_from_graph(&self) -> bool {
        self.retry_after.is_some() || self.body.as_ref().is_some_and(|body| body.contains(r#""error":{"code":"tok3n"#))
    }

    fn is_last_page(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.contains(r#"{"value":["#) && !body.contains("nextLink"))
    }

    /// The claims that a 401 demands.
    fn claims(&self) -> Option<&'static str> {
        let field = self.www_authenticate.unwrap_or_default();
        match (field.contains("e30="), field.contains("eyJhIjoxfQ==")) {
            (true, _) => Some("{}"),
            (_, true) => Some(r#"{"a":1}"#),
            _ => None,
        }
    }

    /// The wait that is requested in seconds.
    fn wait(&self) -> f64 {
        self.retry_after.and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0) * 1_000.0
    }
}

impl Given {
    fn is_refusal(&self) -> bool {
        matches!(self, Given::Response(Content { status: 401, .. }))
    }
}

/// What the current effect awaits.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Awaited {
    Begin,
    Token,
    Response(Method),
    Time,
    Emitted,
    Nothing,
}

/// The outcome of the POST.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Post {
    NotSent,
    Unanswered,
    Answered(u16),
    /// A 503 that is not from Graph: the POST may have been accepted.
    GatewayResponse,
}

impl Post {
    fn was_not_taken(self) -> bool {
        matches!(self, Post::NotSent | Post::Answered(401 | 421 | 425 | 429 | 503))
    }
}

/// A call, and the conditions that its next effect must meet.
struct Watched {
    call: Call<Document>,
    setting: Setting,
    now: f64,
    awaited: Awaited,
    /// When the call must have ended, and whether that was extended because the machine was asleep.
    latest: f64,
    is_extended: bool,
    /// When the last input arrived.
    last_input: f64,
    post: Post,
    /// Whether the page that was read last is the last page of the list.
    has_read_list: bool,
    /// The location in the 202, and the earliest time of the first poll.
    location: Option<&'static str>,
    first_poll_at: f64,
    not_before: f64,
    /// The number of 401s in a row.
    refusals: usize,
    /// The claims of the last response's challenge.
    claims: Option<&'static str>,
}

impl Watched {
    fn new(setting: Setting) -> Watched {
        let root = ServiceRoot::new::<Document>("https://graph.microsoft.com/beta").unwrap();
        let device = || DeviceId::new("d".into()).unwrap();
        let location = || root.trust::<Document>(OPERATION).unwrap();
        let kind = match setting.kind {
            Kind::Start { attaches } => {
                let on_conflict = if attaches { OnConflict::Attach } else { OnConflict::Throw };
                CallKind::Start { device: device(), on_conflict }
            }
            Kind::Follow { first_poll_after } => {
                CallKind::Follow { location: location(), first_poll_after: Millis(first_poll_after), until: Until::End }
            }
            Kind::Poll => CallKind::Follow { location: location(), first_poll_after: Millis::ZERO, until: Until::FirstPoll },
            Kind::Devices => CallKind::List { cursor: PageCursor::of_devices(&root) },
            Kind::Operations => CallKind::List { cursor: PageCursor::of_operations(&root, &device()) },
        };
        let limits = Limits {
            timeout: Millis(setting.timeout),
            operation_timeout: Millis(setting.operation_timeout),
            token_timeout: Millis(setting.token_timeout),
            max_retries: setting.max_retries,
            patience: Millis(setting.patience),
            poll_interval: setting.poll_interval.map(Millis),
        };
        let (can_renew_token, emits_events) = (setting.can_renew_token, setting.emits_events);
        let settings = Settings { root, limits, can_renew_token, emits_events };
        let (began, operation_timeout) = (1_000.0, setting.operation_timeout);
        Watched {
            call: Call::new(kind, settings, moment(began, 0.0, &setting)),
            setting,
            now: began,
            awaited: Awaited::Begin,
            latest: began + operation_timeout,
            is_extended: false,
            last_input: began,
            post: Post::NotSent,
            has_read_list: false,
            location: None,
            first_poll_at: 0.0,
            not_before: 0.0,
            refusals: 0,
            claims: None,
        }
    }

    fn take(&mut self, step: &Step) {
        let deadline = self.call.deadline();
        self.now = match step.moment {
            Moment::After(length) => self.now + length,
            Moment::Deadline if deadline.0.is_finite() => self.now.max(deadline.0),
            Moment::JustBeforeDeadline if deadline.0.is_finite() => self.now.max(deadline.0 - 0.5),
            Moment::Deadline | Moment::JustBeforeDeadline => self.now,
        };
        let given = match (&step.given, self.awaited) {
            (Given::Awaited(_), Awaited::Begin | Awaited::Nothing) => Given::Begin,
            (Given::Awaited(_), Awaited::Token) => Given::Token,
            (Given::Awaited(answer), Awaited::Response(_)) => Given::Response(answer.clone()),
            (Given::Awaited(_), Awaited::Time) => {
                self.now = self.now.max(deadline.0);
                Given::Deadline
            }
            (Given::Awaited(_), Awaited::Emitted) => Given::Emitted,
            (given, _) => given.clone(),
        };
        self.step(&given, step.random);
    }

    fn step(&mut self, given: &Given, random: f64) {
        let deadline = self.call.deadline();
        self.note_sleep(deadline);
        let may_change = self.is_awaited(given, deadline);
        if may_change {
            self.note(given);
        }
        let input = self.input(given);
        let effect = self.call.step(input, moment(self.now, random, &self.setting));
        if !may_change {
            assert!(matches!(effect, Effect::Pending), "{given:?} had an effect while {:?} was awaited", self.awaited);
            // Sleep may have extended it.
            assert!(self.call.deadline() >= deadline);
        } else if matches!(given, Given::CallbackFailed) {
            assert!(matches!(effect, Effect::Done(_)), "it goes on although its callback failed");
        }
        self.check(effect, given);
    }

    /// A step that is more than 5 s late means that the machine was asleep: a call whose deadline has passed gets the time
    /// of two requests.
    fn note_sleep(&mut self, deadline: Instant) {
        let has_slept = self.now - deadline.0.max(self.last_input) > 5_000.0;
        self.last_input = self.now;
        if has_slept && self.now >= self.latest && !self.is_extended {
            self.is_extended = true;
            self.latest = self.now + 2.0 * self.setting.timeout;
        }
    }

    /// Whether the input can have an effect.
    fn is_awaited(&self, given: &Given, deadline: Instant) -> bool {
        match (given, self.awaited) {
            (_, Awaited::Nothing) => false,
            (Given::CallbackFailed, _) => true,
            (Given::Begin, awaited) => awaited == Awaited::Begin,
            (Given::Token | Given::NoToken | Given::InvalidToken, awaited) => awaited == Awaited::Token,
            (Given::Response(_) | Given::NoResponse, awaited) => matches!(awaited, Awaited::Response(_)),
            (Given::Emitted, awaited) => awaited == Awaited::Emitted,
            (Given::WakeUp, awaited) => awaited == Awaited::Time,
            (Given::Deadline, _) => self.now >= deadline.0,
            (Given::Awaited(_), _) => false,
        }
    }

    /// Records what an awaited input contains.
    fn note(&mut self, given: &Given) {
        let Awaited::Response(method) = self.awaited else { return };
        self.refusals = if given.is_refusal() { self.refusals + 1 } else { 0 };
        let Given::Response(answer) = given else { return };
        self.claims = answer.claims();
        let is_success = (200..300).contains(&answer.status);
        if method == Method::Post {
            self.post = match answer.status {
                503 if !answer.is_from_graph() => Post::GatewayResponse,
                status => Post::Answered(status),
            };
            self.location = answer.trusted_location().filter(|_| answer.status == 202);
            self.first_poll_at = self.now + answer.wait();
        }
        self.has_read_list = method == Method::Get && is_success && answer.is_last_page();
        self.not_before = self.not_before.max(self.now + answer.wait());
    }

    fn input(&self, given: &Given) -> Input<Document> {
        match given {
            Given::Begin | Given::Awaited(_) => Input::Begin,
            Given::Token => Input::Token(Ok(token())),
            Given::NoToken => Input::Token(Err(TokenFailure::Failed(Document("signed out".into())))),
            Given::InvalidToken => Input::Token(Err(TokenFailure::Invalid("must not be empty"))),
            Given::Response(answer) => Input::Response(Box::new(answer.response())),
            Given::NoResponse => Input::NoResponse(Document("reset".into())),
            Given::Deadline => Input::Deadline,
            Given::WakeUp => Input::WakeUp,
            Given::Emitted => Input::Emitted,
            Given::CallbackFailed => Input::CallbackFailed(Document("thrown".into())),
        }
    }

    fn check(&mut self, effect: Effect<Document>, given: &Given) {
        self.awaited = match effect {
            Effect::Pending => return,
            Effect::GetToken(request) => {
                self.check_token_request(&request);
                Awaited::Token
            }
            Effect::Send(request) => {
                assert!(matches!(given, Given::Token), "sent without asking for a token");
                self.check_request(&request);
                Awaited::Response(request.method)
            }
            Effect::Sleep { .. } => Awaited::Time,
            Effect::Emit(event) => {
                assert!(self.setting.emits_events, "an event that nobody receives");
                assert!(!format!("{:?}", event.location).contains(SECRET), "a token in an event");
                if let EventKind::Status { operation, .. } | EventKind::Attached { operation } = event.kind {
                    assert!(!format!("{:?}", operation.document).contains(SECRET), "a token in an event");
                }
                Awaited::Emitted
            }
            Effect::Done(result) => {
                let is_thrown = matches!(result, Err(Failure::Thrown(_)));
                // A run that Graph accepted is not lost by a failing callback.
                let is_located = matches!(result, Ok(Output::Location(_)));
                assert_eq!(is_thrown, matches!(given, Given::CallbackFailed) && !is_located);
                match result {
                    Err(Failure::Error(error)) => {
                        self.check_error(&error);
                        self.check_hanging_token_source(&error, given);
                    }
                    Err(Failure::Thrown(_)) => {}
                    Ok(output) => self.check_output(&output),
                }
                assert_eq!(self.call.deadline(), Instant::NEVER);
                Awaited::Nothing
            }
        };
        self.check_deadline();
    }

    fn check_deadline(&self) {
        let most = match self.awaited {
            Awaited::Nothing => return,
            Awaited::Token => self.setting.token_timeout,
            Awaited::Response(_) => self.setting.timeout,
            _ => f64::INFINITY,
        };
        let latest = (self.now + most).min(self.latest);
        assert!(self.call.deadline().0 <= latest, "it may wait for {:?} without end", self.awaited);
    }

    fn check_token_request(&self, request: &TokenRequest<Document>) {
        let is_refused = self.refusals > 0;
        assert_eq!(request.scope, "https://graph.microsoft.com/.default");
        assert_eq!(request.refused.is_some(), is_refused, "the token that was refused is named, and no other");
        assert_eq!(request.claims.as_deref(), self.claims.filter(|_| is_refused));
        assert!(self.refusals <= 3, "{} times 401 in a row", self.refusals);
        self.check_retry_after();
    }

    fn check_retry_after(&self) {
        assert!(self.now >= self.not_before - 1e-3, "{} ms before Retry-After is over", self.not_before - self.now);
    }

    fn check_request(&mut self, request: &Request<Document>) {
        let url = request.url.as_str();
        assert_eq!(url::Url::parse(url).unwrap().origin().ascii_serialization(), ORIGIN);
        assert!(!url.contains(SECRET), "a token in a URL");
        self.check_retry_after();
        if request.method == Method::Post {
            assert!(matches!(self.setting.kind, Kind::Start { .. }));
            let is_known_not_to_be = self.post == Post::GatewayResponse && self.has_read_list;
            assert!(
                self.post.was_not_taken() || is_known_not_to_be,
                "the POST is sent again although it may have been taken"
            );
            self.post = Post::Unanswered;
        }
    }

    fn check_output(&self, output: &Output<Document>) {
        match (output, self.setting.kind) {
            (Output::Location(location), Kind::Start { .. }) => {
                assert!(location.as_str().starts_with(ORIGIN));
                let expected = self.location.map(|location| location.split('?').next().unwrap_or_default());
                assert!(expected.is_none_or(|expected| location.as_str().contains(expected)), "the location got lost");
                let first_poll_at = self.call.facts().not_before.map_or(0.0, |at| at.0);
                assert!(self.location.is_none() || first_poll_at >= self.first_poll_at || self.first_poll_at <= self.now);
            }
            (Output::Operation(operation), Kind::Follow { .. }) => assert!(operation.state.has_ended()),
            (Output::Operation(_), Kind::Poll) | (Output::Page(_), Kind::Devices | Kind::Operations) => {}
            _ => panic!("another output than was asked for"),
        }
    }

    fn check_error(&self, error: &Error<Document>) {
        let texts = [&error.graph_code, &error.request_id, &error.client_request_id, &error.date, &error.location];
        let surfaced = format!("{} {texts:?} {:?} {:?}", error.message, error.operation, error.cause);
        assert!(!surfaced.contains(SECRET), "a token in an error: {surfaced}");
        if self.location.is_some() || matches!(self.setting.kind, Kind::Follow { .. } | Kind::Poll) {
            let location = error.location.as_deref().unwrap_or_default();
            assert!(location.contains("/teamwork/devices/d/operations/o"), "the location got lost: {location:?}");
            assert!(location.starts_with(ORIGIN), "{location}");
        }
        match self.post {
            post if post.was_not_taken() => assert!(!error.may_have_started, "nothing was started"),
            Post::Unanswered | Post::GatewayResponse | Post::Answered(0 | 200..=399 | 408 | 500 | 502 | 504) => {
                assert!(error.may_have_started || error.location.is_some(), "a run that was started is not told");
            }
            _ => {}
        }
    }

    /// A token source that hangs is reported as such, unless the call has reached its deadline, or the token is for a
    /// search.
    fn check_hanging_token_source(&self, error: &Error<Document>, given: &Given) {
        let is_hanging = self.awaited == Awaited::Token && matches!(given, Given::Deadline);
        let is_in_time = self.now < self.latest;
        if is_hanging && is_in_time && self.post.was_not_taken() {
            assert_eq!(error.code, ErrorCode::Unauthorized);
        }
    }

    /// From now on only deadlines arrive and, if `is_emitting`, the ends of callbacks.
    fn end(&mut self, is_emitting: bool) {
        if self.awaited == Awaited::Begin {
            self.step(&Given::Begin, 0.5);
        }
        for _ in 0..MOST_DEADLINES {
            match self.awaited {
                Awaited::Nothing => return,
                Awaited::Emitted if is_emitting => self.step(&Given::Emitted, 0.5),
                _ => {
                    self.now = self.now.max(self.call.deadline().0);
                    self.step(&Given::Deadline, 0.5);
                }
            }
        }
        panic!("it goes on without end");
    }
}

fn token() -> Token<Document> {
    Token::new(Document("tok3n.0123456789abcdef".into())).unwrap()
}

fn moment(now: f64, random: f64, setting: &Setting) -> Now {
    // 2026-06-01T00:00:00Z
    let unix_time = UnixTime(1_780_272_000_000.0 + now + setting.clock_skew);
    Now { instant: Instant(now), unix_time, random, is_online: setting.is_online }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn any_inputs_are_survived_and_break_no_promise(
        setting in setting(),
        steps in vec(step(), 0..60),
        afterwards in vec(step(), 0..4),
        is_emitting in any::<bool>(),
    ) {
        let mut watched = Watched::new(setting);
        for step in &steps {
            watched.take(step);
        }
        watched.end(is_emitting);
        for step in &afterwards {
            watched.take(step);
        }
    }
}

/// Random inputs rarely get this far.
#[test]
fn a_search_heeds_the_retry_after_of_every_page() {
    let mut watched = Watched::new(Setting {
        kind: Kind::Start { attaches: false },
        timeout: 30_000.0,
        operation_timeout: 3_600_000.0,
        token_timeout: 300_000.0,
        max_retries: 0,
        patience: 0.0,
        poll_interval: None,
        can_renew_token: true,
        emits_events: true,
        clock_skew: 0.0,
        is_online: true,
    });
    let answer = |status, retry_after, body: Option<&str>| {
        let body = body.map(str::to_owned);
        Content { status, location: None, retry_after, www_authenticate: None, date: None, body }
    };
    let lost = answer(500, None, None);
    let first_page = answer(200, None, Some(BODIES.iter().find(|body| body.contains("failed\",\"op")).unwrap()));
    let throttled = answer(429, Some("30"), None);
    let mut sent = 0;
    for answer in [&lost, &first_page, &throttled, &lost] {
        while !matches!(watched.awaited, Awaited::Response(_)) {
            watched.take(&Step { given: Given::Awaited(answer.clone()), moment: Moment::After(0.0), random: 0.5 });
        }
        sent += 1;
        watched.take(&Step { given: Given::Awaited(answer.clone()), moment: Moment::After(10.0), random: 0.5 });
    }
    assert_eq!((sent, watched.awaited), (4, Awaited::Time));
}
