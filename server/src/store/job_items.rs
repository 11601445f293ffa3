//! What became of each item of a job.

use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::EntryId;
use app::protocol::job::{ItemOutcome, JobItem};

/// An item that there is something to do for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its number within its job.
    pub item: i64,
    /// Its address, or its name.
    pub name: String,
    /// How many links away from the first page of a crawl.
    pub depth: u32,
}

/// An item to add, with what is known of it already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct New {
    /// Its address, or its name; unique within its job.
    pub name: String,
    /// How many links away from the first page of a crawl.
    pub depth: u32,
    /// Why it is left out, where it is.
    pub skipped: Option<String>,
}

/// Adds items at the end of a job's. Those that are there already are left out of what is returned.
pub async fn add(tx: &mut WriteTx, job: i64, new: &[New]) -> Result<Vec<Waiting>, Error> {
    if new.is_empty() {
        return Ok(vec![]);
    }
    let rows: Vec<(&str, u32, Option<&str>)> = new
        .iter()
        .map(|new| (new.name.as_str(), new.depth, new.skipped.as_deref()))
        .collect();
    let added: Vec<(i64, String, i64)> = sqlx::query_as(
        "INSERT INTO job_items (job_no, item, name, outcome, depth, why)
         SELECT ?, (SELECT coalesce(max(item), 0) FROM job_items WHERE job_no = ?) + key + 1, value ->> 0,
             CASE WHEN value ->> 2 IS NULL THEN 'waiting' ELSE 'skipped' END, value ->> 1, value ->> 2
         FROM json_each(?) WHERE TRUE ON CONFLICT (job_no, name) DO NOTHING RETURNING item, name, depth",
    )
    .bind(job)
    .bind(job)
    .bind(serde_json::to_string(&rows)?)
    .fetch_all(tx.connection())
    .await?;
    let added = added.into_iter().map(|(item, name, depth)| Waiting {
        item,
        name,
        depth: u32::try_from(depth).unwrap_or(u32::MAX),
    });
    let mut added: Vec<Waiting> = added.collect();
    added.sort_by_key(|added| added.item);
    Ok(added)
}

/// Says what became of an item.
pub async fn settle(tx: &mut WriteTx, job: i64, item: i64, outcome: ItemOutcome, uid: Option<i64>, why: Option<&str>) -> Result<(), Error> {
    sqlx::query("UPDATE job_items SET outcome = ?, uid = ?, why = ? WHERE job_no = ? AND item = ?")
        .bind(outcome.as_str())
        .bind(uid)
        .bind(why)
        .bind(job)
        .bind(item)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Takes an item away, for which others stand from now on.
pub async fn remove(tx: &mut WriteTx, job: i64, item: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM job_items WHERE job_no = ? AND item = ?")
        .bind(job)
        .bind(item)
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Adds items that failed, each with its name and why; those that are there already are said to have failed.
pub async fn add_failed(tx: &mut WriteTx, job: i64, failed: &[(String, String)]) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO job_items (job_no, item, name, outcome, depth, why)
         SELECT ?, (SELECT coalesce(max(item), 0) FROM job_items WHERE job_no = ?) + key + 1, value ->> 0, 'failed', 0, value ->> 1
         FROM json_each(?) WHERE TRUE ON CONFLICT (job_no, name) DO UPDATE SET outcome = 'failed', why = excluded.why",
    )
    .bind(job)
    .bind(job)
    .bind(serde_json::to_string(failed)?)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// The items that nothing became of yet, in the order in which they became known.
pub async fn waiting(tx: &mut ReadTx, job: i64) -> Result<Vec<Waiting>, Error> {
    let rows: Vec<(i64, String, i64)> =
        sqlx::query_as("SELECT item, name, depth FROM job_items WHERE job_no = ? AND outcome = 'waiting' ORDER BY item")
            .bind(job)
            .fetch_all(tx.connection())
            .await?;
    let waiting = rows.into_iter().map(|(item, name, depth)| Waiting {
        item,
        name,
        depth: u32::try_from(depth).unwrap_or(u32::MAX),
    });
    Ok(waiting.collect())
}

/// The names of all items, and whether each was left out.
pub async fn names(tx: &mut ReadTx, job: i64) -> Result<Vec<(String, bool)>, Error> {
    Ok(
        sqlx::query_as("SELECT name, outcome = 'skipped' FROM job_items WHERE job_no = ? ORDER BY item")
            .bind(job)
            .fetch_all(tx.connection())
            .await?,
    )
}

/// The numbers of the entries that a job has brought, or found unchanged.
pub async fn entries(tx: &mut ReadTx, job: i64) -> Result<Vec<i64>, Error> {
    Ok(
        sqlx::query_scalar("SELECT DISTINCT uid FROM job_items WHERE job_no = ? AND uid IS NOT NULL ORDER BY uid")
            .bind(job)
            .fetch_all(tx.connection())
            .await?,
    )
}

/// Has what failed wait again. Returns how many that are.
pub async fn retry_failed(tx: &mut WriteTx, job: i64) -> Result<u64, Error> {
    let done = sqlx::query("UPDATE job_items SET outcome = 'waiting', why = NULL WHERE job_no = ? AND outcome = 'failed'")
        .bind(job)
        .execute(tx.connection())
        .await?;
    Ok(done.rows_affected())
}

/// Why the first item that failed did; where none did, why the last one was left out: those before may have led to it.
pub async fn first_failure(tx: &mut WriteTx, job: i64) -> Result<Option<String>, Error> {
    let why: Option<Option<String>> = sqlx::query_scalar(
        "SELECT why FROM job_items WHERE job_no = ? AND outcome IN ('failed', 'skipped')
         ORDER BY outcome, CASE outcome WHEN 'failed' THEN item ELSE -item END LIMIT 1",
    )
    .bind(job)
    .fetch_optional(tx.connection())
    .await?;
    Ok(why.flatten())
}

#[derive(sqlx::FromRow)]
struct ItemRow {
    item: i64,
    name: String,
    outcome: String,
    why: Option<String>,
    entry_id: Option<String>,
}

impl ItemRow {
    fn into_item(self) -> Result<(i64, JobItem), Error> {
        let outcome = ItemOutcome::parse(&self.outcome);
        let item = JobItem {
            name: self.name,
            outcome: outcome.ok_or_else(|| Error::Damaged(format!("the outcome {:?} of an item", self.outcome)))?,
            why: self.why,
            entry_id: self.entry_id.map(|id| EntryId::parse(&id)).transpose()?,
        };
        Ok((self.item, item))
    }
}

/// Items after the one of number `after`, those of one outcome where it is given, at most `limit`.
pub async fn page(tx: &mut ReadTx, job: i64, outcome: Option<ItemOutcome>, after: i64, limit: usize) -> Result<Vec<(i64, JobItem)>, Error> {
    let rows: Vec<ItemRow> = sqlx::query_as(
        "SELECT i.item, i.name, i.outcome, i.why, e.entry_id FROM job_items i LEFT JOIN entries e ON e.uid = i.uid AND e.deleted_at IS NULL
         WHERE i.job_no = ? AND i.item > ? AND (? IS NULL OR i.outcome = ?) ORDER BY i.item LIMIT ?",
    )
    .bind(job)
    .bind(after)
    .bind(outcome.map(ItemOutcome::as_str))
    .bind(outcome.map(ItemOutcome::as_str))
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(ItemRow::into_item).collect()
}
