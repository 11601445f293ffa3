//! Removes the rows of what was deleted for good, in pieces of a bounded size: each is a transaction of its own, between which
//! others write.

use super::WriteTx;
use crate::error::Error;

/// Most rows of a table, and most bytes of texts, that one piece removes.
const ROWS: i64 = 2_000;
const BYTES: i64 = 4 * 1024 * 1024;
/// Most entries of a piece.
const ENTRIES: i64 = 50;

/// Removes a piece of what is to go. False when nothing is left.
pub async fn sweep(tx: &mut WriteTx) -> Result<bool, Error> {
    if sweep_versions(tx).await? || sweep_entries(tx).await? {
        return Ok(true);
    }
    sweep_kbs(tx).await
}

/// Old versions first, one entry at a time: an entry may have thousands.
async fn sweep_versions(tx: &mut WriteTx) -> Result<bool, Error> {
    // A version whose text is that of the one before it has none of its own.
    let removed = sqlx::query(
        "DELETE FROM entry_versions WHERE (uid, version) IN (
             SELECT uid, version FROM (
                 SELECT uid, version, coalesce(sum(octet_length(body)) OVER (ORDER BY uid, version ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
                 FROM (SELECT uid, version, body FROM entry_versions
                       WHERE uid IN (SELECT uid FROM entry_rows WHERE gone OR kb_name IN (SELECT name FROM kb_rows WHERE gone))
                       ORDER BY uid, version LIMIT ?))
             WHERE before < ?)",
    )
    .bind(ROWS)
    .bind(BYTES)
    .execute(tx.connection())
    .await?;
    Ok(removed.rows_affected() > 0)
}

async fn sweep_entries(tx: &mut WriteTx) -> Result<bool, Error> {
    let uids: Vec<i64> = sqlx::query_scalar(
        "SELECT uid FROM (
             SELECT uid, coalesce(sum(octet_length(body)) OVER (ORDER BY uid ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
             FROM (SELECT uid, body FROM entry_rows WHERE gone OR kb_name IN (SELECT name FROM kb_rows WHERE gone) LIMIT ?))
         WHERE before < ?",
    )
    .bind(ENTRIES)
    .bind(BYTES)
    .fetch_all(tx.connection())
    .await?;
    if uids.is_empty() {
        return Ok(false);
    }
    let uids = serde_json::to_string(&uids)?;
    for statement in [
        // The index must be told what it holds: those that were in the trash are not in it.
        "INSERT INTO entries_fts (entries_fts, rowid, title, aliases, tags, body)
         SELECT 'delete', uid, title, aliases, tags, body FROM entry_rows WHERE uid IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL",
        "DELETE FROM passages_fts WHERE rowid IN
             (SELECT p.uid * 4096 + p.number FROM passages p WHERE p.uid IN (SELECT value FROM json_each(?)))",
        "DELETE FROM notifications WHERE kb_name IS NOT NULL AND uid IN (SELECT value FROM json_each(?))",
        "DELETE FROM watches WHERE uid IN (SELECT value FROM json_each(?))",
        "DELETE FROM entry_rows WHERE uid IN (SELECT value FROM json_each(?))",
    ] {
        sqlx::query(statement).bind(&uids).execute(tx.connection()).await?;
    }
    Ok(true)
}

/// What else belongs to a knowledge base, a table after the other, and in the end itself.
async fn sweep_kbs(tx: &mut WriteTx) -> Result<bool, Error> {
    let name: Option<String> = sqlx::query_scalar("SELECT name FROM kb_rows WHERE gone LIMIT 1")
        .fetch_optional(tx.connection())
        .await?;
    let Some(name) = name else { return Ok(false) };
    for statement in [
        "DELETE FROM job_items WHERE rowid IN
             (SELECT i.rowid FROM job_items i JOIN job_rows j ON j.job_no = i.job_no WHERE j.kb_name = ? LIMIT ?)",
        "DELETE FROM job_rows WHERE job_no IN (SELECT job_no FROM job_rows WHERE kb_name = ? LIMIT ?)",
        "DELETE FROM sources WHERE rowid IN (SELECT rowid FROM sources WHERE kb_name = ? LIMIT ?)",
        "DELETE FROM sync_files WHERE rowid IN (SELECT rowid FROM sync_files WHERE kb_name = ? LIMIT ?)",
        "DELETE FROM notifications WHERE notification_id IN (SELECT notification_id FROM notifications WHERE kb_name = ? LIMIT ?)",
        "DELETE FROM watches WHERE rowid IN (SELECT rowid FROM watches WHERE kb_name = ? LIMIT ?)",
        "DELETE FROM rights WHERE rowid IN (SELECT rowid FROM rights WHERE kb_name = ? LIMIT ?)",
        "DELETE FROM kb_rows WHERE name = ? AND ? > 0",
    ] {
        let removed = sqlx::query(statement).bind(&name).bind(ROWS).execute(tx.connection()).await?;
        if removed.rows_affected() > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}
