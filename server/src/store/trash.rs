//! Deleted entries: kept for a time, restored, or gone for good.

use super::batch::Batch;
use super::entries::{self, Stored};
use super::{ReadTx, WriteTx, kbs, names};
use crate::error::Error;
use crate::markdown::Reading;
use app::protocol::entry::{TrashItem, TrashPage};
use app::protocol::{Actor, EntryId, KbName, Timestamp};

#[derive(sqlx::FromRow)]
struct ItemRow {
    uid: i64,
    kb_name: String,
    entry_id: String,
    title: String,
    entry_type: String,
    deleted_at: i64,
    deleted_by: String,
}

impl TryFrom<ItemRow> for TrashItem {
    type Error = Error;
    fn try_from(row: ItemRow) -> Result<Self, Error> {
        Ok(Self {
            trash_id: row.uid,
            kb_name: KbName::parse(&row.kb_name)?,
            entry_id: EntryId::parse(&row.entry_id)?,
            title: row.title,
            entry_type: row.entry_type,
            deleted_at: Timestamp::from_millis(row.deleted_at),
            deleted_by: row.deleted_by.parse()?,
        })
    }
}

/// Pieces are continued by the last item, so that items that come and go shift nothing.
fn parse_after(text: &str) -> Result<(i64, i64), Error> {
    let place = text
        .split_once(':')
        .and_then(|(at, uid)| Some((at.parse().ok()?, uid.parse().ok()?)));
    place.ok_or_else(|| Error::InvalidQuery("after: take it from `next` of the piece before".into()))
}

/// A piece of the trash of a knowledge base, last deleted first, at most `limit` items, behind `after`.
pub async fn page(tx: &mut ReadTx, kb: &KbName, limit: usize, after: Option<&str>) -> Result<TrashPage, Error> {
    let (at, uid) = after.map(parse_after).transpose()?.unwrap_or((i64::MAX, i64::MAX));
    let mut rows: Vec<ItemRow> = sqlx::query_as(
        "SELECT uid, kb_name, entry_id, title, entry_type, deleted_at, deleted_by FROM entries
         WHERE kb_name = ? AND deleted_at IS NOT NULL AND (deleted_at < ? OR (deleted_at = ? AND uid < ?))
         ORDER BY deleted_at DESC, uid DESC LIMIT ?",
    )
    .bind(kb.as_str())
    .bind(at)
    .bind(at)
    .bind(uid)
    .bind(limit as i64 + 1)
    .fetch_all(tx.connection())
    .await?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| format!("{}:{}", last.deleted_at, last.uid));
    let items = rows.into_iter().map(TrashItem::try_from).collect::<Result<_, _>>()?;
    Ok(TrashPage { items, next })
}

/// An item of the trash as the entry that it was.
pub async fn get(tx: &mut WriteTx, kb: &KbName, trash_id: i64) -> Result<Stored, Error> {
    kbs::expect(tx.connection(), kb).await?;
    let deleted: bool = sqlx::query_scalar("SELECT count(*) > 0 FROM entries WHERE uid = ? AND kb_name = ? AND deleted_at IS NOT NULL")
        .bind(trash_id)
        .bind(kb.as_str())
        .fetch_one(tx.connection())
        .await?;
    let missing = || Error::TrashItemNotFound { kb: kb.clone(), trash_id };
    if !deleted {
        return Err(missing());
    }
    entries::by_uid(tx.connection(), trash_id).await?.ok_or_else(missing)
}

/// Moves an entry to the trash.
pub async fn put(tx: &mut WriteTx, stored: &Stored, actor: &Actor) -> Result<(), Error> {
    let now = tx.now();
    let mut batch = Batch::default();
    entries::underive(&mut batch, stored)?;
    batch
        .add("UPDATE entry_rows SET deleted_at = ?, deleted_by = ? WHERE uid = ?")
        .bind(now.millis())
        .bind(actor.to_string())
        .bind(stored.uid);
    kbs::count(&mut batch, &stored.entry.kb_name, -1, now);
    batch.run(tx.connection()).await
}

/// Brings an entry back, under this id. `reading` is what its body says.
pub async fn take(tx: &mut WriteTx, stored: &Stored, id: &EntryId, reading: &Reading) -> Result<Stored, Error> {
    let mut restored = stored.clone();
    restored.entry.entry_id = id.clone();
    let mut batch = Batch::default();
    batch
        .add("UPDATE entry_rows SET deleted_at = NULL, deleted_by = NULL, entry_id = ? WHERE uid = ?")
        .bind(id.as_str())
        .bind(stored.uid);
    entries::derive(&mut batch, &restored, reading)?;
    if *id != stored.entry.entry_id {
        names::add_former(&mut batch, &restored, &stored.entry.entry_id);
    }
    kbs::count(&mut batch, &stored.entry.kb_name, 1, tx.now());
    batch.run(tx.connection()).await?;
    Ok(restored)
}

/// Deletes an item of the trash for good: from now on nobody sees it, and `sweep` removes its rows.
pub async fn purge(tx: &mut WriteTx, trash_id: i64) -> Result<(), Error> {
    sqlx::query("UPDATE entry_rows SET gone = TRUE WHERE uid = ? AND deleted_at IS NOT NULL")
        .bind(trash_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Items that were deleted before this time, oldest first, at most `limit`.
pub async fn expired(tx: &mut WriteTx, before: Timestamp, limit: i64) -> Result<Vec<(KbName, EntryId, i64)>, Error> {
    let rows: Vec<(String, String, i64)> = sqlx::query_as(
        "SELECT kb_name, entry_id, uid FROM entries WHERE deleted_at IS NOT NULL AND deleted_at < ? ORDER BY deleted_at LIMIT ?",
    )
    .bind(before.millis())
    .bind(limit)
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|(kb, id, uid)| Ok((KbName::parse(&kb)?, EntryId::parse(&id)?, uid)))
        .collect()
}
