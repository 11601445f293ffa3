//! Step 7 of a change: how the browser keeps what it shows equal to what the server has.
//!
//! `socket` (gloo-net) carries frames, `session` (a pure state machine) decides when to connect and what to believe,
//! `client` carries that out, `recent` remembers the last events and `kept` the last reads, `cache` (pure) applies events to what was read, `live`
//! makes a read of a page one that stays equal to the server, `outbox` sends what this tab writes and recognises its
//! echo, `merge` (pure) brings two people's texts together, `presence` says who else is here, `listen` brings the server's log. Pages use [`Sync`],
//! [`live`] and what grows: [`entries`], [`trash`], [`history`], [`inbox`], [`jobs`].

pub mod cache;
mod client;
mod clock;
mod kept;
mod listen;
mod live;
pub mod merge;
mod outbox;
mod presence;
mod recent;
pub mod session;
mod socket;

pub use cache::{Applied, EntryList, InboxList, JobList, Live, Trash};
pub use listen::LogNews;
pub use live::{LiveRead, active_jobs, entries, history, inbox, jobs, live, trash};
pub use outbox::WriteState;
pub use session::Link;

use crate::protocol::{Cursor, Envelope, MutationId, Snapshot};
use client::{CaughtUp, Client, Notice, Signals};
use futures_channel::oneshot;
use leptos::ev::{offline, online, pageshow, visibilitychange};
use leptos::prelude::*;
use presence::Presences;
use session::Input;
use std::rc::Rc;
use std::sync::Arc;

/// The live connection of this tab, and the way for its writes. On the server it is there, and does nothing.
#[derive(Debug, Clone, Copy)]
pub struct Sync {
    link: RwSignal<Link>,
    newer_build: RwSignal<bool>,
    pending: RwSignal<usize>,
    present: RwSignal<Presences>,
    /// None on the server.
    client: Option<StoredValue<Rc<Client>, LocalStorage>>,
    started: StoredValue<bool>,
}

impl Sync {
    /// Makes it and puts it into the context: once, in the root component. In a browser it connects as soon as the page
    /// is there, from the smallest cursor of what it shows. `build` identifies the build that rendered the page.
    pub fn provide(build: impl Into<String>) -> Self {
        let signals = Signals {
            link: RwSignal::new(Link::Connecting),
            newer_build: RwSignal::new(false),
            pending: RwSignal::new(0),
            present: RwSignal::new(Presences::new()),
        };
        let in_browser = cfg!(feature = "hydrate") && is_browser();
        let sync = Self {
            link: signals.link,
            newer_build: signals.newer_build,
            pending: signals.pending,
            present: signals.present,
            client: in_browser.then(|| StoredValue::new_local(Client::new(build.into(), signals))),
            started: StoredValue::new(false),
        };
        provide_context(sync);
        if in_browser {
            // Effects run when the page is there, and what it shows has said where it was read.
            Effect::new(move || sync.start());
        }
        sync
    }

    /// The one that the root component provided.
    pub fn expect() -> Self {
        expect_context()
    }

    /// How the connection is.
    pub fn link(self) -> ReadSignal<Link> {
        self.link.read_only()
    }

    /// Whether the server has a newer build of the pages than this tab.
    pub fn newer_build(self) -> ReadSignal<bool> {
        self.newer_build.read_only()
    }

    /// How many writes of this tab the server has not yet answered.
    pub fn pending(self) -> Signal<usize> {
        self.pending.into()
    }

    /// Whether a write of this tab is under way.
    fn is_writing(self) -> bool {
        self.pending.try_get_untracked().is_some_and(|pending| pending > 0)
    }

    /// Connects at once instead of at the end of the wait.
    pub fn retry_now(self) {
        self.take(Input::RetryNow);
    }

    /// Calls `f` with each event, this tab's own too, until the current owner is disposed. Never on the server.
    pub fn on_event(self, f: impl Fn(&Envelope) + 'static) {
        let remove = self.listen(move |notice| {
            if let Notice::Events(events) = notice {
                events.iter().for_each(|event| f(event));
            }
        });
        if let Some(remove) = remove {
            on_cleanup(remove);
        }
    }

    /// Calls `f` whenever events were missed, or what one may hear has changed, until the current owner is disposed. Never on
    /// the server.
    pub fn on_resync(self, f: impl Fn() + 'static) {
        let remove = self.listen(move |notice| {
            if let Notice::Resync = notice {
                f();
            }
        });
        if let Some(remove) = remove {
            on_cleanup(remove);
        }
    }

    /// Whether a write of this tab has this id.
    pub fn is_own(self, mutation: &MutationId) -> bool {
        self.with_client(|client| client.is_own(mutation)).unwrap_or(false)
    }

    fn start(self) {
        if self.started.try_update_value(|started| std::mem::replace(started, true)) != Some(false) {
            return;
        }
        let listeners = [
            window_event_listener(online, move |_| self.take(Input::Online)),
            window_event_listener(offline, move |_| self.take(Input::Offline)),
            window_event_listener(pageshow, move |_| self.take(Input::Visible)),
            // Both are sent to the document, and bubble.
            window_event_listener(visibilitychange, move |_| self.look()),
            window_event_listener_untyped("resume", move |_| self.look()),
        ];
        on_cleanup(move || listeners.into_iter().for_each(WindowListenerHandle::remove));
        self.with_client(Client::start);
    }

    /// The page was shown, hidden or woken.
    fn look(self) {
        if !clock::is_hidden() {
            self.take(Input::Visible);
        }
    }

    fn take(self, input: Input) {
        self.with_client(|client| client.take(input));
    }

    fn is_in_browser(self) -> bool {
        self.client.is_some()
    }

    fn with_client<U>(self, f: impl FnOnce(&Rc<Client>) -> U) -> Option<U> {
        // Taken out first, so that whatever `f` sets in motion may come back here.
        let client = self.client?.try_get_value()?;
        Some(f(&client))
    }

    /// Calls `f` with all that comes, until what is returned is called. None on the server.
    fn listen(self, f: impl Fn(&Notice<'_>) + 'static) -> Option<impl FnOnce() + Send + std::marker::Sync> {
        let id = self.with_client(|client| client.listen(f))?;
        Some(move || {
            self.with_client(|client| client.remove(id));
        })
    }

    /// Says that the page came with data of this place in the log. False where the session has begun already.
    fn shows(self, cursor: &Cursor) -> bool {
        let is_early = self.started.try_get_value() == Some(false);
        if is_early {
            self.with_client(|client| client.shows(cursor));
        }
        is_early
    }

    fn resyncs(self) -> u64 {
        self.with_client(|client| client.resyncs()).unwrap_or(0)
    }

    fn catch_up<T: Live>(self, snapshot: &mut Snapshot<T>) -> CaughtUp {
        self.with_client(|client| client.catch_up(snapshot)).unwrap_or(CaughtUp::Whole)
    }

    /// Keeps what was read for the way back.
    fn keep<T: Live>(self, source: &str, snapshot: &Snapshot<T>) {
        self.with_client(|client| client.keep(source, snapshot));
    }

    /// What was read last of this, as events have changed it since.
    fn kept<T: Live>(self, source: &str) -> Option<(Snapshot<T>, CaughtUp)> {
        self.with_client(|client| client.kept(source))?
    }

    fn since(self, cursor: &Cursor) -> Option<Vec<Arc<Envelope>>> {
        self.with_client(|client| client.since(cursor))?
    }

    fn next_connection(self) -> oneshot::Receiver<()> {
        self.with_client(|client| client.next_connection())
            .unwrap_or_else(|| oneshot::channel().1)
    }

    async fn pause(self, millis: f64) {
        if self.is_in_browser() {
            clock::pause(millis).await;
        }
    }
}
