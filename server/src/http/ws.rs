//! `/ws`: the upgrade, and what its query asks for.

use super::extract::Query;
use super::problem::Failure;
use crate::domain::Caller;
use crate::live::connection::{self, Opening};
use crate::live::subscriber::Interest;
use crate::state::AppState;
use app::protocol::{Code, Cursor, Problem, Topic, limits};
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{State, WebSocketUpgrade};
use axum::response::Response;
use serde::Deserialize;
use std::collections::HashSet;

/// Read buffer of a socket: clients send little.
const READ_BUFFER: usize = 512;
/// Bytes that are gathered before they are written, however much is due.
const WRITE_BUFFER: usize = 16 * 1024;
/// Bytes that may wait for a socket that takes none.
const MAX_WRITE_BUFFER: usize = 4 * 1024 * 1024;
/// Messages beyond the limit of the protocol are read so far, so that they can be answered with a close code.
const MAX_MESSAGE: usize = 4 * limits::FRAME_BYTES;

/// What a client asks for in the URL, for `/ws` and for `/api/events/stream`.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
pub struct Asked {
    /// How far the client has seen.
    cursor: Option<String>,
    /// Comma-separated topics; all where absent.
    topics: Option<String>,
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

/// Upgrades to a socket.
pub async fn upgrade(
    State(state): State<AppState>,
    caller: Caller,
    Query(asked): Query<Asked>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let upgrade = upgrade.map_err(|why| {
        Problem::new(
            Code::InvalidHeader,
            format!("This address speaks WebSocket: {why}. Over plain HTTP use /api/events/stream."),
        )
    })?;
    let (cursor, interest) = asked.parse(&caller)?;
    if state.stop.is_cancelled() {
        return Err(Problem::new(Code::ShuttingDown, "The server stops; connect again.").into());
    }
    let opening = Box::new(Opening {
        caller,
        interest,
        cursor,
        build: super::assets_build().to_owned(),
    });
    Ok(upgrade
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(MAX_WRITE_BUFFER)
        .max_message_size(MAX_MESSAGE)
        .max_frame_size(MAX_MESSAGE)
        .on_upgrade(move |socket| {
            let AppState { hub, store, sockets, .. } = state;
            // A task of its own, smaller than the one that upgraded, which ends here. The stop waits for it: the server's
            // own graceful shutdown does not know of sockets.
            sockets.spawn(connection::run(socket, hub, store, opening));
            std::future::ready(())
        }))
}
