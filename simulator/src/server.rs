//! The simulated Graph on a real socket, and the page beside it. Nothing is decided here about what Graph answers.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response as HttpResponse};
use axum::routing::any;
use futures_util::TryStreamExt;
use teams_device_diagnostics_simulator::{BODY_LIMIT, Disposition, Graph, Request, Response};
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::control;
use crate::guard::require_loopback_host;
use crate::shared::{Shared, lock};

/// By this field of its documents the page knows that a simulated Graph stands behind it, and where: its value is the
/// service root, with version, relative to the page.
const SIMULATED_GRAPH: HeaderName = HeaderName::from_static("x-simulated-graph");

/// What the page may do; the same is written in the page itself for servers that send no such field.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
    connect-src 'self' https://graph.microsoft.com https://graph.microsoft.us https://dod-graph.microsoft.us \
    https://microsoftgraph.chinacloudapi.cn https://login.microsoftonline.com https://login.microsoftonline.us \
    https://login.partner.microsoftonline.cn; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The page writes to the clipboard, and needs nothing else that a browser asks people for.
const PERMISSIONS_POLICY: &str = "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), \
    publickey-credentials-get=(), serial=(), usb=(), clipboard-read=(), clipboard-write=(self)";

/// The routes: Graph's versions, those that control the simulator, and the page's folder.
pub fn router(graph: Graph, www: Option<&Path>) -> Router {
    let graph = Arc::new(Mutex::new(graph));
    let router = Router::new()
        .route("/beta/{*path}", any(answer))
        .route("/v1.0/{*path}", any(answer))
        .nest("/simulator", control::routes());
    let router = match www {
        Some(folder) => router.with_state(graph).fallback_service(page(folder)),
        None => router.fallback(answer).with_state(graph),
    };
    router.layer(from_fn(require_loopback_host))
}

/// The files of the page, with the header fields that a careful host would send.
fn page(folder: &Path) -> Router {
    // As well as static hosting compresses that does it beforehand, or nearly.
    let compression = CompressionLayer::new().quality(CompressionLevel::Precise(9));
    let mut page = Router::new().fallback_service(ServeDir::new(folder)).layer(compression);
    for (name, value) in [(header::CACHE_CONTROL, "no-cache"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        page = page.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    }
    // Only documents need these; with each of the other files they would cost as much as a small one.
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::REFERRER_POLICY, "no-referrer"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin-allow-popups"),
        (SIMULATED_GRAPH, "/beta"),
    ] {
        let of_documents = move |response: &HttpResponse| is_document(response).then(|| HeaderValue::from_static(value));
        page = page.layer(SetResponseHeaderLayer::overriding(name, of_documents));
    }
    page
}

fn is_document(response: &HttpResponse) -> bool {
    let media_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    media_type.is_some_and(|media_type| media_type.starts_with("text/html") || media_type.starts_with("image/svg"))
}

async fn answer(State(graph): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Body) -> HttpResponse {
    // Whoever hung up in the middle of the body has asked for nothing.
    let Ok(body) = read(body).await else { return StatusCode::BAD_REQUEST.into_response() };
    let request = Request {
        method: method.as_str().to_owned(),
        target: uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body,
    };
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1_000.0;
    let (answer, latency_ms) = {
        let mut graph = lock(&graph);
        (graph.handle(now_ms, &request), graph.latency_ms(&request))
    };
    tokio::time::sleep(Duration::from_secs_f64(latency_ms / 1_000.0)).await;
    match answer {
        Disposition::Hang => std::future::pending().await,
        Disposition::Reset => HttpResponse::new(broken_body()),
        Disposition::Respond(response) => as_http(response),
    }
}

fn as_http(response: Response) -> HttpResponse {
    let mut http = HttpResponse::new(Body::from(response.body));
    *http.status_mut() = response.status.try_into().unwrap_or_default();
    for (name, value) in response.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            http.headers_mut().append(name, value);
        }
    }
    http
}

/// The body, or as much of it as shows that it is too large. It is read to its end all the same: a client that is still sending
/// would take an early answer for a lost connection.
async fn read(body: Body) -> Result<Vec<u8>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.try_next().await? {
        let room = (BODY_LIMIT + 1).saturating_sub(bytes.len());
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(bytes)
}

/// A body that fails before its first byte: the server gives up the connection, and the header fields, which wait to be sent
/// together with the first bytes, are lost with it.
fn broken_body() -> Body {
    let failure = Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    Body::from_stream(futures_util::stream::iter([failure]))
}
