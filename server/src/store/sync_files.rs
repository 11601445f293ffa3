//! Which file of a synced folder brought which entry.

use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::{EntryId, KbName};
use std::collections::HashMap;

/// A folder that is synced into a knowledge base: only what it brought itself goes when its files go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder {
    /// The knowledge base.
    pub kb: KbName,
    /// Where the folder is, as an absolute path.
    pub path: String,
}

/// A file that was synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedFile {
    /// The digest of its content then.
    pub digest: String,
    /// The number of its entry; none when that was deleted for good.
    pub uid: Option<i64>,
    /// The id of its entry by now; none when that was deleted.
    pub entry_id: Option<EntryId>,
}

/// The files that were synced from this folder, by their path below it.
pub async fn of(tx: &mut ReadTx, folder: &Folder) -> Result<HashMap<String, SyncedFile>, Error> {
    let rows: Vec<(String, String, Option<i64>, Option<String>)> = sqlx::query_as(
        "SELECT f.path, f.digest, f.uid, e.entry_id FROM sync_files f LEFT JOIN entries e ON e.uid = f.uid AND e.deleted_at IS NULL
         WHERE f.kb_name = ? AND f.folder = ?",
    )
    .bind(folder.kb.as_str())
    .bind(&folder.path)
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|(path, digest, uid, id)| {
            let entry_id = id.map(|id| EntryId::parse(&id)).transpose()?;
            Ok((path, SyncedFile { digest, uid, entry_id }))
        })
        .collect()
}

/// The digests with which other folders brought entries into the same knowledge base, by the entry's number.
pub async fn elsewhere(tx: &mut ReadTx, folder: &Folder) -> Result<HashMap<i64, String>, Error> {
    let rows: Vec<(i64, String)> =
        sqlx::query_as("SELECT uid, digest FROM sync_files WHERE kb_name = ? AND folder <> ? AND uid IS NOT NULL")
            .bind(folder.kb.as_str())
            .bind(&folder.path)
            .fetch_all(tx.connection())
            .await?;
    Ok(rows.into_iter().collect())
}

/// Remembers that this file brought this entry.
pub async fn put(tx: &mut WriteTx, folder: &Folder, path: &str, uid: Option<i64>, digest: &str) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO sync_files (kb_name, folder, path, uid, digest) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (kb_name, folder, path) DO UPDATE SET uid = excluded.uid, digest = excluded.digest",
    )
    .bind(folder.kb.as_str())
    .bind(&folder.path)
    .bind(path)
    .bind(uid)
    .bind(digest)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Forgets which files brought this entry, in whatever folder.
pub async fn release(tx: &mut WriteTx, uid: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM sync_files WHERE uid = ?")
        .bind(uid)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets a file.
pub async fn remove(tx: &mut WriteTx, folder: &Folder, path: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM sync_files WHERE kb_name = ? AND folder = ? AND path = ?")
        .bind(folder.kb.as_str())
        .bind(&folder.path)
        .bind(path)
        .execute(tx.connection())
        .await?;
    Ok(())
}
