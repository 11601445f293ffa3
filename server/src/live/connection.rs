//! Step 6 of a change: one task a socket. Sends what its subscriber may see, several events in one write when it lags,
//! and answers the client's messages.

use super::hub::{Hub, Registration};
use super::misunderstood::{error, misunderstood};
use super::subscriber::{Due, Ending, Interest, Published};
use super::{presence, replay};
use crate::domain::Caller;
use crate::domain::caller::Credential;
use crate::domain::person::{self, Presented};
use crate::store::Store;
use app::protocol::frame::{Ack, Authenticated, ClientFrame, Control, close};
use app::protocol::notification::Doing;
use app::protocol::{Cursor, EntryId, Seq, Timestamp, Topic, limits};
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket};
use futures_util::{FutureExt, SinkExt, StreamExt};
use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};
use std::collections::HashSet;
use std::future::{Future, poll_fn};
use std::num::NonZeroU32;
use std::pin::pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

/// A client that takes nothing for so long is too slow.
const STALL: Duration = Duration::from_secs(15);
/// How long a closing connection may take to say goodbye.
const GOODBYE: Duration = Duration::from_secs(2);

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

/// Why a connection is over: what to tell the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Over {
    /// It is gone, there is nobody to tell.
    Gone,
    /// Close with this code.
    Close(u16, &'static str),
}

const TOO_MANY: Over = Over::Close(close::TOO_MANY_CONNECTIONS, "you have 20 connections already; close one of them");
const LOGGED_OUT: Over = Over::Close(close::LOG_IN, "log in again");
const TOO_SLOW: Over = Over::Close(close::TOO_SLOW, "reads too slowly; connect again from your cursor");
/// RFC 6455: the server failed.
const FAILED: Over = Over::Close(1011, "the server failed; connect again from your cursor");

struct Connection {
    socket: WebSocket,
    registration: Registration,
    hub: Hub,
    store: Store,
    /// All that concerns this connection up to here has been written.
    sent: Seq,
    /// Topics let go by one that listens to everything.
    muted: HashSet<Topic>,
    /// How many messages the client may send; made with the first.
    messages: Option<Box<DefaultDirectRateLimiter>>,
}

/// Messages a second that a client may send in the long run, and how many at once.
const MESSAGES: NonZeroU32 = NonZeroU32::new(50).expect("not zero");
const MESSAGES_AT_ONCE: NonZeroU32 = NonZeroU32::new(1_000).expect("not zero");

fn messages() -> Box<DefaultDirectRateLimiter> {
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
        sent: at.seq,
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
        if let Over::Close(code, reason) = over {
            Box::pin(connection.say_goodbye(code, reason)).await;
        }
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
                Next::Answer(Some(Err(error))) => Err(broken(&error)),
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
    async fn open(&mut self, opening: Box<Opening>, at: Cursor) -> Result<(), Over> {
        let caller = self.registration.subscriber().caller();
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
        let timestamp = Timestamp::from_millis(jiff::Timestamp::now().as_millisecond());
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
            let (at, caller) = self.registration.rejoin();
            self.make_good(at.seq, &caller).await?;
        }
        if let Some(rare) = due.rare.take() {
            for topics in rare.resync {
                self.tell_rights_changed(topics).await?;
            }
            for (topic, frame) in rare.passing {
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

    async fn tell_rights_changed(&mut self, topics: Vec<Topic>) -> Result<(), Over> {
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
            return Err(Over::Close(close::TOO_MANY_MESSAGES, "too many messages; send fewer"));
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
            Message::Close(_) => Err(Over::Gone),
        }
    }

    async fn answer(&mut self, frame: ClientFrame) -> Result<(), Over> {
        match frame {
            ClientFrame::Ping => self.feed_control(&Control::Pong).await,
            ClientFrame::Unsubscribe { topics } => {
                if matches!(self.registration.interest(), Interest::Everything) {
                    let muted = self.muted.len() + topics.iter().filter(|topic| !self.muted.contains(*topic)).count();
                    if muted > limits::TOPICS {
                        return self.too_many("let go of", muted, "unsubscribe").await;
                    }
                    self.muted.extend(topics.iter().cloned());
                }
                self.registration.remove(&topics);
                self.feed_control(&Control::Unsubscribed { topics }).await
            }
            ClientFrame::Subscribe { topics, cursor } => self.subscribe(topics, cursor).await,
            ClientFrame::Typing { topic, entry_id } => self.types(topic, entry_id).await,
            ClientFrame::Presence { topic, state, entry_id } => self.is_present(topic, state, entry_id).await,
            ClientFrame::Auth { token } => self.renew(&token).await,
        }
    }

    async fn subscribe(&mut self, topics: Vec<Topic>, cursor: Option<Cursor>) -> Result<(), Over> {
        let caller = self.registration.subscriber().caller();
        let topics: Vec<Topic> = topics
            .into_iter()
            .map(|topic| caller.meant(topic))
            .filter(|topic| caller.may_hear(topic))
            .collect();
        let held = self.registration.with(&topics);
        if held > limits::TOPICS {
            return self.too_many("listen to", held, "subscribe").await;
        }
        let before = self.registration.interest();
        let new: HashSet<Topic> = topics
            .iter()
            .filter(|topic| !before.includes(topic) || self.muted.contains(topic))
            .cloned()
            .collect();
        for topic in &topics {
            self.muted.remove(topic);
        }
        let at = self.registration.add(&topics).seq;
        let resume = replay::check(&self.store, cursor.as_ref(), &caller, at).await.map_err(|_| FAILED)?;
        self.feed_control(&Control::Subscribed {
            topics,
            resumed: resume.is_ok(),
            reason: resume.err(),
        })
        .await?;
        // What waits already is taken from the log too: so all comes in order, and nothing twice.
        let (at, caller) = self.registration.rejoin();
        let upto = at.seq;
        let changed = async {
            let mut tx = self.store.read().await?;
            replay::rights_changed(&mut tx, &caller, self.sent, upto).await
        };
        if changed.await.map_err(|_| FAILED)? {
            self.sent = self.sent.max(upto);
            return self.tell_rights_changed(vec![]).await;
        }
        self.replay_with(&new, resume.unwrap_or(upto), upto, &caller).await
    }

    async fn types(&mut self, topic: Topic, entry_id: Option<EntryId>) -> Result<(), Over> {
        let subscriber = self.registration.subscriber();
        let caller = subscriber.caller();
        let topic = caller.meant(topic);
        // Who may not hear a topic learns nothing, not even that it may not.
        if caller.may_hear(&topic) {
            let typing = presence::typing(topic.clone(), caller.user().clone(), entry_id);
            self.hub.pass(&topic, &typing, Some(subscriber.id));
        }
        Ok(())
    }

    async fn is_present(&mut self, topic: Topic, state: Doing, entry_id: Option<EntryId>) -> Result<(), Over> {
        let subscriber = self.registration.subscriber();
        let caller = subscriber.caller();
        let topic = caller.meant(topic);
        let is_kept = !caller.may_hear(&topic) || self.hub.presence().say(subscriber.id, caller.user(), &topic, state, entry_id);
        if is_kept {
            return Ok(());
        }
        let message = "A connection is at a few topics at the same time; say that it is gone from one of them first.".into();
        self.feed_control(&error("too_many_places", message, Some("presence".into()))).await
    }

    /// Takes new credentials of the same person.
    async fn renew(&mut self, token: &str) -> Result<(), Over> {
        let known = self.registration.subscriber().caller();
        let found = person::identify(&self.store, Presented::Bearer(token), self.hub.issuer())
            .await
            .map_err(|_| FAILED)?;
        match found {
            Some(caller) if caller.user() == known.user() => {
                self.registration.renew(&caller);
                let expires_at = caller.identity().expires_at;
                let data = Authenticated { expires_at };
                self.feed_control(&Control::Authenticated { data }).await
            }
            _ => {
                let message = format!(
                    "This is no good token of {}; the connection goes on with the one that it has.",
                    known.user()
                );
                self.feed_control(&error("unauthenticated", message, Some("auth".into()))).await
            }
        }
    }

    /// What a connection remembers of topics is bounded, however often it is asked.
    async fn too_many(&mut self, deed: &str, topics: usize, asked: &str) -> Result<(), Over> {
        let message = format!(
            "{topics} topics; a connection can {deed} at most {}. Open another one for the rest.",
            limits::TOPICS
        );
        self.feed_control(&error("too_many_topics", message, Some(asked.into()))).await
    }

    /// Sends all up to and with `upto`: of the `new` topics what came after `from`, of the others what was not sent yet.
    async fn replay_with(&mut self, new: &HashSet<Topic>, from: Seq, upto: Seq, caller: &Caller) -> Result<(), Over> {
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

    async fn feed_control(&mut self, control: &Control) -> Result<(), Over> {
        let text = serde_json::to_string(control).map_err(|_| FAILED)?;
        self.feed(Message::Text(text.into())).await
    }

    async fn feed(&mut self, message: Message) -> Result<(), Over> {
        patiently(self.socket.feed(message)).await
    }

    async fn flush(&mut self) -> Result<(), Over> {
        patiently(self.socket.flush()).await
    }

    async fn say_goodbye(&mut self, code: u16, reason: &'static str) {
        let frame = Message::Close(Some(CloseFrame {
            code,
            reason: Utf8Bytes::from_static(reason),
        }));
        let goodbye = async {
            if self.socket.send(frame).await.is_ok() {
                // Until the client has said goodbye too: else what is still under way would be lost.
                while let Some(Ok(_)) = self.socket.next().await {}
            }
        };
        let _ = tokio::time::timeout(if code == close::TOO_SLOW { STALL } else { GOODBYE }, goodbye).await;
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

/// What to tell a client whose bytes are no messages.
fn broken(error: &axum::Error) -> Over {
    let text = error.to_string();
    if text.contains("too long") || text.contains("too big") {
        Over::Close(close::TOO_BIG, "a message may have 1 MiB")
    } else {
        Over::Gone
    }
}
