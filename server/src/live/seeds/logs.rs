//! Seed 004: `/api/mcp/logs/stream` sends the server's log, a record a frame: what is kept, and then what comes.

use super::socket::{FORBIDDEN, Heard, Over, Socket, is_ping, pong};
use crate::domain::Caller;
use crate::live::hub::Hub;
use crate::live::subscriber::Interest;
use crate::telemetry::Logs;
use app::protocol::Topic;
use app::protocol::log::LogRecord;
use axum::extract::ws::WebSocket;
use serde_json::{Value, json};
use std::collections::HashSet;
use std::convert::Infallible;

/// Records that are read at once.
const SOME: usize = 200;

/// Serves a socket until it ends. With `since`, begins behind that record.
pub async fn run(socket: WebSocket, hub: Hub, logs: Logs, caller: Caller, since: u64) {
    // Its records it takes from where they are kept, which has all of them; the hub tells it when it must end.
    let nothing = Interest::Topics(HashSet::new());
    let Some(mut socket) = Socket::new(socket, hub, &caller, &nothing).await else {
        return;
    };
    let Err(over) = serve(&mut socket, &logs, since).await;
    socket.end(over).await;
}

async fn serve(socket: &mut Socket, logs: &Logs, since: u64) -> Result<Infallible, Over> {
    let mut news = logs.news();
    let mut sent = since;
    loop {
        news.mark_unchanged();
        loop {
            let records = logs.after(sent, SOME);
            let Some(last) = records.last() else { break };
            sent = last.id;
            for record in &records {
                socket.send(&frame(record)).await?;
            }
        }
        tokio::select! {
            // Fails only where the server is gone.
            changed = news.changed() => if changed.is_err() {
                return Err(Over::Gone);
            },
            heard = socket.next(|_| false) => match heard? {
                Heard::Text(text) if is_ping(&text) => socket.send(&pong()).await?,
                Heard::Text(_) => {}
                // What they may hear has changed.
                Heard::News(..) if !socket.caller().may_hear(&Topic::Logs) => return Err(FORBIDDEN),
                Heard::News(..) => {}
            },
        }
    }
}

fn frame(record: &LogRecord) -> Value {
    json!({
        "timestamp": record.timestamp,
        "level": record.level.as_str(),
        "logger": record.target,
        "message": record.message,
        "metadata": record.fields,
        "id": record.id,
    })
}
