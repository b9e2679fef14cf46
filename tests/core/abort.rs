//! Calls that the caller aborts, or whose callback fails: a run that Graph accepted is not lost.

use teams_device_diagnostics::machine::call::Call;
use teams_device_diagnostics::machine::effect::{Effect, Failure, Input, Output};
use teams_device_diagnostics::machine::event::EventKind;
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::machine::start::OnConflict;
use teams_device_diagnostics::protocol::time::{Instant, Millis};

use crate::driver::{DropAt, End, Environment, run};
use crate::fixture::{Builder, Document, Fixture, status};

/// Aborts a call at its nth wait. Returns the call and the effect of the abort; `None` if the call ended before.
fn abort_at(fixture: &Fixture, call: Call<Document>, wait: usize) -> Option<(Call<Document>, Effect<Document>)> {
    let (end, mut call) = run(fixture, call, DropAt::Wait(wait));
    matches!(end, End::Dropped).then(|| {
        let effect = call.abort(Document("enough".into()));
        (call, effect)
    })
}

fn is_reason(effect: &Effect<Document>) -> bool {
    matches!(effect, Effect::Done(Err(Failure::Thrown(reason))) if reason.0 == "enough")
}

#[test]
fn an_abort_emits_abandoned_only_if_a_run_may_have_started() {
    for device in ["successful", "throttled", "lost-start", "conflict", "no-such-device"] {
        for wait in 1.. {
            let fixture = Fixture::new();
            let Some((mut call, effect)) = abort_at(&fixture, fixture.start_call(device), wait) else { break };
            let may_have_started = call.facts().may_have_started;
            assert!(!may_have_started || fixture.requests("POST") > 0, "{device} {wait}");
            let effect = match effect {
                Effect::Emit(event) => {
                    let EventKind::Abandoned { device_id } = event.kind else {
                        panic!("{device} {wait}: not the event abandoned")
                    };
                    assert_eq!(device_id.as_deref(), Some(device));
                    assert!(may_have_started && call.is_decided(), "{device} {wait}");
                    call.step(Input::Emitted, fixture.now())
                }
                effect => {
                    assert!(!may_have_started, "{device} {wait}");
                    effect
                }
            };
            assert!(is_reason(&effect), "{device} {wait}");
            assert_eq!(call.deadline(), Instant::NEVER);
            assert!(matches!(call.abort(Document("again".into())), Effect::Pending), "the call has ended");
        }
    }
}

#[test]
fn an_aborted_wait_rejects_with_the_reason_only() {
    for wait in 1..6 {
        let fixture = Fixture::new();
        let started = fixture.start("queued").ok().expect("started");
        let waiting = fixture.follow_call(&started.location, Millis::ZERO, Until::End);
        let (call, effect) = abort_at(&fixture, waiting, wait).expect("the call waits");
        assert!(is_reason(&effect) && call.facts().location.is_some(), "{wait}");
    }
}

#[test]
fn a_callback_that_fails_at_abandoned_does_not_change_the_reason() {
    let fixture = Fixture::new();
    // The first wait is for the token, the second for the response to the POST.
    let (mut call, effect) = abort_at(&fixture, fixture.start_call("successful"), 2).expect("the POST is out");
    assert!(matches!(effect, Effect::Emit(_)));
    assert!(matches!(call.abort(Document("again".into())), Effect::Pending));
    assert!(is_reason(&call.step(Input::CallbackFailed(Document("thrown".into())), fixture.now())));
}

#[test]
fn without_a_progress_callback_an_abort_emits_nothing() {
    let mut fixture = Fixture::new();
    fixture.emits_events = false;
    let (call, effect) = abort_at(&fixture, fixture.start_call("successful"), 2).expect("the POST is out");
    assert!(call.facts().may_have_started && is_reason(&effect));
}

#[test]
fn a_callback_error_or_an_abort_never_loses_the_location_of_a_run() {
    for (device, on_conflict) in
        [("successful", OnConflict::Throw), ("no-location", OnConflict::Throw), ("conflict", OnConflict::Attach)]
    {
        let mut fixture = Fixture::new();
        fixture.on_conflict = on_conflict;
        fixture.events.throws_at = Some(1);
        assert!(fixture.start(device).is_ok(), "{device}: the callback threw at {:?}", fixture.events.lines());
    }
    let fixture = Fixture::new();
    let mut call = fixture.start_call("successful");
    let mut effect = call.step(Input::Begin, fixture.now());
    for input in [fixture.token_input(), fixture.accepted_input()] {
        assert!(!call.is_decided());
        effect = call.step(input, fixture.now());
    }
    assert!(matches!(effect, Effect::Emit(_)) && call.is_decided());
    assert!(matches!(call.abort(Document("enough".into())), Effect::Pending), "the abort changes the result");
    assert!(matches!(call.step(Input::Emitted, fixture.now()), Effect::Done(Ok(Output::Location(_)))));
}

#[test]
fn not_before_is_known_after_a_wait_has_ended() {
    for (code, body) in [(200, r#"{"status":"InProgress"}"#), (202, ""), (429, ""), (503, ""), (403, "")] {
        for requested in ["7", ""] {
            let mut fixture = Fixture::new();
            fixture.limits.operation_timeout = Millis(5_000.0);
            fixture.respond_with([status(code).body(body).retry_after(requested)]);
            let call = fixture.follow_call("https://graph.microsoft.com/beta/x", Millis::ZERO, Until::End);
            let (_, call) = run(&fixture, call, DropAt::Wait(4));
            let expected = (!requested.is_empty()).then_some(Instant(20.0 + 7_000.0));
            assert_eq!(call.facts().not_before, expected, "{code} {requested}");
        }
    }
}
