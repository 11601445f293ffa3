//! The history of entries: every version of each.

use super::ReadTx;
use super::batch::Batch;
use super::entries::{Stored, version_from, version_into};
use crate::error::Error;
use app::protocol::entry::{Entry, Metadata, VersionInfo};
use app::protocol::{Timestamp, Version};
use std::collections::HashMap;

/// What an entry was at one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Past {
    /// Which.
    pub version: Version,
    /// Its title then.
    pub title: String,
    /// Its type then.
    pub entry_type: String,
    /// Its tags then.
    pub tags: Vec<String>,
    /// Its aliases then.
    pub aliases: Vec<String>,
    /// Its metadata then.
    pub metadata: Metadata,
    /// Its text then.
    pub body: String,
}

/// Begins the history of entries that were just added, and whose numbers follow each other.
pub(super) fn insert_first<'s>(batch: &mut Batch, all: impl Iterator<Item = &'s Stored> + Clone) -> Result<(), Error> {
    let (Some(first), Some(last)) = (all.clone().next(), all.clone().last()) else {
        return Ok(());
    };
    let lines: Vec<i64> = all.map(|stored| line_counts("", &stored.entry.body).0).collect();
    batch
        .add(
            "INSERT INTO entry_versions (uid, version, entry_id, title, entry_type, tags, aliases, at, actor, lines_added, lines_removed, metadata, body)
             SELECT e.uid, e.version, e.entry_id, e.title, e.entry_type, e.tags, e.aliases, e.updated_at, e.updated_by, lines.value, 0, e.metadata, e.body
             FROM entries e JOIN json_each(?) AS lines ON lines.key = e.uid - ? WHERE e.uid BETWEEN ? AND ?",
        )
        .bind(serde_json::to_string(&lines)?)
        .bind(first.uid)
        .bind(first.uid)
        .bind(last.uid);
    Ok(())
}

/// Adds a version to the history of an entry. `old` is the one before it.
pub(super) fn insert(batch: &mut Batch, new: &Stored, old: &Entry) -> Result<(), Error> {
    let entry = &new.entry;
    let (added, removed) = line_counts(&old.body, &entry.body);
    let same_body = old.body == entry.body;
    batch
        .add(
            "INSERT INTO entry_versions (uid, version, entry_id, title, entry_type, tags, aliases, at, actor, lines_added, lines_removed, metadata, body)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(new.uid)
        .bind(version_into(entry.version))
        .bind(entry.entry_id.as_str())
        .bind(&entry.title)
        .bind(&entry.entry_type)
        .bind(serde_json::to_string(&entry.tags)?)
        .bind(serde_json::to_string(&entry.aliases)?)
        .bind(entry.updated_at.millis())
        .bind(entry.updated_by.to_string())
        .bind(added)
        .bind(removed)
        .bind(serde_json::to_string(&entry.metadata)?)
        .bind((!same_body).then_some(&entry.body));
    Ok(())
}

/// How many lines came and went, each line counted as often as it occurs; a moved line counts as neither.
fn line_counts(old: &str, new: &str) -> (i64, i64) {
    if old == new {
        return (0, 0);
    }
    if old.is_empty() {
        return (new.lines().count() as i64, 0);
    }
    let mut counts: HashMap<&str, i64> = HashMap::new();
    for line in new.lines() {
        *counts.entry(line).or_default() += 1;
    }
    for line in old.lines() {
        *counts.entry(line).or_default() -= 1;
    }
    let added = counts.values().filter(|&&n| n > 0).sum();
    let removed = -counts.values().filter(|&&n| n < 0).sum::<i64>();
    (added, removed)
}

#[derive(sqlx::FromRow)]
struct InfoRow {
    version: i64,
    title: String,
    at: i64,
    actor: String,
    lines_added: i64,
    lines_removed: i64,
}

/// A piece of the versions of an entry, newest first, at most `limit`, those before `after`; and where the next begins.
pub async fn page(tx: &mut ReadTx, uid: i64, limit: usize, after: Option<Version>) -> Result<(Vec<VersionInfo>, Option<Version>), Error> {
    let mut rows: Vec<InfoRow> = sqlx::query_as(
        "SELECT version, title, at, actor, lines_added, lines_removed FROM entry_versions WHERE uid = ? AND version < ? ORDER BY version DESC LIMIT ?",
    )
    .bind(uid)
    .bind(after.map_or(i64::MAX, version_into))
    .bind(limit as i64 + 1)
    .fetch_all(tx.connection())
    .await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| version_from(last.version));
    let versions = rows
        .into_iter()
        .map(|row| {
            Ok(VersionInfo {
                version: version_from(row.version),
                title: row.title,
                at: Timestamp::from_millis(row.at),
                by: row.actor.parse()?,
                lines_added: u64::try_from(row.lines_added).unwrap_or(0),
                lines_removed: u64::try_from(row.lines_removed).unwrap_or(0),
            })
        })
        .collect::<Result<_, Error>>()?;
    Ok((versions, next))
}

#[derive(sqlx::FromRow)]
struct PastRow {
    version: i64,
    title: String,
    entry_type: String,
    tags: String,
    aliases: String,
    metadata: String,
    body: String,
}

/// What the entry was at this version.
pub async fn get(connection: &mut sqlx::SqliteConnection, uid: i64, version: Version) -> Result<Option<Past>, Error> {
    let row: Option<PastRow> = sqlx::query_as(
        "SELECT version, title, entry_type, tags, aliases, metadata,
                (SELECT b.body FROM entry_versions b WHERE b.uid = v.uid AND b.version <= v.version AND b.body IS NOT NULL ORDER BY b.version DESC LIMIT 1) AS body
         FROM entry_versions v WHERE uid = ? AND version = ?",
    )
    .bind(uid)
    .bind(version_into(version))
    .fetch_optional(connection)
    .await?;
    row.map(|row| {
        Ok(Past {
            version: version_from(row.version),
            title: row.title,
            entry_type: row.entry_type,
            tags: serde_json::from_str(&row.tags)?,
            aliases: serde_json::from_str(&row.aliases)?,
            metadata: serde_json::from_str(&row.metadata)?,
            body: row.body,
        })
    })
    .transpose()
}

#[cfg(test)]
mod tests {
    use super::line_counts;

    #[test]
    fn lines_are_counted_as_often_as_they_occur() {
        assert_eq!(line_counts("", "a\nb"), (2, 0));
        assert_eq!(line_counts("a\nb\nb", "b\nc"), (1, 2));
        assert_eq!(line_counts("a\nb", "b\na"), (0, 0));
    }
}
