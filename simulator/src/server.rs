//! The simulated Graph on a real socket, and the page. Graph's responses are not decided here.

use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response as HttpResponse};
use axum::routing::any;
use futures_util::TryStreamExt;
use teams_device_diagnostics_simulator::{BODY_LIMIT, Disposition, Graph, Request, Response};
use time::UtcDateTime;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::control;
use crate::guard::require_loopback_host;
use crate::shared::{Shared, lock};

/// The field that tells the page that a simulated Graph is behind it. Its value is the service root, with version, relative
/// to the page.
const SIMULATED_GRAPH: HeaderName = HeaderName::from_static("x-simulated-graph");

/// The page's permissions; the page itself has the same policy, for servers that do not send this field.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self'; \
    connect-src 'self' https://graph.microsoft.com https://graph.microsoft.us https://dod-graph.microsoft.us \
    https://microsoftgraph.chinacloudapi.cn https://login.microsoftonline.com https://login.microsoftonline.us \
    https://login.partner.microsoftonline.cn; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
    require-trusted-types-for 'script'; trusted-types 'none'";

/// The page writes to the clipboard, and needs no other permission that a browser asks people for.
const PERMISSIONS_POLICY: &str = "camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), midi=(), payment=(), \
    publickey-credentials-get=(), serial=(), usb=(), clipboard-read=(), clipboard-write=(self)";

/// The routes: Graph's versions, the control routes, and the page's folder.
pub fn router(graph: Graph, www: Option<&Path>) -> Router {
    let graph = Arc::new(Mutex::new(graph));
    let router = Router::new()
        .route("/beta/{*path}", any(handle))
        .route("/v1.0/{*path}", any(handle))
        .nest("/simulator", control::routes());
    let router = match www {
        Some(folder) => router.with_state(graph).fallback_service(page(folder)),
        None => router.fallback(handle).with_state(graph),
    };
    router.layer(from_fn(require_loopback_host))
}

/// The files of the page, with the header fields that a careful host would send.
fn page(folder: &Path) -> Router {
    // Compresses nearly as well as static hosting that does so in advance.
    let compression = CompressionLayer::new().quality(CompressionLevel::Precise(9));
    let mut page = Router::new().fallback_service(ServeDir::new(folder)).layer(compression);
    for (name, value) in [(header::CACHE_CONTROL, "no-cache"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")] {
        page = page.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    }
    // Only documents need these fields; with every other file they would cost as much as a small file.
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

async fn handle(State(graph): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Body) -> HttpResponse {
    // A client that disconnected in the middle of the body gets no response.
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
    let (disposition, latency) = {
        let mut graph = lock(&graph);
        (graph.handle(UtcDateTime::now(), &request), graph.latency(&request))
    };
    tokio::time::sleep(latency.unsigned_abs()).await;
    match disposition {
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

/// Reads a body, and keeps just enough to show that it is too large. It is always read to its end, because a client that is
/// still sending would take an early response for a lost connection.
async fn read(body: Body) -> Result<Vec<u8>, axum::Error> {
    let mut chunks = body.into_data_stream();
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.try_next().await? {
        let room = (BODY_LIMIT + 1).saturating_sub(bytes.len());
        bytes.extend_from_slice(&chunk[..chunk.len().min(room)]);
    }
    Ok(bytes)
}

/// A body that fails before its first byte: the server closes the connection, and the header fields are lost with it,
/// because they are sent together with the first bytes.
fn broken_body() -> Body {
    let failure = Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    Body::from_stream(futures_util::stream::iter([failure]))
}
