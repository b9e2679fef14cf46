//! The environment of a call. Whatever the call does is checked and recorded here, and then carried out elsewhere.

use teams_device_diagnostics::machine::effect::{Input, Now, TokenFailure};
use teams_device_diagnostics::machine::event::{Event, EventKind};
use teams_device_diagnostics::protocol::http::{Request, Response};
use teams_device_diagnostics::protocol::time::Instant;
use teams_device_diagnostics::protocol::token::TokenRequest;

use crate::document::Document;
use crate::driver::{Awaited, Clock, Environment, Later};
use crate::guarantees::{self, SECRET};
use crate::network::token_of;
use crate::service::Service;
use crate::token_source::checked;

impl Environment for Service {
    fn clock(&self) -> &Clock {
        &self.clock
    }

    fn now(&self) -> Now {
        let (instant, unix_time) = (self.clock.now(), self.caller_time());
        Now { instant, unix_time, random: self.rng.unit(), is_online: !self.is_offline() }
    }

    fn send<'a>(&'a self, request: Request<Document>) -> Later<'a> {
        self.trace(|| format!("{} {} with {}", request.method.as_str(), request.url.as_str(), token_of(&request)));
        let (record, plan, now) = (&self.record, &self.plan, self.clock.now());
        guarantees::tokens_are_sent_to_graph_only(&request);
        guarantees::every_token_is_from_the_token_source(&request, record);
        guarantees::retry_after_is_respected(now, record);
        guarantees::the_post_is_retried_only_if_it_was_not_accepted(&request, record);
        record.note_request(request.method, now);
        record.note_token(token_of(&request));
        let under_way = record.requests.begin(&self.clock);
        guarantees::patience_ends(now, record, plan);
        guarantees::retries_after_401_are_bounded(record);
        guarantees::the_number_of_requests_is_bounded(now, record, plan);
        self.transmit(request, under_way)
    }

    fn token<'a>(&'a self, request: TokenRequest<Document>) -> Later<'a> {
        self.trace(|| format!("token request, claims {:?}", request.claims));
        guarantees::token_requests_have_graphs_scope_and_claims(&request);
        let under_way = self.record.token_requests.begin(&self.clock);
        self.request_token(request, under_way)
    }

    fn emit(&self, event: Event<Document>) -> Result<(), Document> {
        guarantees::events_state_the_whole_delay(&event, self.clock.now(), &self.record);
        let is_attached = matches!(event.kind, EventKind::Attached { .. });
        let event = description(event);
        guarantees::no_event_contains_a_token(&event);
        self.trace(|| format!("    event: {event}"));
        let number = self.record.note_event(is_attached);
        if self.plan.failing_event == Some(number) { self.fail_callback() } else { Ok(()) }
    }

    fn next_wake_up(&self) -> Instant {
        if self.is_offline() {
            return self.plan.offline.end;
        }
        // Occasionally the page becomes visible again.
        if self.rng.happens(0.05) { self.clock.now() + self.rng.millis(0.0, 20_000.0) } else { Instant::NEVER }
    }

    fn timer_comes_first(&self) -> bool {
        self.rng.happens(0.5)
    }

    fn stray_input(&self, awaited: Awaited) -> Option<Input<Document>> {
        if let Some(thrown) = self.record.rejection.take() {
            self.record.callback_failed.set(true);
            return Some(Input::CallbackFailed(thrown));
        }
        if !self.rng.happens(self.plan.stray_rate) {
            return None;
        }
        // Results of abandoned effects may still come.
        let late = |result: Awaited, input: Input<Document>| if result == awaited { Input::Begin } else { input };
        let input = match self.rng.below(12) {
            0 => Input::Begin,
            1 => Input::Emitted,
            2 => Input::Deadline,
            3..=5 => Input::WakeUp,
            6 => late(Awaited::Token, Input::Token(Ok(checked(format!("{SECRET}.late"))))),
            7 => late(Awaited::Token, Input::Token(Err(TokenFailure::Failed(Document("late".into()))))),
            8 => late(Awaited::Response, Input::NoResponse(Document("late".into()))),
            _ => late(Awaited::Response, Input::Response(Box::new(self.late_response()))),
        };
        self.trace(|| format!("    stray input: {}", name(&input)));
        Some(input)
    }
}

impl Service {
    /// An asynchronous callback fails only later.
    fn fail_callback(&self) -> Result<(), Document> {
        self.trace(|| "    the callback fails".into());
        let thrown = Document("thrown".into());
        if self.plan.callback_is_async {
            self.record.rejection.set(Some(thrown));
            return Ok(());
        }
        self.record.callback_failed.set(true);
        Err(thrown)
    }

    /// A response to a request that was abandoned.
    fn late_response(&self) -> Response<Document> {
        let location = "/teamwork/devices/d%201%2F%C3%BC/operations/late";
        let status = self.rng.pick(&[200, 202, 202, 401, 404, 409, 429, 500, 503]);
        Response {
            location: Some(location.into()),
            body: Some(Document(r#"{"id":"late","status":"successful"}"#.into())),
            ..Response::of_status(status)
        }
    }
}

fn name(input: &Input<Document>) -> &'static str {
    match input {
        Input::Begin => "begin",
        Input::Token(Ok(_)) => "late token",
        Input::Token(Err(_)) => "late failure of the token source",
        Input::Response(_) => "late response",
        Input::NoResponse(_) => "late network failure",
        Input::Emitted => "event received",
        Input::CallbackFailed(_) => "failed callback",
        Input::Turn => "turn",
        Input::TurnLost => "lost turn",
        Input::TurnRefused => "refused turn",
        Input::Deadline => "early deadline",
        Input::WakeUp => "wake-up",
    }
}

/// Everything that an event says.
fn description(event: Event<Document>) -> String {
    let what = match event.kind {
        EventKind::Started { .. } => "started".into(),
        EventKind::Attached { operation } => format!("attached {:?}", operation.document),
        EventKind::Status { operation, .. } => format!("status {:?}", operation.document),
        EventKind::Retry { delay, .. } => format!("retry in {} ms", delay.0),
        EventKind::Abandoned { device_id } => format!("abandoned {device_id:?}"),
    };
    format!("{what} at {:?}", event.location)
}
