//! Wikilinks between entries, there or wanted.

use super::batch::Batch;
use super::entries::Stored;
use super::{ReadTx, WriteTx};
use crate::error::Error;
use crate::markdown;
use app::protocol::entry::{Entry, EntryRef, LinkTarget};
use app::protocol::{EntryId, KbName};

/// Writes the links of an entry anew.
pub(super) fn replace(batch: &mut Batch, stored: &Stored) -> Result<(), Error> {
    batch.add("DELETE FROM links WHERE uid = ?").bind(stored.uid);
    insert(batch, stored)
}

/// Writes the links of an entry that has none yet.
pub(super) fn insert(batch: &mut Batch, stored: &Stored) -> Result<(), Error> {
    let targets: Vec<(KbName, EntryId)> = targets(&stored.entry)
        .into_iter()
        .map(|target| (target.kb_name, target.entry_id))
        .collect();
    if !targets.is_empty() {
        batch
            .add("INSERT INTO links (uid, to_kb, to_entry) SELECT DISTINCT ?, value ->> 0, value ->> 1 FROM json_each(?)")
            .bind(stored.uid)
            .bind(serde_json::to_string(&targets)?);
    }
    Ok(())
}

/// Where the links of an entry lead.
pub(super) fn targets(entry: &Entry) -> Vec<LinkTarget> {
    // Most texts of a sync have none, and need not be parsed for that.
    if !entry.body.contains("[[") {
        return vec![];
    }
    let links = markdown::links(&entry.body, &entry.kb_name);
    links.into_iter().map(|link| link.target).collect()
}

/// The entries that link to this one, by its id or another of its names, by title.
pub async fn backlinks(tx: &mut ReadTx, target: &Stored) -> Result<Vec<EntryRef>, Error> {
    let rows: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT DISTINCT e.kb_name, e.entry_id, e.title FROM links l JOIN entries e ON e.uid = l.uid
         WHERE l.to_kb = ? AND e.deleted_at IS NULL AND e.uid <> ?
           AND (l.to_entry = ? OR (
                l.to_entry IN (SELECT name FROM entry_names WHERE uid = ?)
                AND NOT EXISTS (SELECT 1 FROM entries o WHERE o.kb_name = l.to_kb AND o.entry_id = l.to_entry AND o.deleted_at IS NULL)))
         ORDER BY e.title_key, e.kb_name, e.entry_id LIMIT 500",
    )
    .bind(target.entry.kb_name.as_str())
    .bind(target.uid)
    .bind(target.entry.entry_id.as_str())
    .bind(target.uid)
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

/// The numbers of all entries that link to this target by just this name.
pub async fn sources(tx: &mut WriteTx, target: &LinkTarget) -> Result<Vec<i64>, Error> {
    Ok(sqlx::query_scalar("SELECT l.uid FROM links l JOIN entries e ON e.uid = l.uid AND e.deleted_at IS NULL WHERE l.to_kb = ? AND l.to_entry = ? ORDER BY l.uid")
        .bind(target.kb_name.as_str())
        .bind(target.entry_id.as_str())
        .fetch_all(tx.connection())
        .await?)
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
