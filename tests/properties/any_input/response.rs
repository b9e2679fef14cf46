//! The responses of a service: any status, fields and body, usable or not.

use proptest::prelude::*;
use proptest::sample::select;
use teams_device_diagnostics::protocol::http::Response;
use teams_device_diagnostics::protocol::time::Millis;

use super::{OPERATION, SECRET};
use crate::document::Document;

/// The part of a response that differs between cases.
#[derive(Clone, Debug)]
pub struct Content {
    pub status: u16,
    pub location: Option<&'static str>,
    pub retry_after: Option<&'static str>,
    pub www_authenticate: Option<&'static str>,
    pub date: Option<&'static str>,
    pub body: Option<String>,
}

pub fn content() -> impl Strategy<Value = Content> {
    let fields = (select(LOCATIONS.to_vec()), retry_after(), select(CHALLENGES.to_vec()), select(DATES.to_vec()));
    let body = prop_oneof![
        1 => Just(None),
        10 => select(BODIES.to_vec()).prop_map(|body| Some(body.to_owned())),
        1 => "\\PC{0,20}".prop_map(Some),
    ];
    (status(), fields, body).prop_map(|(status, (location, retry_after, www_authenticate, date), body)| Content {
        status,
        location,
        retry_after,
        www_authenticate,
        date,
        body,
    })
}

fn status() -> impl Strategy<Value = u16> {
    prop_oneof![
        9 => select(vec![200, 200, 200, 202, 202, 204, 401, 404, 409, 409, 429, 429, 500, 500, 502, 503, 503, 504]),
        3 => select(vec![0, 302, 307, 400, 403, 408, 410, 501, 505, 520]),
        1 => any::<u16>(),
    ]
}

fn retry_after() -> impl Strategy<Value = Option<&'static str>> {
    let texts = vec!["0", "1", "2.5", "30", "50", "70", "4000", "soon", "", "Wed, 21 Oct 2015 07:28:00 GMT"];
    prop_oneof![Just(None), select(texts).prop_map(Some)]
}

const LOCATIONS: &[Option<&str>] = &[
    None,
    Some("/teamwork/devices/d/operations/o"),
    Some(OPERATION),
    Some("/teamwork/devices/d/operations/o?repeats=tok3n.0123456789abcdef"),
    Some("https://evil.example/beta/teamwork/devices/d/operations/o"),
    Some("//evil.example/tok3n.0123456789abcdef"),
    Some("https://graph.microsoft.com.evil.example/beta/teamwork/devices/d/operations/o"),
    Some("https://graph.microsoft.com:8443/evil"),
    Some(""),
];

const CHALLENGES: &[Option<&str>] = &[
    None,
    Some("Bearer error=\"invalid_token\""),
    Some("Bearer error=\"insufficient_claims\", claims=\"e30=\""),
    Some("Bearer error=\"insufficient_claims\", claims=\"eyJhIjoxfQ==\""),
    Some("Bearer realm=\"tok3n.0123456789abcdef\""),
];

const DATES: &[Option<&str>] =
    &[None, Some("Mon, 01 Jun 2026 00:00:00 GMT"), Some("Mon, 01 Jun 2026 00:01:00 GMT"), Some("tok3n.0123456789abcdef")];

pub const BODIES: &[&str] = &[
    "",
    "<html>tok3n.0123456789abcdef</html>",
    r#"{"error":{"code":"tok3n.0123456789abcdef","message":"Bearer tok3n\u002E0123456789abcdef is refused"}}"#,
    // Operations
    r#"{"id":"o","status":"queued","operationType":"deviceDiagnostics"}"#,
    r#"{"value":{"id":"o","status":"inProgress","note":"tok3n.0123456789abcdef"}}"#,
    r#"{"id":"o","status":"somethingNew"}"#,
    r#"{"id":"o","status":"successful"}"#,
    r#"{"value":{"id":"o","status":"failed","error":{"code":"Odd","message":"tok3n.0123456789abcdef"}}}"#,
    r#"{"id":"o","status":"cancelled"}"#,
    // Lists
    r#"{"value":[]}"#,
    r#"{"value":[{"id":"o","status":"queued","operationType":"deviceDiagnostics","createdDateTime":"2026-06-01T00:00:01Z"}]}"#,
    r#"{"value":[{"id":"old","status":"successful","operationType":"deviceDiagnostics","createdDateTime":"2020-01-01T00:00:00Z"}]}"#,
    r#"{"value":[{"id":"r","status":"queued","operationType":"deviceRestart","createdDateTime":"2026-06-01T00:00:01Z"}],"@odata.nextLink":"https://graph.microsoft.com/beta/next"}"#,
    r#"{"value":[{"id":"old","status":"failed","operationType":"deviceDiagnostics"}],"@odata.nextLink":"https://graph.microsoft.com/beta/next"}"#,
    r#"{"value":[],"@odata.nextLink":"https://graph.microsoft.com/beta/other"}"#,
    r#"{"value":[{"id":"x"}],"@odata.nextLink":"https://evil.example/beta/next"}"#,
];

impl Content {
    pub fn response(&self) -> Response<Document> {
        let value = |text: &str| Document(text.into());
        Response {
            status: self.status,
            location: self.location.map(str::to_owned),
            retry_after: self.retry_after.map(str::to_owned),
            www_authenticate: self.www_authenticate.map(str::to_owned),
            request_id: self.date.map(str::to_owned),
            date: self.date.map(str::to_owned),
            content_type: None,
            body: self.body.as_deref().map(value),
        }
    }

    /// The `Location`, if requests may be sent to it.
    pub fn trusted_location(&self) -> Option<&'static str> {
        self.location.filter(|location| !location.is_empty() && !["evil", SECRET].iter().any(|part| location.contains(part)))
    }

    /// Whether the response is Graph's, not a gateway's.
    pub fn is_from_graph(&self) -> bool {
        self.retry_after.is_some() || self.body.as_ref().is_some_and(|body| body.contains(r#""error":{"code":"tok3n"#))
    }

    pub fn is_last_page(&self) -> bool {
        self.body.as_ref().is_some_and(|body| body.contains(r#"{"value":["#) && !body.contains("nextLink"))
    }

    /// The claims that a 401 demands.
    pub fn claims(&self) -> Option<&'static str> {
        let field = self.www_authenticate.unwrap_or_default();
        match (field.contains("e30="), field.contains("eyJhIjoxfQ==")) {
            (true, _) => Some("{}"),
            (_, true) => Some(r#"{"a":1}"#),
            _ => None,
        }
    }

    /// The delay that is requested in seconds.
    pub fn requested_delay(&self) -> Millis {
        let seconds = self.retry_after.and_then(|field| field.parse::<f64>().ok());
        Millis(1_000.0) * seconds.unwrap_or_default()
    }
}
