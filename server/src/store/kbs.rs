//! Knowledge bases.

use super::batch::Batch;
use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::entry::{Facet, KbSummary};
use app::protocol::people::Level;
use app::protocol::{KbName, Timestamp};
use sqlx::SqliteConnection;

#[derive(sqlx::FromRow)]
struct KbRow {
    name: String,
    title: String,
    description: String,
    entries: i64,
    created_at: i64,
    updated_at: i64,
    members: String,
}

impl TryFrom<KbRow> for KbSummary {
    type Error = Error;
    fn try_from(row: KbRow) -> Result<Self, Error> {
        Ok(Self {
            name: KbName::parse(&row.name)?,
            title: row.title,
            description: row.description,
            entries: u64::try_from(row.entries).unwrap_or(0),
            created_at: Timestamp::from_millis(row.created_at),
            updated_at: Timestamp::from_millis(row.updated_at),
            members: super::access::level(&row.members)?,
            // Whoever asks is not known here.
            level: Level::None,
        })
    }
}

/// All knowledge bases, by title.
pub async fn all(tx: &mut ReadTx) -> Result<Vec<KbSummary>, Error> {
    let rows: Vec<KbRow> = sqlx::query_as(
        "SELECT name, title, description, entries, created_at, members,
                max(updated_at, coalesce((SELECT max(e.updated_at) FROM entries e WHERE e.kb_name = kbs.name AND e.deleted_at IS NULL), 0)) AS updated_at
         FROM kbs ORDER BY title COLLATE NOCASE, name",
    )
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(KbSummary::try_from).collect()
}

/// One knowledge base, or `KbNotFound`.
pub async fn get(connection: &mut SqliteConnection, name: &KbName) -> Result<KbSummary, Error> {
    let row: Option<KbRow> = sqlx::query_as(
        "SELECT name, title, description, entries, created_at, members,
                max(updated_at, coalesce((SELECT max(e.updated_at) FROM entries e WHERE e.kb_name = kbs.name AND e.deleted_at IS NULL), 0)) AS updated_at
         FROM kbs WHERE name = ?",
    )
    .bind(name.as_str())
    .fetch_optional(connection)
    .await?;
    row.map_or_else(|| Err(Error::KbNotFound(name.clone())), KbSummary::try_from)
}

/// Whether there is such a knowledge base.
pub async fn exists(connection: &mut SqliteConnection, name: &KbName) -> Result<bool, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) > 0 FROM kbs WHERE name = ?")
        .bind(name.as_str())
        .fetch_one(connection)
        .await?)
}

/// How many there are.
pub async fn how_many(connection: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM kbs").fetch_one(connection).await?)
}

/// `KbNotFound` where there is none.
pub async fn expect(connection: &mut SqliteConnection, name: &KbName) -> Result<(), Error> {
    if exists(connection, name).await? {
        Ok(())
    } else {
        Err(Error::KbNotFound(name.clone()))
    }
}

/// When a knowledge base was made; none where there is none.
pub async fn made(connection: &mut SqliteConnection, name: &KbName) -> Result<Option<Timestamp>, Error> {
    let made: Option<i64> = sqlx::query_scalar("SELECT created_at FROM kbs WHERE name = ?")
        .bind(name.as_str())
        .fetch_optional(connection)
        .await?;
    Ok(made.map(Timestamp::from_millis))
}

/// Adds a knowledge base.
pub async fn insert(tx: &mut WriteTx, name: &KbName, title: &str, description: &str, members: Level) -> Result<(), Error> {
    let now = tx.now().millis();
    let seq = super::log::seq_into(tx.next_seq());
    sqlx::query(
        "INSERT INTO kb_rows (name, title, description, entries, created_at, updated_at, members, since_seq) VALUES (?, ?, ?, 0, ?, ?, ?, ?)",
    )
    .bind(name.as_str())
    .bind(title)
    .bind(description)
    .bind(now)
    .bind(now)
    .bind(members.as_str())
    .bind(seq)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Changes what a knowledge base is called, and what it says of itself.
pub async fn update(tx: &mut WriteTx, name: &KbName, title: &str, description: &str) -> Result<(), Error> {
    let now = tx.now().millis();
    sqlx::query("UPDATE kb_rows SET title = ?, description = ?, updated_at = ? WHERE name = ?")
        .bind(title)
        .bind(description)
        .bind(now)
        .bind(name.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Deletes a knowledge base with all that is in it: from now on nobody sees it, and `sweep` removes its rows.
pub async fn delete(tx: &mut WriteTx, name: &KbName) -> Result<(), Error> {
    sqlx::query("UPDATE kb_rows SET gone = TRUE WHERE name = ?")
        .bind(name.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Whether rows of a deleted knowledge base are still to be removed: until then its name is taken.
pub async fn is_going(connection: &mut SqliteConnection, name: &KbName) -> Result<bool, Error> {
    Ok(sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM kb_rows WHERE name = ? AND gone)")
        .bind(name.as_str())
        .fetch_one(connection)
        .await?)
}

/// Counts entries that came, or went, and says that the knowledge base changed.
pub(super) fn count(batch: &mut Batch, name: &KbName, difference: i64, now: Timestamp) {
    batch
        .add("UPDATE kb_rows SET entries = entries + ?, updated_at = ? WHERE name = ?")
        .bind(difference)
        .bind(now.millis())
        .bind(name.as_str());
}

fn facets(rows: Vec<(String, i64)>) -> Vec<Facet> {
    rows.into_iter()
        .map(|(value, count)| Facet {
            value,
            count: u64::try_from(count).unwrap_or(0),
        })
        .collect()
}

/// The types of a knowledge base, most frequent first.
pub async fn types(tx: &mut ReadTx, name: &KbName) -> Result<Vec<Facet>, Error> {
    let rows = sqlx::query_as(
        "SELECT entry_type, count(*) AS n FROM entries WHERE kb_name = ? AND deleted_at IS NULL GROUP BY entry_type ORDER BY n DESC, entry_type LIMIT 100",
    )
    .bind(name.as_str())
    .fetch_all(tx.connection())
    .await?;
    Ok(facets(rows))
}

/// Tags of a knowledge base that begin with `prefix` (in lower case), most frequent first.
pub async fn tags(tx: &mut ReadTx, name: &KbName, prefix: &str, limit: usize) -> Result<Vec<Facet>, Error> {
    let rows = sqlx::query_as(
        "SELECT tag, count(*) AS n FROM entry_tags WHERE kb_name = ? AND substr(lower(tag), 1, length(?)) = ? GROUP BY tag ORDER BY n DESC, tag LIMIT ?",
    )
    .bind(name.as_str())
    .bind(prefix)
    .bind(prefix)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(tx.connection())
    .await?;
    Ok(facets(rows))
}

/// How many entries its trash has.
pub async fn trashed(tx: &mut ReadTx, name: &KbName) -> Result<u64, Error> {
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM entries WHERE kb_name = ? AND deleted_at IS NOT NULL")
        .bind(name.as_str())
        .fetch_one(tx.connection())
        .await?;
    Ok(u64::try_from(count).unwrap_or(0))
}
