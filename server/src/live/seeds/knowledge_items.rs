//! Seed 004: `/api/knowledge-items/stream` sends the entries that one may read, newest first: a page of them at once, and
//! again whenever something changes.

use super::socket::{FAILED, Heard, Over, Socket, end, is_ping, pong};
use crate::domain::{Caller, entry};
use crate::live::hub::Hub;
use crate::live::subscriber::Interest;
use crate::store::Store;
use app::protocol::{Event, Topic};
use axum::extract::ws::WebSocket;
use serde_json::json;
use std::convert::Infallible;
use std::time::Duration;

/// Changes that come closer together than this cost one reading.
const TOGETHER: Duration = Duration::from_millis(200);

/// Which page is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// From 1.
    pub page: u64,
    /// How many items it has.
    pub per_page: u64,
}

/// Serves a socket until it ends.
pub async fn run(socket: WebSocket, hub: Hub, store: Store, caller: Caller, wanted: Wanted) {
    match Socket::new(socket, hub, &caller, &Interest::Everything) {
        Err(refused) => end(refused.0, refused.1).await,
        Ok(socket) => {
            let mut socket = socket.sending_states();
            let Err(over) = serve(&mut socket, &store, wanted).await;
            socket.end(over).await;
        }
    }
}

async fn serve(socket: &mut Socket, store: &Store, wanted: Wanted) -> Result<Infallible, Over> {
    send(socket, store, wanted).await?;
    loop {
        match socket.next(|topic| matches!(topic, Topic::Kb(_) | Topic::User(_))).await? {
            Heard::Text(text) if is_ping(&text) => socket.send(&pong()).await?,
            Heard::Text(_) => {}
            Heard::News(events, rare) => {
                let anything = rare.is_some_and(|rare| !rare.resync.is_empty());
                if anything || events.iter().any(|event| changes_items(&event.event)) {
                    tokio::time::sleep(TOGETHER).await;
                    send(socket, store, wanted).await?;
                }
            }
        }
    }
}

fn changes_items(event: &Event) -> bool {
    matches!(
        event,
        Event::EntryCreated(_) | Event::EntryUpdated(_) | Event::EntryDeleted(_) | Event::KbDeleted {} | Event::AccessChanged { .. }
    )
}

async fn send(socket: &mut Socket, store: &Store, wanted: Wanted) -> Result<(), Over> {
    let Wanted { page, per_page } = wanted;
    let newest = entry::newest(store, &socket.caller(), per_page, (page - 1) * per_page).await;
    let (items, total) = newest.map_err(|error| {
        tracing::error!(%error, "cannot read the entries");
        FAILED
    })?;
    let data = json!({"items": items, "total": total, "page": page, "per_page": per_page});
    socket.send(&json!({"type": "knowledge_items_update", "data": data})).await
}
