//! `/api/kbs/{kb}/trash`: deleted entries.

use crate::domain::mutation::Request;
use crate::domain::{Caller, entry};
use crate::http::extract::Path;
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::entry::{Entry, TrashItem};
use app::protocol::{Cursor, KbName, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Serialize;

/// The trash of a knowledge base.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Trash {
    items: Vec<TrashItem>,
    cursor: Cursor,
}

/// Lists the trash, last deleted first.
#[utoipa::path(get, path = "/api/kbs/{kb}/trash", tag = "trash", params(("kb" = String, Path)), responses((status = 200, body = Trash), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn list_trash(State(state): State<AppState>, caller: Caller, Path(kb): Path<KbName>) -> Result<axum::Json<Trash>, Failure> {
    let snapshot = entry::trash(&state.store, &caller, &kb).await?;
    Ok(axum::Json(Trash {
        items: snapshot.data,
        cursor: snapshot.cursor,
    }))
}

/// Brings an entry back, under another id where its own is taken by now.
#[utoipa::path(post, path = "/api/kbs/{kb}/trash/{trash_id}/restore", tag = "trash", params(("kb" = String, Path), ("trash_id" = i64, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Entry), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn restore_entry(
    State(state): State<AppState>,
    request: Request,
    Path((kb, trash_id)): Path<(KbName, i64)>,
) -> Result<axum::Json<Entry>, Failure> {
    Ok(axum::Json(entry::restore(&state.store, &request, kb, trash_id).await?.entry))
}

/// Deletes an entry of the trash for good.
#[utoipa::path(delete, path = "/api/kbs/{kb}/trash/{trash_id}", tag = "trash", params(("kb" = String, Path), ("trash_id" = i64, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 204), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn purge_entry(
    State(state): State<AppState>,
    request: Request,
    Path((kb, trash_id)): Path<(KbName, i64)>,
) -> Result<StatusCode, Failure> {
    entry::purge(&state.store, &request, kb, trash_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
