//! The trash of a knowledge base, kept live.

use super::{Applied, Live};
use crate::protocol::entry::TrashItem;
use crate::protocol::{Envelope, Event, KbName};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Items that the server lists at most.
const ITEMS: usize = 1_000;

/// The deleted entries of a knowledge base, last deleted first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trash {
    /// Whose.
    pub kb: KbName,
    /// What is in it.
    pub items: Vec<TrashItem>,
}

impl Trash {
    fn add(&mut self, item: TrashItem) -> Applied {
        let key = |item: &TrashItem| Reverse((item.deleted_at, item.trash_id));
        let at = self.items.partition_point(|other| key(other) < key(&item));
        self.items.insert(at, item);
        self.items.truncate(ITEMS);
        Applied::Patched
    }

    fn remove(&mut self, trash_id: i64) -> Applied {
        let before = self.items.len();
        self.items.retain(|item| item.trash_id != trash_id);
        match before {
            ITEMS => Applied::Stale, // An item that found no place has one now.
            _ if self.items.len() < before => Applied::Patched,
            _ => Applied::Ignored,
        }
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
}
