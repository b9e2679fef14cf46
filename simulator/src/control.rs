//! The control routes outside Graph's namespace: list the requests, reset, and choose the tenant.

use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::middleware::from_fn;
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use teams_device_diagnostics_simulator::Tenant;
use tower_http::set_header::SetResponseHeaderLayer;

use crate::guard::require_own_origin;
use crate::shared::{Shared, lock};

/// The routes, without the `/simulator` prefix.
pub fn routes() -> Router<Shared> {
    // A foreign page must not even embed the recorded requests: a script or a frame sends no Origin.
    let policy = (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin"));
    Router::new()
        .route("/requests", get(requests))
        .route("/reset", post(reset))
        .route("/tenant", get(tenant).post(enter_tenant))
        .fallback(async || StatusCode::NOT_FOUND)
        .layer(SetResponseHeaderLayer::overriding(policy.0, policy.1))
        .layer(from_fn(require_own_origin))
}

/// The requests so far. They include `Authorization`, so that tests can see where tokens went.
async fn requests(State(graph): State<Shared>) -> Json<Value> {
    let graph = lock(&graph);
    let seen = graph.requests().iter().map(|request| {
        let headers: Map<String, Value> =
            request.headers.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
        let body = String::from_utf8_lossy(&request.body);
        json!({ "method": request.method, "target": request.target, "headers": headers, "body": body })
    });
    Json(seen.collect())
}

/// Forgets operations and requests.
async fn reset(State(graph): State<Shared>) -> StatusCode {
    lock(&graph).reset();
    StatusCode::NO_CONTENT
}

/// The current tenant, and all tenants that can be chosen.
async fn tenant(State(graph): State<Shared>) -> Json<Value> {
    let tenants: Vec<Value> = Tenant::ALL
        .into_iter()
        .map(|tenant| json!({ "name": tenant.name(), "title": tenant.title(), "about": tenant.about() }))
        .collect();
    Json(json!({ "tenant": lock(&graph).tenant().name(), "tenants": tenants }))
}

#[derive(Deserialize)]
struct Entered {
    tenant: String,
}

/// Changes the tenant, and forgets operations and requests.
async fn enter_tenant(State(graph): State<Shared>, Query(entered): Query<Entered>) -> StatusCode {
    let Some(tenant) = Tenant::named(&entered.tenant) else { return StatusCode::BAD_REQUEST };
    lock(&graph).enter(tenant);
    StatusCode::NO_CONTENT
}
