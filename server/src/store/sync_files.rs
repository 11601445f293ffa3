//! Which file of a synced folder brought which entry.

use super::batch::Batch;
use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::{EntryId, KbName};
use sqlx::SqliteConnection;
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

/// The digests with which these files of a folder are stored by now; those that are not stored are left out.
pub async fn digests(tx: &mut WriteTx, folder: &Folder, paths: &[&str]) -> Result<HashMap<String, String>, Error> {
    let rows: Vec<(String, String)> =
        sqlx::query_as("SELECT path, digest FROM sync_files WHERE kb_name = ? AND folder = ? AND path IN (SELECT value FROM json_each(?))")
            .bind(folder.kb.as_str())
            .bind(&folder.path)
            .bind(serde_json::to_string(paths)?)
            .fetch_all(tx.connection())
            .await?;
    Ok(rows.into_iter().collect())
}

/// A file to remember, with the digest of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brought {
    /// Its path below the folder.
    pub path: String,
    /// The number of its entry; none where that was deleted for good.
    pub uid: Option<i64>,
    /// The digest of its content.
    pub digest: String,
}

/// Remembers which files brought which entries. From then on they, and no other files, bring these entries.
pub async fn put(tx: &mut WriteTx, folder: &Folder, files: &[Brought]) -> Result<(), Error> {
    let uids: Vec<i64> = files.iter().filter_map(|file| file.uid).collect();
    let rows: Vec<(&str, Option<i64>, &str)> = files
        .iter()
        .map(|file| (file.path.as_str(), file.uid, file.digest.as_str()))
        .collect();
    let mut batch = Batch::default();
    batch
        .add("DELETE FROM sync_files WHERE uid IN (SELECT value FROM json_each(?))")
        .bind(serde_json::to_string(&uids)?);
    batch
        .add(
            "INSERT INTO sync_files (kb_name, folder, path, uid, digest)
             SELECT ?, ?, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?) WHERE TRUE
             ON CONFLICT (kb_name, folder, path) DO UPDATE SET uid = excluded.uid, digest = excluded.digest",
        )
        .bind(folder.kb.as_str())
        .bind(&folder.path)
        .bind(serde_json::to_string(&rows)?);
    batch.run(tx.connection()).await
}

/// Forgets which files brought these entries, in whatever folder.
pub async fn release(tx: &mut WriteTx, uids: &[i64]) -> Result<(), Error> {
    sqlx::query("DELETE FROM sync_files WHERE uid IN (SELECT value FROM json_each(?))")
        .bind(serde_json::to_string(uids)?)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets files of a folder, by their paths below it.
pub async fn forget(tx: &mut WriteTx, folder: &Folder, paths: &[String]) -> Result<(), Error> {
    sqlx::query("DELETE FROM sync_files WHERE kb_name = ? AND folder = ? AND path IN (SELECT value FROM json_each(?))")
        .bind(folder.kb.as_str())
        .bind(&folder.path)
        .bind(serde_json::to_string(paths)?)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The folder from which files were last brought into a knowledge base.
pub async fn folder_of(connection: &mut SqliteConnection, kb: &KbName) -> Result<Option<String>, Error> {
    Ok(
        sqlx::query_scalar("SELECT folder FROM sync_files WHERE kb_name = ? ORDER BY rowid DESC LIMIT 1")
            .bind(kb.as_str())
            .fetch_optional(connection)
            .await?,
    )
}
