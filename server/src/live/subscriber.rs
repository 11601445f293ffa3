//! Step 5, the receiving end: what waits for one subscriber.
//!
//! It holds references to shared events, and a bounded number of them. One that falls behind keeps nothing: it is
//! marked as lagging, and reads the log when it can send again.

use crate::domain::Caller;
use app::protocol::{Seq, Topic};
use axum::extract::ws::Utf8Bytes;
use futures_util::task::AtomicWaker;
use std::collections::{HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

/// Most events that wait for one subscriber.
const QUEUE: usize = 1024;
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

/// To what a subscriber listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interest {
    /// Everything that its caller may see, but `logs`.
    Everything,
    /// These topics.
    Topics(HashSet<Topic>),
}

impl Interest {
    /// Whether it includes a topic.
    pub fn includes(&self, topic: &Topic) -> bool {
        match self {
            Interest::Everything => *topic != Topic::Logs,
            Interest::Topics(topics) => topics.contains(topic),
        }
    }
}

/// What a subscriber is woken for.
#[derive(Debug, Default)]
pub struct Due {
    /// Events, in order.
    pub events: VecDeque<Arc<Published>>,
    /// Events did not fit; all from the last one received on must be read from the log.
    pub lagging: bool,
    /// All up to here has been handed over.
    pub heartbeat: Option<Seq>,
    /// The connection must end, for this reason.
    pub ending: Option<Ending>,
}

impl Due {
    /// Whether nothing is due.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty() && !self.lagging && self.heartbeat.is_none() && self.ending.is_none()
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
}

/// What waits for one subscriber. The hub fills it, the connection empties it.
#[derive(Debug)]
pub struct Subscriber {
    /// For whom.
    pub caller: Caller,
    due: Mutex<Due>,
    waker: AtomicWaker,
    /// When the client was last heard, in the hub's ticks.
    heard: AtomicU64,
}

impl Subscriber {
    pub(super) fn new(caller: Caller, tick: u64) -> Self {
        Self {
            caller,
            due: Mutex::default(),
            waker: AtomicWaker::new(),
            heard: AtomicU64::new(tick),
        }
    }

    fn due(&self) -> MutexGuard<'_, Due> {
        // Nothing panics while it is held; and if, what waits is still what waits.
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hands over events of one topic. Constant work for each, whatever the client does.
    pub(super) fn push(&self, events: &[Arc<Published>]) {
        {
            let mut due = self.due();
            if due.lagging {
                return;
            }
            if due.events.len() + events.len() > QUEUE {
                due.events = VecDeque::new();
                due.lagging = true;
            } else {
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
        self.due().ending.get_or_insert(ending);
        self.waker.wake();
    }

    /// Forgets that events did not fit: from now on they are handed over again. Called by the hub, which knows where it is.
    pub(super) fn rejoin(&self) {
        let mut due = self.due();
        due.events.clear();
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
        due.lagging = taken.lagging;
        due.heartbeat = None;
        due.ending = None;
        Poll::Ready(())
    }
}
