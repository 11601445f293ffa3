//! Step 7, the data: applies events to what was read, so that it is what a fresh read would give. Pure.

mod entry_list;
mod trash;

pub use entry_list::EntryList;
pub use trash::Trash;

use crate::protocol::entry::{Entry, EntryDraft, EntryPatch, EntryView, History, Home, KbView};
use crate::protocol::{EntryId, Envelope, KbName};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What an event did to something that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applied {
    /// Nothing: it does not concern it.
    Ignored,
    /// It now is what a fresh read would give.
    Patched,
    /// What a fresh read would give cannot be told from here: read again.
    Stale,
}

/// A change that this tab has asked for and the server has not yet made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Anticipated {
    /// An entry will be there.
    Create {
        /// In this knowledge base.
        kb: KbName,
        /// Under this id, if it is free.
        id: EntryId,
        /// As it was written.
        draft: EntryDraft,
    },
    /// An entry will change.
    Update {
        /// In this knowledge base.
        kb: KbName,
        /// Which.
        id: EntryId,
        /// What of it.
        patch: EntryPatch,
    },
    /// An entry will go.
    Delete {
        /// From this knowledge base.
        kb: KbName,
        /// Which.
        id: EntryId,
    },
}

/// Something read that stays equal to the server.
pub trait Live: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Takes in an event that is newer than all that it contains.
    fn apply(&mut self, event: &Envelope) -> Applied;

    /// Shows a change before the server has made it.
    fn anticipate(&mut self, change: &Anticipated) -> Applied {
        let _ = change;
        Applied::Ignored
    }
}

impl Live for Home {
    fn apply(&mut self, _: &Envelope) -> Applied {
        Applied::Stale
    }
}
impl Live for KbView {
    fn apply(&mut self, _: &Envelope) -> Applied {
        Applied::Stale
    }
}
impl Live for EntryView {
    fn apply(&mut self, _: &Envelope) -> Applied {
        Applied::Stale
    }
}
impl Live for Entry {
    fn apply(&mut self, _: &Envelope) -> Applied {
        Applied::Ignored
    }
}
impl Live for History {
    fn apply(&mut self, _: &Envelope) -> Applied {
        Applied::Stale
    }
}
