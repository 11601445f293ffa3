//! `/api/kbs/{kb}/access`: who may do what in a knowledge base; and who watches it, or an entry of it.

use crate::domain::mutation::Request;
use crate::domain::{Caller, kb, notification};
use crate::http::extract::{Json, Path};
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::people::{Level, Right};
use app::protocol::{EntryId, KbName, Problem, UserId};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

/// Who may do what in a knowledge base.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Access {
    /// What all members may for whom nothing else is said; `none` makes it private.
    members: Level,
    /// For whom something else is said, by name.
    rights: Vec<Right>,
}

/// Says who may do what. Only for admins of the knowledge base.
#[utoipa::path(get, path = "/api/kbs/{kb}/access", tag = "access", params(("kb" = String, Path)),
    responses((status = 200, body = Access), (status = 403, description = "forbidden", body = Problem), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn show_access(State(state): State<AppState>, caller: Caller, Path(name): Path<KbName>) -> Result<axum::Json<Access>, Failure> {
    let access = kb::access(&state.store, &caller, &name).await?.data;
    Ok(axum::Json(Access {
        members: access.members,
        rights: access.rights,
    }))
}

/// What all members may.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembersChange {
    /// `none`, `read` or `write`.
    members: Level,
}

/// Says what all members may do. Only for admins of the knowledge base.
#[utoipa::path(patch, path = "/api/kbs/{kb}/access", tag = "access", params(("kb" = String, Path)), request_body = MembersChange,
    responses((status = 204), (status = 403, description = "forbidden", body = Problem), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn change_access(
    State(state): State<AppState>,
    request: Request,
    Path(name): Path<KbName>,
    Json(change): Json<MembersChange>,
) -> Result<StatusCode, Failure> {
    kb::set_members(&state.store, &request, name, change.members).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What one person may.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RightChange {
    /// `none`, `read`, `write` or `admin`.
    level: Level,
}

/// Says what one person may do. Their sockets follow within a second. Only for admins of the knowledge base.
#[utoipa::path(put, path = "/api/kbs/{kb}/access/{user}", tag = "access", params(("kb" = String, Path), ("user" = String, Path)), request_body = RightChange,
    responses((status = 204), (status = 403, description = "forbidden", body = Problem), (status = 404, description = "kb_not_found, person_not_found", body = Problem)))]
pub async fn set_right(
    State(state): State<AppState>,
    request: Request,
    Path((name, user)): Path<(KbName, UserId)>,
    Json(change): Json<RightChange>,
) -> Result<StatusCode, Failure> {
    kb::set_right(&state.store, &request, name, user, Some(change.level)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Lets one person do what all members may. Only for admins of the knowledge base.
#[utoipa::path(delete, path = "/api/kbs/{kb}/access/{user}", tag = "access", params(("kb" = String, Path), ("user" = String, Path)),
    responses((status = 204), (status = 403, description = "forbidden", body = Problem), (status = 404, description = "kb_not_found, person_not_found", body = Problem)))]
pub async fn drop_right(
    State(state): State<AppState>,
    request: Request,
    Path((name, user)): Path<(KbName, UserId)>,
) -> Result<StatusCode, Failure> {
    kb::set_right(&state.store, &request, name, user, None).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Watches a knowledge base: one is told when somebody else changes something in it.
#[utoipa::path(put, path = "/api/kbs/{kb}/watch", tag = "notifications", params(("kb" = String, Path)),
    responses((status = 204), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn watch_kb(State(state): State<AppState>, request: Request, Path(name): Path<KbName>) -> Result<StatusCode, Failure> {
    notification::watch(&state.store, &request, name, None, true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Watches a knowledge base no longer.
#[utoipa::path(delete, path = "/api/kbs/{kb}/watch", tag = "notifications", params(("kb" = String, Path)),
    responses((status = 204), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn unwatch_kb(State(state): State<AppState>, request: Request, Path(name): Path<KbName>) -> Result<StatusCode, Failure> {
    notification::watch(&state.store, &request, name, None, false).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Watches an entry: one is told when somebody else changes it.
#[utoipa::path(put, path = "/api/kbs/{kb}/entries/{id}/watch", tag = "notifications", params(("kb" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn watch_entry(
    State(state): State<AppState>,
    request: Request,
    Path((name, id)): Path<(KbName, EntryId)>,
) -> Result<StatusCode, Failure> {
    notification::watch(&state.store, &request, name, Some(id), true).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Watches an entry no longer.
#[utoipa::path(delete, path = "/api/kbs/{kb}/entries/{id}/watch", tag = "notifications", params(("kb" = String, Path), ("id" = String, Path)),
    responses((status = 204), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn unwatch_entry(
    State(state): State<AppState>,
    request: Request,
    Path((name, id)): Path<(KbName, EntryId)>,
) -> Result<StatusCode, Failure> {
    notification::watch(&state.store, &request, name, Some(id), false).await?;
    Ok(StatusCode::NO_CONTENT)
}
