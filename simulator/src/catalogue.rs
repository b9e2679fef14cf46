//! The devices that the simulated tenant has: each shows one thing that Graph does, and is named after it. How such a thing
//! is done stands in `scenario` and `fault`.

use crate::device::Device;
use crate::fault::{Body, Fault, FaultAnswer};
use crate::furniture::{KINDS, name};
use crate::scenario::{Dates, Envelope, LocationForm, Outcome, Scenario};

/// A continuous access evaluation challenge. The claims are
/// `{"access_token":{"nbf":{"essential":true,"value":"1750000000"}}}`.
/// Source: <https://learn.microsoft.com/entra/identity-platform/claims-challenge>.
const CLAIMS_CHALLENGE: &str = "Bearer realm=\"\", authorization_uri=\"https://login.microsoftonline.com/common/oauth2/authorize\", \
    error=\"insufficient_claims\", \
    claims=\"eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7ImVzc2VudGlhbCI6dHJ1ZSwidmFsdWUiOiIxNzUwMDAwMDAwIn19fQ==\"";

/// Every device of the simulated tenant.
pub fn catalogue() -> Vec<Device> {
    let answer = |status, body| Fault::from(FaultAnswer::new(status).body(body));
    let wait = |status, seconds| Fault::from(FaultAnswer::new(status).retry_after(seconds));
    let normal = Scenario::default;
    let ends = |outcome| Scenario { outcome, ..normal() };
    let starts = |start| Scenario { start, ..normal() };
    let never_starts = |fault| Scenario { start: vec![fault], start_for_ever: true, ..normal() };
    let located = |location| Scenario { location: Some(location), ..normal() };
    let looked_at = |looks| Scenario { looks, ..normal() };
    let spelt = |words: [&str; 4], outcome| Scenario { words: Some(words.map(str::to_owned)), outcome, ..normal() };
    let elsewhere = || "https://elsewhere.example/capture".to_owned();

    let scenarios = [
        ("successful", "Queued, Scheduled, InProgress, Successful.", normal()),
        ("failed", "The operation ends Failed, with an error.", ends(Outcome::Failed)),
        ("cancelled", "The operation ends Cancelled.", ends(Outcome::Cancelled)),
        ("slow", "Ten times slower than the others.", Scenario { slowness: 10.0, ..normal() }),
        ("queued", "Offline: its operation stays Queued for ever.", ends(Outcome::Never)),
        ("conflict", "Another administrator's operation is queued: 409.", Scenario { occupied: true, ..normal() }),
        (
            "throttled",
            "The first POST and the second look get 429 with Retry-After: 1.",
            Scenario { start: vec![wait(429, "1")], looks: vec![None, Some(wait(429, "1"))], ..normal() },
        ),
        (
            "throttled-hidden",
            "The first POST and the second look get 429 without Retry-After.",
            Scenario {
                start: vec![answer(429, Body::Error)],
                looks: vec![None, Some(answer(429, Body::Error))],
                ..normal()
            },
        ),
        (
            "unavailable",
            "The first POST gets 503 with Retry-After: 1, the first look 503 without.",
            Scenario { start: vec![wait(503, "1")], looks: vec![Some(answer(503, Body::Empty))], ..normal() },
        ),
        (
            "poll-server-error",
            "The first look gets 500, the second a gateway's 502 page.",
            looked_at(vec![Some(answer(500, Body::Error)), Some(answer(502, Body::Html))]),
        ),
        ("start-server-error", "The POST gets 500 and starts nothing.", never_starts(answer(500, Body::Error))),
        ("lost-start", "The run is started, but the 202 is lost.", starts(vec![Fault::ResetAfter])),
        ("start-hang", "The run is started, but the POST is never answered.", starts(vec![Fault::HangAfter])),
        ("html-error", "The POST gets a gateway's 502 page.", never_starts(answer(502, Body::Html))),
        ("empty-error", "The POST gets 500 without a body.", never_starts(answer(500, Body::Empty))),
        ("withdrawn", "The POST gets 410.", never_starts(answer(410, Body::Error))),
        (
            "no-location",
            "The 202 has no Location.",
            // However fast the others are: a page cannot read `Date`, and adopts only a run that is still under way when it looks.
            Scenario { pace_ms: Some(1_000.0), ..located(LocationForm::Missing) },
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
        (
            "poll-redirect",
            "The first look is redirected to another host.",
            looked_at(vec![Some(Fault::Redirect(elsewhere()))]),
        ),
        ("poll-reset", "The connection of the first look is closed without an answer.", looked_at(vec![Some(Fault::Reset)])),
        ("poll-hang", "The first look is never answered.", looked_at(vec![Some(Fault::Hang)])),
        ("late", "The first look gets 404: not replicated yet.", looked_at(vec![Some(answer(404, Body::Error))])),
        ("truncated", "The first look gets half a document.", looked_at(vec![Some(answer(200, Body::Truncated))])),
        (
            "claims-challenge",
            "The first POST gets 401 and asks for a token with more claims.",
            starts(vec![FaultAnswer::new(401).header("WWW-Authenticate", CLAIMS_CHALLENGE).into()]),
        ),
        ("echo", "The POST gets 400 with a message that repeats the token.", never_starts(answer(400, Body::Echo))),
        (
            "running-retry-after",
            "The 202 and looks at the running operation carry Retry-After: 1.",
            Scenario { running_retry_after: Some("1".into()), ..normal() },
        ),
        ("poll-forbidden", "The first look gets 403.", looked_at(vec![Some(answer(403, Body::Error))])),
    ];
    scenarios.into_iter().enumerate().map(|(number, (id, notes, scenario))| furnish(number, id, notes, scenario)).collect()
}

/// Makes, names and health, in turn.
fn furnish(number: usize, id: &str, notes: &str, scenario: Scenario) -> Device {
    let (device_type, manufacturer, model, is_personal) = KINDS[number % KINDS.len()];
    let (health_status, activity_state, last_seen_minutes) = match (id, number % 8) {
        ("queued", _) => ("offline", "unavailable", 3_000.0),
        (_, 1) => ("nonUrgent", "busy", 11.0),
        (_, 3) => ("critical", "idle", 14.0),
        (_, 5) => ("healthy", "busy", 10.0),
        (_, 7) => ("unknown", "unknown", 45.0),
        _ => ("healthy", "idle", 12.0),
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
        last_seen_minutes,
        scenario,
    }
}
