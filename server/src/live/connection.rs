//! Step 6 of a change: one task a socket. Sends what its subscriber may see, several events in one write when it lags,
//! and takes in the client's messages; `answer` answers them.

use super::goodbye::{Over, STALL, broken, say};
use super::hub::{Hub, Position, Registration};
use super::misunderstood::misunderstood;
use super::replay;
use super::subscriber::{Due, Ending, Interest, Published};
use crate::clock;
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::store::Store;
use app::protocol::frame::{Ack, Control, close};
use app::protocol::{Cursor, Seq, Topic, limits};
use axum::extract::ws::{Message, WebSocket};
use futures_util::{FutureExt, SinkExt, StreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::num::NonZeroU32;
use std::pin::pin;
use std::task::{Context, Poll, ready};

/// What a client asked for when it connected.
#[derive(Debug, Clone)]
pub struct Opening {
    /// Who it is.
    pub caller: Caller,
    /// To what it listens.
    pub interest: Interest,
    /// How far it has seen.
    pub cursor: Option<Cursor>,
    /// The build of the pages that this server has.
    pub build: String,
}

const TOO_MANY: Over = Over::Close(close::TOO_MANY_CONNECTIONS, "you have 20 connections already; close one of them");
pub(super) const TOO_MANY_MESSAGES: Over = Over::Close(close::TOO_MANY_MESSAGES, "too many messages; send fewer");
const LOGGED_OUT: Over = Over::Close(close::LOG_IN, "log in again");
const TOO_SLOW: Over = Over::Close(close::TOO_SLOW, "reads too slowly; connect again from your cursor");
/// RFC 6455: the server failed.
pub(super) const FAILED: Over = Over::Close(1011, "the server failed; connect again from your cursor");

pub(super) struct Connection {
    socket: WebSocket,
    pub(super) registration: Registration,
    pub(super) hub: Hub,
    pub(super) store: Store,
    /// All that concerns this connection up to here has been written.
    pub(super) sent: Seq,
    /// Topics let go by one that listens to everything.
    pub(super) muted: HashSet<Topic>,
    /// How many messages the client may send; made with the first.
    messages: Option<Box<DefaultDirectRateLimiter>>,
}

/// Messages a second that a client may send in the long run, and how many at once.
const MESSAGES: NonZeroU32 = NonZeroU32::new(50).expect("not zero");
const MESSAGES_AT_ONCE: NonZeroU32 = NonZeroU32::new(1_000).expect("not zero");

pub(super) fn messages() -> Box<DefaultDirectRateLimiter> {
    Box::new(RateLimiter::direct(Quota::per_second(MESSAGES).allow_burst(MESSAGES_AT_ONCE)))
}

/// Serves a socket until it ends. The subscription begins at once, not with the first poll.
///
/// Thousands of these futures wait at rest, so what they hold then is small: what is not the plain sending of events is
/// boxed, for as long as it takes.
pub fn run(socket: WebSocket, hub: Hub, store: Store, opening: Box<Opening>) -> impl Future<Output = ()> + Send {
    let (registration, at) = hub.subscribe(opening.caller.clone(), &opening.interest);
    let one_too_many = opening.caller.credential() != Credential::Reach && hub.subscribers_of(opening.caller.user()) > limits::SOCKETS;
    let mut connection = Connection {
        socket,
        registration,
        hub,
        store,
        sent: at.cursor.seq,
        muted: HashSet::new(),
        messages: None,
    };
    async move {
        metrics::gauge!("tidings_sockets").increment(1.0);
        let opened = if one_too_many {
            Err(TOO_MANY)
        } else {
            Box::pin(connection.open(opening, at)).await
        };
        let over = match opened {
            Ok(()) => connection.serve().await,
            Err(over) => over,
        };
        metrics::gauge!("tidings_sockets").decrement(1.0);
        Box::pin(say(&mut connection.socket, over)).await;
    }
}

/// What a connection does next.
enum Next {
    /// Send what is due and could not be sent at once, or is no event.
    Deliver,
    /// Answer this; none when the client is gone.
    Answer(Option<Result<Message, axum::Error>>),
    /// End.
    End(Over),
}

impl Connection {
    async fn serve(&mut self) -> Over {
        let mut due = Due::default();
        loop {
            let result = match poll_fn(|context| self.poll_next(context, &mut due)).await {
                Next::Deliver => Box::pin(self.deliver(&mut due)).await,
                Next::Answer(Some(Ok(message))) => Box::pin(self.receive(message)).await,
                Next::Answer(Some(Err(error))) => Err(broken(error)),
                Next::Answer(None) => Err(Over::Gone),
                Next::End(over) => Err(over),
            };
            if let Err(over) = result {
                return over;
            }
        }
    }

    /// Sends events as they become due, as long as the client takes them. Ready with whatever needs more than that.
    fn poll_next(&mut self, context: &mut Context<'_>, due: &mut Due) -> Poll<Next> {
        while self.registration.subscriber().poll_due(context, due).is_ready() {
            match self.poll_send(context, due) {
                Poll::Ready(Ok(())) if due.is_empty() => {}
                Poll::Ready(Ok(())) | Poll::Pending => return Poll::Ready(Next::Deliver),
                Poll::Ready(Err(_)) => return Poll::Ready(Next::End(Over::Gone)),
            }
        }
        self.socket.poll_next_unpin(context).map(Next::Answer)
    }

    /// Feeds all events that are due, and flushes once.
    fn poll_send(&mut self, context: &mut Context<'_>, due: &mut Due) -> Poll<Result<(), axum::Error>> {
        while let Some(event) = due.events.front() {
            if self.is_wanted(event) {
                ready!(self.socket.poll_ready_unpin(context))?;
                self.socket.start_send_unpin(Message::Text(event.frame.clone()))?;
            }
            self.sent = self.sent.max(event.seq);
            due.events.pop_front();
        }
        self.socket.poll_flush_unpin(context)
    }

    /// Whether an event that was handed over is to be sent: what was replayed, or lies before the client's cursor, was
    /// handed over too.
    fn is_wanted(&self, event: &Published) -> bool {
        event.seq > self.sent && (self.muted.is_empty() || !self.muted.contains(&event.topic))
    }

    /// Greets the client, and sends what it missed.
    async fn open(&mut self, opening: Box<Opening>, at: Position) -> Result<(), Over> {
        let Position { cursor: at, caller } = at;
        let resume = replay::check(&self.store, opening.cursor.as_ref(), &caller, at.seq)
            .await
            .map_err(|error| {
                tracing::error!(%error, "cannot read the log");
                FAILED
            })?;
        self.sent = resume.unwrap_or(at.seq);
        let ack = Ack {
            user_id: opening.caller.user().to_string(),
            epoch: at.epoch,
            head: at.seq.max(self.sent),
            heartbeat_ms: u64::try_from(limits::HEARTBEAT.as_millis()).unwrap_or(u64::MAX),
            resumed: resume.is_ok(),
            reason: resume.err(),
            build: opening.build,
        };
        let timestamp = clock::now();
        self.feed_control(&Control::ConnectionAck { timestamp, data: ack }).await?;
        self.replay(at.seq, &caller).await?;
        self.flush().await
    }

    /// Sends what is due, as fast as the client takes it.
    async fn deliver(&mut self, due: &mut Due) -> Result<(), Over> {
        while let Some(event) = due.events.pop_front() {
            let is_wanted = self.is_wanted(&event);
            self.sent = self.sent.max(event.seq);
            if is_wanted {
                self.feed(Message::Text(event.frame.clone())).await?;
            }
        }
        if due.lagging {
            due.lagging = false;
            metrics::counter!("tidings_sockets_lagged_total").increment(1);
            // First what is written already must go out: a client that does not read has nothing replayed.
            self.flush().await?;
            let at = self.registration.rejoin();
            self.make_good(at.cursor.seq, &at.caller).await?;
        }
        if let Some(rare) = due.rare.take() {
            for topics in rare.resync {
                self.tell_rights_changed(topics).await?;
            }
            for (topic, frame) in rare.passing.into_iter().chain(rare.sampled) {
                if !self.muted.contains(&topic) && self.registration.subscriber().may_hear(&topic) {
                    self.feed(Message::Text(frame)).await?;
                }
            }
        }
        if let Some(head) = due.heartbeat.take() {
            self.sent = self.sent.max(head);
            self.feed_control(&Control::Heartbeat { head: self.sent }).await?;
            self.feed(Message::Ping(Default::default())).await?;
        }
        if let Some(ending) = due.ending.take() {
            return Err(self.end(ending).await?);
        }
        self.flush().await
    }

    async fn end(&mut self, ending: Ending) -> Result<Over, Over> {
        Ok(match ending {
            Ending::LoggedOut => LOGGED_OUT,
            // A browser may be known for longer by now: it is asked again when it comes back.
            Ending::Expired => match self.registration.subscriber().caller().credential() {
                Credential::Device(_) => Over::Close(close::GOING_AWAY, "connect again"),
                _ => LOGGED_OUT,
            },
            Ending::Silent => Over::Close(close::NO_HEARTBEAT, "no answer to pings"),
            Ending::Replaced => Over::Close(close::GOING_AWAY, "the database was restored; connect again"),
            Ending::Shutdown => {
                self.feed_control(&Control::Goaway { reconnect_after_ms: 500 }).await?;
                Over::Close(close::GOING_AWAY, "the server stops; connect again")
            }
        })
    }

    pub(super) async fn tell_rights_changed(&mut self, topics: Vec<Topic>) -> Result<(), Over> {
        let reason = "rights_changed".into();
        self.feed_control(&Control::Resync { topics, reason }).await
    }

    /// Sends what did not fit, up to and with `upto`; or says that it must be read anew, where rights changed meanwhile.
    async fn make_good(&mut self, upto: Seq, caller: &Caller) -> Result<(), Over> {
        let changed = async {
            let mut tx = self.store.read().await?;
            replay::rights_changed(&mut tx, caller, self.sent, upto).await
        };
        if changed.await.map_err(|_| FAILED)? {
            self.sent = upto;
            return self.tell_rights_changed(vec![]).await;
        }
        self.replay(upto, caller).await
    }

    /// Whether an event that is sent late may be sent: to who could hear it then (`caller`), and still can.
    fn may_replay(&self, event: &Published, caller: &Caller) -> bool {
        caller.may_hear(&event.topic) && self.registration.subscriber().may_hear(&event.topic)
    }

    /// Nothing more goes to who is no longer known.
    fn still_known(&self) -> Result<(), Over> {
        if self.registration.subscriber().is_expelled() {
            return Err(LOGGED_OUT);
        }
        Ok(())
    }

    /// Sends what was missed, up to and with `upto`, as fast as the client takes it.
    async fn replay(&mut self, upto: Seq, caller: &Caller) -> Result<(), Over> {
        let interest = self.registration.interest();
        while self.sent < upto {
            match replay::next(&self.hub, &self.store, self.sent, upto).await {
                Ok(Some(events)) => {
                    for event in events {
                        self.sent = event.seq;
                        if interest.includes(&event.topic) && !self.muted.contains(&event.topic) && self.may_replay(&event, caller) {
                            self.feed(Message::Text(event.frame.clone())).await?;
                        }
                    }
                    self.flush().await?;
                    self.still_known()?;
                }
                Ok(None) => {
                    self.sent = upto;
                    self.feed_control(&Control::Resync {
                        topics: vec![],
                        reason: "too_old".into(),
                    })
                    .await?;
                }
                Err(error) => {
                    tracing::error!(%error, "cannot read the log");
                    return Err(FAILED);
                }
            }
        }
        Ok(())
    }

    async fn receive(&mut self, message: Message) -> Result<(), Over> {
        self.registration.subscriber().heard(self.hub.now());
        if matches!(message, Message::Text(_)) && self.messages.get_or_insert_with(messages).check().is_err() {
            return Err(TOO_MANY_MESSAGES);
        }
        match message {
            Message::Text(text) if text.len() > limits::FRAME_BYTES => Err(Over::Close(close::TOO_BIG, "a message may have 1 MiB")),
            Message::Text(text) => {
                match serde_json::from_str(&text) {
                    Ok(frame) => self.answer(frame).await?,
                    Err(error) => self.feed_control(&misunderstood(&text, &error)).await?,
                }
                self.flush().await
            }
            Message::Binary(_) => Err(Over::Close(close::NOT_TEXT, "messages are JSON text")),
            Message::Ping(_) | Message::Pong(_) => self.flush().await,
            Message::Close(_) => Err(Over::Answered),
        }
    }

    /// Sends all up to and with `upto`: of the `new` topics what came after `from`, of the others what was not sent yet.
    pub(super) async fn replay_with(&mut self, new: &HashSet<Topic>, from: Seq, upto: Seq, caller: &Caller) -> Result<(), Over> {
        let interest = self.registration.interest();
        let mut at = from.min(self.sent);
        while at < upto {
            match replay::next(&self.hub, &self.store, at, upto).await {
                Ok(Some(events)) => {
                    for event in events {
                        at = event.seq;
                        let since = if new.contains(&event.topic) { from } else { self.sent };
                        let is_due = event.seq > since && interest.includes(&event.topic) && !self.muted.contains(&event.topic);
                        if is_due && self.may_replay(&event, caller) {
                            self.feed(Message::Text(event.frame.clone())).await?;
                        }
                    }
                    self.flush().await?;
                    self.still_known()?;
                }
                Ok(None) => {
                    at = upto;
                    self.feed_control(&Control::Resync {
                        topics: vec![],
                        reason: "too_old".into(),
                    })
                    .await?;
                }
                Err(error) => {
                    tracing::error!(%error, "cannot read the log");
                    return Err(FAILED);
                }
            }
        }
        self.sent = self.sent.max(upto);
        Ok(())
    }

    pub(super) async fn feed_control(&mut self, control: &Control) -> Result<(), Over> {
        let text = serde_json::to_string(control).map_err(|_| FAILED)?;
        self.feed(Message::Text(text.into())).await
    }

    async fn feed(&mut self, message: Message) -> Result<(), Over> {
        patiently(self.socket.feed(message)).await
    }

    async fn flush(&mut self) -> Result<(), Over> {
        patiently(self.socket.flush()).await
    }
}

/// Most writes are done at once. One that is not gets a time limit, and a timer only then.
async fn patiently(write: impl Future<Output = Result<(), axum::Error>>) -> Result<(), Over> {
    let mut write = pin!(write);
    let result = match write.as_mut().now_or_never() {
        Some(result) => result,
        None => tokio::time::timeout(STALL, write).await.map_err(|_| TOO_SLOW)?,
    };
    result.map_err(|_| Over::Gone)
}
