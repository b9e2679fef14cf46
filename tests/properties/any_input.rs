//! What a call does with any inputs, in any order, at any time, including inputs that it does not await.

mod checks;
mod input;
mod response;
mod setting;
mod watched;

use proptest::collection::vec;
use proptest::prelude::*;
use teams_device_diagnostics::machine::state::Limits;
use teams_device_diagnostics::protocol::time::Millis;

use self::input::{Given, Moment, Step, step};
use self::response::{BODIES, Content};
use self::setting::{Kind, Setting, setting};
use self::watched::{Awaited, Watched};
use crate::config;

const ORIGIN: &str = "https://graph.microsoft.com";
const OPERATION: &str = "https://graph.microsoft.com/beta/teamwork/devices/d/operations/o";
/// Part of every token. It must not appear in any URL, event or error.
const SECRET: &str = "tok3n";

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_sequence_of_inputs_breaks_a_guarantee(
        setting in setting(),
        steps in vec(step(), 0..60),
        afterwards in vec(step(), 0..4),
        is_emitting in any::<bool>(),
    ) {
        let mut watched = Watched::new(setting);
        for step in &steps {
            watched.apply(step);
        }
        watched.end(is_emitting);
        for step in &afterwards {
            watched.apply(step);
        }
    }
}

/// Random inputs rarely reach this state.
#[test]
fn a_search_respects_the_retry_after_of_every_page() {
    let mut watched = Watched::new(Setting {
        kind: Kind::Start { attaches: false },
        limits: Limits { max_retries: 0, patience: Millis::ZERO, ..Limits::default() },
        can_renew_token: true,
        emits_events: true,
        clock_skew: Millis::ZERO,
        is_online: true,
    });
    let content = |status, retry_after, body: Option<&str>| {
        let body = body.map(str::to_owned);
        Content { status, location: None, retry_after, www_authenticate: None, date: None, body }
    };
    let lost = content(500, None, None);
    let first_page = content(200, None, Some(BODIES.iter().find(|body| body.contains("failed\",\"op")).unwrap()));
    let throttled = content(429, Some("30"), None);
    let mut sent = 0;
    for content in [&lost, &first_page, &throttled, &lost] {
        while !matches!(watched.awaited, Awaited::Response(_)) {
            watched.apply(&Step {
                given: Given::Awaited(content.clone()),
                moment: Moment::After(Millis::ZERO),
                random: 0.5,
            });
        }
        sent += 1;
        watched.apply(&Step { given: Given::Awaited(content.clone()), moment: Moment::After(Millis(10.0)), random: 0.5 });
    }
    assert_eq!((sent, watched.awaited), (4, Awaited::Time));
}
