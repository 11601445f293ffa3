//! Step 7, the data: applies events to what was read, so that it is what a fresh read would give. Pure.
//!
//! `entry_list` is the list of a knowledge base as far as it is loaded, `entry` an open entry, `kb` knowledge bases and
//! their counts, `hits` what a search found, `trash` what was deleted, `inbox` notifications, `jobs` what is at work, `people` who is who and what stands around every page.

mod entry;
mod entry_list;
mod hits;
mod inbox;
mod jobs;
mod kb;
#[cfg(test)]
mod model;
mod people;
#[cfg(test)]
mod tests;
mod trash;

pub use entry_list::EntryList;
pub use inbox::InboxList;
pub use jobs::JobList;
#[cfg(test)]
pub(crate) use jobs::tests::job as a_job;
pub use trash::Trash;

use crate::protocol::entry::{EntryDraft, EntryPatch};
use crate::protocol::job::Job;
use crate::protocol::{Actor, EntryId, Envelope, KbName, MutationId, Snapshot, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What an event did to something that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Applied {
    /// Nothing: it does not concern it.
    Ignored,
    /// It now is what a fresh read would give.
    Patched,
    /// What a fresh read would give cannot be told from here: read again. What could be told is patched.
    Stale,
}

/// A write of this tab that the server has not yet confirmed by its event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anticipated {
    /// By this its event is recognised.
    pub mutation: MutationId,
    /// The knowledge base that it is in.
    pub kb: KbName,
    /// The entry; for one that is made, the id that it gets if that is free.
    pub id: EntryId,
    /// When it was asked for, by this browser's clock.
    pub at: Timestamp,
    /// Who asked.
    pub by: Actor,
    /// What will happen.
    pub change: Change,
}

/// What a write does to an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It will be there.
    Create(EntryDraft),
    /// It will be another.
    Update(EntryPatch),
    /// It will be gone.
    Delete,
}

/// Something read that stays equal to the server.
pub trait Live: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Takes in an event that is newer than all that it contains.
    fn apply(&mut self, event: &Envelope) -> Applied;

    /// Shows a write before the server has made it. Its event replaces what is shown by what is true.
    fn anticipate(&mut self, write: &Anticipated) -> Applied {
        let _ = write;
        Applied::Ignored
    }

    /// Shows a write no longer: it failed, or what is shown contains it for good.
    fn settle(&mut self, mutation: &MutationId) -> Applied {
        let _ = mutation;
        Applied::Ignored
    }

    /// Takes in how far a job is.
    fn progress(&mut self, job: &Job) -> Applied {
        let _ = job;
        Applied::Ignored
    }

    /// How many rows are loaded, where more are loaded on demand; a new read brings as many.
    fn extent(&self) -> usize {
        0
    }
}

/// A list that is loaded in pieces, each of which stands behind the one before it.
pub trait Pieces: Live {
    /// A piece as it is read.
    type Page;
    /// Where a piece begins.
    type Place: PartialEq;

    /// Where the part begins that is not loaded; none when all is.
    fn next(&self) -> Option<&Self::Place>;

    /// Puts a piece behind those that are there.
    fn put(&mut self, page: Self::Page);

    /// Makes the list longer by the page that was read at `place`. `recent` are all events since the page was read that the
    /// list contains. [`Applied::Stale`] where the two do not fit together.
    fn extend<'a>(
        list: &mut Snapshot<Self>,
        place: &Self::Place,
        page: Snapshot<Self::Page>,
        recent: impl IntoIterator<Item = &'a Envelope>,
    ) -> Applied {
        if list.data.next() != Some(place) {
            return Applied::Ignored; // It was read anew in the meantime.
        }
        if page.cursor.epoch != list.cursor.epoch {
            return Applied::Stale;
        }
        let (read_at, contained) = (page.cursor.seq, list.cursor.seq);
        list.data.put(page.data);
        // Where the page is older than the items before it: what the list has heard of since, the page has not.
        for event in recent.into_iter().filter(|event| event.seq > read_at && event.seq <= contained) {
            list.data.apply(event);
        }
        Applied::Patched
    }
}

/// Takes an event into what was read, unless it is contained already.
pub fn apply<T: Live>(snapshot: &mut Snapshot<T>, event: &Envelope) -> Applied {
    if event.seq > snapshot.cursor.seq {
        snapshot.cursor.seq = event.seq;
        snapshot.data.apply(event)
    } else {
        event
            .mutation_id
            .as_ref()
            .map_or(Applied::Ignored, |mutation| snapshot.data.settle(mutation))
    }
}
