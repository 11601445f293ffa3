//! Step 7, the driver: carries out what `session` decides, and tells reads and pages what came. Only in a browser.

use super::cache::{self, Anticipated, Applied, Live};
use super::clock;
use super::kept::Kept;
use super::presence::{Presences, Whereabouts};
use super::recent::Recent;
use super::session::{Effect, Input, Link, Session};
use super::socket::Socket;
use crate::protocol::frame::{ClientFrame, Control, Typist};
use crate::protocol::job::Job;
use crate::protocol::log::LogRecord;
use crate::protocol::{Actor, Cursor, Envelope, MutationId, Snapshot, Topic, UserId};
use crate::ui::browser;
use futures_channel::oneshot;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

/// Writes of this tab whose ids are remembered.
const OWN: usize = 1_000;

/// What reads and pages are told.
pub(super) enum Notice<'a> {
    /// These happened, in this order.
    Events(&'a [Arc<Envelope>]),
    /// Events were missed.
    Resync,
    /// There is a connection again.
    Live,
    /// This tab has asked for a write.
    Anticipated(&'a Anticipated),
    /// A write that was shown has failed.
    Failed(&'a MutationId),
    /// A write was answered, and no event says what came of it.
    Unconfirmed,
    /// Somebody types.
    Typing(&'a Topic, &'a Typist),
    /// A job is so far.
    Job(&'a Job),
    /// The server says something of itself.
    Log(&'a [LogRecord]),
    /// What the server has said of itself is gone.
    LogsCleared,
}

/// How a read stands to what the session has delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CaughtUp {
    /// It contains all of it.
    Whole,
    /// It may be shown, but some of what came since cannot be told from events.
    Stale,
    /// It lacks events that are no longer remembered.
    TooOld,
}

/// Names a listener.
pub(super) type ListenerId = u64;
type Listener = Rc<dyn Fn(&Notice<'_>)>;

/// The signals that pages read; the root owns them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signals {
    pub(super) link: RwSignal<Link>,
    pub(super) newer_build: RwSignal<bool>,
    pub(super) pending: RwSignal<usize>,
    pub(super) present: RwSignal<Presences>,
}

/// The live connection of a tab.
pub(super) struct Client {
    signals: Signals,
    session: RefCell<Session>,
    socket: RefCell<Option<Socket>>,
    timer: Cell<Option<TimeoutHandle>>,
    /// What happened while something else was being handled waits, so that effects keep their order.
    inputs: RefCell<VecDeque<Input>>,
    is_busy: Cell<bool>,
    /// The smallest cursor of what the page showed when it came. None once the session has begun.
    start: RefCell<Option<Cursor>>,
    recent: RefCell<Recent>,
    kept: RefCell<Kept>,
    resyncs: Cell<u64>,
    listeners: RefCell<BTreeMap<ListenerId, Listener>>,
    next_listener: Cell<ListenerId>,
    /// The writes of this tab, last first.
    own: RefCell<(VecDeque<MutationId>, HashSet<MutationId>)>,
    /// Those that are shown already and not yet confirmed.
    anticipated: RefCell<Vec<Anticipated>>,
    /// Wake those who wait for a connection.
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
    /// What this tab has told of itself.
    pub(super) whereabouts: RefCell<Option<Whereabouts>>,
}

impl Client {
    pub(super) fn new(build: String, signals: Signals) -> Rc<Self> {
        let viewer = browser::viewer().and_then(|user| UserId::parse(&user).ok());
        Rc::new(Self {
            signals,
            session: RefCell::new(Session::new(build).of(viewer)),
            socket: RefCell::default(),
            timer: Cell::default(),
            inputs: RefCell::default(),
            is_busy: Cell::default(),
            start: RefCell::default(),
            recent: RefCell::default(),
            kept: RefCell::default(),
            resyncs: Cell::default(),
            listeners: RefCell::default(),
            next_listener: Cell::default(),
            own: RefCell::default(),
            anticipated: RefCell::default(),
            waiting: RefCell::default(),
            whereabouts: RefCell::default(),
        })
    }

    /// Begins, from the smallest cursor of what the page shows.
    pub(super) fn start(self: &Rc<Self>) {
        let cursor = self.start.take();
        self.recent.borrow_mut().begin(cursor.clone());
        self.take(Input::Start(cursor));
    }

    /// Says that the page came with data of this place in the log.
    pub(super) fn shows(&self, cursor: &Cursor) {
        let mut start = self.start.borrow_mut();
        if start.as_ref().is_none_or(|start| cursor.seq < start.seq) {
            *start = Some(cursor.clone());
        }
    }

    /// Takes in what happened.
    pub(super) fn take(self: &Rc<Self>, input: Input) {
        self.inputs.borrow_mut().push_back(input);
        if self.is_busy.replace(true) {
            return;
        }
        loop {
            let Some(input) = self.inputs.borrow_mut().pop_front() else { break };
            let effects = self.session.borrow_mut().handle(input, clock::now_ms(), &mut clock::dice);
            for effect in effects {
                self.perform(effect);
            }
        }
        self.is_busy.set(false);
    }

    fn perform(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::Open { socket, cursor } => {
                let client = Rc::downgrade(self);
                let hear = move |input| {
                    if let Some(client) = client.upgrade() {
                        client.take(input);
                    }
                };
                self.socket.replace(Some(Socket::open(socket, cursor.as_ref(), hear)));
            }
            Effect::Close(_) => drop(self.socket.take()),
            Effect::Send(frame) => self.send(&frame),
            Effect::Tell(control) => self.tell(control),
            Effect::Deliver(events) => self.deliver(&events),
            Effect::Resync(_) => {
                let cursor = self.session.borrow().cursor().cloned();
                self.recent.borrow_mut().begin(cursor);
                self.kept.borrow_mut().forget();
                self.resyncs.set(self.resyncs.get() + 1);
                self.notify(&Notice::Resync);
            }
            Effect::Link(link) => self.changed(link),
            Effect::NewerBuild => drop(self.signals.newer_build.try_set(true)),
            Effect::WakeAt(at) => self.wake_at(at),
        }
    }

    /// Sends a frame; without a socket it is lost.
    pub(super) fn send(&self, frame: &ClientFrame) {
        if let Some(socket) = &*self.socket.borrow() {
            socket.send(frame);
        }
    }

    fn tell(&self, control: Control) {
        match control {
            Control::Presence { topic, data } => {
                let _ = self.signals.present.try_update(|present| present.insert(topic, data.people));
            }
            Control::Typing { topic, data } => self.notify(&Notice::Typing(&topic, &data)),
            Control::JobProgress { data, .. } => self.notify(&Notice::Job(&data)),
            Control::LogRecords { data, .. } => self.notify(&Notice::Log(&data.items)),
            Control::LogsCleared { .. } => self.notify(&Notice::LogsCleared),
            // How long the credentials are good concerns programs, which renew theirs.
            _ => {}
        }
    }

    fn deliver(&self, events: &[Arc<Envelope>]) {
        self.recent.borrow_mut().push(events);
        self.anticipated
            .borrow_mut()
            .retain(|write| events.iter().all(|event| event.mutation_id.as_ref() != Some(&write.mutation)));
        self.notify(&Notice::Events(events));
    }

    fn changed(&self, link: Link) {
        let _ = self.signals.link.try_set(link);
        if link == Link::Live {
            for waiting in self.waiting.take() {
                // Whoever gave up waiting has tried already.
                let _ = waiting.send(());
            }
            self.notify(&Notice::Live);
        } else if self.signals.present.try_with_untracked(|present| !present.is_empty()) == Some(true) {
            // Without a connection nobody knows who is here.
            let _ = self.signals.present.try_set(Presences::new());
        }
    }

    fn wake_at(self: &Rc<Self>, at: f64) {
        let client = Rc::downgrade(self);
        let timer = clock::after(at - clock::now_ms(), move || {
            if let Some(client) = client.upgrade() {
                client.take(Input::Tick);
            }
        });
        if let Some(before) = self.timer.replace(timer) {
            before.clear();
        }
    }

    /// Calls `f` with all that comes, until it is removed.
    pub(super) fn listen(&self, f: impl Fn(&Notice<'_>) + 'static) -> ListenerId {
        let id = self.next_listener.get();
        self.next_listener.set(id + 1);
        self.listeners.borrow_mut().insert(id, Rc::new(f));
        id
    }

    pub(super) fn remove(&self, id: ListenerId) {
        self.listeners.borrow_mut().remove(&id);
    }

    /// Tells all listeners, one after the other; each may add and remove listeners.
    pub(super) fn notify(&self, notice: &Notice<'_>) {
        let ids: Vec<ListenerId> = self.listeners.borrow().keys().copied().collect();
        for id in ids {
            let listener = self.listeners.borrow().get(&id).cloned();
            if let Some(listener) = listener {
                listener(notice);
            }
        }
    }

    /// How often everything had to be read again.
    pub(super) fn resyncs(&self) -> u64 {
        self.resyncs.get()
    }

    /// Keeps what was read for the way back.
    pub(super) fn keep<T: Live>(&self, source: &str, snapshot: &Snapshot<T>) {
        self.kept.borrow_mut().keep(source, snapshot.clone());
    }

    /// What was read last of this, as events have changed it since.
    pub(super) fn kept<T: Live>(&self, source: &str) -> Option<(Snapshot<T>, CaughtUp)> {
        let mut snapshot = self.kept.borrow().get(source)?;
        let caught_up = self.catch_up(&mut snapshot);
        Some((snapshot, caught_up))
    }

    /// Brings a read up to what the session has delivered, and shows in it what this tab has asked for.
    pub(super) fn catch_up<T: Live>(&self, snapshot: &mut Snapshot<T>) -> CaughtUp {
        let read_at = snapshot.cursor.clone();
        let recent = self.recent.borrow();
        let mut result = CaughtUp::Whole;
        // The answer of a restored server is of a log of which the session will hear soon, and resync.
        if recent.is_of_this_log(&read_at) {
            let Some(events) = recent.since(&read_at) else {
                return CaughtUp::TooOld;
            };
            for event in events {
                if cache::apply(snapshot, event) == Applied::Stale {
                    result = CaughtUp::Stale;
                }
            }
        }
        for write in self.anticipated.borrow().iter() {
            snapshot.data.anticipate(write);
        }
        result
    }

    /// The events that the session has delivered since a place in the log, if they are remembered.
    pub(super) fn since(&self, cursor: &Cursor) -> Option<Vec<Arc<Envelope>>> {
        self.recent.borrow().since(cursor).map(|events| events.cloned().collect())
    }

    /// Who the server takes this tab for.
    pub(super) fn actor(&self) -> Actor {
        self.session.borrow().actor().unwrap_or(Actor::System)
    }

    pub(super) fn is_own(&self, mutation: &MutationId) -> bool {
        self.own.borrow().1.contains(mutation)
    }

    fn remember(&self, mutation: &MutationId) {
        let (order, known) = &mut *self.own.borrow_mut();
        order.push_front(mutation.clone());
        known.insert(mutation.clone());
        if let Some(oldest) = order.get(OWN).cloned() {
            order.truncate(OWN);
            known.remove(&oldest);
        }
    }

    /// Remembers a write, and shows it.
    pub(super) fn begin_write(&self, mutation: &MutationId, anticipated: Option<Anticipated>) {
        self.remember(mutation);
        let _ = self.signals.pending.try_update(|pending| *pending += 1);
        if let Some(write) = anticipated {
            self.anticipated.borrow_mut().push(write.clone());
            self.notify(&Notice::Anticipated(&write));
        }
    }

    /// Says that the server has answered a write.
    pub(super) fn end_write(&self) {
        let _ = self.signals.pending.try_update(|pending| *pending = pending.saturating_sub(1));
    }

    /// Shows a write no longer: it failed.
    pub(super) fn take_back(&self, mutation: &MutationId) {
        if self.forget(mutation) {
            self.notify(&Notice::Failed(mutation));
        }
    }

    /// Says that a write was answered long ago. Where its event did not come, it changed nothing, or the events are held up.
    pub(super) fn expect_no_event(&self, mutation: &MutationId) {
        if self.forget(mutation) {
            self.notify(&Notice::Unconfirmed);
        }
    }

    fn forget(&self, mutation: &MutationId) -> bool {
        let mut anticipated = self.anticipated.borrow_mut();
        let before = anticipated.len();
        anticipated.retain(|write| write.mutation != *mutation);
        anticipated.len() < before
    }

    /// Is over when there is a connection (again).
    pub(super) fn next_connection(&self) -> oneshot::Receiver<()> {
        let (wake, woken) = oneshot::channel();
        self.waiting.borrow_mut().push(wake);
        woken
    }
}
