//! `/api/kbs/{kb}/trash`: deleted entries.

use super::entries::parse_limit;
use crate::domain::mutation::Request;
use crate::domain::{Caller, entry};
use crate::http::extract::{Path, Query};
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::entry::{Entry, TrashItem};
use app::protocol::{Cursor, KbName, Problem, limits};
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};

/// Which piece of a trash.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TrashQuery {
    /// How many, 1 to 1000; 1000 where absent.
    limit: Option<String>,
    /// `next` of the piece before.
    after: Option<String>,
}

/// A piece of the trash of a knowledge base.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Trash {
    items: Vec<TrashItem>,
    /// Give it as `after` for the next piece; null at the end.
    next: Option<String>,
    cursor: Cursor,
}

/// Lists the trash, last deleted first.
#[utoipa::path(get, path = "/api/kbs/{kb}/trash", tag = "trash", params(("kb" = String, Path), TrashQuery),
    responses((status = 200, body = Trash), (status = 400, description = "invalid_query", body = Problem), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn list_trash(
    State(state): State<AppState>,
    caller: Caller,
    Path(kb): Path<KbName>,
    Query(query): Query<TrashQuery>,
) -> Result<axum::Json<Trash>, Failure> {
    let limit = parse_limit(query.limit.as_deref(), limits::PAGE_ITEMS)?;
    let snapshot = entry::trash(&state.store, &caller, &kb, limit, query.after.as_deref()).await?;
    Ok(axum::Json(Trash {
        items: snapshot.data.items,
        next: snapshot.data.next,
        cursor: snapshot.cursor,
    }))
}

/// Brings an entry back, under another id where its own is taken by now.
#[utoipa::path(post, path = "/api/kbs/{kb}/trash/{trash_id}/restore", tag = "trash", params(("kb" = String, Path), ("trash_id" = i64, Path)),
    responses((status = 200, body = Entry), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn restore_entry(
    State(state): State<AppState>,
    request: Request,
    Path((kb, trash_id)): Path<(KbName, i64)>,
) -> Result<axum::Json<Entry>, Failure> {
    Ok(axum::Json(entry::restore(&state.store, &request, kb, trash_id).await?.entry))
}

/// Deletes an entry of the trash for good.
#[utoipa::path(delete, path = "/api/kbs/{kb}/trash/{trash_id}", tag = "trash", params(("kb" = String, Path), ("trash_id" = i64, Path)),
    responses((status = 204), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn purge_entry(
    State(state): State<AppState>,
    request: Request,
    Path((kb, trash_id)): Path<(KbName, i64)>,
) -> Result<StatusCode, Failure> {
    entry::purge(&state.store, &request, kb, trash_id).await?;
    Ok(StatusCode::NO_CONTENT)
}
