//! `/api/search`: full-text search over all knowledge bases.

use super::entries::parse_limit;
use crate::domain::{Caller, entry};
use crate::http::extract::Query;
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::entry::SearchHit;
use app::protocol::{Code, Cursor, KbName, Problem, limits};
use axum::extract::State;
use serde::{Deserialize, Serialize};

/// What to look for, and where.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// Words that must all occur; "quoted words" side by side; the last one may go on.
    q: Option<String>,
    /// Only in this knowledge base.
    kb: Option<String>,
    /// How many, 1 to 1000; 50 where absent.
    limit: Option<String>,
}

/// What was found, best first.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct SearchResults {
    items: Vec<SearchHit>,
    cursor: Cursor,
}

/// Searches titles, aliases, tags and texts.
#[utoipa::path(get, path = "/api/search", tag = "search", params(SearchQuery),
    responses((status = 200, body = SearchResults), (status = 400, description = "invalid_query", body = Problem), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn search(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<SearchQuery>,
) -> Result<axum::Json<SearchResults>, Failure> {
    let limit = parse_limit(query.limit.as_deref(), limits::PAGE_ITEMS_DEFAULT)?;
    let q = query
        .q
        .ok_or_else(|| Problem::new(Code::InvalidQuery, "q: say what to look for."))?;
    let kb = query
        .kb
        .filter(|kb| !kb.is_empty())
        .map(|kb| KbName::parse(&kb))
        .transpose()
        .map_err(crate::error::Error::from)?;
    let snapshot = entry::search(&state.store, &caller, &q, kb.as_ref(), limit).await?;
    Ok(axum::Json(SearchResults {
        items: snapshot.data,
        cursor: snapshot.cursor,
    }))
}
