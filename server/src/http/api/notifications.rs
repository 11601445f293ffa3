//! `/api/notifications`, `/api/announcements` and `/api/presence`: what people are told, and who is here.

use super::entries::parse_limit;
use crate::domain::mutation::Request;
use crate::domain::{Caller, announcement, notification};
use crate::http::extract::{Json, Path, Query};
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::frame::PresentPeople;
use app::protocol::notification::{
    Announcement, Delivery, Inbox, Mark, NewAnnouncement, NewNotification, Notification, NotificationsMarked, Preferences,
};
use app::protocol::{Code, Problem, Topic, limits};
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};

/// Which notifications.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct InboxQuery {
    /// Only those that were not read: `true` or `false`.
    unread_only: Option<String>,
    /// How many, 1 to 1000; 50 where absent.
    limit: Option<String>,
    /// `next` of the piece before.
    before: Option<String>,
}

/// Lists one's notifications, newest first.
#[utoipa::path(get, path = "/api/notifications", tag = "notifications", params(InboxQuery),
    responses((status = 200, body = Inbox), (status = 400, description = "invalid_query", body = Problem)))]
pub async fn list_notifications(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<InboxQuery>,
) -> Result<axum::Json<Inbox>, Failure> {
    let limit = parse_limit(query.limit.as_deref(), limits::PAGE_ITEMS_DEFAULT)?;
    let unread_only = match query.unread_only.as_deref() {
        None | Some("false" | "0" | "") => false,
        Some("true" | "1") => true,
        Some(_) => return Err(Problem::new(Code::InvalidQuery, "unread_only: it is true or false.").into()),
    };
    let before = match query.before.as_deref().filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(
            text.parse()
                .map_err(|_| Problem::new(Code::InvalidQuery, "before: take it from `next` of the piece before."))?,
        ),
    };
    Ok(axum::Json(
        notification::inbox(&state.store, &caller, unread_only, limit, before).await?.data,
    ))
}

/// Tells somebody something. 204 where they do not want to hear of this kind. Needs the scope `notify`.
#[utoipa::path(post, path = "/api/notifications", tag = "notifications", request_body = NewNotification,
    responses((status = 201, body = Notification), (status = 204, description = "They do not want to hear of this kind"),
        (status = 403, description = "forbidden", body = Problem), (status = 404, description = "person_not_found", body = Problem), (status = 422, description = "invalid_value", body = Problem)))]
pub async fn send_notification(
    State(state): State<AppState>,
    request: Request,
    Json(new): Json<NewNotification>,
) -> Result<Response, Failure> {
    Ok(match notification::send(&state.store, &request, new).await?.0 {
        Some((_, sent)) => (StatusCode::CREATED, axum::Json(sent)).into_response(),
        None => StatusCode::NO_CONTENT.into_response(),
    })
}

/// Marks one as read.
#[utoipa::path(post, path = "/api/notifications/{id}/read", tag = "notifications", params(("id" = i64, Path)),
    responses((status = 200, body = NotificationsMarked), (status = 404, description = "not_found", body = Problem)))]
pub async fn read_notification(
    State(state): State<AppState>,
    request: Request,
    Path(id): Path<i64>,
) -> Result<axum::Json<NotificationsMarked>, Failure> {
    Ok(axum::Json(notification::mark_one(&state.store, &request, id, Mark::Read).await?))
}

/// Marks one as not read.
#[utoipa::path(post, path = "/api/notifications/{id}/unread", tag = "notifications", params(("id" = i64, Path)),
    responses((status = 200, body = NotificationsMarked), (status = 404, description = "not_found", body = Problem)))]
pub async fn unread_notification(
    State(state): State<AppState>,
    request: Request,
    Path(id): Path<i64>,
) -> Result<axum::Json<NotificationsMarked>, Failure> {
    Ok(axum::Json(notification::mark_one(&state.store, &request, id, Mark::Unread).await?))
}

/// Marks all as read; the answer says which were not.
#[utoipa::path(post, path = "/api/notifications/read-all", tag = "notifications", responses((status = 200, body = NotificationsMarked)))]
pub async fn read_all(State(state): State<AppState>, request: Request) -> Result<axum::Json<NotificationsMarked>, Failure> {
    Ok(axum::Json(notification::mark(&state.store, &request, None, Mark::Read).await?))
}

/// Marks all as seen: the number on the bell is 0.
#[utoipa::path(post, path = "/api/notifications/seen", tag = "notifications", responses((status = 200, body = NotificationsMarked)))]
pub async fn see_all(State(state): State<AppState>, request: Request) -> Result<axum::Json<NotificationsMarked>, Failure> {
    Ok(axum::Json(notification::mark(&state.store, &request, None, Mark::Seen).await?))
}

/// Deletes one.
#[utoipa::path(delete, path = "/api/notifications/{id}", tag = "notifications", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "not_found", body = Problem)))]
pub async fn delete_notification(State(state): State<AppState>, request: Request, Path(id): Path<i64>) -> Result<StatusCode, Failure> {
    notification::mark_one(&state.store, &request, id, Mark::Deleted).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// How one wants to hear of each kind: off, inbox or toast.
#[utoipa::path(get, path = "/api/notifications/preferences", tag = "notifications", responses((status = 200, body = Preferences)))]
pub async fn show_preferences(State(state): State<AppState>, caller: Caller) -> Result<axum::Json<Preferences>, Failure> {
    Ok(axum::Json(notification::preferences(&state.store, &caller).await?))
}

/// Changes how one wants to hear of some kinds: what is left out stays.
#[utoipa::path(patch, path = "/api/notifications/preferences", tag = "notifications", request_body = Preferences,
    responses((status = 200, body = Preferences), (status = 422, description = "invalid_value", body = Problem)))]
pub async fn change_preferences(
    State(state): State<AppState>,
    request: Request,
    Json(wishes): Json<std::collections::BTreeMap<String, Delivery>>,
) -> Result<axum::Json<Preferences>, Failure> {
    Ok(axum::Json(
        notification::prefer(&state.store, &request, wishes.into_iter().collect()).await?,
    ))
}

/// Announcements.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Announcements {
    /// Newest first.
    items: Vec<Announcement>,
}

/// Lists what everybody is told, and one has not dismissed.
#[utoipa::path(get, path = "/api/announcements", tag = "announcements", responses((status = 200, body = Announcements)))]
pub async fn list_announcements(State(state): State<AppState>, caller: Caller) -> Result<axum::Json<Announcements>, Failure> {
    let items = announcement::open(&state.store, &caller).await?;
    Ok(axum::Json(Announcements { items }))
}

/// Tells everybody something. Only for owners, with the scope `admin`.
#[utoipa::path(post, path = "/api/announcements", tag = "announcements", request_body = NewAnnouncement,
    responses((status = 201, body = Announcement), (status = 403, description = "forbidden", body = Problem), (status = 422, description = "invalid_value", body = Problem)))]
pub async fn announce(
    State(state): State<AppState>,
    request: Request,
    Json(new): Json<NewAnnouncement>,
) -> Result<impl IntoResponse, Failure> {
    let made = announcement::announce(&state.store, &request, new).await?;
    Ok((StatusCode::CREATED, axum::Json(made)))
}

/// Takes note of an announcement: it shows no longer, in no tab of one's own.
#[utoipa::path(post, path = "/api/announcements/{id}/dismiss", tag = "announcements", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "not_found", body = Problem)))]
pub async fn dismiss(State(state): State<AppState>, request: Request, Path(id): Path<i64>) -> Result<StatusCode, Failure> {
    announcement::dismiss(&state.store, &request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Withdraws an announcement. Only for owners, with the scope `admin`.
#[utoipa::path(delete, path = "/api/announcements/{id}", tag = "announcements", params(("id" = i64, Path)),
    responses((status = 204), (status = 403, description = "forbidden", body = Problem), (status = 404, description = "not_found", body = Problem)))]
pub async fn withdraw(State(state): State<AppState>, request: Request, Path(id): Path<i64>) -> Result<StatusCode, Failure> {
    announcement::withdraw(&state.store, &request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Where to look.
#[derive(Debug, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PresenceQuery {
    /// Such as `kb:notes`; `system` where absent.
    topic: Option<String>,
}

/// Who is at a topic.
#[utoipa::path(get, path = "/api/presence", tag = "presence", params(PresenceQuery),
    responses((status = 200, body = PresentPeople), (status = 400, description = "invalid_query", body = Problem), (status = 404, description = "not_found", body = Problem)))]
pub async fn presence(
    State(state): State<AppState>,
    caller: Caller,
    Query(query): Query<PresenceQuery>,
) -> Result<axum::Json<PresentPeople>, Failure> {
    let topic = query.topic.as_deref().unwrap_or("system");
    let topic: Topic = topic
        .parse()
        .map_err(|why: app::protocol::InvalidTopic| Problem::new(Code::InvalidQuery, format!("topic: {why}.")))?;
    let topic = caller.meant(topic);
    if !caller.may_hear(&topic) {
        return Err(Problem::new(Code::NotFound, format!("There is no topic {topic}.")).into());
    }
    let people = state.hub.presence().at(&topic);
    Ok(axum::Json(PresentPeople { people }))
}
