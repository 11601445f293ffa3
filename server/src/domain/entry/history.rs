//! The history of an entry, and how a version differs from the one before it.

use super::list::check_limit;
use crate::domain::Caller;
use crate::error::Error;
use crate::store::{Store, entries, versions};
use app::protocol::entry::{DiffKind, DiffLine, History, VersionDiff};
use app::protocol::{EntryId, KbName, Snapshot, Version};
use similar::{ChangeTag, TextDiff};
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
    let lines = tokio::task::spawn_blocking(move || lines(&before, &new.body))
        .await
        .map_err(|error| Error::Damaged(error.to_string()))?;
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

fn lines(before: &str, after: &str) -> Vec<DiffLine> {
    let diff = TextDiff::configure().timeout(DEADLINE).diff_lines(before, after);
    let all: Vec<DiffLine> = diff
        .iter_all_changes()
        .map(|change| DiffLine {
            kind: match change.tag() {
                ChangeTag::Equal => DiffKind::Same,
                ChangeTag::Insert => DiffKind::Added,
                ChangeTag::Delete => DiffKind::Removed,
            },
            text: change.value().trim_end_matches(['\r', '\n']).to_owned(),
            skipped: 0,
        })
        .collect();
    fold(all)
}

/// Leaves out equal lines that are far from every change.
fn fold(all: Vec<DiffLine>) -> Vec<DiffLine> {
    let changed: Vec<usize> = all
        .iter()
        .enumerate()
        .filter(|(_, line)| line.kind != DiffKind::Same)
        .map(|(at, _)| at)
        .collect();
    let mut out: Vec<DiffLine> = Vec::new();
    for (at, line) in all.into_iter().enumerate() {
        let next = changed.partition_point(|&change| change + CONTEXT < at);
        let near = changed.get(next).is_some_and(|&change| change <= at + CONTEXT);
        match out.last_mut() {
            _ if near => out.push(line),
            Some(last) if last.skipped > 0 => last.skipped += 1,
            _ => out.push(DiffLine {
                kind: DiffKind::Same,
                text: String::new(),
                skipped: 1,
            }),
        }
    }
    out
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
    fn texts_that_are_equal_fold_to_one_line() {
        assert_eq!(lines("a\nb\n", "a\nb\n").len(), 1);
        assert!(lines("", "").is_empty());
    }
}
