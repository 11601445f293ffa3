//! The history of an entry, and how a version differs from the one before it.

use super::list::check_limit;
use super::prepared::aside;
use crate::domain::Caller;
use crate::error::Error;
use crate::store::{Store, entries, versions};
use app::protocol::entry::{DiffKind, DiffLine, History, VersionDiff};
use app::protocol::{EntryId, KbName, Snapshot, Version};
use similar::{ChangeTag, DiffTag, TextDiff};
use std::time::Duration;

/// Equal lines shown around a change.
const CONTEXT: usize = 3;
/// After this long a comparison becomes coarse rather than slow.
const DEADLINE: Duration = Duration::from_millis(500);

/// A piece of the versions of an entry, newest first: those before `after`.
pub async fn history(
    store: &Store,
    caller: &Caller,
    kb: &KbName,
    id: &EntryId,
    limit: usize,
    after: Option<Version>,
) -> Result<Snapshot<History>, Error> {
    caller.must_read(kb)?;
    check_limit(limit)?;
    let mut tx = store.read().await?;
    let stored = entries::get(tx.connection(), kb, id).await?;
    let (versions, next) = versions::page(&mut tx, stored.uid, limit, after).await?;
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: History {
            entry: stored.entry,
            versions,
            next,
        },
    })
}

/// A version compared with the one before it.
pub async fn diff(store: &Store, caller: &Caller, kb: &KbName, id: &EntryId, version: Version) -> Result<VersionDiff, Error> {
    caller.must_read(kb)?;
    let mut tx = store.read().await?;
    let stored = entries::get(tx.connection(), kb, id).await?;
    let missing = || Error::VersionNotFound { id: id.clone(), version };
    let new = versions::get(tx.connection(), stored.uid, version).await?.ok_or_else(missing)?;
    let old = match version.get().checked_sub(1) {
        Some(before) => versions::get(tx.connection(), stored.uid, Version::new(before)).await?,
        None => None,
    };
    drop(tx);
    let base = old.as_ref().map(|old| old.version);
    let fields = old.as_ref().map(|old| changed_fields(old, &new)).unwrap_or_default();
    let before = old.map(|old| old.body).unwrap_or_default();
    let lines = aside(before.len() + new.body.len(), move || lines(&before, &new.body)).await?;
    Ok(VersionDiff {
        version,
        base,
        fields,
        lines,
    })
}

fn changed_fields(old: &versions::Past, new: &versions::Past) -> Vec<(String, String, String)> {
    let metadata = |past: &versions::Past| serde_json::to_string(&past.metadata).unwrap_or_default();
    [
        ("title", old.title.clone(), new.title.clone()),
        ("type", old.entry_type.clone(), new.entry_type.clone()),
        ("tags", old.tags.join(", "), new.tags.join(", ")),
        ("aliases", old.aliases.join(", "), new.aliases.join(", ")),
        ("metadata", metadata(old), metadata(new)),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(name, before, after)| (name.to_owned(), before, after))
    .collect()
}

/// Lines of a comparison, at the most; of more, the rest is counted.
const LINES: usize = 10_000;

/// The lines that changed, and a few around them; the others are counted.
fn lines(before: &str, after: &str) -> Vec<DiffLine> {
    let diff = TextDiff::configure().timeout(DEADLINE).diff_lines(before, after);
    let mut out = Folded::default();
    let last = diff.ops().len().saturating_sub(1);
    for (at, op) in diff.ops().iter().enumerate() {
        let changes = diff.iter_changes(op);
        if op.tag() != DiffTag::Equal {
            changes.for_each(|change| out.push(change.tag(), change.value()));
            continue;
        }
        // Around a change before it, and around one behind it.
        let count = op.old_range().len();
        let head = if at == 0 { 0 } else { CONTEXT.min(count) };
        let tail = if at == last { 0 } else { CONTEXT.min(count - head) };
        let mut equal = changes;
        equal.by_ref().take(head).for_each(|change| out.push(change.tag(), change.value()));
        let skipped = count - head - tail;
        out.skip(skipped);
        equal.skip(skipped).for_each(|change| out.push(change.tag(), change.value()));
    }
    out.lines
}

/// Lines as they are shown.
#[derive(Default)]
struct Folded {
    lines: Vec<DiffLine>,
}

impl Folded {
    fn push(&mut self, tag: ChangeTag, text: &str) {
        if self.lines.len() >= LINES {
            self.skip(1);
            return;
        }
        self.lines.push(DiffLine {
            kind: match tag {
                ChangeTag::Equal => DiffKind::Same,
                ChangeTag::Insert => DiffKind::Added,
                ChangeTag::Delete => DiffKind::Removed,
            },
            text: text.trim_end_matches(['\r', '\n']).to_owned(),
            skipped: 0,
        });
    }

    fn skip(&mut self, count: usize) {
        if count == 0 {
            return;
        }
        match self.lines.last_mut() {
            Some(last) if last.skipped > 0 => last.skipped += count as u64,
            _ => self.lines.push(DiffLine {
                kind: DiffKind::Same,
                text: String::new(),
                skipped: count as u64,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_lines_far_from_a_change_are_folded() {
        let before: String = (0..20).map(|n| format!("{n}\n")).collect();
        let after = before.replace("10\n", "ten\n");
        let shown: Vec<(DiffKind, u64)> = lines(&before, &after).iter().map(|line| (line.kind, line.skipped)).collect();
        assert_eq!(shown.len(), 1 + 3 + 2 + 3 + 1);
        assert_eq!(shown[0], (DiffKind::Same, 7));
        assert_eq!(shown[4], (DiffKind::Removed, 0));
        assert_eq!(shown[5], (DiffKind::Added, 0));
        assert_eq!(shown[9], (DiffKind::Same, 6));
    }

    #[test]
    fn of_very_many_changes_the_first_are_shown_and_the_rest_is_counted() {
        let before: String = (0..LINES * 2).map(|n| format!("{n}\n")).collect();
        let shown = lines(&before, "");
        assert_eq!((shown.len(), shown[LINES].skipped), (LINES + 1, LINES as u64));
    }

    #[test]
    fn texts_that_are_equal_fold_to_one_line() {
        assert_eq!(lines("a\nb\n", "a\nb\n").len(), 1);
        assert!(lines("", "").is_empty());
    }
}
