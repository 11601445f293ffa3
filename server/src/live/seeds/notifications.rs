//! Seed 001: `/ws/notifications/{user_id}` sends what concerns one person, and announcements.
//!
//! `connection_ack` comes first; then `notification`, `task_update` (with the jobs) and `system_announcement`; JSON pings are
//! answered with pongs. What a client missed while it was away is in `GET /api/notifications`.

use crate::clock;
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::live::hub::{Hub, Registration};
use crate::live::subscriber::{Due, Ending, Interest};
use app::protocol::frame::close;
use app::protocol::{Envelope, Event, Topic, limits};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use serde_json::{Value, json};
use std::collections::HashSet;
use std::future::poll_fn;
use std::time::Duration;

/// A client that takes nothing for so long is given up.
const STALL: Duration = Duration::from_secs(15);

/// Why the socket ends.
enum Over {
    Gone,
    Close(u16, &'static str),
}

struct Connection {
    socket: WebSocket,
    registration: Registration,
    hub: Hub,
}

/// Serves a socket until it ends.
pub async fn run(socket: WebSocket, hub: Hub, caller: Caller) {
    let topics = HashSet::from([Topic::User(caller.user().clone()), Topic::System]);
    let (registration, _) = hub.subscribe(caller.clone(), &Interest::Topics(topics));
    let too_many = caller.credential() != Credential::Reach && hub.subscribers_of(caller.user()) > limits::SOCKETS;
    let mut connection = Connection { socket, registration, hub };
    let over = if too_many {
        Over::Close(close::TOO_MANY_CONNECTIONS, "you have 20 connections already; close one of them")
    } else {
        connection.serve(&caller).await
    };
    if let Over::Close(code, reason) = over {
        let reason = Utf8Bytes::from_static(reason);
        // Whoever does not take it is gone.
        let _ = tokio::time::timeout(STALL, connection.socket.send(Message::Close(Some(CloseFrame { code, reason })))).await;
    }
}

impl Connection {
    async fn serve(&mut self, caller: &Caller) -> Over {
        let ack = json!({"type": "connection_ack", "timestamp": clock::now(), "data": {"user_id": caller.user()}});
        if let Err(over) = self.send(&ack).await {
            return over;
        }
        let mut due = Due::default();
        loop {
            let result = tokio::select! {
                () = poll_fn(|context| self.registration.subscriber().poll_due(context, &mut due)) => self.deliver(&mut due).await,
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.answer(message).await,
                    _ => Err(Over::Gone),
                },
            };
            if let Err(over) = result {
                return over;
            }
        }
    }

    async fn deliver(&mut self, due: &mut Due) -> Result<(), Over> {
        while let Some(event) = due.events.pop_front() {
            let Ok(event) = serde_json::from_str::<Envelope>(&event.frame) else {
                continue;
            };
            if let Some(frame) = frame_of(&event) {
                self.send(&frame).await?;
            }
        }
        if std::mem::take(&mut due.lagging) {
            // This protocol has no cursor: who cannot keep up comes back and reads the list.
            return Err(Over::Close(close::TOO_SLOW, "reads too slowly; connect again"));
        }
        due.rare = None;
        if due.heartbeat.take().is_some() {
            self.feed(Message::Ping(Default::default())).await?;
        }
        match due.ending.take() {
            None => Ok(()),
            Some(Ending::LoggedOut | Ending::Expired) => Err(Over::Close(close::LOG_IN, "log in again")),
            Some(Ending::Silent) => Err(Over::Close(close::NO_HEARTBEAT, "no answer to pings")),
            Some(Ending::Shutdown | Ending::Replaced) => Err(Over::Close(close::GOING_AWAY, "connect again")),
        }
    }

    async fn answer(&mut self, message: Message) -> Result<(), Over> {
        self.registration.subscriber().heard(self.hub.now());
        let text = match message {
            Message::Text(text) if text.len() > limits::FRAME_BYTES => {
                return Err(Over::Close(close::TOO_BIG, "a message may have 1 MiB"));
            }
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Over::Close(close::NOT_TEXT, "messages are JSON text")),
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
            Message::Close(_) => return Err(Over::Gone),
        };
        let is_ping = text.trim() == "ping"
            || serde_json::from_str::<Value>(&text).is_ok_and(|message| message.get("type").is_some_and(|kind| kind == "ping"));
        if is_ping {
            self.send(&json!({"type": "pong", "timestamp": clock::now()})).await?;
        }
        Ok(())
    }

    async fn send(&mut self, frame: &Value) -> Result<(), Over> {
        self.feed(Message::Text(frame.to_string().into())).await
    }

    async fn feed(&mut self, message: Message) -> Result<(), Over> {
        match tokio::time::timeout(STALL, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over::Gone),
            Err(_) => Err(Over::Close(close::TOO_SLOW, "reads too slowly; connect again")),
        }
    }
}

/// What of the log this protocol knows.
fn frame_of(event: &Envelope) -> Option<Value> {
    let (kind, data) = match &event.event {
        Event::NotificationCreated(news) => {
            let mut data = serde_json::to_value(&news.notification).ok()?;
            data["unread"] = news.counts.unread.into();
            data["unseen"] = news.counts.unseen.into();
            ("notification", data)
        }
        Event::AnnouncementMade(announcement) => ("system_announcement", serde_json::to_value(announcement).ok()?),
        _ => return None,
    };
    let message = data["message"].clone();
    Some(json!({"type": kind, "timestamp": event.timestamp, "message": message, "data": data}))
}
