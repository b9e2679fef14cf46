//! Failures of the progress callback. It may be asynchronous, so it can fail at any time; its failure ends the call.

use teams_device_diagnostics::machine::call::Call;
use teams_device_diagnostics::machine::effect::{Effect, Failure, Input, Output};
use teams_device_diagnostics::machine::follow::Until;
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::time::{Instant, Millis};
use teams_device_diagnostics::protocol::token::Token;

use crate::driver::{DropAt, End, Environment, run};
use crate::fixture::{Document, Fixture, TOKEN};

/// Makes the callback of a call fail now. The call must end with exactly that failure.
fn fail(fixture: &Fixture, call: &mut Call<Document>) {
    let failure = || Input::CallbackFailed(Document("the callback's own error".into()));
    let effect = call.step(failure(), fixture.now());
    let Effect::Done(Err(Failure::Thrown(thrown))) = effect else { panic!("the call continues") };
    assert_eq!(thrown.0, "the callback's own error");
    assert_eq!(call.deadline(), Instant::NEVER);
    for input in
        [Input::Deadline, Input::WakeUp, Input::Emitted, Input::Response(Box::new(Response::of_status(200))), failure()]
    {
        assert!(matches!(call.step(input, fixture.now()), Effect::Pending), "the call has ended");
    }
}

/// Repeats a call and makes its callback fail at the first wait, then at the second, and so on. Returns the number of
/// waits.
fn fail_at_every_wait(fixture: impl Fn() -> Fixture, call: impl Fn(&Fixture) -> Call<Document>) -> usize {
    for count in 1.. {
        let fixture = fixture();
        let (end, mut call) = run(&fixture, call(&fixture), DropAt::Wait(count));
        match end {
            End::Dropped => fail(&fixture, &mut call),
            End::Done(result) => {
                assert!(result.is_ok(), "the call fails although its callback does not");
                return count - 1;
            }
            End::Stuck => panic!("the call waits for an input that never comes"),
        }
    }
    unreachable!("every call ends")
}

#[test]
fn a_callback_that_fails_later_ends_a_start_at_any_step() {
    assert!(fail_at_every_wait(Fixture::new, |fixture| fixture.start_call("throttled")) > 4);
    // The POST gets no response, so a search for the run follows.
    assert!(fail_at_every_wait(Fixture::new, |fixture| fixture.start_call("lost-start")) > 4);
}

#[test]
fn a_callback_that_fails_later_ends_a_wait_at_any_step() {
    let waits = fail_at_every_wait(Fixture::new, |fixture| {
        let started = fixture.start("poll-server-error").ok().expect("started");
        fixture.follow_call(&started.location, Millis::ZERO, Until::End)
    });
    assert!(waits > 6, "{waits}");
}

#[test]
fn a_callback_that_fails_before_the_first_step_ends_the_call() {
    let fixture = Fixture::new();
    fail(&fixture, &mut fixture.start_call("successful"));
    assert!(fixture.sent.borrow().is_empty());
}

#[test]
fn a_callback_that_fails_at_the_last_event_ends_the_call() {
    let fixture = Fixture::new();
    let location = "https://graph.microsoft.com/beta/x";
    let until_last_event = || {
        let mut call = fixture.follow_call(location, Millis::ZERO, Until::End);
        let token = Token::new(Document(TOKEN.into())).expect("a token");
        let body = Some(Document(r#"{"status":"Successful"}"#.into()));
        assert!(matches!(call.step(Input::Begin, fixture.now()), Effect::GetToken(_)));
        assert!(matches!(call.step(Input::Token(Ok(token)), fixture.now()), Effect::Send(_)));
        let effect = call.step(Input::Response(Box::new(Response { body, ..Response::of_status(200) })), fixture.now());
        assert!(matches!(effect, Effect::Emit(_)));
        call
    };
    fail(&fixture, &mut until_last_event());
    let mut call = until_last_event();
    assert!(matches!(call.step(Input::WakeUp, fixture.now()), Effect::Pending), "the event is still being emitted");
    assert!(matches!(call.step(Input::Emitted, fixture.now()), Effect::Done(Ok(Output::Operation(_)))));
}
