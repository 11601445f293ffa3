//! `/api/kbs/{kb}/entries/{id}/versions`: the history of an entry, and what links to it.

use crate::domain::mutation::Request;
use crate::domain::{Caller, entry};
use crate::http::extract::Path;
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::entry::{Entry, EntryView, VersionDiff, VersionInfo};
use app::protocol::{Cursor, EntryId, KbName, Problem, Version};
use axum::extract::State;
use serde::Serialize;

/// The versions of an entry.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Versions {
    items: Vec<VersionInfo>,
    cursor: Cursor,
}

/// Lists the versions of an entry, newest first.
#[utoipa::path(get, path = "/api/kbs/{kb}/entries/{id}/versions", tag = "history", params(("kb" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = Versions), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn list_versions(
    State(state): State<AppState>,
    caller: Caller,
    Path((kb, id)): Path<(KbName, EntryId)>,
) -> Result<axum::Json<Versions>, Failure> {
    let snapshot = entry::history(&state.store, &caller, &kb, &id).await?;
    Ok(axum::Json(Versions {
        items: snapshot.data.versions,
        cursor: snapshot.cursor,
    }))
}

/// A version compared with the one before it.
#[utoipa::path(get, path = "/api/kbs/{kb}/entries/{id}/versions/{version}/diff", tag = "history", params(("kb" = String, Path), ("id" = String, Path), ("version" = u64, Path)),
    responses((status = 200, body = VersionDiff), (status = 404, description = "version_not_found", body = Problem)))]
pub async fn diff_version(
    State(state): State<AppState>,
    caller: Caller,
    Path((kb, id, version)): Path<(KbName, EntryId, Version)>,
) -> Result<axum::Json<VersionDiff>, Failure> {
    Ok(axum::Json(entry::diff(&state.store, &caller, &kb, &id, version).await?))
}

/// Writes an old version as the newest.
#[utoipa::path(post, path = "/api/kbs/{kb}/entries/{id}/versions/{version}/restore", tag = "history",
    params(("kb" = String, Path), ("id" = String, Path), ("version" = u64, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 200, body = Entry), (status = 404, description = "version_not_found", body = Problem)))]
pub async fn restore_version(
    State(state): State<AppState>,
    request: Request,
    Path((kb, id, version)): Path<(KbName, EntryId, Version)>,
) -> Result<axum::Json<Entry>, Failure> {
    Ok(axum::Json(
        entry::restore_version(&state.store, &request, kb, id, version).await?.entry,
    ))
}

/// An entry as its page shows it: as HTML, with outline, links and backlinks.
#[utoipa::path(get, path = "/api/kbs/{kb}/entries/{id}/view", tag = "entries", params(("kb" = String, Path), ("id" = String, Path)),
    responses((status = 200, body = EntryView), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn view_entry(
    State(state): State<AppState>,
    caller: Caller,
    Path((kb, id)): Path<(KbName, EntryId)>,
) -> Result<axum::Json<EntryView>, Failure> {
    Ok(axum::Json(entry::view(&state.store, &caller, &kb, &id).await?.data))
}
