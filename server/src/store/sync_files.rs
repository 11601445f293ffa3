//! Which file of a synced folder brought which entry.

use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::KbName;
use std::collections::HashMap;

/// A file that was synced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedFile {
    /// The number of its entry.
    pub uid: i64,
    /// The digest of its content then.
    pub digest: String,
    /// Whether its entry is in the trash by now.
    pub trashed: bool,
}

/// All files that were synced into a knowledge base, by their path below the folder.
pub async fn all(tx: &mut ReadTx, kb: &KbName) -> Result<HashMap<String, SyncedFile>, Error> {
    let rows: Vec<(String, i64, String, bool)> = sqlx::query_as(
        "SELECT f.path, f.uid, f.digest, e.deleted_at IS NOT NULL FROM sync_files f JOIN entries e ON e.uid = f.uid WHERE f.kb_name = ?",
    )
    .bind(kb.as_str())
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|(path, uid, digest, trashed)| (path, SyncedFile { uid, digest, trashed })).collect())
}

/// Remembers that this file brought this entry.
pub async fn put(tx: &mut WriteTx, kb: &KbName, path: &str, uid: i64, digest: &str) -> Result<(), Error> {
    sqlx::query("INSERT INTO sync_files (kb_name, path, uid, digest) VALUES (?, ?, ?, ?) ON CONFLICT (kb_name, path) DO UPDATE SET uid = excluded.uid, digest = excluded.digest")
        .bind(kb.as_str())
        .bind(path)
        .bind(uid)
        .bind(digest)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets a file.
pub async fn remove(tx: &mut WriteTx, kb: &KbName, path: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM sync_files WHERE kb_name = ? AND path = ?").bind(kb.as_str()).bind(path).execute(tx.connection()).await?;
    Ok(())
}
