//! The list of a knowledge base: the part of it that was loaded, kept live.
//!
//! What is loaded is everything from the beginning of the list up to a place in its order, so an event tells by its
//! sort key whether its row belongs into that part. `order` holds the rows, `pending` what this tab has asked for.

mod order;
mod pending;
#[cfg(test)]
mod tests;

use super::{Anticipated, Applied, Live};
use crate::protocol::entry::{EntryFilter, EntryPage, EntryRow, Sort};
use crate::protocol::event::EntryRemoval;
use crate::protocol::{EntryChange, EntryId, Envelope, Event, KbName, MutationId, Seq, Snapshot};
use order::{Key, Rows};
use pending::Pending;
use serde::{Deserialize, Serialize};
use std::ops::Range;
use std::sync::Arc;

/// A list of entries, from its beginning as far as it was loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryList {
    kb: KbName,
    filter: EntryFilter,
    rows: Rows,
    /// Where the loaded part begins, exclusive; none at the beginning of the list. Only a page on its way into a list has one.
    from: Option<Key>,
    /// Where the loaded part ends, inclusive, whether or not a row stands there; none when all is loaded.
    until: Option<Key>,
    /// How many there are as far as the server has said; what this tab has asked for is not in it.
    total: u64,
    /// The event up to which `total` counts: that of the newest page, which may be newer than the rows.
    counted: Seq,
    next: Option<String>,
    #[serde(skip)]
    pending: Vec<Pending>,
}

impl EntryList {
    /// The list that begins with this page.
    pub fn begin(kb: KbName, filter: EntryFilter, page: Snapshot<EntryPage>) -> Snapshot<Self> {
        let Snapshot { cursor, data: page } = page;
        let rows = Rows::new(filter.sort, page.items);
        let until = page.next.is_some().then(|| rows.last_key()).flatten();
        let (total, counted, next) = (page.total, cursor.seq, page.next);
        let (from, pending) = (None, Vec::new());
        Snapshot {
            cursor,
            data: Self {
                kb,
                filter,
                rows,
                from,
                until,
                total,
                counted,
                next,
                pending,
            },
        }
    }

    /// Makes the list longer by the page that was read with `after`. `recent` are all events since the page was read
    /// that the list contains. [`Applied::Stale`] where the two do not fit together.
    pub fn extend<'a>(
        list: &mut Snapshot<Self>,
        after: &str,
        page: Snapshot<EntryPage>,
        recent: impl IntoIterator<Item = &'a Envelope>,
    ) -> Applied {
        if list.data.next.as_deref() != Some(after) {
            return Applied::Ignored; // The list was read anew in the meantime.
        }
        if page.cursor.epoch != list.cursor.epoch {
            return Applied::Stale;
        }
        let lifted = list.data.lift(|_| true);
        let result = list.data.append(list.cursor.seq, page, recent);
        list.data.lay_back(lifted);
        result
    }

    fn append<'a>(&mut self, contained: Seq, page: Snapshot<EntryPage>, recent: impl IntoIterator<Item = &'a Envelope>) -> Applied {
        let read_at = page.cursor.seq;
        let mut piece = Self::begin(self.kb.clone(), self.filter.clone(), page).data;
        piece.from = self.until.take();
        if self.filter.sort == Sort::Relevance {
            piece.rows.rank_from(self.rows.next_rank());
            piece.until = piece.until.and(piece.rows.last_key());
        }
        (self.until, self.next) = (piece.until.clone(), piece.next.take());
        let mut result = Applied::Patched;
        if read_at > contained {
            // The page is newer: it counts better, unless another one was newer still, and the events between will bring the
            // rows before it up to it.
            if read_at > self.counted {
                (self.total, self.counted) = (piece.total, read_at);
            }
        } else {
            // The page is older: the list has seen events that it has not. They say nothing about the total here.
            piece.counted = Seq::new(u64::MAX);
            for event in recent.into_iter().filter(|event| event.seq > read_at && event.seq <= contained) {
                if piece.apply_truth(event) == Applied::Stale {
                    result = Applied::Stale;
                }
            }
        }
        for row in piece.rows.into_rows() {
            self.rows.put(row);
        }
        result
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
        let asked = self.pending.iter().map(Pending::difference).sum();
        self.total.saturating_add_signed(asked)
    }

    /// Where the part that is not loaded begins: give it as `after`. None when all is loaded.
    pub fn next(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// How many entries are loaded.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether none is loaded.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether all are loaded.
    pub fn is_complete(&self) -> bool {
        self.next.is_none()
    }

    /// The loaded row at this place.
    pub fn get(&self, index: usize) -> Option<&Arc<EntryRow>> {
        self.rows.get(index)
    }

    /// The loaded row of this entry.
    pub fn row(&self, id: &EntryId) -> Option<&Arc<EntryRow>> {
        self.rows.row(id)
    }

    /// Where this entry stands among the loaded rows.
    pub fn position(&self, id: &EntryId) -> Option<usize> {
        self.rows.position(id)
    }

    /// The loaded rows, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &Arc<EntryRow>> {
        self.rows.iter()
    }

    /// The ids of the loaded rows at these places; places that are not loaded are left out.
    pub fn ids(&self, places: Range<usize>) -> impl Iterator<Item = &EntryId> {
        self.rows().skip(places.start).take(places.len()).map(|row| &row.entry_id)
    }

    /// Whether this tab has changed this row and the server has not yet confirmed it.
    pub fn is_pending(&self, id: &EntryId) -> bool {
        self.pending.iter().any(|pending| pending.concerns(id))
    }

    fn is_search(&self) -> bool {
        self.filter.q.as_deref().is_some_and(|q| !q.trim().is_empty())
    }

    fn is_filtered(&self) -> bool {
        self.filter.entry_type.is_some() || self.filter.tag.is_some()
    }

    fn matches(&self, entry_type: &str, tags: &[String]) -> bool {
        self.filter.entry_type.as_deref().is_none_or(|wanted| wanted == entry_type)
            && self.filter.tag.as_ref().is_none_or(|wanted| tags.contains(wanted))
    }

    /// Whether a row with this key stands in the loaded part.
    fn holds(&self, key: &Key) -> bool {
        self.from.as_ref().is_none_or(|from| key > from) && self.until.as_ref().is_none_or(|until| key <= until)
    }

    fn count(&mut self, difference: i64) {
        self.total = self.total.saturating_add_signed(difference);
    }

    fn apply_truth(&mut self, event: &Envelope) -> Applied {
        match (&event.event, &event.entry_id) {
            (Event::EntryCreated(change), Some(id)) => self.written(event, id, change, true),
            (Event::EntryUpdated(change), Some(id)) => self.written(event, id, change, false),
            (Event::EntryDeleted(removal), Some(id)) => self.removed(event.seq, id, removal),
            (Event::KbDeleted {} | Event::KbCreated(_), _) => Applied::Stale,
            _ => Applied::Ignored,
        }
    }

    fn written(&mut self, event: &Envelope, id: &EntryId, change: &EntryChange, is_new: bool) -> Applied {
        let row = row_of(event, id, change, &self.kb);
        if self.is_search() {
            // Only the server knows what a search finds; until it has answered, a row that is there shows what is new.
            self.rows.redraw(change.previous_id.as_ref().unwrap_or(id), row);
            return Applied::Stale;
        }
        let former = change.previous_id.as_ref().unwrap_or(id);
        let was_loaded = self.rows.row(former).is_some();
        if former != id {
            self.rows.take(former);
        }
        let matches = self.matches(&change.entry_type, &change.tags);
        // A page that is newer than the rows before it may have brought this row as it will be.
        let is_newer_here = self.rows.row(id).is_some_and(|known| known.version >= change.version);
        let mut shown = false;
        if !is_newer_here {
            self.rows.take(id);
            shown = matches && self.holds(&self.rows.key_of(&row));
            if shown {
                self.rows.put(Arc::new(row));
            }
        }
        let moved = if was_loaded || shown { Applied::Patched } else { Applied::Ignored };
        // Who wrote an entry last is not said when it comes back from the trash.
        let unsaid = if shown && change.trash_id.is_some() {
            Applied::Stale
        } else {
            Applied::Ignored
        };
        let counted = if event.seq > self.counted {
            self.recount(is_new, was_loaded, matches)
        } else {
            Applied::Ignored
        };
        counted.max(moved).max(unsaid)
    }

    /// Corrects the total for an entry that now `matches`.
    fn recount(&mut self, is_new: bool, was_loaded: bool, matches: bool) -> Applied {
        let matched = if is_new {
            Some(false)
        } else if was_loaded || !self.is_filtered() {
            Some(true)
        } else if self.until.is_none() {
            Some(false)
        } else {
            None // It may have matched, further down.
        };
        let difference = match matched {
            Some(matched) => i64::from(matches) - i64::from(matched),
            None => return Applied::Stale,
        };
        self.count(difference);
        if difference == 0 { Applied::Ignored } else { Applied::Patched }
    }

    fn removed(&mut self, seq: Seq, id: &EntryId, removal: &EntryRemoval) -> Applied {
        let was_loaded = self.rows.take(id).is_some();
        let of_type = self.filter.entry_type.as_ref().is_none_or(|wanted| *wanted == removal.entry_type);
        let matched = if was_loaded {
            Some(true)
        } else if !of_type || self.until.is_none() {
            Some(false)
        } else if self.filter.tag.is_none() && !self.is_search() {
            Some(true)
        } else {
            None
        };
        match matched {
            _ if seq <= self.counted => {}
            Some(true) => self.count(-1),
            Some(false) => {}
            None => return Applied::Stale,
        }
        // The pages of a ranked list are counted by place, and all places behind this one changed.
        if was_loaded && self.is_search() && self.next.is_some() {
            return Applied::Stale;
        }
        if matched == Some(true) {
            Applied::Patched
        } else {
            Applied::Ignored
        }
    }
}

fn row_of(event: &Envelope, id: &EntryId, change: &EntryChange, kb: &KbName) -> EntryRow {
    EntryRow {
        kb_name: kb.clone(),
        entry_id: id.clone(),
        title: change.title.clone(),
        entry_type: change.entry_type.clone(),
        tags: change.tags.clone(),
        version: change.version,
        created_at: change.created_at,
        updated_at: change.updated_at,
        updated_by: event.actor.clone(),
        snippet: None,
        anchor: None,
    }
}

impl Live for EntryList {
    fn apply(&mut self, event: &Envelope) -> Applied {
        if event.kb_name.as_ref() != Some(&self.kb) {
            return Applied::Ignored;
        }
        let previous = match &event.event {
            Event::EntryUpdated(change) => change.previous_id.as_ref(),
            _ => None,
        };
        // What this tab has asked for steps aside, so that the event meets the truth, and is laid over it again.
        let touched = |pending: &Pending| {
            pending.is_of(event.mutation_id.as_ref())
                || [event.entry_id.as_ref(), previous]
                    .into_iter()
                    .flatten()
                    .any(|id| pending.concerns(id))
        };
        let mut lifted = self.lift(touched);
        let settled = lifted.len();
        lifted.retain(|write| Some(&write.mutation) != event.mutation_id.as_ref());
        let settled = if lifted.len() < settled {
            Applied::Patched
        } else {
            Applied::Ignored
        };
        let result = self.apply_truth(event);
        self.lay_back(lifted);
        result.max(settled)
    }

    fn anticipate(&mut self, write: &Anticipated) -> Applied {
        if write.kb != self.kb {
            return Applied::Ignored;
        }
        self.lay(write)
    }

    fn settle(&mut self, mutation: &MutationId) -> Applied {
        if !self.pending.iter().any(|pending| pending.is_of(Some(mutation))) {
            return Applied::Ignored;
        }
        let mut lifted = self.lift(|_| true);
        lifted.retain(|write| write.mutation != *mutation);
        self.lay_back(lifted);
        Applied::Patched
    }

    fn extent(&self) -> usize {
        self.len()
    }
}
