//! The list of a knowledge base: the part of it that was loaded, kept live.

use super::{Applied, Live};
use crate::protocol::entry::{EntryFilter, EntryPage, EntryRow};
use crate::protocol::{EntryId, Envelope, KbName, Snapshot};
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// A list of entries, from its beginning as far as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryList {
    kb: KbName,
    filter: EntryFilter,
    rows: Vec<EntryRow>,
    #[serde(skip)]
    shared: Vec<Arc<EntryRow>>,
    total: u64,
    next: Option<String>,
}

impl EntryList {
    /// The list that begins with this page.
    pub fn begin(kb: KbName, filter: EntryFilter, page: Snapshot<EntryPage>) -> Snapshot<Self> {
        let data = Self {
            kb,
            filter,
            shared: page.data.items.iter().cloned().map(Arc::new).collect(),
            rows: page.data.items,
            total: page.data.total,
            next: page.data.next,
        };
        Snapshot { cursor: page.cursor, data }
    }

    /// The knowledge base that it is of.
    pub fn kb(&self) -> &KbName {
        &self.kb
    }

    /// Which entries it holds, in what order.
    pub fn filter(&self) -> &EntryFilter {
        &self.filter
    }

    /// How many entries the whole list has, loaded or not.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// How many entries are loaded.
    pub fn len(&self) -> usize {
        self.shared.len()
    }

    /// Whether none is loaded.
    pub fn is_empty(&self) -> bool {
        self.shared.is_empty()
    }

    /// Whether all are loaded.
    pub fn is_complete(&self) -> bool {
        self.next.is_none()
    }

    /// The loaded row at this place.
    pub fn get(&self, index: usize) -> Option<&Arc<EntryRow>> {
        self.shared.get(index)
    }

    /// The loaded row of this entry.
    pub fn row(&self, id: &EntryId) -> Option<&Arc<EntryRow>> {
        self.shared.iter().find(|row| row.entry_id == *id)
    }

    /// Where this entry stands among the loaded rows.
    pub fn position(&self, id: &EntryId) -> Option<usize> {
        self.shared.iter().position(|row| row.entry_id == *id)
    }

    /// The loaded rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Arc<EntryRow>> {
        self.shared.iter()
    }

    /// The ids of the loaded rows at these places; places that are not loaded are left out.
    pub fn ids(&self, places: Range<usize>) -> impl Iterator<Item = &EntryId> {
        self.shared.iter().skip(places.start).take(places.len()).map(|row| &row.entry_id)
    }

    /// Whether the server has not yet confirmed this row.
    pub fn is_pending(&self, id: &EntryId) -> bool {
        let _ = id;
        false
    }
}

impl Live for EntryList {
    fn apply(&mut self, _: &Envelope) -> Applied {
        Applied::Stale
    }
}
