//! `/api/kbs`: knowledge bases.

use crate::domain::mutation::Request;
use crate::domain::{Caller, kb};
use crate::http::extract::{Json, Path};
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::entry::{KbPatch, KbSummary, KbView, NewKb};
use app::protocol::{Cursor, KbName, Problem};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;

/// All knowledge bases.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct KbList {
    items: Vec<KbSummary>,
    /// The moment of the list.
    cursor: Cursor,
}

/// Lists the knowledge bases, by title.
#[utoipa::path(get, path = "/api/kbs", tag = "knowledge bases", responses((status = 200, body = KbList)))]
pub async fn list_kbs(State(state): State<AppState>, caller: Caller) -> Result<axum::Json<KbList>, Failure> {
    let snapshot = kb::all(&state.store, &caller).await?;
    Ok(axum::Json(KbList {
        items: snapshot.data,
        cursor: snapshot.cursor,
    }))
}

/// Makes a knowledge base.
#[utoipa::path(post, path = "/api/kbs", tag = "knowledge bases", request_body = NewKb,
    responses((status = 201, body = KbSummary), (status = 409, description = "kb_exists", body = Problem), (status = 422, description = "invalid_slug, title_too_long", body = Problem)))]
pub async fn create_kb(State(state): State<AppState>, request: Request, Json(new): Json<NewKb>) -> Result<impl IntoResponse, Failure> {
    let made = kb::create(&state.store, &request, new).await?;
    Ok((
        StatusCode::CREATED,
        [(
            header::LOCATION,
            format!("/api/kbs/{}", super::entries::segment(made.name.as_str())),
        )],
        axum::Json(made),
    ))
}

/// A knowledge base, with its types and tags and how often each occurs.
#[utoipa::path(get, path = "/api/kbs/{kb}", tag = "knowledge bases", params(("kb" = String, Path)),
    responses((status = 200, body = KbView), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn show_kb(State(state): State<AppState>, caller: Caller, Path(name): Path<KbName>) -> Result<axum::Json<KbView>, Failure> {
    Ok(axum::Json(kb::view(&state.store, &caller, &name).await?.data))
}

/// Changes the title or the description of a knowledge base; what is absent stays.
#[utoipa::path(patch, path = "/api/kbs/{kb}", tag = "knowledge bases", request_body = KbPatch,
    params(("kb" = String, Path)),
    responses((status = 200, body = KbSummary), (status = 404, description = "kb_not_found", body = Problem), (status = 422, description = "title_too_long, invalid_value", body = Problem)))]
pub async fn patch_kb(
    State(state): State<AppState>,
    request: Request,
    Path(name): Path<KbName>,
    Json(patch): Json<KbPatch>,
) -> Result<axum::Json<KbSummary>, Failure> {
    Ok(axum::Json(kb::update(&state.store, &request, name, patch).await?))
}

/// Deletes a knowledge base with all its entries, for good.
#[utoipa::path(delete, path = "/api/kbs/{kb}", tag = "knowledge bases", params(("kb" = String, Path)),
    responses((status = 204), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn delete_kb(State(state): State<AppState>, request: Request, Path(name): Path<KbName>) -> Result<StatusCode, Failure> {
    kb::delete(&state.store, &request, name).await?;
    Ok(StatusCode::NO_CONTENT)
}
