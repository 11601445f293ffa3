//! `/api/login`, `/api/me`, `/api/users`, `/api/tokens` …: people, and how they are known.

use crate::config::Auth;
use crate::domain::mutation::Request;
use crate::domain::{Caller, person};
use crate::http::enter;
use crate::http::extract::{Json, Path};
use crate::http::problem::Failure;
use crate::http::reach::Reach;
use crate::state::AppState;
use app::protocol::people::{Device, Invitation, MadeInvitation, MadeToken, Me, NewInvitation, NewPerson, NewToken, Person, Role, Token};
use app::protocol::{Code, Problem, UserId};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};

/// A name and its password.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The name.
    user: String,
    /// The password.
    password: String,
}

/// Who logged in.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct LoggedIn {
    /// Who it is.
    user_id: UserId,
}

/// Logs in: the answer sets the cookie of a browser.
#[utoipa::path(post, path = "/api/login", tag = "people", request_body = Login,
    responses((status = 200, body = LoggedIn), (status = 401, description = "wrong_password", body = Problem), (status = 429, description = "too_many_requests", body = Problem)))]
pub async fn login(
    State(state): State<AppState>,
    reach: Reach,
    headers: HeaderMap,
    Json(given): Json<Login>,
) -> Result<impl IntoResponse, Failure> {
    if state.door.auth == Auth::Off {
        return Err(Problem::new(
            Code::Forbidden,
            "This server runs with --auth off: everybody is its owner, and nobody logs in.",
        )
        .into());
    }
    let known = state.door.cookies(&reach).known(&headers);
    let attempt = person::Login {
        user: &given.user,
        password: given.password,
        device: enter::device(&headers),
        address: reach.address,
        known: known.as_deref(),
    };
    let entrance = person::login(&state.store, &state.door.logins, attempt).await?;
    let cookies = AppendHeaders(enter::set_cookies(&state, &reach, &entrance).map(|cookie| (header::SET_COOKIE, cookie)));
    Ok((cookies, axum::Json(LoggedIn { user_id: entrance.user })))
}

/// Logs out the browser that asks. Its sockets end.
#[utoipa::path(post, path = "/api/logout", tag = "people", responses((status = 204)))]
pub async fn logout(State(state): State<AppState>, reach: Reach, caller: Caller) -> Result<impl IntoResponse, Failure> {
    person::log_out(&state.store, &caller).await?;
    let cookie = state.door.cookies(&reach).end();
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, cookie)]))
}

/// Who asks.
#[utoipa::path(get, path = "/api/me", tag = "people", responses((status = 200, body = Me)))]
pub async fn me(caller: Caller) -> axum::Json<Me> {
    axum::Json(caller.me())
}

/// A token of the issuer that an account is to be linked to.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssuersToken {
    /// The JWT, whose `sub` is the caller.
    token: String,
}

/// Links one's account to the issuer that the server accepts tokens of (`--jwt-issuer`).
#[utoipa::path(put, path = "/api/me/issuer", tag = "people", request_body = IssuersToken,
    responses((status = 204), (status = 422, description = "invalid_value: the token is not the caller's", body = Problem)))]
pub async fn link_issuer(State(state): State<AppState>, request: Request, Json(given): Json<IssuersToken>) -> Result<StatusCode, Failure> {
    person::link_issuer(&state.store, state.hub.issuer(), &request, &given.token).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ends the link of one's account to an issuer.
#[utoipa::path(delete, path = "/api/me/issuer", tag = "people", responses((status = 204)))]
pub async fn unlink_issuer(State(state): State<AppState>, request: Request) -> Result<StatusCode, Failure> {
    person::unlink_issuer(&state.store, &request).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A present password, and the next.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PasswordChange {
    /// The present one.
    old: String,
    /// The next.
    new: String,
}

/// Changes one's password. All other browsers are logged out.
#[utoipa::path(post, path = "/api/me/password", tag = "people", request_body = PasswordChange,
    responses((status = 204), (status = 401, description = "wrong_password", body = Problem), (status = 422, description = "weak_password", body = Problem)))]
pub async fn change_password(
    State(state): State<AppState>,
    request: Request,
    Json(change): Json<PasswordChange>,
) -> Result<StatusCode, Failure> {
    person::change_password(&state.store, &state.door.logins, &request, change.old, change.new).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// People.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Persons {
    /// By name.
    items: Vec<Person>,
}

/// Lists the people of this server, by name.
#[utoipa::path(get, path = "/api/users", tag = "people", responses((status = 200, body = Persons)))]
pub async fn list_users(State(state): State<AppState>, caller: Caller) -> Result<axum::Json<Persons>, Failure> {
    let items = person::list(&state.store, &caller).await?;
    Ok(axum::Json(Persons { items }))
}

/// Adds a person. Only for owners; others come by an invitation.
#[utoipa::path(post, path = "/api/users", tag = "people", request_body = NewPerson,
    responses((status = 201, body = Person), (status = 409, description = "person_exists", body = Problem), (status = 422, description = "weak_password, invalid_value", body = Problem)))]
pub async fn add_user(State(state): State<AppState>, request: Request, Json(new): Json<NewPerson>) -> Result<impl IntoResponse, Failure> {
    let role = new.role.unwrap_or(Role::Member);
    let made = person::add(&state.store, &request, &new.user_id, Some(new.password), role).await?;
    let at = format!("/api/users/{}", made.user_id);
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], axum::Json(made)))
}

/// What a person shall be.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RoleChange {
    /// Owner or member.
    role: Role,
}

/// Makes a person owner or member. Only for owners.
#[utoipa::path(patch, path = "/api/users/{user}", tag = "people", params(("user" = String, Path)), request_body = RoleChange,
    responses((status = 204), (status = 404, description = "person_not_found", body = Problem), (status = 409, description = "last_owner", body = Problem)))]
pub async fn change_user(
    State(state): State<AppState>,
    request: Request,
    Path(user): Path<UserId>,
    Json(change): Json<RoleChange>,
) -> Result<StatusCode, Failure> {
    person::set_role(&state.store, &request, user, change.role).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Removes a person: their browsers are logged out, their tokens end, what they wrote stays. Only for owners.
#[utoipa::path(delete, path = "/api/users/{user}", tag = "people", params(("user" = String, Path)),
    responses((status = 204), (status = 404, description = "person_not_found", body = Problem), (status = 409, description = "last_owner", body = Problem)))]
pub async fn remove_user(State(state): State<AppState>, request: Request, Path(user): Path<UserId>) -> Result<StatusCode, Failure> {
    person::remove(&state.store, &request, user).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Browsers.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Devices {
    /// Last used first.
    items: Vec<Device>,
}

/// Lists the browsers in which one is logged in.
#[utoipa::path(get, path = "/api/devices", tag = "people", responses((status = 200, body = Devices)))]
pub async fn list_devices(State(state): State<AppState>, caller: Caller) -> Result<axum::Json<Devices>, Failure> {
    let items = person::devices(&state.store, &caller).await?;
    Ok(axum::Json(Devices { items }))
}

/// Logs a browser out. Its sockets end.
#[utoipa::path(delete, path = "/api/devices/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "not_found", body = Problem)))]
pub async fn end_device(State(state): State<AppState>, request: Request, Path(id): Path<i64>) -> Result<StatusCode, Failure> {
    person::end_device(&state.store, &request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Tokens.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Tokens {
    /// Last made first.
    items: Vec<Token>,
}

/// Lists one's tokens, without their secrets.
#[utoipa::path(get, path = "/api/tokens", tag = "people", responses((status = 200, body = Tokens)))]
pub async fn list_tokens(State(state): State<AppState>, caller: Caller) -> Result<axum::Json<Tokens>, Failure> {
    let items = person::tokens(&state.store, &caller).await?;
    Ok(axum::Json(Tokens { items }))
}

/// Makes a token. Its secret is in this answer and nowhere else.
#[utoipa::path(post, path = "/api/tokens", tag = "people", request_body = NewToken,
    responses((status = 201, body = MadeToken), (status = 422, description = "invalid_value: a scope that does not exist", body = Problem)))]
pub async fn make_token(State(state): State<AppState>, request: Request, Json(new): Json<NewToken>) -> Result<impl IntoResponse, Failure> {
    let made = person::make_token(&state.store, &request, new).await?;
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], axum::Json(made)))
}

/// Takes a token back. Its sockets end.
#[utoipa::path(delete, path = "/api/tokens/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "not_found", body = Problem)))]
pub async fn revoke_token(State(state): State<AppState>, request: Request, Path(id): Path<i64>) -> Result<StatusCode, Failure> {
    person::revoke_token(&state.store, &request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Invitations.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Invitations {
    /// Last made first.
    items: Vec<Invitation>,
}

/// Lists the invitations that are still good. Only for owners.
#[utoipa::path(get, path = "/api/invitations", tag = "people", responses((status = 200, body = Invitations)))]
pub async fn list_invitations(State(state): State<AppState>, caller: Caller) -> Result<axum::Json<Invitations>, Failure> {
    let items = person::people(&state.store, &caller).await?.data.invitations;
    Ok(axum::Json(Invitations { items }))
}

/// Makes a link by which somebody gets an account, once. Only for owners.
#[utoipa::path(post, path = "/api/invitations", tag = "people", request_body = NewInvitation,
    responses((status = 201, body = MadeInvitation), (status = 422, description = "invalid_value", body = Problem)))]
pub async fn invite(State(state): State<AppState>, request: Request, Json(new): Json<NewInvitation>) -> Result<impl IntoResponse, Failure> {
    let mut made = person::invite(&state.store, &request, new).await?;
    made.path = state.door.outside(&made.path);
    Ok((StatusCode::CREATED, [(header::CACHE_CONTROL, "no-store")], axum::Json(made)))
}

/// Takes an invitation back. Only for owners.
#[utoipa::path(delete, path = "/api/invitations/{id}", tag = "people", params(("id" = i64, Path)),
    responses((status = 204), (status = 404, description = "not_found", body = Problem)))]
pub async fn withdraw_invitation(State(state): State<AppState>, request: Request, Path(id): Path<i64>) -> Result<StatusCode, Failure> {
    person::withdraw_invitation(&state.store, &request, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
