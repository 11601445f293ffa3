//! Step 5 of a change: takes committed events in the order of the log, finds who listens, and hands them over.
//!
//! Commits reach it through a channel, so that a commit never waits for subscribers. It publishes contiguous places of
//! the log only: where one is missing, another process has written it, and the hub reads it from the log.

use super::subscriber::{Ending, Interest, Published, Subscriber};
use crate::domain::Caller;
use crate::error::Error;
use crate::store::{Committed, LogRecord, Store, log};
use app::protocol::{Cursor, Epoch, Seq, Topic, limits};
use axum::extract::ws::Utf8Bytes;
use slab::Slab;
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Events that are kept in memory for those who come back soon.
const RING: usize = 4096;
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
}

#[derive(Debug)]
struct State {
    epoch: Epoch,
    /// All up to here has been handed over.
    published: Seq,
    /// The last events, oldest first.
    ring: VecDeque<Arc<Published>>,
    /// Who listens to everything.
    everything: Slab<Arc<Subscriber>>,
    /// Who listens to certain topics.
    topics: HashMap<Topic, Slab<Arc<Subscriber>>>,
    /// Everybody, for heartbeats.
    all: Slab<Arc<Subscriber>>,
}

/// A subscriber's places in the hub. Dropping it ends the subscription.
#[derive(Debug)]
pub struct Registration {
    hub: Hub,
    subscriber: Arc<Subscriber>,
    key: usize,
    everything: Option<usize>,
    topics: HashMap<Topic, usize>,
}

impl Hub {
    /// A hub that begins at the end of the log.
    pub async fn start(store: &Store) -> Result<Self, Error> {
        let Cursor { epoch, seq } = store.read().await?.cursor();
        let state = State {
            epoch,
            published: seq,
            ring: VecDeque::new(),
            everything: Slab::new(),
            topics: HashMap::new(),
            all: Slab::new(),
        };
        Ok(Self {
            shared: Arc::new(Shared {
                state: Mutex::new(state),
                tick: AtomicU64::new(0),
                changed: Notify::new(),
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
                self.replaced(epoch, head);
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
        let events: Vec<Arc<Published>> = records
            .into_iter()
            .filter(|record| record.seq > published)
            .map(|record| {
                Arc::new(Published {
                    seq: record.seq,
                    topic: record.topic,
                    frame: Utf8Bytes::from(record.frame),
                })
            })
            .collect();
        let Some(last) = events.last() else { return };
        state.published = last.seq;
        for run in events.chunk_by(|a, b| a.topic == b.topic) {
            let topic = &run[0].topic;
            if *topic != Topic::Logs {
                for (_, subscriber) in &state.everything {
                    if subscriber.caller.may_hear(topic) {
                        subscriber.push(run);
                    }
                }
            }
            for (_, subscriber) in state.topics.get(topic).into_iter().flatten() {
                subscriber.push(run);
            }
        }
        metrics::counter!("tidings_events_published_total").increment(events.len() as u64);
        state.ring.extend(events);
        let surplus = state.ring.len().saturating_sub(RING);
        state.ring.drain(..surplus);
    }

    /// The log was replaced by a backup: everybody must read anew.
    fn replaced(&self, epoch: Epoch, head: Seq) {
        let mut state = self.state();
        tracing::info!(%epoch, "the database was restored from a backup; all clients read anew");
        state.epoch = epoch;
        state.published = head;
        state.ring.clear();
        for (_, subscriber) in &state.all {
            subscriber.end(Ending::Replaced);
        }
    }

    /// The present tick, for [`Subscriber::heard`].
    pub fn now(&self) -> u64 {
        self.shared.tick.load(Ordering::Relaxed)
    }

    /// Tells a part of the subscribers how far they are, and gives up on those that are silent.
    fn tick(&self) {
        let now = self.shared.tick.fetch_add(1, Ordering::Relaxed) + 1;
        let state = self.state();
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

    /// Begins a subscription. All events after the returned position will be handed over, and none before.
    pub fn subscribe(&self, caller: Caller, interest: &Interest) -> (Registration, Cursor) {
        let subscriber = Arc::new(Subscriber::new(caller, self.now()));
        let mut state = self.state();
        let key = state.all.insert(Arc::clone(&subscriber));
        let mut registration = Registration {
            hub: self.clone(),
            subscriber,
            key,
            everything: None,
            topics: HashMap::new(),
        };
        match interest {
            Interest::Everything => registration.everything = Some(state.everything.insert(Arc::clone(&registration.subscriber))),
            Interest::Topics(topics) => {
                for topic in topics {
                    registration.join(&mut state, topic);
                }
            }
        }
        let cursor = Cursor {
            epoch: state.epoch.clone(),
            seq: state.published,
        };
        drop(state);
        (registration, cursor)
    }

    /// Events in memory after `after` up to and with `upto`, or `None` where memory does not go back so far.
    pub fn recent(&self, after: Seq, upto: Seq) -> Option<Vec<Arc<Published>>> {
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
        Cursor {
            epoch: state.epoch.clone(),
            seq: state.published,
        }
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
    pub fn rejoin(&self) -> Cursor {
        let state = self.hub.state();
        self.subscriber.rejoin();
        Cursor {
            epoch: state.epoch.clone(),
            seq: state.published,
        }
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        let hub = self.hub.clone();
        let mut state = hub.state();
        state.all.remove(self.key);
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
