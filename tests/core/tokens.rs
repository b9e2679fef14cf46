//! Tokens: asked for before every request, and once more for every challenge.

use teams_device_diagnostics::protocol::error::Code;
use teams_device_diagnostics_simulator::{Answer, Response};

use crate::platform::{Bench, TOKEN, Tokens};

fn refused(challenge: Option<&str>) -> Answer {
    let headers = challenge.map(|text| ("WWW-Authenticate".to_owned(), text.to_owned())).into_iter().collect();
    Answer::Respond(Response { status: 401, headers, body: String::new() })
}

/// Refuses the requests of these numbers.
fn refuse(bench: &Bench, numbers: &'static [usize], challenges: &'static [Option<&'static str>]) {
    *bench.platform.intercept.borrow_mut() = Some(Box::new(move |number, _| {
        numbers.contains(&number).then(|| refused(challenges[number.min(challenges.len() - 1)]))
    }));
}

const CLAIMS: &str = r#"PoP nonce="ey==", Bearer error="insufficient_claims", claims="e30=""#;
const OTHER_CLAIMS: &str = r#"Bearer error="insufficient_claims", claims="eyJhIjoxfQ==""#;

#[tokio::test(start_paused = true)]
async fn every_request_asks_for_a_token_and_carries_the_one_it_got() {
    let bench = Bench { tokens: Tokens::of([Ok("first"), Ok("second"), Ok("third")]), ..Bench::new() };
    assert!(bench.run("successful").await.is_ok());
    let sent = bench.platform.sent.borrow();
    assert_eq!(bench.tokens.asked.borrow().len(), sent.len());
    assert_eq!([&sent[0].token, &sent[1].token, &sent[2].token], ["first", "second", "third"]);
}

#[tokio::test(start_paused = true)]
async fn a_claims_challenge_is_answered_on_the_post_and_on_a_look() {
    for number in [&[0], &[1]] {
        let bench = Bench { tokens: Tokens::of([Ok("old"), Ok("new")]), ..Bench::new() };
        refuse(&bench, number, &[Some(CLAIMS)]);
        assert!(bench.run("successful").await.is_ok());
        let asked = bench.tokens.asked.borrow();
        let claims: Vec<_> = asked.iter().map(|(claims, _)| claims.as_deref()).collect();
        assert_eq!(claims.iter().filter(|claims| claims.is_some()).count(), 1);
        assert_eq!(claims[number[0] + 1], Some("{}"));
        assert_eq!(bench.platform.operations_started(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn the_same_challenge_is_answered_once_and_another_one_again() {
    let bench = Bench { tokens: Tokens::of([Ok("old"), Ok("new")]), ..Bench::new() };
    refuse(&bench, &[0, 1, 2, 3], &[Some(CLAIMS)]);
    let error = bench.start("successful").await.err().expect("refused again");
    assert!(error.code == Code::Unauthorized && !error.may_have_started);
    assert_eq!((error.attempts, error.status_code), (2, Some(401)));

    let bench = Bench { tokens: Tokens::of([Ok("old"), Ok("new")]), ..Bench::new() };
    refuse(&bench, &[0, 1], &[Some(CLAIMS), Some(OTHER_CLAIMS)]);
    assert!(bench.start("successful").await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_401_without_claims_asks_once_for_a_fresh_token() {
    let bench = Bench { tokens: Tokens::of([Ok("expired"), Ok("fresh")]), ..Bench::new() };
    assert!(bench.start("successful").await.is_ok());
    assert_eq!(bench.tokens.asked.borrow()[1], (None, Some("expired".to_owned())));

    let bench = Bench { tokens: Tokens::of([Ok("expired"), Ok("expired")]), ..Bench::new() };
    let error = bench.start("successful").await.err().expect("still expired");
    assert!(error.code == Code::Unauthorized);
    assert_eq!(bench.platform.sent.borrow().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_the_caller_gave_is_not_asked_for_again() {
    let bench = Bench::new();
    refuse(&bench, &[0], &[Some(CLAIMS)]);
    let error = bench.start("successful").await.err().expect("refused");
    assert_eq!((error.attempts, bench.platform.sent.borrow().len()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn fresh_tokens_do_not_use_up_the_retries() {
    let mut bench = Bench { tokens: Tokens::of([Ok("expired"), Ok(TOKEN)]), ..Bench::new() };
    bench.limits.max_retries = 1;
    assert!(bench.start("throttled").await.is_ok());
    assert_eq!(bench.platform.requests("POST"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_source_that_fails_in_the_middle_loses_nothing() {
    let bench = Bench { tokens: Tokens::of([Ok(TOKEN), Ok(TOKEN), Err("signed out")]), ..Bench::new() };
    let error = bench.run("successful").await.err().expect("signed out");
    assert!(error.code == Code::Unauthorized && error.location.is_some() && error.cause.is_some());
}
