//! Entries that are not in the trash: finding one, and writing one with all that is derived from it.

use super::{WriteTx, links, names, search, versions};
use crate::error::Error;
use app::protocol::entry::Entry;
use app::protocol::{EntryId, KbName, Timestamp, Version};
use sqlx::SqliteConnection;

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
    super::kbs::expect(connection, kb).await?;
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
    // '.' is the character after '-': the range holds all ids that go on with a dash.
    let taken: Vec<String> =
        sqlx::query_scalar("SELECT entry_id FROM entries WHERE kb_name = ? AND entry_id > ? AND entry_id < ? AND deleted_at IS NULL")
            .bind(kb.as_str())
            .bind(format!("{id}-"))
            .bind(format!("{id}."))
            .fetch_all(&mut *connection)
            .await?;
    let highest = taken
        .iter()
        .filter_map(|other| other[id.as_str().len() + 1..].parse::<u32>().ok())
        .max()
        .unwrap_or(1);
    let mut n = highest.max(1).saturating_add(1);
    loop {
        let candidate = app::protocol::slug::numbered(&id, n);
        // A long id was shortened for its number, and may meet others then.
        if !exists(connection, kb, &candidate).await? {
            return Ok(candidate);
        }
        n += 1;
    }
}

/// Adds an entry, with its history, links, names and place in the index. Returns its number.
pub async fn insert(tx: &mut WriteTx, entry: &Entry) -> Result<i64, Error> {
    let uid: i64 = sqlx::query_scalar(
        "INSERT INTO entries (kb_name, entry_id, title, title_key, entry_type, tags, aliases, version, created_at, updated_at, created_by, updated_by, metadata, body)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING uid",
    )
    .bind(entry.kb_name.as_str())
    .bind(entry.entry_id.as_str())
    .bind(&entry.title)
    .bind(entry.title.to_lowercase())
    .bind(&entry.entry_type)
    .bind(serde_json::to_string(&entry.tags)?)
    .bind(serde_json::to_string(&entry.aliases)?)
    .bind(version_into(entry.version))
    .bind(entry.created_at.millis())
    .bind(entry.updated_at.millis())
    .bind(entry.created_by.to_string())
    .bind(entry.updated_by.to_string())
    .bind(serde_json::to_string(&entry.metadata)?)
    .bind(&entry.body)
    .fetch_one(tx.connection())
    .await?;
    let stored = Stored { uid, entry: entry.clone() };
    versions::insert(tx, &stored, None).await?;
    derive(tx, &stored).await?;
    Ok(uid)
}

/// Writes a new version over an old one.
pub async fn update(tx: &mut WriteTx, old: &Stored, new: &Entry) -> Result<(), Error> {
    let uid = old.uid;
    let indexed = search::Indexed::of(&old.entry)? != search::Indexed::of(new)?;
    if indexed {
        search::remove(tx, uid, &old.entry).await?;
    }
    let body_changed = old.entry.body != new.body;
    // A body that stays is not written again: it may have a megabyte.
    sqlx::query(
        "UPDATE entries SET entry_id = ?, title = ?, title_key = ?, entry_type = ?, tags = ?, aliases = ?, version = ?, updated_at = ?, updated_by = ?,
                metadata = ?, body = coalesce(?, body) WHERE uid = ?",
    )
    .bind(new.entry_id.as_str())
    .bind(&new.title)
    .bind(new.title.to_lowercase())
    .bind(&new.entry_type)
    .bind(serde_json::to_string(&new.tags)?)
    .bind(serde_json::to_string(&new.aliases)?)
    .bind(version_into(new.version))
    .bind(new.updated_at.millis())
    .bind(new.updated_by.to_string())
    .bind(serde_json::to_string(&new.metadata)?)
    .bind(body_changed.then_some(&new.body))
    .bind(uid)
    .execute(tx.connection())
    .await?;
    let stored = Stored { uid, entry: new.clone() };
    versions::insert(tx, &stored, Some(&old.entry)).await?;
    if indexed {
        search::insert(tx, uid, new).await?;
    }
    if body_changed {
        links::replace(tx, &stored).await?;
    }
    if old.entry.tags != new.tags {
        replace_tags(tx, &stored).await?;
    }
    if old.entry.aliases != new.aliases || old.entry.entry_id != new.entry_id {
        names::replace_aliases(tx, &stored).await?;
    }
    if old.entry.entry_id != new.entry_id {
        names::add_former(tx, &stored, &old.entry.entry_id).await?;
    }
    Ok(())
}

/// Writes what is derived from an entry that was not there before: new, or back from the trash.
pub(super) async fn derive(tx: &mut WriteTx, stored: &Stored) -> Result<(), Error> {
    search::insert(tx, stored.uid, &stored.entry).await?;
    links::insert(tx, stored).await?;
    insert_tags(tx, stored).await?;
    if !stored.entry.aliases.is_empty() {
        names::replace_aliases(tx, stored).await?;
    }
    Ok(())
}

/// Removes what is derived from an entry that goes to the trash. Names stay: they come back with it.
pub(super) async fn underive(tx: &mut WriteTx, stored: &Stored) -> Result<(), Error> {
    search::remove(tx, stored.uid, &stored.entry).await?;
    for statement in ["DELETE FROM links WHERE uid = ?", "DELETE FROM entry_tags WHERE uid = ?"] {
        sqlx::query(statement).bind(stored.uid).execute(tx.connection()).await?;
    }
    Ok(())
}

async fn replace_tags(tx: &mut WriteTx, stored: &Stored) -> Result<(), Error> {
    sqlx::query("DELETE FROM entry_tags WHERE uid = ?")
        .bind(stored.uid)
        .execute(tx.connection())
        .await?;
    insert_tags(tx, stored).await
}

async fn insert_tags(tx: &mut WriteTx, stored: &Stored) -> Result<(), Error> {
    if stored.entry.tags.is_empty() {
        return Ok(());
    }
    sqlx::query("INSERT INTO entry_tags (kb_name, tag, uid) SELECT DISTINCT ?, value, ? FROM json_each(?)")
        .bind(stored.entry.kb_name.as_str())
        .bind(stored.uid)
        .bind(serde_json::to_string(&stored.entry.tags)?)
        .execute(tx.connection())
        .await?;
    Ok(())
}
