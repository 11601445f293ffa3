//! `/api/events`: reading the log.

use super::entries::parse_limit;
use crate::domain::Caller;
use crate::domain::feed::{self, Since};
use crate::http::extract::Query;
use crate::http::problem::Failure;
use crate::http::ws;
use crate::state::AppState;
use app::protocol::{Code, Cursor, Problem, Seq, Topic, limits};
use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Which events.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EventsQuery {
    /// After this cursor, EPOCH:SEQ, or this number; from the first event that is kept where absent.
    since: Option<String>,
    /// Comma-separated topics; all where absent.
    topics: Option<String>,
    /// How many, 1 to 1000; 50 where absent.
    limit: Option<String>,
}

/// A piece of the log.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Events {
    /// Oldest first, as they are sent on sockets.
    #[schema(value_type = Vec<app::protocol::Envelope>)]
    items: Vec<Box<RawValue>>,
    /// Give it as `since` for the next piece.
    cursor: Cursor,
    /// Where the log ends.
    head: Seq,
}

/// Reads the log.
#[utoipa::path(get, path = "/api/events", tag = "events", params(EventsQuery),
    responses((status = 200, body = Events), (status = 400, description = "invalid_cursor, invalid_query", body = Problem), (status = 410, description = "cursor_gone", body = Problem)))]
pub async fn list_events(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<EventsQuery>,
) -> Result<axum::Json<Events>, Failure> {
    let limit = parse_limit(query.limit.as_deref(), limits::PAGE_ITEMS_DEFAULT)?;
    let since = match query.since.as_deref().filter(|text| !text.is_empty()) {
        None => Since::Beginning,
        Some(text) => match (text.parse::<u64>(), text.parse::<Cursor>()) {
            (Ok(seq), _) => Since::Seq(Seq::new(seq)),
            (_, Ok(cursor)) => Since::Cursor(cursor),
            (_, Err(why)) => return Err(Problem::new(Code::InvalidCursor, format!("since: {why}.")).into()),
        },
    };
    let topics: Option<Vec<Topic>> = match query.topics.as_deref() {
        None => None,
        Some(list) => Some(ws::topics(list, &caller)?.into_iter().collect()),
    };
    let feed = feed::since(&state.store, &caller, since, topics.as_deref(), limit).await?;
    let items = feed
        .records
        .into_iter()
        .map(|record| RawValue::from_string(record.frame))
        .collect::<Result<_, _>>()
        .map_err(crate::error::Error::from)?;
    Ok(axum::Json(Events {
        items,
        cursor: feed.cursor,
        head: feed.head,
    }))
}
