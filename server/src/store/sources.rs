//! Where entries came from: which page of the web, or which file that was sent, is which entry.

use super::entries::{version_from, version_into};
use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::{EntryId, KbName, Version};
use sqlx::SqliteConnection;
use std::collections::HashMap;

/// A source whose entry is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The number of its entry.
    pub uid: i64,
    /// The id of its entry by now.
    pub entry_id: EntryId,
    /// The version of the entry that was written last for this source.
    pub written: Version,
    /// The version that it has by now: another where people changed it since.
    pub version: Version,
    /// What the source said last, where that is another text than the version that was written has.
    pub text: Option<String>,
    /// By which its server tells its versions apart.
    pub etag: Option<String>,
    /// When its server says that it changed, as it says it.
    pub last_modified: Option<String>,
    /// The digest of its content then.
    pub digest: String,
    /// Where a page leads.
    pub leads_to: Vec<String>,
}

#[derive(sqlx::FromRow)]
struct Row {
    uid: i64,
    entry_id: String,
    written: i64,
    version: i64,
    text: Option<String>,
    etag: Option<String>,
    last_modified: Option<String>,
    digest: String,
    leads_to: String,
}

/// What is known of a source.
pub async fn find(connection: &mut SqliteConnection, kb: &KbName, source: &str) -> Result<Option<Known>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT p.uid, e.entry_id, p.version AS written, e.version, p.text, p.etag, p.last_modified, p.digest, p.leads_to
         FROM sources p JOIN entries e ON e.uid = p.uid AND e.deleted_at IS NULL WHERE p.kb_name = ? AND p.source = ?",
    )
    .bind(kb.as_str())
    .bind(source)
    .fetch_optional(connection)
    .await?;
    let known = |row: Row| {
        Ok(Known {
            uid: row.uid,
            entry_id: EntryId::parse(&row.entry_id)?,
            written: version_from(row.written),
            version: version_from(row.version),
            text: row.text,
            etag: row.etag,
            last_modified: row.last_modified,
            digest: row.digest,
            leads_to: serde_json::from_str(&row.leads_to)?,
        })
    };
    row.map(known).transpose()
}

/// What is to be remembered of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<'s> {
    /// Its name: an address in the form in which two of the same page are equal, or the digest of a file.
    pub source: &'s str,
    /// The number of its entry.
    pub uid: i64,
    /// The version of the entry that was written for it.
    pub written: Version,
    /// What the source says, where that version has another text.
    pub text: Option<&'s str>,
    /// By which its server tells its versions apart.
    pub etag: Option<&'s str>,
    /// When its server says that it changed, as it says it.
    pub last_modified: Option<&'s str>,
    /// The digest of its content.
    pub digest: &'s str,
    /// Where a page leads.
    pub leads_to: &'s [String],
}

/// Remembers which source is which entry.
pub async fn put(tx: &mut WriteTx, kb: &KbName, seen: Seen<'_>) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO sources (kb_name, source, uid, version, text, etag, last_modified, digest, leads_to) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (kb_name, source) DO UPDATE SET uid = excluded.uid, version = excluded.version, text = excluded.text, etag = excluded.etag,
             last_modified = excluded.last_modified, digest = excluded.digest, leads_to = excluded.leads_to",
    )
    .bind(kb.as_str())
    .bind(seen.source)
    .bind(seen.uid)
    .bind(version_into(seen.written))
    .bind(seen.text)
    .bind(seen.etag)
    .bind(seen.last_modified)
    .bind(seen.digest)
    .bind(serde_json::to_string(seen.leads_to)?)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Remembers that the entry of a source was written again for it, where nobody else had written it since.
pub async fn rewritten(tx: &mut WriteTx, uid: i64, before: Version, after: Version) -> Result<(), Error> {
    sqlx::query("UPDATE sources SET version = ? WHERE uid = ? AND version = ?")
        .bind(version_into(after))
        .bind(uid)
        .bind(version_into(before))
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// The entries of all sources of a knowledge base.
pub async fn all(tx: &mut ReadTx, kb: &KbName) -> Result<HashMap<String, EntryId>, Error> {
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT p.source, e.entry_id FROM sources p JOIN entries e ON e.uid = p.uid AND e.deleted_at IS NULL WHERE p.kb_name = ?",
    )
    .bind(kb.as_str())
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(|(source, id)| Ok((source, EntryId::parse(&id)?))).collect()
}
