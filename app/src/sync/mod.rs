//! Step 7 of a change: how the browser keeps what it shows equal to what the server has.
//!
//! `socket` (gloo-net) carries frames, `session` (a pure state machine) decides when to connect and what to believe,
//! `cache` (pure) applies events to what was read, `outbox` sends what this tab writes and recognises its echo.
//! Pages use [`Sync`], [`live`] and [`entries`] and nothing else.

pub mod cache;
mod live;
pub mod merge;
mod outbox;
pub mod session;

pub use cache::{Applied, EntryList, Live, Trash};
pub use live::{LiveRead, entries, live, trash};
pub use outbox::WriteState;
pub use session::Link;

use crate::protocol::{Envelope, MutationId};
use leptos::prelude::*;

/// The live connection of this tab, and the way for its writes. On the server it is there, and does nothing.
#[derive(Debug, Clone, Copy)]
pub struct Sync {
    link: RwSignal<Link>,
    newer_build: RwSignal<bool>,
    pending: RwSignal<usize>,
}

impl Sync {
    /// Makes it and puts it into the context: once, in the root component. In a browser it then connects.
    /// `build` identifies the build that rendered the page.
    pub fn provide(build: impl Into<String>) -> Self {
        let _: String = build.into();
        let sync = Self {
            link: RwSignal::new(Link::Connecting),
            newer_build: RwSignal::new(false),
            pending: RwSignal::new(0),
        };
        provide_context(sync);
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

    /// Connects at once instead of at the end of the wait.
    pub fn retry_now(self) {}

    /// Calls `f` with each event, this tab's own too, until the current owner is disposed. Never on the server.
    pub fn on_event(self, f: impl Fn(&Envelope) + 'static) {
        let _ = f;
    }

    /// Whether a write of this tab has this id.
    pub fn is_own(self, mutation: &MutationId) -> bool {
        let _ = mutation;
        false
    }
}
