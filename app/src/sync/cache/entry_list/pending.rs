//! What this tab has asked for, shown in a list before the server has made it.
//!
//! Each write remembers what it changed, so that it can be lifted off the truth and laid over it again.

use super::EntryList;
use super::order::Key;
use crate::protocol::entry::EntryRow;
use crate::protocol::{EntryId, MutationId, Version};
use crate::sync::cache::{Anticipated, Applied, Change};
use std::sync::Arc;

/// A write, and how to take it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pending {
    write: Anticipated,
    /// The row as it was before and where it stood, if it was loaded.
    before: Option<(Key, Arc<EntryRow>)>,
    /// By how much the write changes the total.
    difference: i64,
}

impl Pending {
    pub(super) fn concerns(&self, id: &EntryId) -> bool {
        self.write.id == *id
    }

    pub(super) fn is_of(&self, mutation: Option<&MutationId>) -> bool {
        Some(&self.write.mutation) == mutation
    }

    pub(super) fn difference(&self) -> i64 {
        self.difference
    }
}

impl EntryList {
    /// Lays a write over what is shown.
    pub(super) fn lay(&mut self, write: &Anticipated) -> Applied {
        let before = self.row(&write.id).cloned();
        let after = match (&write.change, &before) {
            (Change::Create(_), Some(_)) => return Applied::Ignored, // It is there already, or the id is taken.
            (Change::Create(_), None) if self.is_search() => return Applied::Ignored,
            (Change::Update(_) | Change::Delete, None) => return Applied::Ignored,
            (Change::Create(draft), None) => Some(EntryRow {
                kb_name: self.kb.clone(),
                entry_id: write.id.clone(),
                title: draft.title.clone(),
                entry_type: draft.entry_type.clone().unwrap_or_else(|| "note".to_owned()),
                tags: draft.tags.clone(),
                version: Version::new(0),
                created_at: write.at,
                updated_at: write.at,
                updated_by: write.by.clone(),
                snippet: None,
                anchor: None,
            }),
            (Change::Update(patch), Some(row)) => {
                let mut row = EntryRow::clone(row);
                row.title = patch.title.clone().unwrap_or(row.title);
                row.entry_type = patch.entry_type.clone().unwrap_or(row.entry_type);
                row.tags = patch.tags.clone().unwrap_or(row.tags);
                (row.updated_at, row.updated_by) = (write.at, write.by.clone());
                Some(row)
            }
            (Change::Delete, Some(_)) => None,
        };
        let after = after.filter(|row| self.matches(&row.entry_type, &row.tags));
        let difference = i64::from(after.is_some()) - i64::from(before.is_some());
        let before = self.rows.take(&write.id);
        match (after, &before) {
            // What a search found stays where it was found.
            (Some(row), Some((key, _))) if self.is_search() => self.rows.put_at(key.clone(), Arc::new(row)),
            (Some(row), _) if self.holds(&self.rows.key_of(&row)) => self.rows.put(Arc::new(row)),
            _ => {}
        }
        self.pending.push(Pending {
            write: write.clone(),
            before,
            difference,
        });
        Applied::Patched
    }

    /// Takes these writes off what is shown, and with them all others of the same entries, last first.
    pub(super) fn lift(&mut self, which: impl Fn(&Pending) -> bool) -> Vec<Anticipated> {
        let ids: Vec<EntryId> = self
            .pending
            .iter()
            .filter(|pending| which(pending))
            .map(|pending| pending.write.id.clone())
            .collect();
        let (lifted, kept) = std::mem::take(&mut self.pending)
            .into_iter()
            .partition(|pending| ids.contains(&pending.write.id));
        self.pending = kept;
        let mut lifted: Vec<Pending> = lifted;
        for pending in lifted.iter_mut().rev() {
            self.rows.take(&pending.write.id);
            if let Some((key, row)) = pending.before.take() {
                self.rows.put_at(key, row);
            }
        }
        lifted.into_iter().map(|pending| pending.write).collect()
    }

    /// Lays writes over what is shown that were lifted off it.
    pub(super) fn lay_back(&mut self, lifted: Vec<Anticipated>) {
        for write in lifted {
            self.lay(&write);
        }
    }
}
