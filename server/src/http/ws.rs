//! `/ws`: the upgrade, and what its query asks for.

use super::extract::{Path, Query};
use super::problem::Failure;
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::live::connection::{self, Opening};
use crate::live::subscriber::Interest;
use crate::live::{goodbye, seeds};
use crate::state::AppState;
use app::protocol::frame::close;
use app::protocol::{Actor, Code, Cursor, Problem, Topic, UserId, limits};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{FromRequestParts, Request, State, WebSocketUpgrade};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use serde::Deserialize;
use std::collections::HashSet;
use std::convert::Infallible;

/// Read buffer of a socket: clients send little.
const READ_BUFFER: usize = 512;
/// Bytes that are gathered before they are written, however much is due.
const WRITE_BUFFER: usize = 16 * 1024;
/// Bytes that may wait for a socket that takes none.
const MAX_WRITE_BUFFER: usize = 4 * 1024 * 1024;
/// What a client asks for in the URL, for `/ws` and for `/api/events/stream`.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct Asked {
    /// How far the client has seen.
    cursor: Option<String>,
    /// Comma-separated topics; all where absent.
    topics: Option<String>,
    /// A token, for programs that can send it in no other way.
    #[serde(default, rename = "token")]
    _token: Option<String>,
}

impl Asked {
    /// The cursor and the topics, or what is wrong with them.
    pub fn parse(self, caller: &Caller) -> Result<(Option<Cursor>, Interest), Failure> {
        let cursor = match self.cursor.as_deref().filter(|text| !text.is_empty()) {
            None => None,
            Some(text) => Some(
                text.parse()
                    .map_err(|why: app::protocol::InvalidCursor| Problem::new(Code::InvalidCursor, format!("cursor: {why}.")))?,
            ),
        };
        let interest = match self.topics.as_deref() {
            None => Interest::Everything,
            Some(list) => Interest::Topics(topics(list, caller)?),
        };
        Ok((cursor, interest))
    }
}

/// Topics of a comma-separated list; `user:me` is the caller's own.
pub fn topics(list: &str, caller: &Caller) -> Result<HashSet<Topic>, Failure> {
    let invalid = |detail: String| Failure::from(Problem::new(Code::InvalidQuery, format!("topics: {detail}.")));
    let mut topics = HashSet::new();
    for text in list.split(',').map(str::trim).filter(|text| !text.is_empty()) {
        let topic = text.parse().map_err(|why: app::protocol::InvalidTopic| invalid(why.to_string()))?;
        let topic = caller.meant(topic);
        if caller.may_hear(&topic) {
            topics.insert(topic);
        }
    }
    if topics.len() > limits::TOPICS {
        return Err(invalid(format!("{} are too many; {} are allowed", topics.len(), limits::TOPICS)));
    }
    Ok(topics)
}

/// A request to speak WebSocket (RFC 6455, section 4.2.1), or why it is none.
pub struct Upgrade(Result<WebSocketUpgrade, Problem>);

impl<S: Send + Sync> FromRequestParts<S> for Upgrade {
    type Rejection = Infallible;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let key = parts.headers.get(header::SEC_WEBSOCKET_KEY).map(|key| BASE64.decode(key).ok());
        let upgrade = WebSocketUpgrade::from_request_parts(parts, state).await;
        let has_bad_key = upgrade.is_ok() && key.is_some_and(|key| key.is_none_or(|key| key.len() != 16));
        Ok(Self(match upgrade {
            Ok(_) if has_bad_key => Err(Problem::new(
                Code::InvalidHeader,
                "Sec-WebSocket-Key: it must be 16 bytes in base64.",
            )),
            Ok(upgrade) => Ok(upgrade),
            Err(why) => Err(Problem::new(
                match why {
                    WebSocketUpgradeRejection::InvalidWebSocketVersionHeader(_) => Code::UpgradeRequired,
                    _ => Code::InvalidHeader,
                },
                format!("This address speaks WebSocket, version 13: {why}. Over plain HTTP use /api/events/stream."),
            )),
        }))
    }
}

/// What all sockets have in common.
fn ready(state: &AppState, upgrade: Upgrade, message: usize) -> Result<WebSocketUpgrade, Failure> {
    let upgrade = upgrade.0?;
    if state.stop.is_cancelled() {
        return Err(Problem::new(Code::ShuttingDown, "The server stops; connect again.").into());
    }
    // Messages beyond the limit are read so far, so that they can be answered with a close code.
    Ok(upgrade
        // Who sent their token as a second protocol is answered with the first.
        .protocols(["bearer"])
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(4 * message)
        .max_frame_size(4 * message))
}

/// Largest message of somebody who is not known.
const STRANGERS_MESSAGE: usize = 4 * 1024;

fn small(upgrade: WebSocketUpgrade) -> WebSocketUpgrade {
    upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(STRANGERS_MESSAGE)
        .max_message_size(STRANGERS_MESSAGE)
        .max_frame_size(STRANGERS_MESSAGE)
}

/// Takes a browser's socket to tell it, by the code with which it ends, that it must log in.
pub(super) async fn log_in_again(request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let Ok(upgrade) = Upgrade::from_request_parts(&mut parts, &()).await;
    match upgrade.0 {
        Err(problem) => Failure(problem).into_response(),
        // Nobody is known here: what is sent before the goodbye is read to nowhere, a little at a time.
        Ok(upgrade) => small(upgrade).on_upgrade(|socket| goodbye::end(socket, close::LOG_IN, "log in again")),
    }
}

/// Seed 001: what concerns one person, who must be the caller. With `--auth off` whoever it says.
pub async fn notifications(
    State(state): State<AppState>,
    caller: Caller,
    Path(user): Path<UserId>,
    upgrade: Upgrade,
) -> Result<Response, Failure> {
    caller.must_read_self()?;
    let caller = match caller.credential() {
        Credential::Reach => Caller::by_reach(user, Actor::User),
        _ if user == *caller.user() || user.as_str() == "me" => caller,
        _ => {
            let detail = format!("You are {}; these are somebody else's notifications.", caller.user());
            return Err(Problem::new(Code::Forbidden, detail).into());
        }
    };
    let upgrade = ready(&state, upgrade, seeds::MESSAGE)?;
    Ok(upgrade.on_upgrade(move |socket| {
        let AppState { hub, sockets, .. } = state;
        sockets.spawn(seeds::notifications::run(socket, hub, caller));
        std::future::ready(())
    }))
}

/// Seed 004: how far a job is.
pub async fn crawl_progress(
    State(state): State<AppState>,
    caller: Caller,
    Path(progress_id): Path<String>,
    upgrade: Upgrade,
) -> Result<Response, Failure> {
    let upgrade = ready(&state, upgrade, seeds::MESSAGE)?;
    Ok(upgrade.on_upgrade(move |socket| {
        let place = seeds::crawl_progress::Where {
            store: state.store,
            jobs: state.jobs,
            patience: state.patience,
        };
        state
            .sockets
            .spawn(seeds::crawl_progress::run(socket, state.hub, place, caller, progress_id));
        std::future::ready(())
    }))
}

/// Which entries a client of seed 004 shows.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct ItemsAsked {
    /// From 1.
    page: Option<String>,
    /// 1 to 1000; 20 where absent.
    per_page: Option<String>,
    /// See [`Asked`].
    #[serde(default, rename = "token")]
    _token: Option<String>,
}

/// How far back the pages of seed 004 go.
const ITEMS: u64 = 100_000;

/// Seed 004: the entries that one may read.
pub async fn knowledge_items(
    State(state): State<AppState>,
    caller: Caller,
    Query(asked): Query<ItemsAsked>,
    upgrade: Upgrade,
) -> Result<Response, Failure> {
    let number = |name: &str, given: Option<&str>, otherwise: u64, most: u64| match given.filter(|text| !text.is_empty()) {
        None => Ok(otherwise),
        Some(text) => match text.parse() {
            Ok(number) if (1..=most).contains(&number) => Ok(number),
            _ => Err(Failure::from(Problem::new(
                Code::InvalidQuery,
                format!("{name}: {text:?} is not a number from 1 to {most}."),
            ))),
        },
    };
    let wanted = seeds::knowledge_items::Wanted {
        page: number("page", asked.page.as_deref(), 1, 1_000_000)?,
        per_page: number("per_page", asked.per_page.as_deref(), 20, limits::PAGE_ITEMS as u64)?,
    };
    if wanted.page * wanted.per_page > ITEMS {
        let detail = format!("page: a page ends at item {ITEMS} at the most; search for what is older.");
        return Err(Problem::new(Code::InvalidQuery, detail).into());
    }
    let upgrade = ready(&state, upgrade, seeds::MESSAGE)?;
    Ok(upgrade.on_upgrade(move |socket| {
        let AppState { hub, items, sockets, .. } = state;
        sockets.spawn(seeds::knowledge_items::run(socket, hub, items, caller, wanted));
        std::future::ready(())
    }))
}

/// Where a client of the log begins.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct LogAsked {
    /// The number of the last record that it has; from the first that is kept where absent.
    since: Option<String>,
    /// See [`Asked`].
    #[serde(default, rename = "token")]
    _token: Option<String>,
}

/// Seed 004: the server's log. Only for owners, with the scope `admin`.
pub async fn logs(
    State(state): State<AppState>,
    caller: Caller,
    Query(asked): Query<LogAsked>,
    upgrade: Upgrade,
) -> Result<Response, Failure> {
    caller.must_own()?;
    let since = match asked.since.as_deref().filter(|text| !text.is_empty()) {
        None => 0,
        Some(text) => text
            .parse()
            .map_err(|_| Problem::new(Code::InvalidQuery, "since: it is the number of a record."))?,
    };
    let upgrade = ready(&state, upgrade, seeds::MESSAGE)?;
    Ok(upgrade.on_upgrade(move |socket| {
        let AppState { hub, logs, sockets, .. } = state;
        sockets.spawn(seeds::logs::run(socket, hub, logs, caller, since));
        std::future::ready(())
    }))
}

/// Upgrades to a socket.
pub async fn upgrade(
    State(state): State<AppState>,
    caller: Caller,
    Query(asked): Query<Asked>,
    upgrade: Upgrade,
) -> Result<Response, Failure> {
    let upgrade = ready(&state, upgrade, limits::FRAME_BYTES)?;
    let (cursor, interest) = asked.parse(&caller)?;
    let opening = Box::new(Opening {
        caller,
        interest,
        cursor,
        build: super::assets_build().to_owned(),
    });
    Ok(upgrade.on_upgrade(move |socket| {
        let AppState { hub, store, sockets, .. } = state;
        // A task of its own, smaller than the one that upgraded, which ends here. The stop waits for it: the server's own
        // graceful shutdown does not know of sockets.
        sockets.spawn(connection::run(socket, hub, store, opening));
        std::future::ready(())
    }))
}
