//! The checks of every effect of a call, whatever its inputs were.

use teams_device_diagnostics::machine::effect::{Effect, Failure, Output};
use teams_device_diagnostics::machine::event::{Event, EventKind};
use teams_device_diagnostics::protocol::error::{Error, ErrorCode};
use teams_device_diagnostics::protocol::http::{Method, Request};
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::TokenRequest;

use super::input::Given;
use super::setting::Kind;
use super::watched::{Awaited, Post, Watched};
use super::{ORIGIN, SECRET};
use crate::document::Document;

/// The tolerance for sums of times.
const ROUNDING: Millis = Millis(1e-3);

impl Watched {
    /// Checks an effect, and notes what the call awaits from now on.
    pub fn check(&mut self, effect: Effect<Document>, given: &Given) {
        self.awaited = match effect {
            Effect::Pending => return,
            Effect::AwaitTurn { .. } => panic!("a call by itself awaits a turn"),
            Effect::GetToken(request) => {
                self.check_token_request(&request);
                Awaited::Token
            }
            Effect::Send(request) => {
                assert!(matches!(given, Given::Token), "a request without a token request before it");
                self.check_request(&request);
                Awaited::Response(request.method)
            }
            Effect::Sleep { .. } => Awaited::Time,
            Effect::Emit(event) => {
                self.check_event(&event);
                Awaited::Emitted
            }
            Effect::Done(result) => {
                self.check_result(result, given);
                Awaited::Nothing
            }
        };
        self.check_deadline();
    }

    fn check_event(&self, event: &Event<Document>) {
        assert!(self.setting.emits_events, "an event without a progress callback");
        assert!(!format!("{:?}", event.location).contains(SECRET), "a token in an event");
        if let EventKind::Status { operation, .. } | EventKind::Attached { operation } = &event.kind {
            assert!(!format!("{:?}", operation.document).contains(SECRET), "a token in an event");
        }
    }

    fn check_result(&self, result: Result<Output<Document>, Failure<Document>>, given: &Given) {
        let is_thrown = matches!(result, Err(Failure::Thrown(_)));
        // A callback that fails does not lose a run that Graph accepted.
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
    }

    fn check_deadline(&self) {
        let most = match self.awaited {
            Awaited::Nothing => return,
            Awaited::Token => self.setting.limits.token_timeout,
            Awaited::Response(_) => self.setting.limits.timeout,
            _ => Millis::FOREVER,
        };
        let latest = (self.now + most).min(self.latest);
        assert!(self.call.deadline() <= latest + ROUNDING, "it may wait for {:?} beyond the time limit", self.awaited);
    }

    fn check_token_request(&self, request: &TokenRequest<Document>) {
        let is_refused = self.refusals > 0;
        assert_eq!(request.scope, "https://graph.microsoft.com/.default");
        assert_eq!(
            request.refused.is_some(),
            is_refused,
            "the token request must have the token that got a 401, and no other"
        );
        assert_eq!(request.claims.as_deref(), self.claims.filter(|_| is_refused));
        assert!(self.refusals <= 3, "{} times 401 in a row", self.refusals);
        self.check_retry_after();
    }

    fn check_retry_after(&self) {
        let too_early = self.not_before - self.now;
        assert!(too_early <= ROUNDING, "{} ms before Retry-After is over", too_early.0);
    }

    fn check_request(&mut self, request: &Request<Document>) {
        let url = request.url.as_str();
        assert_eq!(url::Url::parse(url).unwrap().origin().ascii_serialization(), ORIGIN);
        assert!(!url.contains(SECRET), "a token in a URL");
        self.check_retry_after();
        if request.method == Method::Post {
            assert!(matches!(self.setting.kind, Kind::Start { .. }));
            let is_known_not_started = self.post == Post::GatewayResponse && self.has_read_list;
            assert!(
                self.post.was_not_accepted() || is_known_not_started,
                "the POST is retried although it may have been accepted"
            );
            self.post = Post::NoResponse;
        }
    }

    fn check_output(&self, output: &Output<Document>) {
        match (output, self.setting.kind) {
            (Output::Location(location), Kind::Start { .. }) => {
                assert!(location.as_str().starts_with(ORIGIN));
                let expected = self.location.map(|location| location.split('?').next().unwrap_or_default());
                assert!(expected.is_none_or(|expected| location.as_str().contains(expected)), "the location was lost");
                let is_kept = self.call.facts().not_before.is_some_and(|at| at >= self.first_poll_at);
                assert!(self.location.is_none() || is_kept || self.first_poll_at <= self.now);
            }
            (Output::Operation(operation), Kind::Follow { .. }) => assert!(operation.state.has_ended()),
            (Output::Operation(_), Kind::Poll) | (Output::Page(_), Kind::Devices | Kind::Operations) => {}
            _ => panic!("the output of another kind of call"),
        }
    }

    fn check_error(&self, error: &Error<Document>) {
        let texts = [&error.graph_code, &error.request_id, &error.client_request_id, &error.date, &error.location];
        let shown = format!("{} {texts:?} {:?} {:?}", error.message, error.operation, error.cause);
        assert!(!shown.contains(SECRET), "a token in an error: {shown}");
        if self.location.is_some() || matches!(self.setting.kind, Kind::Follow { .. } | Kind::Poll) {
            let location = error.location.as_deref().unwrap_or_default();
            assert!(location.contains("/teamwork/devices/d/operations/o"), "the location was lost: {location:?}");
            assert!(location.starts_with(ORIGIN), "{location}");
        }
        match self.post {
            post if post.was_not_accepted() => assert!(!error.may_have_started, "no run was started"),
            Post::NoResponse | Post::GatewayResponse | Post::Response(0 | 200..=399 | 408 | 500 | 502 | 504) => {
                assert!(
                    error.may_have_started || error.location.is_some(),
                    "the error does not report that a run may have started"
                );
            }
            _ => {}
        }
    }

    /// A token source that hangs is reported as such, unless the call has reached its deadline, or the token is for a
    /// search.
    fn check_hanging_token_source(&self, error: &Error<Document>, given: &Given) {
        let is_hanging = self.awaited == Awaited::Token && matches!(given, Given::Deadline);
        let is_in_time = self.now < self.latest;
        if is_hanging && is_in_time && self.post.was_not_accepted() {
            assert_eq!(error.code, ErrorCode::Unauthorized);
        }
    }
}
