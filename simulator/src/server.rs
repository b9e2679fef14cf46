//! The simulated Graph on a real socket, and the page beside it. Nothing is decided here about what Graph answers.

use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::Response as HttpResponse;
use axum::routing::{any, get, post};
use teams_device_diagnostics_simulator::{Answer, Graph, Request};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

type Shared = Arc<Mutex<Graph>>;

/// By this field of the page's files the page knows that a simulated Graph stands behind it, and where: its value is the
/// service root, with version, relative to the page.
const SIMULATED_GRAPH: HeaderName = HeaderName::from_static("x-simulated-graph");

/// What the page may do; the same is written in the page itself for servers that send no such field.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self' https://graph.microsoft.com https://graph.microsoft.us https://dod-graph.microsoft.us \
    https://microsoftgraph.chinacloudapi.cn; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The routes: Graph's versions, two for tests outside of Graph's namespace (what was received; forget it), and the page's
/// folder.
pub fn router(graph: Graph, www: Option<&Path>) -> Router {
    let graph = Arc::new(Mutex::new(graph));
    let router = Router::new()
        .route("/beta/{*path}", any(answer))
        .route("/v1.0/{*path}", any(answer))
        .route("/simulator/requests", get(requests))
        .route("/simulator/reset", post(reset));
    let Some(folder) = www else { return router.fallback(answer).with_state(graph) };
    let router = router.with_state(graph);
    let mut page = Router::new().fallback_service(ServeDir::new(folder));
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (SIMULATED_GRAPH, "/beta"),
    ] {
        page = page.layer(SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value)));
    }
    router.fallback_service(page)
}

async fn answer(State(graph): State<Shared>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> HttpResponse {
    let request = Request {
        method: method.as_str().to_owned(),
        target: uri.path_and_query().map_or("/", |target| target.as_str()).to_owned(),
        headers: headers
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect(),
        body: body.to_vec(),
    };
    let now_ms = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64() * 1_000.0;
    let answer = lock(&graph).answer(now_ms, &request);
    match answer {
        Answer::Hang => std::future::pending().await,
        Answer::Reset => HttpResponse::new(broken_body()),
        Answer::Respond(response) => {
            let mut http = HttpResponse::new(Body::from(response.body));
            *http.status_mut() = response.status.try_into().unwrap_or_default();
            for (name, value) in response.headers {
                if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                    http.headers_mut().append(name, value);
                }
            }
            http
        }
    }
}

/// A body that fails before its first byte: the server gives up the connection, and the header fields, which wait to be sent
/// together with the first bytes, are lost with it.
fn broken_body() -> Body {
    let failure = Err::<Bytes, _>(std::io::Error::from(std::io::ErrorKind::ConnectionReset));
    Body::from_stream(futures_util::stream::iter([failure]))
}

/// The requests so far; the value of `Authorization` is told, so that tests can see where tokens went.
async fn requests(State(graph): State<Shared>) -> axum::Json<serde_json::Value> {
    let graph = lock(&graph);
    let seen = graph.requests().iter().map(|request| {
        let headers: serde_json::Map<String, serde_json::Value> =
            request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let body = String::from_utf8_lossy(&request.body);
        serde_json::json!({ "method": request.method, "target": request.target, "headers": headers, "body": body })
    });
    axum::Json(seen.collect())
}

/// Forgets operations and requests.
async fn reset(State(graph): State<Shared>) -> StatusCode {
    lock(&graph).reset();
    StatusCode::NO_CONTENT
}

/// A request whose handling panicked must not stop the others.
fn lock(graph: &Shared) -> MutexGuard<'_, Graph> {
    graph.lock().unwrap_or_else(PoisonError::into_inner)
}
