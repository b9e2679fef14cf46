//! The devices of the simulated tenant: each shows one behaviour of Graph, and is named after it. The behaviours are
//! implemented in `scenario` and `fault`.

use time::SignedDuration;

use crate::clock::Dates;
use crate::device::Device;
use crate::fault::{Fault, FaultBody, FaultResponse};
use crate::sample_data::{KINDS, name};
use crate::scenario::{Envelope, LocationForm, Outcome, Scenario};

/// A continuous access evaluation challenge. The claims are
/// `{"access_token":{"nbf":{"essential":true,"value":"1750000000"}}}`.
/// Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>.
const CLAIMS_CHALLENGE: &str = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
    error=\"insufficient_claims\", \
    claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzUwMDAwMDAwIn19fQ==\"";

/// Every device of the simulated tenant.
pub fn catalogue() -> Vec<Device> {
    let respond = |status, body| Fault::from(FaultResponse::new(status).body(body));
    let wait = |status, seconds| Fault::from(FaultResponse::new(status).retry_after(seconds));
    let normal = Scenario::default;
    let ends = |outcome| Scenario { outcome, ..normal() };
    let starts = |post_faults| Scenario { post_faults, ..normal() };
    let never_starts = |fault| Scenario { post_faults: vec![fault], repeat_last_post_fault: true, ..normal() };
    let located = |location| Scenario { location: Some(location), ..normal() };
    let polled = |poll_faults| Scenario { poll_faults, ..normal() };
    let spelt = |texts: [&str; 4], outcome| Scenario { status_texts: Some(texts.map(str::to_owned)), outcome, ..normal() };
    let elsewhere = || "https://elsewhere.example/capture".to_owned();

    let scenarios = [
        ("successful", "Queued, Scheduled, InProgress, Successful.", normal()),
        ("failed", "The operation ends Failed, with an error.", ends(Outcome::Failed)),
        ("cancelled", "The operation ends Cancelled.", ends(Outcome::Cancelled)),
        ("slow", "Ten times slower than the others.", Scenario { slowness: 10.0, ..normal() }),
        ("queued", "Offline: its operation stays Queued for ever.", ends(Outcome::Never)),
        (
            "conflict",
            "Another administrator's operation is queued: 409.",
            Scenario { has_foreign_operation: true, ..normal() },
        ),
        (
            "throttled",
            "The first POST and the second poll get 429 with Retry-After: 1.",
            Scenario { post_faults: vec![wait(429, "1")], poll_faults: vec![None, Some(wait(429, "1"))], ..normal() },
        ),
        (
            "throttled-hidden",
            "The first POST and the second poll get 429 without Retry-After.",
            Scenario {
                post_faults: vec![respond(429, FaultBody::Error)],
                poll_faults: vec![None, Some(respond(429, FaultBody::Error))],
                ..normal()
            },
        ),
        (
            "unavailable",
            "The first POST gets 503 with Retry-After: 1, the first poll 503 without.",
            Scenario {
                post_faults: vec![wait(503, "1")],
                poll_faults: vec![Some(respond(503, FaultBody::Empty))],
                ..normal()
            },
        ),
        (
            "poll-server-error",
            "The first poll gets 500, the second a gateway's 502 page.",
            polled(vec![Some(respond(500, FaultBody::Error)), Some(respond(502, FaultBody::Html))]),
        ),
        ("start-server-error", "The POST gets 500 and starts nothing.", never_starts(respond(500, FaultBody::Error))),
        ("lost-start", "The run is started, but the 202 is lost.", starts(vec![Fault::ResetAfter])),
        ("start-hang", "The run is started, but the POST never gets a response.", starts(vec![Fault::HangAfter])),
        ("html-error", "The POST gets a gateway's 502 page.", never_starts(respond(502, FaultBody::Html))),
        ("empty-error", "The POST gets 500 without a body.", never_starts(respond(500, FaultBody::Empty))),
        ("withdrawn", "The POST gets 410.", never_starts(respond(410, FaultBody::Error))),
        (
            "no-location",
            "The 202 has no Location.",
            // Slow enough even if the other devices are fast: a page cannot read `Date`, so it adopts only a run that is
            // still in progress.
            Scenario { pace: Some(SignedDuration::SECOND), ..located(LocationForm::Missing) },
        ),
        (
            "foreign-location",
            "The Location leads to another host.",
            located(LocationForm::Literal("https://graph.microsoft.com.evil.example/beta/operations/1".into())),
        ),
        ("absolute-location", "The Location is absolute.", located(LocationForm::Absolute)),
        ("versioned-location", "The Location begins with /beta.", located(LocationForm::Versioned)),
        ("quoted-location", "The Location has OData keys in brackets.", located(LocationForm::QuotedKeys)),
        ("bare", "The operation is not wrapped in value.", Scenario { envelope: Some(Envelope::Bare), ..normal() }),
        ("odd-dates", "Times are written with hyphens.", Scenario { dates: Some(Dates::Hyphens), ..normal() }),
        ("junk-error", "The successful operation has an error all the same.", Scenario { junk_error: true, ..normal() }),
        (
            "unknown-status",
            "Passes through a status that is not documented.",
            spelt(["Queued", "unknownFutureValue", "InProgress", "Successful"], Outcome::Successful),
        ),
        (
            "succeeded",
            "Ends with succeeded.",
            spelt(["queued", "scheduled", "inProgress", "succeeded"], Outcome::Successful),
        ),
        ("canceled", "Ends with Canceled.", spelt(["Queued", "Scheduled", "InProgress", "Canceled"], Outcome::Cancelled)),
        ("start-redirect", "The POST is redirected to another host.", never_starts(Fault::Redirect(elsewhere()))),
        ("poll-redirect", "The first poll is redirected to another host.", polled(vec![Some(Fault::Redirect(elsewhere()))])),
        ("poll-reset", "The connection of the first poll is closed without a response.", polled(vec![Some(Fault::Reset)])),
        ("poll-hang", "The first poll never gets a response.", polled(vec![Some(Fault::Hang)])),
        ("late", "The first poll gets 404: not replicated yet.", polled(vec![Some(respond(404, FaultBody::Error))])),
        ("truncated", "The first poll gets half a document.", polled(vec![Some(respond(200, FaultBody::Truncated))])),
        (
            "claims-challenge",
            "The first POST gets 401 and demands a token with more claims.",
            starts(vec![FaultResponse::new(401).header("WWW-Authenticate", CLAIMS_CHALLENGE).into()]),
        ),
        ("echo", "The POST gets 400 with a message that repeats the token.", never_starts(respond(400, FaultBody::Echo))),
        (
            "running-retry-after",
            "The 202 and polls of the running operation carry Retry-After: 1.",
            Scenario { running_retry_after: Some("1".into()), ..normal() },
        ),
        ("poll-forbidden", "The first poll gets 403.", polled(vec![Some(respond(403, FaultBody::Error))])),
    ];
    scenarios.into_iter().enumerate().map(|(number, (id, notes, scenario))| furnish(number, id, notes, scenario)).collect()
}

/// Gives a device its make, name and health, in turn.
fn furnish(number: usize, id: &str, notes: &str, scenario: Scenario) -> Device {
    let (device_type, manufacturer, model, is_personal) = KINDS[number % KINDS.len()];
    let (health_status, activity_state, minutes_ago) = match (id, number % 8) {
        ("queued", _) => ("offline", "unavailable", 3_000),
        (_, 1) => ("nonUrgent", "busy", 11),
        (_, 3) => ("critical", "idle", 14),
        (_, 5) => ("healthy", "busy", 10),
        (_, 7) => ("unknown", "unknown", 45),
        _ => ("healthy", "idle", 12),
    };
    Device {
        id: id.into(),
        notes: notes.into(),
        device_type: device_type.into(),
        health_status: health_status.into(),
        activity_state: activity_state.into(),
        manufacturer: manufacturer.into(),
        model: model.into(),
        current_user: name(number, is_personal),
        last_seen: SignedDuration::minutes(minutes_ago),
        scenario,
    }
}
