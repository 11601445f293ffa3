//! Step 5, the receiving end: what waits for one subscriber.
//!
//! It holds references to shared events, and a bounded number of them. One that falls behind keeps nothing: it is
//! marked as lagging, and reads the log when it can send again.

use crate::domain::Caller;
use crate::store::LogRecord;
use app::protocol::{Seq, Topic};
use axum::extract::ws::Utf8Bytes;
use futures_util::task::AtomicWaker;
use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::task::{Context, Poll};

/// Most events that wait for one subscriber, and their bytes.
const QUEUE: usize = 1024;
const QUEUE_BYTES: usize = 4 * 1024 * 1024;
/// Most ephemeral messages that wait for one subscriber.
const PASSING: usize = 64;
/// Room for so many is kept while nothing waits.
const KEPT: usize = 8;

/// A committed event, encoded, shared by all who receive it.
#[derive(Debug)]
pub struct Published {
    /// Its place in the log.
    pub seq: Seq,
    /// To whom it goes.
    pub topic: Topic,
    /// What they get.
    pub frame: Utf8Bytes,
}

impl From<LogRecord> for Published {
    fn from(record: LogRecord) -> Self {
        Self {
            seq: record.seq,
            topic: record.topic,
            frame: Utf8Bytes::from(record.frame),
        }
    }
}

/// What is sent besides events, now and then.
#[derive(Debug, Default)]
pub struct Rare {
    /// Must be read anew: of these topics, or of all where there are none.
    pub resync: Vec<Vec<Topic>>,
    /// Ephemeral messages. Those that find no room are left out.
    pub passing: VecDeque<(Topic, Utf8Bytes)>,
    /// Sampled messages: the latest of each topic, if it is newer than all events of it.
    pub sampled: Vec<(Topic, Utf8Bytes)>,
}

/// To what a subscriber listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interest {
    /// Everything that its caller may see, but `logs`.
    Everything,
    /// The same but what happens in knowledge bases.
    Personal,
    /// These topics.
    Topics(HashSet<Topic>),
}

impl Interest {
    /// Whether it includes a topic.
    pub fn includes(&self, topic: &Topic) -> bool {
        match self {
            Interest::Everything => *topic != Topic::Logs,
            Interest::Personal => !matches!(topic, Topic::Logs | Topic::Kb(_)),
            Interest::Topics(topics) => topics.contains(topic),
        }
    }
}

/// What a subscriber is woken for.
#[derive(Debug, Default)]
pub struct Due {
    /// Events, in order.
    pub events: VecDeque<Arc<Published>>,
    /// Their bytes.
    bytes: usize,
    /// Events did not fit; all from the last one received on must be read from the log.
    pub lagging: bool,
    /// All up to here has been handed over.
    pub heartbeat: Option<Seq>,
    /// The connection must end, for this reason.
    pub ending: Option<Ending>,
    /// What else there is; most connections have nothing of it most of the time.
    pub rare: Option<Box<Rare>>,
}

impl Due {
    /// Whether nothing is due.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && !self.lagging && self.heartbeat.is_none() && self.ending.is_none() && self.rare.is_none()
    }
}

/// Why a connection ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The server stops.
    Shutdown,
    /// The log was replaced by a backup.
    Replaced,
    /// Nothing was heard from the client for too long.
    Silent,
    /// Whoever it is is no longer known.
    LoggedOut,
    /// Its credentials have expired.
    Expired,
}

/// What waits for one subscriber. The hub fills it, the connection empties it.
#[derive(Debug)]
pub struct Subscriber {
    /// Tells it from all others.
    pub id: u64,
    /// Whether it hears nothing of what happens in knowledge bases.
    is_personal: bool,
    /// For whom, with the rights that they have by now.
    caller: RwLock<Caller>,
    /// Whoever it is for is no longer known.
    expelled: AtomicBool,
    due: Mutex<Due>,
    waker: AtomicWaker,
    /// When the client was last heard, in the hub's ticks.
    heard: AtomicU64,
}

impl Subscriber {
    pub(super) fn new(id: u64, caller: Caller, tick: u64, interest: &Interest) -> Self {
        Self {
            id,
            is_personal: *interest == Interest::Personal,
            caller: RwLock::new(caller),
            expelled: AtomicBool::new(false),
            due: Mutex::default(),
            waker: AtomicWaker::new(),
            heard: AtomicU64::new(tick),
        }
    }

    fn due(&self) -> MutexGuard<'_, Due> {
        // Nothing panics while it is held; and if, what waits is still what waits.
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// For whom it is, with the rights that they have by now.
    pub fn caller(&self) -> Caller {
        self.caller.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_caller(&self, caller: Caller) {
        *self.caller.write().unwrap_or_else(PoisonError::into_inner) = caller;
    }

    /// Whether it may hear a topic by now, where it wants to.
    pub fn may_hear(&self, topic: &Topic) -> bool {
        if self.is_personal && matches!(topic, Topic::Kb(_)) {
            return false;
        }
        self.caller.read().unwrap_or_else(PoisonError::into_inner).may_hear(topic)
    }

    /// Whether whoever it is for is no longer known: nothing more is to be sent.
    pub fn is_expelled(&self) -> bool {
        self.expelled.load(Ordering::Relaxed)
    }

    /// Says that all of these topics must be read anew.
    pub(super) fn resync(&self, topics: Vec<Topic>) {
        self.due().rare.get_or_insert_default().resync.push(topics);
        self.waker.wake();
    }

    /// Hands over an ephemeral message, where there is room.
    pub(super) fn pass(&self, topic: &Topic, frame: &Utf8Bytes) {
        {
            let mut due = self.due();
            let rare = due.rare.get_or_insert_default();
            if rare.passing.len() >= PASSING {
                return;
            }
            rare.passing.push_back((topic.clone(), frame.clone()));
        }
        self.waker.wake();
    }

    /// Hands over a sampled message in the place of the one before, which counts no longer.
    pub(super) fn sample(&self, topic: &Topic, frame: &Utf8Bytes) {
        {
            let mut due = self.due();
            let sampled = &mut due.rare.get_or_insert_default().sampled;
            match sampled.iter_mut().find(|(of, _)| of == topic) {
                Some((_, latest)) => *latest = frame.clone(),
                None => sampled.push((topic.clone(), frame.clone())),
            }
        }
        self.waker.wake();
    }

    /// Hands over events of one topic, of so many bytes. Constant work for each, whatever the client does.
    pub(super) fn push(&self, events: &[Arc<Published>], bytes: usize) {
        {
            let mut due = self.due();
            // What was sampled before an event would be sent after it.
            if let (Some(rare), Some(first)) = (&mut due.rare, events.first()) {
                rare.sampled.retain(|(topic, _)| *topic != first.topic);
            }
            if due.lagging {
                return;
            }
            if due.events.len() + events.len() > QUEUE || due.bytes + bytes > QUEUE_BYTES {
                due.events = VecDeque::new();
                due.bytes = 0;
                due.lagging = true;
            } else {
                due.bytes += bytes;
                due.events.extend(events.iter().cloned());
            }
        }
        self.waker.wake();
    }

    pub(super) fn beat(&self, head: Seq) {
        self.due().heartbeat = Some(head);
        self.waker.wake();
    }

    pub(super) fn end(&self, ending: Ending) {
        if matches!(ending, Ending::LoggedOut | Ending::Expired) {
            self.expelled.store(true, Ordering::Relaxed);
        }
        self.due().ending.get_or_insert(ending);
        self.waker.wake();
    }

    /// Forgets that events did not fit: from now on they are handed over again. Called by the hub, which knows where it is.
    pub(super) fn rejoin(&self) {
        let mut due = self.due();
        due.events.clear();
        due.bytes = 0;
        due.lagging = false;
        due.heartbeat = None;
    }

    /// Says that the client was heard at this tick.
    pub fn heard(&self, tick: u64) {
        self.heard.store(tick, Ordering::Relaxed);
    }

    pub(super) fn last_heard(&self) -> u64 {
        self.heard.load(Ordering::Relaxed)
    }

    /// Waits until something is due, and moves it into `taken`, whose buffer is used again.
    pub fn poll_due(&self, context: &Context<'_>, taken: &mut Due) -> Poll<()> {
        self.waker.register(context.waker());
        let mut due = self.due();
        if due.is_empty() {
            return Poll::Pending;
        }
        debug_assert!(taken.events.is_empty(), "what was taken is sent before more is taken");
        std::mem::swap(&mut *due, taken);
        // After a burst its room goes back, so that an idle connection holds next to nothing.
        if due.events.capacity() > KEPT {
            due.events = VecDeque::new();
        }
        due.bytes = 0;
        due.lagging = taken.lagging;
        due.heartbeat = None;
        due.ending = None;
        due.rare = None;
        Poll::Ready(())
    }
}
