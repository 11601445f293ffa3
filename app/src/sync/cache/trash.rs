//! The trash of a knowledge base: the part of it that was loaded, kept live.

use super::{Applied, Live, Pieces};
use crate::protocol::entry::{TrashItem, TrashPage};
use crate::protocol::{Envelope, Event, KbName, Snapshot, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Where an item stands: last deleted first.
type Key = Reverse<(Timestamp, i64)>;

fn key(item: &TrashItem) -> Key {
    Reverse((item.deleted_at, item.trash_id))
}

/// The deleted entries of a knowledge base, last deleted first, as far as they were loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trash {
    /// Whose.
    pub kb: KbName,
    /// What is in it.
    pub items: Vec<TrashItem>,
    /// Where the part that is not loaded begins: give it as `after`. None when all is loaded.
    pub next: Option<String>,
    /// Where the loaded part ends, whether or not an item stands there; none when all is loaded.
    until: Option<Key>,
}

impl Trash {
    /// The trash that begins with this page.
    pub fn begin(kb: KbName, page: Snapshot<TrashPage>) -> Snapshot<Self> {
        let Snapshot { cursor, data: page } = page;
        let mut trash = Self {
            kb,
            items: page.items,
            next: page.next,
            until: None,
        };
        trash.close();
        Snapshot { cursor, data: trash }
    }

    /// Says that the loaded part ends with the last item.
    fn close(&mut self) {
        self.until = self.next.as_ref().and_then(|_| self.items.last().map(key));
    }

    fn add(&mut self, item: TrashItem) -> Applied {
        let place = key(&item);
        if self.until.as_ref().is_some_and(|until| place > *until) {
            return Applied::Ignored; // It stands in the part that is not loaded.
        }
        let at = self.items.partition_point(|other| key(other) < place);
        if self.items.get(at).is_some_and(|other| key(other) == place) {
            return Applied::Ignored;
        }
        self.items.insert(at, item);
        Applied::Patched
    }

    fn remove(&mut self, trash_id: i64) -> Applied {
        let before = self.items.len();
        self.items.retain(|item| item.trash_id != trash_id);
        if self.items.len() < before {
            Applied::Patched
        } else {
            Applied::Ignored
        }
    }
}

impl Pieces for Trash {
    type Page = TrashPage;
    type Place = String;

    fn next(&self) -> Option<&String> {
        self.next.as_ref()
    }

    fn put(&mut self, page: TrashPage) {
        self.items.extend(page.items);
        self.next = page.next;
        self.close();
    }
}

impl Live for Trash {
    fn apply(&mut self, event: &Envelope) -> Applied {
        if event.kb_name.as_ref() != Some(&self.kb) {
            return Applied::Ignored;
        }
        match (&event.event, &event.entry_id) {
            (Event::KbCreated(_) | Event::KbDeleted {}, _) => Applied::Stale,
            (Event::EntryDeleted(removal), Some(id)) => self.add(TrashItem {
                trash_id: removal.trash_id,
                kb_name: self.kb.clone(),
                entry_id: id.clone(),
                title: removal.title.clone(),
                entry_type: removal.entry_type.clone(),
                deleted_at: event.timestamp,
                deleted_by: event.actor.clone(),
            }),
            (Event::EntryCreated(change), _) => change.trash_id.map_or(Applied::Ignored, |trash_id| self.remove(trash_id)),
            (Event::EntryPurged { trash_id }, _) => self.remove(*trash_id),
            _ => Applied::Ignored,
        }
    }

    /// All that there are, where all are loaded.
    fn extent(&self) -> usize {
        self.next.as_ref().map_or(usize::MAX, |_| self.items.len())
    }
}
