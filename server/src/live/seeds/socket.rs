//! What the seeds' sockets have in common: they speak JSON text, have no cursor, and end with the same codes.

use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::live::connection::{TOO_MANY_MESSAGES, messages};
pub(super) use crate::live::goodbye::Over;
use crate::live::goodbye::{STALL, broken, say};
use crate::live::hub::{Hub, Registration};
use crate::live::subscriber::{Due, Ending, Interest, Rare};
use app::protocol::frame::close;
use app::protocol::{Envelope, Seq, Topic, limits};
use axum::extract::ws::{Message, Utf8Bytes, WebSocket};
use governor::DefaultDirectRateLimiter;
use serde_json::{Value, json};
use std::future::poll_fn;

/// Longest message of a client, which has little to say.
pub const MESSAGE: usize = 64 * 1024;

const TOO_SLOW: Over = Over::Close(close::TOO_SLOW, "reads too slowly; connect again");
/// The right to hear of this was taken away.
pub(super) const FORBIDDEN: Over = Over::Close(close::FORBIDDEN, "you may no longer see this");
/// The database failed.
pub(super) const FAILED: Over = Over::Close(close::GOING_AWAY, "the server failed; connect again");

/// A socket of a seed, and what waits for it.
pub(super) struct Socket {
    socket: WebSocket,
    registration: Registration,
    hub: Hub,
    due: Due,
    /// Whether it sends states rather than events, of which it may miss some.
    sends_states: bool,
    /// How many messages the client may send; made with the first.
    messages: Option<Box<DefaultDirectRateLimiter>>,
}

/// What happened.
pub(super) enum Heard {
    /// The client said this.
    Text(Utf8Bytes),
    /// These are events that it may see, in order, and what else there is.
    News(Vec<Envelope>, Option<Box<Rare>>),
}

impl Socket {
    /// Subscribes. Where the person has too many sockets already, says so, and there is none.
    pub(super) async fn new(mut socket: WebSocket, hub: Hub, caller: &Caller, interest: &Interest) -> Option<Self> {
        let (registration, _) = hub.subscribe(caller.clone(), interest);
        if caller.credential() != Credential::Reach && hub.subscribers_of(caller.user()) > limits::SOCKETS {
            let over = Over::Close(close::TOO_MANY_CONNECTIONS, "you have 20 connections already; close one of them");
            say(&mut socket, over).await;
            return None;
        }
        Some(Self {
            socket,
            registration,
            hub,
            due: Due::default(),
            sends_states: false,
            messages: None,
        })
    }

    /// Says that it sends states rather than events: where it falls behind, it is told to send the present one.
    pub(super) fn sending_states(mut self) -> Self {
        self.sends_states = true;
        self
    }

    /// For whom it is, with the rights that they have by now.
    pub(super) fn caller(&self) -> Caller {
        self.registration.subscriber().caller()
    }

    /// Waits for what happens next. Only events of topics that `is_wanted` takes are read.
    pub(super) async fn next(&mut self, is_wanted: impl Fn(&Topic) -> bool) -> Result<Heard, Over> {
        loop {
            tokio::select! {
                () = poll_fn(|context| self.registration.subscriber().poll_due(context, &mut self.due)) => {
                    let news = self.take_due(&is_wanted).await?;
                    if let Some((events, rare)) = news {
                        return Ok(Heard::News(events, rare));
                    }
                }
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => if let Some(text) = self.hear(message)? {
                        return Ok(Heard::Text(text));
                    },
                    Some(Err(error)) => return Err(broken(error)),
                    None => return Err(Over::Gone),
                },
            }
        }
    }

    async fn take_due(&mut self, is_wanted: impl Fn(&Topic) -> bool) -> Result<Option<(Vec<Envelope>, Option<Box<Rare>>)>, Over> {
        let events: Vec<Envelope> = std::mem::take(&mut self.due.events)
            .into_iter()
            .filter(|event| is_wanted(&event.topic))
            .filter_map(|event| serde_json::from_str(&event.frame).ok())
            .collect();
        if std::mem::take(&mut self.due.lagging) {
            if !self.sends_states {
                // These protocols have no cursor: who cannot keep up comes back and reads anew.
                return Err(TOO_SLOW);
            }
            self.registration.rejoin();
            self.due.rare.get_or_insert_default().resync.push(vec![]);
        }
        if self.due.heartbeat.take().is_some() {
            self.feed(Message::Ping(Default::default())).await?;
        }
        match self.due.ending.take() {
            None => {}
            Some(Ending::LoggedOut | Ending::Expired) => return Err(Over::Close(close::LOG_IN, "log in again")),
            Some(Ending::Silent) => return Err(Over::Close(close::NO_HEARTBEAT, "no answer to pings")),
            Some(Ending::Shutdown | Ending::Replaced) => return Err(Over::Close(close::GOING_AWAY, "connect again")),
        }
        let rare = self.due.rare.take();
        Ok((!events.is_empty() || rare.is_some()).then_some((events, rare)))
    }

    /// What the client said, where it is a text.
    fn hear(&mut self, message: Message) -> Result<Option<Utf8Bytes>, Over> {
        self.registration.subscriber().heard(self.hub.now());
        match message {
            Message::Text(text) if text.len() > MESSAGE => Err(Over::Close(close::TOO_BIG, "a message may have 64 KiB")),
            Message::Text(_) if self.messages.get_or_insert_with(messages).check().is_err() => Err(TOO_MANY_MESSAGES),
            Message::Text(text) => Ok(Some(text)),
            Message::Binary(_) => Err(Over::Close(close::NOT_TEXT, "messages are JSON text")),
            Message::Ping(_) | Message::Pong(_) => Ok(None),
            Message::Close(_) => Err(Over::Answered),
        }
    }

    /// All up to here was handed over to those who listen.
    pub(super) fn position(&self) -> Seq {
        self.hub.position().1
    }

    /// Sends a frame that is encoded already.
    pub(super) async fn send_frame(&mut self, frame: Utf8Bytes) -> Result<(), Over> {
        self.feed(Message::Text(frame)).await
    }

    /// Sends a frame.
    pub(super) async fn send(&mut self, frame: &Value) -> Result<(), Over> {
        self.feed(Message::Text(frame.to_string().into())).await
    }

    async fn feed(&mut self, message: Message) -> Result<(), Over> {
        match tokio::time::timeout(STALL, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Over::Gone),
            Err(_) => Err(TOO_SLOW),
        }
    }

    /// Says why it ends.
    pub(super) async fn end(mut self, over: Over) {
        say(&mut self.socket, over).await;
    }
}

/// Whether a client asks whether anybody is there: as plain text, or as JSON.
pub(super) fn is_ping(text: &str) -> bool {
    text.trim() == "ping" || serde_json::from_str::<Value>(text).is_ok_and(|message| message.get("type").is_some_and(|kind| kind == "ping"))
}

/// The answer to that, as the seeds write it.
pub(super) fn pong() -> Value {
    json!({ "type": "pong" })
}
