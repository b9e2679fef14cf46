//! CORS: what pages of other origins may send and read. Graph admits all origins.

use crate::draft::{DraftBody, ResponseDraft};
use crate::message::Request;
use crate::settings::Settings;

/// The fields that a captured response of Graph let pages read, in its order.
const EXPOSED: [&str; 10] = [
    "ETag",
    "Location",
    "Preference-Applied",
    "Content-Range",
    "request-id",
    "client-request-id",
    "ReadWriteConsistencyToken",
    "Retry-After",
    "SdkVersion",
    "WWW-Authenticate",
];

/// The fields that Microsoft's client libraries send from pages. Graph's own list is not known.
const ALLOWED: [&str; 7] =
    ["authorization", "client-request-id", "sdkversion", "content-type", "prefer", "feature-usage", "consistencylevel"];

/// The value of `Access-Control-Expose-Headers`.
pub fn exposed(settings: &Settings) -> String {
    let hidden = |name: &str| {
        name == "Location" && !settings.expose_location || name == "Retry-After" && !settings.expose_retry_after
    };
    EXPOSED.into_iter().filter(|name| !hidden(name)).collect::<Vec<_>>().join(", ")
}

/// The response to a preflight. Fields whose names begin with `x-ms-` may be sent as well.
pub fn preflight(request: &Request) -> ResponseDraft {
    let requested = request.header("access-control-request-headers").unwrap_or_default().to_ascii_lowercase();
    let vendor = requested.split(',').map(str::trim).filter(|name| name.starts_with("x-ms-"));
    let allowed: Vec<&str> = ALLOWED.into_iter().chain(vendor).collect();
    ResponseDraft::new(200, DraftBody::Empty)
        .with("Access-Control-Allow-Methods", "GET, POST, PATCH, PUT, DELETE, OPTIONS")
        .with("Access-Control-Allow-Headers", allowed.join(", "))
        .with("Access-Control-Max-Age", "600")
        .with("Vary", "Origin, Access-Control-Request-Headers")
}
