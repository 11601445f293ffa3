//! Entries that are not in the trash: finding one, and writing one with all that is derived from it.

use super::batch::Batch;
use super::{WriteTx, kbs, links, names, passages, search, versions};
use crate::error::Error;
use crate::markdown::Reading;
use app::protocol::entry::Entry;
use app::protocol::{EntryId, KbName, Timestamp, Version, slug};
use sqlx::SqliteConnection;
use std::collections::{HashMap, HashSet};

/// An entry with the number that the database gives it, which never changes and is never given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// The database's number.
    pub uid: i64,
    /// The entry.
    pub entry: Entry,
}

#[derive(sqlx::FromRow)]
pub(super) struct StoredRow {
    uid: i64,
    kb_name: String,
    entry_id: String,
    title: String,
    entry_type: String,
    tags: String,
    aliases: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
    created_by: String,
    updated_by: String,
    metadata: String,
    body: String,
}

pub(super) fn version_from(number: i64) -> Version {
    Version::new(u64::try_from(number).unwrap_or(0))
}

pub(super) fn version_into(version: Version) -> i64 {
    i64::try_from(version.get()).unwrap_or(i64::MAX)
}

impl TryFrom<StoredRow> for Stored {
    type Error = Error;
    fn try_from(row: StoredRow) -> Result<Self, Error> {
        Ok(Self {
            uid: row.uid,
            entry: Entry {
                kb_name: KbName::parse(&row.kb_name)?,
                entry_id: EntryId::parse(&row.entry_id)?,
                title: row.title,
                entry_type: row.entry_type,
                body: row.body,
                tags: serde_json::from_str(&row.tags)?,
                aliases: serde_json::from_str(&row.aliases)?,
                metadata: serde_json::from_str(&row.metadata)?,
                version: version_from(row.version),
                created_at: Timestamp::from_millis(row.created_at),
                updated_at: Timestamp::from_millis(row.updated_at),
                created_by: row.created_by.parse()?,
                updated_by: row.updated_by.parse()?,
            },
        })
    }
}

/// The entry of this id, where there is one.
pub async fn find(connection: &mut SqliteConnection, kb: &KbName, id: &EntryId) -> Result<Option<Stored>, Error> {
    let row: Option<StoredRow> = sqlx::query_as(
        "SELECT uid, kb_name, entry_id, title, entry_type, tags, aliases, version, created_at, updated_at, created_by, updated_by, metadata, body
         FROM entries WHERE kb_name = ? AND entry_id = ? AND deleted_at IS NULL",
    )
    .bind(kb.as_str())
    .bind(id.as_str())
    .fetch_optional(connection)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// The entry of this id, or the error that says what is missing, and what the entry is called by now.
pub async fn get(connection: &mut SqliteConnection, kb: &KbName, id: &EntryId) -> Result<Stored, Error> {
    if let Some(stored) = find(connection, kb, id).await? {
        return Ok(stored);
    }
    kbs::expect(connection, kb).await?;
    let renamed_to = names::current_id(connection, kb, id).await?;
    Err(Error::EntryNotFound {
        kb: kb.clone(),
        id: id.clone(),
        renamed_to,
    })
}

/// The entry with this number, also from the trash.
pub async fn by_uid(connection: &mut SqliteConnection, uid: i64) -> Result<Option<Stored>, Error> {
    let row: Option<StoredRow> = sqlx::query_as(
        "SELECT uid, kb_name, entry_id, title, entry_type, tags, aliases, version, created_at, updated_at, created_by, updated_by, metadata, body
         FROM entries WHERE uid = ?",
    )
    .bind(uid)
    .fetch_optional(connection)
    .await?;
    row.map(Stored::try_from).transpose()
}

/// The number of an entry that is there.
pub async fn uid(connection: &mut SqliteConnection, kb: &KbName, id: &EntryId) -> Result<i64, Error> {
    Ok(
        sqlx::query_scalar("SELECT uid FROM entries WHERE kb_name = ? AND entry_id = ? AND deleted_at IS NULL")
            .bind(kb.as_str())
            .bind(id.as_str())
            .fetch_one(connection)
            .await?,
    )
}

/// What an entry was at a version, also one of the trash; none where it was deleted for good.
pub async fn at_version(connection: &mut SqliteConnection, uid: i64, version: Version) -> Result<Option<Entry>, Error> {
    let row: Option<StoredRow> = sqlx::query_as(
        "SELECT e.uid, e.kb_name, v.entry_id, v.title, v.entry_type, v.tags, v.aliases, v.version, e.created_at, v.at AS updated_at,
                e.created_by, v.actor AS updated_by, v.metadata,
                (SELECT b.body FROM entry_versions b WHERE b.uid = v.uid AND b.version <= v.version AND b.body IS NOT NULL ORDER BY b.version DESC LIMIT 1) AS body
         FROM entry_versions v JOIN entries e ON e.uid = v.uid WHERE v.uid = ? AND v.version = ?",
    )
    .bind(uid)
    .bind(version_into(version))
    .fetch_optional(connection)
    .await?;
    row.map(|row| Stored::try_from(row).map(|stored| stored.entry)).transpose()
}

/// At which versions these entries are.
pub async fn versions(connection: &mut SqliteConnection, uids: &[i64]) -> Result<HashMap<i64, Version>, Error> {
    let rows: Vec<(i64, i64)> =
        sqlx::query_as("SELECT uid, version FROM entries WHERE deleted_at IS NULL AND uid IN (SELECT value FROM json_each(?))")
            .bind(serde_json::to_string(uids)?)
            .fetch_all(connection)
            .await?;
    Ok(rows.into_iter().map(|(uid, version)| (uid, version_from(version))).collect())
}

/// The ids of a knowledge base, in order, each with the entry's number.
pub async fn ids(connection: &mut SqliteConnection, kb: &KbName) -> Result<Vec<(EntryId, i64)>, Error> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT entry_id, uid FROM entries WHERE kb_name = ? AND deleted_at IS NULL ORDER BY entry_id")
            .bind(kb.as_str())
            .fetch_all(connection)
            .await?;
    rows.into_iter().map(|(id, uid)| Ok((EntryId::parse(&id)?, uid))).collect()
}

/// Whether the id is taken.
pub async fn exists(connection: &mut SqliteConnection, kb: &KbName, id: &EntryId) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("SELECT count(*) > 0 FROM entries WHERE kb_name = ? AND entry_id = ? AND deleted_at IS NULL")
            .bind(kb.as_str())
            .bind(id.as_str())
            .fetch_one(connection)
            .await?,
    )
}

/// `id` where it is free, else the first of `id-2`, `id-3` … behind all that are taken.
pub async fn free_id(connection: &mut SqliteConnection, kb: &KbName, id: EntryId) -> Result<EntryId, Error> {
    if !exists(connection, kb, &id).await? {
        return Ok(id);
    }
    // Numbers are mostly taken in their order: so with ever longer steps to one that is free, and back to the first behind one
    // that is not. However many there are, few are looked at. (A long id is shortened for its number, and may meet others then.)
    let (mut taken, mut free) = (1, 2);
    while exists(connection, kb, &slug::numbered(&id, free)).await? {
        taken = free;
        free = free
            .checked_mul(2)
            .ok_or_else(|| Error::Damaged(format!("too many entries are called {id}")))?;
    }
    while free - taken > 1 {
        let middle = taken + (free - taken) / 2;
        if exists(connection, kb, &slug::numbered(&id, middle)).await? {
            taken = middle;
        } else {
            free = middle;
        }
    }
    Ok(slug::numbered(&id, free))
}

/// What must be known to add entries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Which ids are taken, of those that were asked for.
    pub taken: HashSet<EntryId>,
    /// The number that the first of them will have.
    pub uid: i64,
}

/// Looks where entries of these ids would be added. `KbNotFound` where there is no such knowledge base.
pub async fn places(tx: &mut WriteTx, kb: &KbName, ids: &[&str]) -> Result<Places, Error> {
    let (has_kb, taken, uid): (bool, String, i64) = sqlx::query_as(
        "SELECT EXISTS (SELECT 1 FROM kbs WHERE name = ?),
                (SELECT json_group_array(entry_id) FROM entries
                 WHERE kb_name = ? AND entry_id IN (SELECT value FROM json_each(?)) AND deleted_at IS NULL),
                coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'entry_rows'), 0) + 1",
    )
    .bind(kb.as_str())
    .bind(kb.as_str())
    .bind(serde_json::to_string(ids)?)
    .fetch_one(tx.connection())
    .await?;
    if !has_kb {
        return Err(Error::KbNotFound(kb.clone()));
    }
    Ok(Places {
        taken: serde_json::from_str(&taken)?,
        uid,
    })
}

/// An entry that is to be stored, and what its body says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// The entry.
    pub stored: Stored,
    /// What its body says.
    pub reading: Reading,
}

/// Adds entries of one knowledge base whose numbers follow each other, with their history, links, names and places in the
/// index, and counts them: a statement a table, however many they are.
pub async fn insert(tx: &mut WriteTx, all: &[New]) -> Result<(), Error> {
    let (Some(New { stored: first, .. }), Some(New { stored: last, .. })) = (all.first(), all.last()) else {
        return Ok(());
    };
    let kb = &first.entry.kb_name;
    let mut rows = Vec::with_capacity(all.len());
    let mut other_names = Vec::new();
    for New {
        stored: Stored { uid, entry },
        ..
    } in all
    {
        rows.push(serde_json::json!([
            uid,
            entry.entry_id,
            entry.title,
            entry.title.to_lowercase(),
            entry.entry_type,
            serde_json::to_string(&entry.tags)?,
            serde_json::to_string(&entry.aliases)?,
            entry.version,
            entry.created_at.millis(),
            entry.updated_at.millis(),
            entry.created_by,
            entry.updated_by,
            serde_json::to_string(&entry.metadata)?,
            entry.body,
        ]));
        other_names.extend(names::of_aliases(entry).into_iter().map(|name| (uid, name)));
    }
    let mut batch = Batch::default();
    batch
        .add(
            "INSERT INTO entry_rows (uid, kb_name, entry_id, title, title_key, entry_type, tags, aliases, version, created_at, updated_at, created_by, updated_by, metadata, body)
             SELECT value ->> 0, ?, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8,
                    value ->> 9, value ->> 10, value ->> 11, value ->> 12, value ->> 13 FROM json_each(?)",
        )
        .bind(kb.as_str())
        .bind(serde_json::to_string(&rows)?);
    versions::insert_first(&mut batch, all.iter().map(|new| &new.stored))?;
    search::insert_all(&mut batch, first.uid, last.uid);
    let bodies = all
        .iter()
        .map(|New { stored, reading }| (stored.uid, stored.entry.body.as_str(), reading.passages.as_slice()));
    passages::insert(&mut batch, bodies)?;
    batch
        .add("INSERT INTO entry_tags (kb_name, tag, uid) SELECT DISTINCT e.kb_name, t.value, e.uid FROM entries e, json_each(e.tags) t WHERE e.uid BETWEEN ? AND ?")
        .bind(first.uid)
        .bind(last.uid);
    let targets = all
        .iter()
        .flat_map(|New { stored, reading }| reading.targets.iter().map(|target| (stored.uid, target)));
    links::insert(&mut batch, targets)?;
    batch
        .add("INSERT INTO entry_names (kb_name, name, uid, former) SELECT DISTINCT ?, value ->> 1, value ->> 0, FALSE FROM json_each(?)")
        .bind(kb.as_str())
        .bind(serde_json::to_string(&other_names)?);
    kbs::count(&mut batch, kb, all.len() as i64, last.entry.updated_at);
    batch.run(tx.connection()).await
}

/// Writes a new version over an old one. `reading` is what its body says; it is not asked for where the body stays.
pub async fn update(tx: &mut WriteTx, old: &Stored, new: &Entry, reading: &Reading) -> Result<(), Error> {
    let stored = Stored {
        uid: old.uid,
        entry: new.clone(),
    };
    let old = &old.entry;
    let mut batch = Batch::default();
    let indexed = search::Indexed::of(old)? != search::Indexed::of(new)?;
    if indexed {
        search::remove(&mut batch, stored.uid, old)?;
    }
    let body_changed = old.body != new.body;
    // A body that stays is not written again: it may have a megabyte. Nor are columns that have an index of their own.
    batch
        .add(
            "UPDATE entry_rows SET tags = ?, aliases = ?, version = ?, updated_at = ?, updated_by = ?, metadata = ?, body = coalesce(?, body)
             WHERE uid = ?",
        )
        .bind(serde_json::to_string(&new.tags)?)
        .bind(serde_json::to_string(&new.aliases)?)
        .bind(version_into(new.version))
        .bind(new.updated_at.millis())
        .bind(new.updated_by.to_string())
        .bind(serde_json::to_string(&new.metadata)?)
        .bind(body_changed.then_some(&new.body))
        .bind(stored.uid);
    if old.title != new.title {
        batch
            .add("UPDATE entry_rows SET title = ?, title_key = ? WHERE uid = ?")
            .bind(&new.title)
            .bind(new.title.to_lowercase())
            .bind(stored.uid);
    }
    if old.entry_type != new.entry_type || old.entry_id != new.entry_id {
        batch
            .add("UPDATE entry_rows SET entry_id = ?, entry_type = ? WHERE uid = ?")
            .bind(new.entry_id.as_str())
            .bind(&new.entry_type)
            .bind(stored.uid);
    }
    versions::insert(&mut batch, &stored, old)?;
    if indexed {
        search::insert(&mut batch, stored.uid, new)?;
    }
    if body_changed {
        passages::remove(&mut batch, stored.uid, &old.body);
        passages::insert(&mut batch, [(stored.uid, new.body.as_str(), reading.passages.as_slice())])?;
        links::replace(&mut batch, stored.uid, &reading.targets)?;
    }
    if old.tags != new.tags {
        batch.add("DELETE FROM entry_tags WHERE uid = ?").bind(stored.uid);
        insert_tags(&mut batch, &stored)?;
    }
    if old.aliases != new.aliases || old.entry_id != new.entry_id {
        names::replace_aliases(&mut batch, &stored)?;
    }
    if old.entry_id != new.entry_id {
        names::add_former(&mut batch, &stored, &old.entry_id);
    }
    batch.run(tx.connection()).await
}

/// Writes what is derived from an entry that is back from the trash. `reading` is what its body says.
pub(super) fn derive(batch: &mut Batch, stored: &Stored, reading: &Reading) -> Result<(), Error> {
    search::insert(batch, stored.uid, &stored.entry)?;
    passages::insert(batch, [(stored.uid, stored.entry.body.as_str(), reading.passages.as_slice())])?;
    links::insert(batch, reading.targets.iter().map(|target| (stored.uid, target)))?;
    insert_tags(batch, stored)?;
    if !stored.entry.aliases.is_empty() {
        names::replace_aliases(batch, stored)?;
    }
    Ok(())
}

/// Removes what is derived from an entry that goes to the trash. Names stay: they come back with it.
pub(super) fn underive(batch: &mut Batch, stored: &Stored) -> Result<(), Error> {
    search::remove(batch, stored.uid, &stored.entry)?;
    passages::remove(batch, stored.uid, &stored.entry.body);
    batch.add("DELETE FROM links WHERE uid = ?").bind(stored.uid);
    batch.add("DELETE FROM entry_tags WHERE uid = ?").bind(stored.uid);
    Ok(())
}

fn insert_tags(batch: &mut Batch, stored: &Stored) -> Result<(), Error> {
    if !stored.entry.tags.is_empty() {
        batch
            .add("INSERT INTO entry_tags (kb_name, tag, uid) SELECT DISTINCT ?, value, ? FROM json_each(?)")
            .bind(stored.entry.kb_name.as_str())
            .bind(stored.uid)
            .bind(serde_json::to_string(&stored.entry.tags)?);
    }
    Ok(())
}
