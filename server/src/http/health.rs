//! Whether the server lives, and can work; and its metrics.

use super::problem::Failure;
use crate::domain::Caller;
use crate::state::AppState;
use app::protocol::{Code, Problem};
use axum::Json;
use axum::extract::State;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::{Value, json};
use std::sync::LazyLock;

static METRICS: LazyLock<Option<PrometheusHandle>> = LazyLock::new(|| PrometheusBuilder::new().install_recorder().ok());

/// Begins to gather metrics. Called once, early, so that nothing is missed.
pub fn gather() {
    LazyLock::force(&METRICS);
}

/// The process lives.
#[utoipa::path(get, path = "/healthz", tag = "health", responses((status = 200, description = "The process lives")))]
pub async fn healthz() -> &'static str {
    "ok\n"
}

/// The server can read its database, and takes requests. Who is not known is told little more.
#[utoipa::path(get, path = "/readyz", tag = "health",
    responses((status = 200, description = "Ready: version, epoch, head of the log, subscribers"), (status = 503, description = "Not ready", body = Problem)))]
pub async fn readyz(State(state): State<AppState>, caller: Option<axum::Extension<Caller>>) -> Result<Json<Value>, Failure> {
    if state.stop.is_cancelled() {
        return Err(Problem::new(Code::ShuttingDown, "The server stops.").into());
    }
    let cursor = match state.store.read().await {
        Ok(tx) => tx.cursor(),
        Err(error) => {
            let detail = format!("The database cannot be read: {}", Problem::from(error).detail);
            return Err(Problem::new(Code::StoreUnavailable, detail).into());
        }
    };
    let (_, published) = state.hub.position();
    if caller.is_none() {
        // How much goes on here is nobody else's business.
        return Ok(Json(json!({
            "status": "ready",
            "version": env!("CARGO_PKG_VERSION"),
            "epoch": cursor.epoch,
        })));
    }
    Ok(Json(json!({
        "status": "ready",
        "version": env!("CARGO_PKG_VERSION"),
        "build": super::assets_build(),
        "epoch": cursor.epoch,
        "head": cursor.seq,
        "published": published,
        "subscribers": state.hub.subscribers(),
    })))
}

/// Metrics in Prometheus' text format. Only for owners: a scraper sends a token with the scope `admin`.
#[utoipa::path(get, path = "/metrics", tag = "health", responses((status = 200, description = "Prometheus text format", content_type = "text/plain")))]
pub async fn metrics(caller: Caller) -> Result<String, Failure> {
    caller.must_own()?;
    Ok(METRICS.as_ref().map(PrometheusHandle::render).unwrap_or_default())
}
