//! `/api/kbs/{kb}/entries/{id}/versions`: the history of an entry, and what links to it.

use super::entries::parse_limit;
use crate::domain::mutation::Request;
use crate::domain::{Caller, entry};
use crate::http::extract::{Path, Query};
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::entry::{Entry, EntryView, VersionDiff, VersionInfo};
use app::protocol::{Code, Cursor, EntryId, KbName, Problem, Version, limits};
use axum::extract::State;
use serde::{Deserialize, Serialize};

/// Which piece of a history.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VersionsQuery {
    /// How many, 1 to 1000; 1000 where absent.
    limit: Option<String>,
    /// `next` of the piece before.
    after: Option<String>,
}

impl VersionsQuery {
    fn after(&self) -> Result<Option<Version>, Failure> {
        let Some(text) = &self.after else { return Ok(None) };
        match text.parse::<u32>() {
            Ok(version) => Ok(Some(Version::new(version.into()))),
            Err(_) => Err(Problem::new(Code::InvalidQuery, "after: take it from `next` of the piece before.").into()),
        }
    }
}

/// A piece of the versions of an entry.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Versions {
    items: Vec<VersionInfo>,
    /// Give it as `after` for the next piece; null at the end.
    next: Option<Version>,
    cursor: Cursor,
}

/// Lists the versions of an entry, newest first.
#[utoipa::path(get, path = "/api/kbs/{kb}/entries/{id}/versions", tag = "history", params(("kb" = String, Path), ("id" = String, Path), VersionsQuery),
    responses((status = 200, body = Versions), (status = 400, description = "invalid_query", body = Problem), (status = 404, description = "entry_not_found", body = Problem)))]
pub async fn list_versions(
    State(state): State<AppState>,
    caller: Caller,
    Path((kb, id)): Path<(KbName, EntryId)>,
    Query(query): Query<VersionsQuery>,
) -> Result<axum::Json<Versions>, Failure> {
    let limit = parse_limit(query.limit.as_deref(), limits::PAGE_ITEMS)?;
    let snapshot = entry::history(&state.store, &caller, &kb, &id, limit, query.after()?).await?;
    Ok(axum::Json(Versions {
        items: snapshot.data.versions,
        next: snapshot.data.next,
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
    params(("kb" = String, Path), ("id" = String, Path), ("version" = u64, Path)),
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
    Ok(axum::Json(
        entry::view(&state.store, &caller, &state.door.prefix, &kb, &id).await?.data,
    ))
}
