//! `/api/events/stream`: the live events over SSE.

use super::extract::Query;
use super::problem::Failure;
use super::ws::Asked;
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::live::stream;
use crate::state::AppState;
use app::protocol::{Code, Problem, limits};
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use std::time::Duration;

/// Events from `Last-Event-ID`, or from `cursor` in the query, on.
#[utoipa::path(get, path = "/api/events/stream", tag = "events",
    params(("topics" = Option<String>, Query, description = "Comma-separated topics; all where absent"),
           ("cursor" = Option<String>, Query, description = "EPOCH:SEQ to resume from"),
           ("Last-Event-ID" = Option<String>, Header, description = "The id of the last event received")),
    responses((status = 200, description = "Server-sent events: `connection_ack` first, then each event of the log as `data`", content_type = "text/event-stream")))]
pub async fn events_stream(
    State(state): State<AppState>,
    caller: Caller,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let (mut cursor, interest) = asked.parse(&caller)?;
    // A browser that comes back sends what it saw last, beside the URL of its first visit.
    if let Some(last) = headers.get("last-event-id").filter(|id| !id.is_empty()) {
        let parsed = last.to_str().ok().and_then(|text| text.parse().ok());
        cursor = Some(parsed.ok_or_else(|| Problem::new(Code::InvalidCursor, "Last-Event-ID: send the id of the last event, EPOCH:SEQ."))?);
    }
    if caller.credential() != Credential::Reach && state.hub.subscribers_of(caller.user()) >= limits::SOCKETS {
        let detail = format!("You have {} connections already; close one of them.", limits::SOCKETS);
        return Err(Problem::new(Code::TooManyRequests, detail).with("retry_after", 5).into());
    }
    let events = stream::open(state.hub, state.store, caller, interest, cursor, super::assets_build().to_owned()).await?;
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15)));
    // Proxies that gather responses would keep events back.
    Ok(([("x-accel-buffering", "no"), ("cache-control", "no-cache")], sse).into_response())
}
