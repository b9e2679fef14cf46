//! Tokens: one is requested before every request, and a new one after each different challenge.

use teams_device_diagnostics::protocol::error::ErrorCode;
use teams_device_diagnostics::protocol::time::Millis;
use teams_device_diagnostics::protocol::token::{Token, refuse_token};
use teams_device_diagnostics_simulator::Disposition;

use crate::fixture::TokenResult::{Fails, Gives, Hangs};
use crate::fixture::{Builder, Document, Fixture, TOKEN, status};

/// A 401, with this challenge.
fn unauthorized(challenge: Option<&str>) -> Disposition {
    challenge.into_iter().fold(status(401), |response, text| response.field("WWW-Authenticate", text))
}

/// Responds with 401 to the requests with these numbers, from 0.
fn respond_with_401(fixture: &Fixture, numbers: &'static [usize], challenges: &'static [Option<&'static str>]) {
    fixture.intercept(move |number, _| {
        numbers.contains(&number).then(|| unauthorized(challenges[number.min(challenges.len() - 1)]))
    });
}

const CLAIMS: &str = r#"PoP nonce="ey==", Bearer error="insufficient_claims", claims="e30=""#;
const OTHER_CLAIMS: &str = r#"Bearer error="insufficient_claims", claims="eyJhIjoxfQ==""#;

#[test]
fn a_token_as_id_or_location_is_refused_and_not_shown() {
    let jwt = "eyJ0eXAi.eyJhdWQi.c2ln-_";
    let long = "x".repeat(2_000);
    for text in ["t", "EwB+/A.-_~0123456==", jwt, &long] {
        let token = Token::new(Document(text.into())).expect("a token");
        for argument in [text.to_owned(), format!(" {text}\n")] {
            let problem = refuse_token(&argument, Some(&token)).expect_err(text);
            assert!(text.len() == 1 || !problem.contains(text), "{problem}");
        }
    }
    let token = Token::new(Document("t".into())).expect("a token");
    for argument in ["tt", "T", "d", &"x".repeat(1_024)] {
        assert!(refuse_token(argument, Some(&token)).is_ok(), "{argument}");
    }
    // They are refused even if the call has no token.
    for argument in [jwt, &long] {
        assert!(refuse_token::<Document>(argument, None).is_err(), "{argument}");
    }
}

#[test]
fn a_token_is_requested_for_every_request_and_sent_with_it() {
    let fixture = Fixture::with_tokens([Gives("first"), Gives("second"), Gives("third")]);
    assert!(fixture.run("successful").is_ok());
    let sent = fixture.sent.borrow();
    assert_eq!(fixture.tokens.requests.borrow().len(), sent.len());
    assert_eq!([&sent[0].token, &sent[1].token, &sent[2].token], ["first", "second", "third"]);
}

#[test]
fn a_claims_challenge_renews_the_token_of_the_post_and_of_a_poll() {
    for number in [&[0], &[1]] {
        let fixture = Fixture::with_tokens([Gives("old"), Gives("new")]);
        respond_with_401(&fixture, number, &[Some(CLAIMS)]);
        assert!(fixture.run("successful").is_ok());
        let requests = fixture.tokens.requests.borrow();
        let claims: Vec<_> = requests.iter().map(|(claims, _)| claims.as_deref()).collect();
        assert_eq!(claims.iter().filter(|claims| claims.is_some()).count(), 1);
        assert_eq!(claims[number[0] + 1], Some("{}"));
        assert_eq!(fixture.operations_started(), 1);
    }
}

#[test]
fn a_new_token_is_requested_once_for_each_different_challenge() {
    let fixture = Fixture::with_tokens([Gives("old"), Gives("new")]);
    respond_with_401(&fixture, &[0, 1, 2, 3], &[Some(CLAIMS)]);
    let error = fixture.start("successful").err().expect("a second 401");
    assert!(error.code == ErrorCode::Unauthorized && !error.may_have_started);
    assert_eq!((error.attempts, error.status_code), (2, Some(401)));

    let fixture = Fixture::with_tokens([Gives("old"), Gives("new")]);
    respond_with_401(&fixture, &[0, 1], &[Some(CLAIMS), Some(OTHER_CLAIMS)]);
    assert!(fixture.start("successful").is_ok());
}

#[test]
fn a_401_without_claims_requests_a_new_token_once() {
    let fixture = Fixture::with_tokens([Gives("expired"), Gives("new")]);
    assert!(fixture.start("successful").is_ok());
    assert_eq!(fixture.tokens.requests.borrow()[1], (None, Some("expired".to_owned())));

    let fixture = Fixture::with_tokens([Gives("expired"), Gives("expired")]);
    let error = fixture.start("successful").err().expect("still expired");
    assert!(error.code == ErrorCode::Unauthorized);
    assert_eq!(fixture.sent.borrow().len(), 2);
}

#[test]
fn a_token_passed_as_text_is_not_requested_again() {
    let fixture = Fixture::new();
    respond_with_401(&fixture, &[0], &[Some(CLAIMS)]);
    let error = fixture.start("successful").err().expect("a 401");
    assert_eq!((error.attempts, fixture.sent.borrow().len()), (1, 1));
}

#[test]
fn a_new_token_uses_no_retry() {
    let mut fixture = Fixture::with_tokens([Gives("expired"), Gives(TOKEN)]);
    fixture.limits.max_retries = 1;
    assert!(fixture.start("throttled").is_ok());
    assert_eq!(fixture.requests("POST"), 3);
}

#[test]
fn a_token_source_that_fails_during_a_wait_keeps_the_location() {
    let fixture = Fixture::with_tokens([Gives(TOKEN), Gives(TOKEN), Fails("signed out")]);
    let error = fixture.run("successful").err().expect("signed out");
    assert!(error.code == ErrorCode::Unauthorized && error.location.is_some() && error.cause.is_some());
}

#[test]
fn a_hanging_token_source_ends_the_call_before_anything_is_sent() {
    let fixture = Fixture::with_tokens([Hangs]);
    let error = fixture.start("successful").err().expect("no token");
    assert!(error.code == ErrorCode::Unauthorized && !error.may_have_started && error.location.is_none());
    assert!(error.message.contains("options.tokenTimeout"), "{}", error.message);
    assert!(error.hint().is_some() && error.hint() != error.code.hint(false), "{:?}", error.hint());
    assert_eq!((error.attempts, error.status_code), (0, None));
    assert_eq!((fixture.sent.borrow().len(), fixture.tokens.requests.borrow().len()), (0, 1));
    assert_eq!(fixture.elapsed(), Millis(300_000.0));
}

#[test]
fn a_token_source_that_hangs_during_a_wait_keeps_the_operation() {
    let fixture = Fixture::with_tokens([Gives(TOKEN), Gives(TOKEN), Hangs]);
    let error = fixture.run("successful").err().expect("no token");
    assert!(error.code == ErrorCode::Unauthorized && error.message.contains("options.tokenTimeout"));
    assert!(error.location.is_some() && error.operation.is_some() && !error.may_have_started);
    assert_ne!(error.hint(), error.code.hint(true));
    let sent = fixture.sent.borrow();
    assert_eq!(sent.len(), 2);
    let waited = fixture.clock.now() - sent[1].at;
    let expected = Millis(302_000.0)..Millis(303_000.0);
    assert!(expected.contains(&waited), "not the poll interval plus the token timeout: {waited:?}");
}

#[test]
fn a_token_source_may_take_longer_than_the_request_timeout() {
    let mut fixture = Fixture::new();
    fixture.tokens.delay = Millis(200_000.0);
    assert!(fixture.limits.timeout < fixture.tokens.delay);
    assert!(fixture.run("successful").is_ok());
    assert!(fixture.sent.borrow().windows(2).all(|pair| pair[1].at - pair[0].at >= Millis(200_000.0)));

    fixture.limits.token_timeout = Millis(100_000.0);
    let began = fixture.clock.now();
    assert!(fixture.start("queued").is_err_and(|error| error.code == ErrorCode::Unauthorized));
    assert_eq!(fixture.clock.now() - began, Millis(100_000.0));
}

#[test]
fn the_deadline_of_a_call_includes_the_wait_for_a_token() {
    let mut fixture = Fixture::with_tokens([Hangs]);
    fixture.limits.operation_timeout = Millis(60_000.0);
    assert!(fixture.start("successful").is_err_and(|error| error.code == ErrorCode::OperationTimeout));
    assert_eq!(fixture.elapsed(), Millis(60_000.0));
}
