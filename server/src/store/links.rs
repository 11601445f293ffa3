//! Wikilinks between entries, there or wanted.

use super::ReadTx;
use super::batch::Batch;
use super::entries::Stored;
use crate::domain::caller::Readable;
use crate::error::Error;
use app::protocol::entry::{EntryRef, LinkTarget};
use app::protocol::{EntryId, KbName};
use sqlx::SqliteConnection;

/// Writes the links of an entry anew.
pub(super) fn replace(batch: &mut Batch, uid: i64, targets: &[LinkTarget]) -> Result<(), Error> {
    batch.add("DELETE FROM links WHERE uid = ?").bind(uid);
    insert(batch, targets.iter().map(|target| (uid, target)))
}

/// Writes links of entries that have none yet, each with the number of its entry.
pub(super) fn insert<'t>(batch: &mut Batch, links: impl Iterator<Item = (i64, &'t LinkTarget)>) -> Result<(), Error> {
    let rows: Vec<(i64, &KbName, &EntryId)> = links.map(|(uid, target)| (uid, &target.kb_name, &target.entry_id)).collect();
    if !rows.is_empty() {
        batch
            .add("INSERT INTO links (uid, to_kb, to_entry) SELECT DISTINCT value ->> 0, value ->> 1, value ->> 2 FROM json_each(?)")
            .bind(serde_json::to_string(&rows)?);
    }
    Ok(())
}

/// Where the links of an entry lead, at most `limit` of them.
pub async fn of(connection: &mut SqliteConnection, uid: i64, limit: usize) -> Result<Vec<LinkTarget>, Error> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT to_kb, to_entry FROM links WHERE uid = ? LIMIT ?")
        .bind(uid)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?;
    rows.into_iter()
        .map(|(kb, entry)| {
            Ok(LinkTarget {
                kb_name: KbName::parse(&kb)?,
                entry_id: EntryId::parse(&entry)?,
            })
        })
        .collect()
}

/// The entries that link to this one, by its id or another of its names, of those that somebody may read; by title.
pub async fn backlinks(tx: &mut ReadTx, target: &Stored, readable: &Readable) -> Result<Vec<EntryRef>, Error> {
    let names = match readable {
        Readable::All => None,
        Readable::These(names) => Some(serde_json::to_string(names)?),
    };
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "WITH found AS (
             SELECT uid FROM links WHERE to_kb = ? AND to_entry = ?
             UNION SELECT l.uid FROM entry_names n JOIN links l ON l.to_kb = n.kb_name AND l.to_entry = n.name
             WHERE n.uid = ? AND NOT EXISTS (SELECT 1 FROM entries o WHERE o.kb_name = n.kb_name AND o.entry_id = n.name AND o.deleted_at IS NULL))
         SELECT e.kb_name, e.entry_id, e.title FROM found f JOIN entries e ON e.uid = f.uid
         WHERE e.deleted_at IS NULL AND e.uid <> ? AND (? IS NULL OR e.kb_name IN (SELECT value FROM json_each(?)))
         ORDER BY e.title_key, e.kb_name, e.entry_id LIMIT 500",
    )
    .bind(target.entry.kb_name.as_str())
    .bind(target.entry.entry_id.as_str())
    .bind(target.uid)
    .bind(target.uid)
    .bind(&names)
    .bind(&names)
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|(kb, id, title)| {
            Ok(EntryRef {
                kb_name: KbName::parse(&kb)?,
                entry_id: EntryId::parse(&id)?,
                title,
            })
        })
        .collect()
}

/// The entries that link to a target by just this name, and whose links follow it: those of its own knowledge base, and of others
/// where all who read them may read the target. Else its new id would be told to those who may not.
macro_rules! sources {
    () => {
        " FROM links l JOIN entries e ON e.uid = l.uid AND e.deleted_at IS NULL
         WHERE l.to_kb = ? AND l.to_entry = ? AND l.uid > ?
           AND (e.kb_name = l.to_kb OR (
                EXISTS (SELECT 1 FROM kbs k WHERE k.name = l.to_kb AND k.members <> 'none')
                AND NOT EXISTS (SELECT 1 FROM rights r WHERE r.kb_name = l.to_kb AND r.level = 'none')))"
    };
}

/// The numbers of entries whose links to a target follow it, in order, behind the one of number `after`; at most `limit`.
pub async fn sources(connection: &mut SqliteConnection, target: &LinkTarget, after: i64, limit: usize) -> Result<Vec<i64>, Error> {
    Ok(sqlx::query_scalar(concat!("SELECT l.uid", sources!(), " ORDER BY l.uid LIMIT ?"))
        .bind(target.kb_name.as_str())
        .bind(target.entry_id.as_str())
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(connection)
        .await?)
}

/// How many entries have links to a target that follow it.
pub async fn count_sources(connection: &mut SqliteConnection, target: &LinkTarget) -> Result<u64, Error> {
    let count: i64 = sqlx::query_scalar(concat!("SELECT count(*)", sources!()))
        .bind(target.kb_name.as_str())
        .bind(target.entry_id.as_str())
        .bind(0_i64)
        .fetch_one(connection)
        .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}

/// Targets of links in a knowledge base that are not there, with how many entries want each, most wanted first.
pub async fn wanted(tx: &mut ReadTx, kb: &KbName, limit: i64) -> Result<Vec<(EntryId, u64)>, Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT l.to_entry, count(*) AS n FROM links l
         WHERE l.to_kb = ?
           AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.kb_name = l.to_kb AND e.entry_id = l.to_entry AND e.deleted_at IS NULL)
           AND NOT EXISTS (SELECT 1 FROM entry_names n JOIN entries e ON e.uid = n.uid AND e.deleted_at IS NULL WHERE n.kb_name = l.to_kb AND n.name = l.to_entry)
         GROUP BY l.to_entry ORDER BY n DESC, l.to_entry LIMIT ?",
    )
    .bind(kb.as_str())
    .bind(limit)
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|(id, n)| Ok((EntryId::parse(&id)?, u64::try_from(n).unwrap_or(0))))
        .collect()
}
