//! The rows of a list in the order of the server.

use crate::protocol::entry::{EntryRow, Sort};
use crate::protocol::{EntryId, Timestamp};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::HashMap;
use std::sync::Arc;

/// Where a row stands in its list: as the server compares, times downwards, titles in lower case (`str::to_lowercase`,
/// by code point), ids where these are equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Key {
    Latest(Reverse<Timestamp>, EntryId),
    Title(String, EntryId),
    /// By how well a search matches, which only the server knows: the place in which the row came.
    Rank(usize),
}

/// Rows in order, found by id and by place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Written", into = "Written")]
pub(super) struct Rows {
    sort: Sort,
    ordered: Vec<(Key, Arc<EntryRow>)>,
    keys: HashMap<EntryId, Key>,
    next_rank: usize,
}

/// As rows travel in a rendered page.
#[derive(Serialize, Deserialize)]
struct Written {
    sort: Sort,
    rows: Vec<EntryRow>,
}

impl From<Written> for Rows {
    fn from(Written { sort, rows }: Written) -> Self {
        Self::new(sort, rows)
    }
}

impl From<Rows> for Written {
    fn from(rows: Rows) -> Self {
        let sort = rows.sort;
        let rows = rows.into_rows().map(Arc::unwrap_or_clone).collect();
        Self { sort, rows }
    }
}

impl Rows {
    pub(super) fn new(sort: Sort, items: Vec<EntryRow>) -> Self {
        let mut rows = Self {
            sort,
            ordered: Vec::with_capacity(items.len()),
            keys: HashMap::new(),
            next_rank: 0,
        };
        for item in items {
            rows.put(Arc::new(item));
        }
        rows
    }

    /// Where this row stands, or would stand.
    pub(super) fn key_of(&self, row: &EntryRow) -> Key {
        match self.sort {
            Sort::Updated => Key::Latest(Reverse(row.updated_at), row.entry_id.clone()),
            Sort::Created => Key::Latest(Reverse(row.created_at), row.entry_id.clone()),
            Sort::Title => Key::Title(row.title.to_lowercase(), row.entry_id.clone()),
            Sort::Relevance => self.keys.get(&row.entry_id).cloned().unwrap_or(Key::Rank(self.next_rank)),
        }
    }

    pub(super) fn last_key(&self) -> Option<Key> {
        self.ordered.last().map(|(key, _)| key.clone())
    }

    pub(super) fn next_rank(&self) -> usize {
        self.next_rank
    }

    /// Moves the ranks of these rows behind those of the rows that they follow.
    pub(super) fn rank_from(&mut self, first: usize) {
        let rows: Vec<_> = std::mem::take(&mut self.ordered);
        self.keys.clear();
        self.next_rank = first;
        for (_, row) in rows {
            self.put(row);
        }
    }

    /// Puts a row in its place, instead of the one with its id.
    pub(super) fn put(&mut self, row: Arc<EntryRow>) {
        let key = self.key_of(&row);
        self.take(&row.entry_id);
        self.put_at(key, row);
    }

    /// Puts a row back where it stood.
    pub(super) fn put_at(&mut self, key: Key, row: Arc<EntryRow>) {
        if let Key::Rank(rank) = key {
            self.next_rank = self.next_rank.max(rank + 1);
        }
        let at = self.ordered.partition_point(|(other, _)| *other < key);
        self.keys.insert(row.entry_id.clone(), key.clone());
        self.ordered.insert(at, (key, row));
    }

    /// Removes a row; tells it and where it stood.
    pub(super) fn take(&mut self, id: &EntryId) -> Option<(Key, Arc<EntryRow>)> {
        let at = self.position(id)?;
        self.keys.remove(id);
        Some(self.ordered.remove(at))
    }

    /// Shows a row anew where its old self stood, with the passage that a search had found.
    pub(super) fn redraw(&mut self, old: &EntryId, row: EntryRow) {
        let Some((key, before)) = self.take(old) else { return };
        self.take(&row.entry_id);
        let (snippet, anchor) = (before.snippet.clone(), before.anchor.clone());
        self.put_at(key, Arc::new(EntryRow { snippet, anchor, ..row }));
    }

    pub(super) fn position(&self, id: &EntryId) -> Option<usize> {
        let key = self.keys.get(id)?;
        self.ordered.binary_search_by(|(other, _)| other.cmp(key)).ok()
    }

    pub(super) fn row(&self, id: &EntryId) -> Option<&Arc<EntryRow>> {
        self.get(self.position(id)?)
    }

    pub(super) fn get(&self, index: usize) -> Option<&Arc<EntryRow>> {
        self.ordered.get(index).map(|(_, row)| row)
    }

    pub(super) fn len(&self) -> usize {
        self.ordered.len()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<EntryRow>> {
        self.ordered.iter().map(|(_, row)| row)
    }

    pub(super) fn into_rows(self) -> impl Iterator<Item = Arc<EntryRow>> {
        self.ordered.into_iter().map(|(_, row)| row)
    }
}
