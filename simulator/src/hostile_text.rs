//! Devices whose texts (names, states, errors, ids) would all be scripts or images if a page treated them as markup.

use serde_json::json;
use time::SignedDuration;

use crate::device::Device;
use crate::fault::{FaultBody, FaultResponse};
use crate::scenario::{Outcome, Scenario};

const SCRIPT: &str = "<script>document.title='run'</script>";
const IMAGE: &str = "<img src=x onerror=\"document.title='run'\">";
const BOLD: &str = "<b>bold</b> &amp; \"quoted\" 'too'";
const LINK: &str = "<a href=\"javascript:document.title='run'\">link</a>";

pub fn devices() -> Vec<Device> {
    let status_texts = |last: &str| Some([IMAGE, SCRIPT, BOLD, last].map(str::to_owned));
    let error = json!({ "error": { "code": SCRIPT, "message": IMAGE, "innerError": { "request-id": BOLD, "date": LINK } } });
    let refused = FaultResponse::new(403).body(FaultBody::Literal(error.to_string()));
    let scenarios = [
        ("succeeds", "healthy", Scenario { status_texts: status_texts("Successful"), ..Scenario::default() }),
        (
            "fails",
            "critical",
            Scenario {
                status_texts: status_texts("Failed"),
                outcome: Outcome::Failed,
                failure: Some([SCRIPT.into(), format!("{IMAGE} {LINK}")]),
                ..Scenario::default()
            },
        ),
        (
            "is occupied",
            LINK,
            Scenario { has_foreign_operation: true, administrator: Some(IMAGE.into()), ..Scenario::default() },
        ),
        (
            "is refused",
            "nonUrgent",
            Scenario { post_faults: vec![refused.into()], repeat_last_post_fault: true, ..Scenario::default() },
        ),
        (
            "is offline",
            "offline",
            Scenario { status_texts: status_texts("Queued"), outcome: Outcome::Never, ..Scenario::default() },
        ),
    ];
    let device = |(what, health, scenario): (&str, &str, Scenario)| Device {
        id: format!("{IMAGE} {what}"),
        notes: format!("{SCRIPT}{BOLD}"),
        device_type: if health == LINK { IMAGE.into() } else { "teamsRoom".into() },
        health_status: health.into(),
        activity_state: if health == LINK { BOLD.into() } else { "idle".into() },
        manufacturer: LINK.into(),
        model: SCRIPT.into(),
        current_user: format!("{IMAGE}{BOLD} {what}"),
        last_seen: SignedDuration::minutes(10),
        scenario,
    };
    scenarios.into_iter().map(device).collect()
}
