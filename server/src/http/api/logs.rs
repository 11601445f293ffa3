//! `/api/logs`: what the server says of itself.

use super::entries::parse_limit;
use crate::domain::Caller;
use crate::domain::mutation::{self, Request};
use crate::http::extract::Query;
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::log::{LogFilter, LogLevel, LogPage};
use app::protocol::{Code, Problem};
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;

/// Records where the caller does not say how many.
const RECORDS: usize = 200;

/// Which records.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct LogsQuery {
    /// Only those that matter at least so much: `ERROR`, `WARN`, `INFO`, `DEBUG`, `TRACE`.
    level: Option<String>,
    /// Only those in which this text occurs.
    q: Option<String>,
    /// How many, 1 to 1000; 200 where absent.
    limit: Option<String>,
    /// Those behind this number; the last ones where absent.
    after: Option<String>,
}

/// The last records of the server's log, oldest first. Only for owners, with the scope `admin`.
#[utoipa::path(get, path = "/api/logs", tag = "log", params(LogsQuery),
    responses((status = 200, body = LogPage), (status = 400, description = "invalid_query", body = Problem), (status = 403, description = "forbidden", body = Problem)))]
pub async fn list_logs(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<LogsQuery>,
) -> Result<axum::Json<LogPage>, Failure> {
    caller.must_own()?;
    let invalid = |detail: &str| Failure::from(Problem::new(Code::InvalidQuery, detail));
    let level = match query.level.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(LogLevel::parse(text).ok_or_else(|| invalid("level: it is one of ERROR, WARN, INFO, DEBUG and TRACE."))?),
    };
    let after = match query.after.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| invalid("after: it is the number of a record."))?),
    };
    let limit = parse_limit(query.limit.as_deref(), RECORDS)?;
    let filter = LogFilter { level, text: query.q };
    Ok(axum::Json(state.logs.page(&filter, limit, after)))
}

/// Empties the log. Only for owners, with the scope `admin`.
#[utoipa::path(delete, path = "/api/logs", tag = "log",
    responses((status = 204), (status = 403, description = "forbidden", body = Problem)))]
pub async fn clear_logs(State(state): State<AppState>, request: Request) -> Result<StatusCode, Failure> {
    request.caller.must_own()?;
    let logs = state.logs.clone();
    mutation::once(&state.store, &request, "log.clear", &(), move |_| {
        Box::pin(async move {
            logs.clear();
            Ok(())
        })
    })
    .await?;
    Ok(StatusCode::NO_CONTENT)
}
