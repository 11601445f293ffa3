//! Seed 001: `/ws/notifications/{user_id}` sends what concerns one person, and announcements.
//!
//! `connection_ack` comes first; then `notification`, `task_update` for jobs that they asked for, and `system_announcement`;
//! JSON pings are answered with pongs. What a client missed while it was away is in `GET /api/notifications`.

use super::socket::{Heard, Over, Socket, is_ping};
use crate::clock;
use crate::domain::Caller;
use crate::live::hub::Hub;
use crate::live::subscriber::Interest;
use app::protocol::job::{Job, JobStatus};
use app::protocol::{Actor, Envelope, Event, Topic};
use axum::extract::ws::WebSocket;
use serde_json::{Value, json};

/// Serves a socket until it ends.
pub async fn run(socket: WebSocket, hub: Hub, caller: Caller) {
    let Some(mut socket) = Socket::new(socket, hub, &caller, &Interest::Personal).await else {
        return;
    };
    let Err(over) = serve(&mut socket, &caller).await;
    socket.end(over).await;
}

async fn serve(socket: &mut Socket, caller: &Caller) -> Result<std::convert::Infallible, Over> {
    let ack = json!({"type": "connection_ack", "timestamp": clock::now(), "data": {"user_id": caller.user()}});
    socket.send(&ack).await?;
    loop {
        match socket
            .next(|topic| matches!(topic, Topic::User(_) | Topic::System | Topic::Job(_)))
            .await?
        {
            Heard::Text(text) if is_ping(&text) => socket.send(&json!({"type": "pong", "timestamp": clock::now()})).await?,
            Heard::Text(_) => {}
            Heard::News(events, _) => {
                for frame in events.iter().filter_map(|event| frame_of(event, caller)) {
                    socket.send(&frame).await?;
                }
            }
        }
    }
}

/// What of the log this protocol knows.
fn frame_of(event: &Envelope, caller: &Caller) -> Option<Value> {
    let (kind, data) = match &event.event {
        Event::NotificationCreated(news) => {
            let mut data = serde_json::to_value(&news.notification).ok()?;
            data["unread"] = news.counts.unread.into();
            data["unseen"] = news.counts.unseen.into();
            ("notification", data)
        }
        Event::AnnouncementMade(announcement) => ("system_announcement", serde_json::to_value(announcement).ok()?),
        Event::JobCreated(job) | Event::JobUpdated(job) => return task_update(event, job, caller),
        _ => return None,
    };
    let message = data["message"].clone();
    Some(json!({"type": kind, "timestamp": event.timestamp, "message": message, "data": data}))
}

/// A job that this person asked for, by themselves or by a program of theirs.
fn task_update(event: &Envelope, job: &Job, caller: &Caller) -> Option<Value> {
    let is_theirs = job.created_by == *caller.actor() || job.created_by == Actor::User(caller.user().clone());
    let action = match (&event.event, job.status) {
        (Event::JobCreated(_), _) => "created",
        (_, JobStatus::Completed) => "completed",
        (_, JobStatus::Failed) => "failed",
        (_, JobStatus::Cancelled) => "cancelled",
        _ => "updated",
    };
    is_theirs.then(|| json!({"type": "task_update", "timestamp": event.timestamp, "action": action, "data": job}))
}
