//! Step 5 of a change: takes committed events in the order of the log, finds who listens, and hands them over.
//!
//! Commits reach it through a channel, so that a commit never waits for subscribers. It publishes contiguous places of
//! the log only: where one is missing, another process has written it, and the hub reads it from the log.

use super::presence::Presence;
use super::rights::Rights;
use super::subscriber::{Ending, Interest, Published, Subscriber};
use crate::clock;
use crate::domain::Caller;
use crate::domain::person::Issuer;
use crate::error::Error;
use crate::store::{Committed, LogRecord, Store, log};
use app::protocol::frame::Control;
use app::protocol::{Cursor, Epoch, Seq, Topic, UserId, limits};
use axum::extract::ws::Utf8Bytes;
use slab::Slab;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Events that are kept in memory for those who come back soon, and their bytes.
const RING: usize = 4096;
const RING_BYTES: usize = 32 * 1024 * 1024;
/// Ticks of a heartbeat round: each tick a part of the subscribers is served, so that the work is spread.
const TICKS: u64 = 25;
/// A client that was not heard for so many ticks is gone: it missed two pings.
const SILENT: u64 = TICKS * 3;

/// Carries events to subscribers. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Hub {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Counts seconds, for heartbeats.
    tick: AtomicU64,
    /// Another process may have written.
    changed: Notify,
    presence: Presence,
    /// Whose tokens are taken besides the server's own.
    issuer: Option<Issuer>,
}

/// What the hub knows, under one lock. `deliver` hands events on from here.
#[derive(Debug)]
pub(super) struct State {
    pub(super) epoch: Epoch,
    /// All up to here has been handed over.
    pub(super) published: Seq,
    /// The last events, oldest first.
    pub(super) ring: VecDeque<Arc<Published>>,
    /// Their bytes.
    pub(super) ring_bytes: usize,
    /// Who listens to everything.
    pub(super) everything: Slab<Arc<Subscriber>>,
    /// Who listens to certain topics.
    pub(super) topics: HashMap<Topic, Slab<Arc<Subscriber>>>,
    /// Everybody, for heartbeats.
    pub(super) all: Slab<Arc<Subscriber>>,
    /// Who may hear what, as of the last event that was handed over.
    pub(super) rights: Rights,
    /// The number of the next subscriber.
    pub(super) next: u64,
    /// How many subscribers each person has.
    pub(super) of_person: HashMap<UserId, usize>,
    /// The latest of what is sampled, for who comes late.
    pub(super) samples: HashMap<Topic, Utf8Bytes>,
    /// Samples that must not come before an event that is still to be handed over.
    pub(super) held: HashMap<Topic, (Seq, Utf8Bytes)>,
    /// Whose credentials expire, and when; by their places in `all`.
    pub(super) expiring: BTreeSet<(i64, usize)>,
}

/// A subscriber's places in the hub. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Registration {
    hub: Hub,
    subscriber: Arc<Subscriber>,
    key: usize,
    everything: Option<usize>,
    topics: HashMap<Topic, usize>,
    expires: Option<(i64, usize)>,
}

/// A position in the log, and a subscriber's caller with the rights in force there. Both are read under the hub's lock, since
/// the one means nothing without the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    /// The position.
    pub cursor: Cursor,
    /// The caller, with the rights in force at that position.
    pub caller: Caller,
}

impl State {
    fn cursor(&self) -> Cursor {
        Cursor {
            epoch: self.epoch.clone(),
            seq: self.published,
        }
    }
}

impl Hub {
    /// A hub that begins at the end of the log. Tokens of the issuer are taken when they are renewed on a connection.
    pub async fn start(store: &Store, issuer: Option<Issuer>) -> Result<Self, Error> {
        let mut tx = store.read().await?;
        let rights = Rights::read(&mut tx).await?;
        let Cursor { epoch, seq } = tx.cursor();
        let state = State {
            epoch,
            published: seq,
            ring: VecDeque::new(),
            ring_bytes: 0,
            everything: Slab::new(),
            topics: HashMap::new(),
            all: Slab::new(),
            rights,
            next: 0,
            of_person: HashMap::new(),
            samples: HashMap::new(),
            held: HashMap::new(),
            expiring: BTreeSet::new(),
        };
        Ok(Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                tick: AtomicU64::new(0),
                changed: Notify::new(),
                presence: Presence::default(),
                issuer,
            }),
        })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Publishes what is committed, by this process or another, until `stop`.
    pub async fn run(self, store: Store, mut committed: Committed, stop: CancellationToken) {
        let watch = store.watch(&self.shared.changed, &stop);
        let publish = async {
            let mut timer = tokio::time::interval(limits::HEARTBEAT / u32::try_from(TICKS).unwrap_or(1));
            timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
            loop {
                tokio::select! {
                    biased;
                    () = stop.cancelled() => break,
                    batch = committed.recv() => match batch {
                        Some(batch) => self.publish(&store, batch).await,
                        None => break,
                    },
                    () = self.shared.changed.notified() => self.catch_up(&store).await,
                    () = self.shared.presence.news.notified() => self.tell_presence(),
                    _ = timer.tick() => self.tick(),
                }
            }
        };
        tokio::join!(watch, publish);
    }

    /// Publishes what this process committed.
    async fn publish(&self, store: &Store, batch: Vec<LogRecord>) {
        let Some(first) = batch.first().map(|record| record.seq) else {
            return;
        };
        let expected = self.state().published.next();
        if first > expected {
            // What is missing was committed before this batch, so the log has it, and this batch too.
            self.catch_up(store).await;
            return;
        }
        self.hand_over(batch);
    }

    /// Publishes what the log has and the subscribers have not. Tries again at the next change when it cannot read.
    async fn catch_up(&self, store: &Store) {
        if let Err(error) = self.try_catch_up(store).await {
            tracing::error!(%error, "cannot read the log; subscribers wait");
            tokio::time::sleep(Duration::from_millis(200)).await;
            self.shared.changed.notify_one();
        }
    }

    async fn try_catch_up(&self, store: &Store) -> Result<(), Error> {
        loop {
            let mut tx = store.read().await?;
            let Cursor { epoch, seq: head } = tx.cursor();
            let (known, published) = self.position();
            if epoch != known {
                let rights = Rights::read(&mut tx).await?;
                self.replaced(epoch, head, rights);
                return Ok(());
            }
            if head <= published {
                return Ok(());
            }
            let records = log::after(&mut tx, published, head, 1_000).await?;
            if records.first().is_none_or(|record| record.seq != published.next()) {
                return Err(Error::Damaged(format!("the log has no event {}", published.next())));
            }
            self.hand_over(records);
        }
    }

    /// The epoch, and the last event that was handed over.
    pub fn position(&self) -> (Epoch, Seq) {
        let state = self.state();
        (state.epoch.clone(), state.published)
    }

    /// Hands events to who listens. The lock is held for the time of one push for each, and never over an await.
    fn hand_over(&self, records: Vec<LogRecord>) {
        let mut state = self.state();
        let published = state.published;
        let records: Vec<LogRecord> = records.into_iter().filter(|record| record.seq > published).collect();
        let Some(last) = records.last() else { return };
        let last = last.seq;
        metrics::counter!("tidings_events_published_total").increment(records.len() as u64);
        let mut run: Vec<Arc<Published>> = Vec::with_capacity(records.len());
        for record in records {
            if run.first().is_some_and(|first| first.topic != record.topic || record.is_of_access) {
                state.send(&mut run);
            }
            if record.is_of_access {
                // What changes rights is applied in its place: what follows is for those who have them then.
                state.send_of_access(record, &self.shared.presence);
            } else {
                run.push(Arc::new(Published::from(record)));
            }
        }
        state.send(&mut run);
        state.published = last;
        state.release();
        while state.ring.len() > RING || state.ring_bytes > RING_BYTES {
            let Some(oldest) = state.ring.pop_front() else { break };
            state.ring_bytes -= oldest.frame.len();
        }
    }

    /// The log was replaced by a backup: everybody must read anew.
    fn replaced(&self, epoch: Epoch, head: Seq, rights: Rights) {
        let mut state = self.state();
        // Everybody is let go, and recognised anew when they come back.
        state.rights = rights;
        tracing::info!(%epoch, "the database was restored from a backup; all clients read anew");
        state.epoch = epoch;
        state.published = head;
        state.ring.clear();
        state.ring_bytes = 0;
        state.samples.clear();
        state.held.clear();
        for (_, subscriber) in &state.all {
            subscriber.end(Ending::Replaced);
        }
    }

    /// The present tick, for [`Subscriber::heard`].
    pub fn now(&self) -> u64 {
        self.shared.tick.load(Ordering::Relaxed)
    }

    /// Whose tokens are taken besides the server's own.
    pub fn issuer(&self) -> Option<&Issuer> {
        self.shared.issuer.as_ref()
    }

    /// Who is where.
    pub fn presence(&self) -> &Presence {
        &self.shared.presence
    }

    /// Tells who is where, wherever that changed.
    fn tell_presence(&self) {
        for (topic, control) in self.shared.presence.take_news() {
            self.pass(&topic, &control, None);
        }
    }

    /// Hands an ephemeral message to who listens to a topic and may hear it, except one of them.
    pub fn pass(&self, topic: &Topic, control: &Control, but: Option<u64>) {
        let Ok(text) = serde_json::to_string(control) else { return };
        let frame = Utf8Bytes::from(text);
        let state = self.state();
        let of_topic = state.topics.get(topic).into_iter().flatten();
        let everything = (*topic != Topic::Logs).then_some(&state.everything);
        for (_, subscriber) in everything.into_iter().flatten().chain(of_topic) {
            if Some(subscriber.id) != but && subscriber.may_hear(topic) {
                subscriber.pass(topic, &frame);
            }
        }
    }

    /// Hands a sampled message to who listens to its topic and may hear it, and keeps it for who comes late: the latest is what
    /// counts. It comes after the event at `after`, which may still be on its way.
    pub fn sample(&self, topic: &Topic, control: &Control, after: Seq) {
        let Ok(text) = serde_json::to_string(control) else { return };
        let frame = Utf8Bytes::from(text);
        let mut state = self.state();
        if state.published < after {
            state.held.insert(topic.clone(), (after, frame));
        } else {
            state.held.remove(topic);
            state.sample(topic, frame);
        }
    }

    /// Keeps what was sampled of a topic no longer: its end is in the log.
    pub fn forget_sample(&self, topic: &Topic) {
        let mut state = self.state();
        state.held.remove(topic);
        state.samples.remove(topic);
    }

    /// Tells a part of the subscribers how far they are, and gives up on those that are silent.
    fn tick(&self) {
        let now = self.shared.tick.fetch_add(1, Ordering::Relaxed) + 1;
        self.shared.presence.expire(std::time::Instant::now());
        let mut state = self.state();
        state.expire(clock::now());
        for (key, subscriber) in &state.all {
            if key as u64 % TICKS == now % TICKS {
                if now.saturating_sub(subscriber.last_heard()) > SILENT {
                    subscriber.end(Ending::Silent);
                } else {
                    subscriber.beat(state.published);
                }
            }
        }
    }

    /// Ends all connections, because the server stops.
    pub fn shut_down(&self) {
        for (_, subscriber) in &self.state().all {
            subscriber.end(Ending::Shutdown);
        }
    }

    /// How many subscribers there are.
    pub fn subscribers(&self) -> usize {
        self.state().all.len()
    }

    /// Begins a subscription. All events after the returned position will be handed over, and none before. The caller that
    /// comes back has the rights in force at that position: they decide what of the past may be replayed, and a right that is
    /// granted later must not.
    pub fn subscribe(&self, caller: Caller, interest: &Interest) -> (Registration, Position) {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        let known = state.rights.now(&caller);
        let is_known = known.is_some();
        let at_position = known.unwrap_or_else(|| caller.clone());
        let subscriber = Arc::new(Subscriber::new(id, at_position.clone(), self.now(), interest));
        if !is_known {
            subscriber.end(Ending::LoggedOut);
        }
        let key = state.all.insert(Arc::clone(&subscriber));
        *state.of_person.entry(caller.user().clone()).or_default() += 1;
        let expires = state.expires(key, &caller);
        let mut registration = Registration {
            hub: self.clone(),
            subscriber,
            key,
            everything: None,
            topics: HashMap::new(),
            expires,
        };
        state.give_samples(&registration.subscriber, |topic| interest.includes(topic));
        match interest {
            Interest::Everything | Interest::Personal => {
                registration.everything = Some(state.everything.insert(Arc::clone(&registration.subscriber)));
            }
            Interest::Topics(topics) => {
                for topic in topics {
                    registration.join(&mut state, topic);
                }
            }
        }
        let position = Position {
            cursor: state.cursor(),
            caller: at_position,
        };
        drop(state);
        (registration, position)
    }

    /// How many subscribers a person has.
    pub fn subscribers_of(&self, user: &UserId) -> usize {
        self.state().of_person.get(user).copied().unwrap_or(0)
    }

    /// Events in memory after `after` up to and with `upto`, at most `limit`; `None` where memory does not go back so far.
    pub fn recent(&self, after: Seq, upto: Seq, limit: usize) -> Option<Vec<Arc<Published>>> {
        let state = self.state();
        let first = state.ring.front()?.seq;
        if after.next() < first {
            return None;
        }
        let begin = usize::try_from(after.get() + 1 - first.get()).ok()?;
        Some(
            state
                .ring
                .iter()
                .skip(begin)
                .take_while(|event| event.seq <= upto)
                .take(limit)
                .cloned()
                .collect(),
        )
    }
}

impl Registration {
    /// What waits for the subscriber.
    pub fn subscriber(&self) -> &Subscriber {
        &self.subscriber
    }

    fn join(&mut self, state: &mut State, topic: &Topic) {
        if self.topics.contains_key(topic) {
            return;
        }
        let key = state.topics.entry(topic.clone()).or_default().insert(Arc::clone(&self.subscriber));
        self.topics.insert(topic.clone(), key);
    }

    fn leave(&mut self, state: &mut State, topic: &Topic) {
        if let Some(key) = self.topics.remove(topic)
            && let Some(listeners) = state.topics.get_mut(topic)
        {
            listeners.remove(key);
            if listeners.is_empty() {
                state.topics.remove(topic);
            }
        }
    }

    /// How many topics it would have named with these.
    pub fn with(&self, topics: &[Topic]) -> usize {
        self.topics.len() + topics.iter().filter(|topic| !self.topics.contains_key(*topic)).count()
    }

    /// To what it listens now.
    pub fn interest(&self) -> Interest {
        match self.everything {
            Some(_) => Interest::Everything,
            None => Interest::Topics(self.topics.keys().cloned().collect()),
        }
    }

    /// Listens to these topics too. Events of them after the returned position will be handed over.
    pub fn add(&mut self, topics: &[Topic]) -> Cursor {
        let hub = self.hub.clone();
        let mut state = hub.state();
        // Who hears everything hears `logs` only when it asks for it, and all else already.
        for topic in topics {
            if self.everything.is_none() || *topic == Topic::Logs {
                self.join(&mut state, topic);
            }
        }
        state.give_samples(&self.subscriber, |topic| topics.contains(topic));
        state.cursor()
    }

    /// Listens to these topics no longer.
    pub fn remove(&mut self, topics: &[Topic]) {
        let hub = self.hub.clone();
        let mut state = hub.state();
        for topic in topics {
            self.leave(&mut state, topic);
        }
    }

    /// Has events handed over again after some did not fit: all after the returned position.
    pub fn rejoin(&self) -> Position {
        let state = self.hub.state();
        self.subscriber.rejoin();
        Position {
            cursor: state.cursor(),
            caller: self.subscriber.caller(),
        }
    }

    /// Puts new credentials of the same person in the place of those with which it began.
    pub fn renew(&mut self, caller: &Caller) {
        let hub = self.hub.clone();
        let mut state = hub.state();
        match state.rights.now(caller) {
            Some(caller) => self.subscriber.set_caller(caller),
            None => self.subscriber.end(Ending::LoggedOut),
        }
        if let Some(before) = self.expires.take() {
            state.expiring.remove(&before);
        }
        self.expires = state.expires(self.key, caller);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let hub = self.hub.clone();
        let mut state = hub.state();
        state.all.remove(self.key);
        if let Some(expires) = self.expires {
            state.expiring.remove(&expires);
        }
        let user = self.subscriber.caller().user().clone();
        if let Some(count) = state.of_person.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                state.of_person.remove(&user);
            }
        }
        hub.shared.presence.leave(self.subscriber.id, |_| false);
        if let Some(key) = self.everything.take() {
            state.everything.remove(key);
        }
        let topics: Vec<Topic> = self.topics.keys().cloned().collect();
        for topic in topics {
            self.leave(&mut state, &topic);
        }
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
