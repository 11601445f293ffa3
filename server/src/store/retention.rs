//! Forgetting: old events of the log, old idempotency keys.

use super::{WriteTx, log};
use crate::error::Error;
use app::protocol::{Seq, Timestamp};

/// Most events, or keys, that one transaction forgets, so that nobody waits long behind it.
const BATCH: u64 = 5_000;

/// Forgets events before `before`, and all but the newest `keep`; a part of them at a time. Returns whether more are left.
pub async fn prune_log(tx: &mut WriteTx, before: Timestamp, keep: u64) -> Result<bool, Error> {
    let (_, head, floor) = log::state(tx.connection()).await?;
    let end = Seq::new(floor.get() + BATCH);
    // Only as far as this part goes: times never decrease, so what is old is at the beginning.
    let by_age: Option<i64> = sqlx::query_scalar("SELECT max(seq) FROM log WHERE seq <= ? AND at < ?")
        .bind(log::seq_into(end))
        .bind(before.millis())
        .fetch_one(tx.connection())
        .await?;
    let by_age = by_age.map_or(Ok(Seq::ZERO), log::seq_from)?;
    let by_count = Seq::new(head.get().saturating_sub(keep));
    let upto = by_age.max(by_count).min(end);
    if upto <= floor {
        return Ok(false);
    }
    sqlx::query("DELETE FROM log WHERE seq <= ?")
        .bind(log::seq_into(upto))
        .execute(tx.connection())
        .await?;
    sqlx::query("UPDATE log_state SET floor = ? WHERE id = 1")
        .bind(log::seq_into(upto))
        .execute(tx.connection())
        .await?;
    Ok(upto == end)
}

/// Most idempotency keys that are kept, of all people.
const KEYS: u64 = 200_000;

/// Forgets idempotency keys that were used before `before`, and all but the newest of many; a part of them at a time. Returns
/// whether more may be left.
pub async fn prune_mutations(tx: &mut WriteTx, before: Timestamp) -> Result<bool, Error> {
    let batch = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let gone = sqlx::query(
        "DELETE FROM mutations WHERE mutation_id IN (
             SELECT mutation_id FROM mutations
             WHERE at < max(?, coalesce((SELECT at FROM mutations ORDER BY at DESC LIMIT 1 OFFSET ?), 0)) LIMIT ?)",
    )
    .bind(before.millis())
    .bind(i64::try_from(KEYS).unwrap_or(i64::MAX))
    .bind(batch)
    .execute(tx.connection())
    .await?
    .rows_affected();
    Ok(gone == BATCH)
}
