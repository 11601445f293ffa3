//! Browsers in which somebody is logged in.

use super::access::role;
use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::people::{Device, Role};
use app::protocol::{Timestamp, UserId};
use sqlx::SqliteConnection;

/// A browser that was recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// Which.
    pub device_id: i64,
    /// Whose.
    pub user: UserId,
    /// What they are.
    pub role: Role,
    /// When it was used last, as far as that was kept.
    pub used_at: Timestamp,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

/// The browser with this secret, by its digest, unless it has expired.
pub async fn find(connection: &mut SqliteConnection, digest: &str, now: Timestamp) -> Result<Option<Known>, Error> {
    let row: Option<(i64, String, String, i64, i64)> = sqlx::query_as(
        "SELECT d.device_id, d.user_id, p.role, d.used_at, d.expires_at FROM devices d JOIN people p ON p.user_id = d.user_id AND p.removed_at IS NULL
         WHERE d.digest = ? AND d.expires_at > ?",
    )
    .bind(digest)
    .bind(now.millis())
    .fetch_optional(connection)
    .await?;
    row.map(|(device_id, user, text, used, expires)| {
        Ok(Known {
            device_id,
            user: UserId::parse(&user)?,
            role: role(&text)?,
            used_at: Timestamp::from_millis(used),
            expires_at: Timestamp::from_millis(expires),
        })
    })
    .transpose()
}

/// Adds a browser.
pub async fn insert(tx: &mut WriteTx, user: &UserId, digest: &str, device: &str, expires_at: Timestamp) -> Result<i64, Error> {
    let now = tx.now().millis();
    sqlx::query("UPDATE people SET seen_at = ? WHERE user_id = ?")
        .bind(now)
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(sqlx::query_scalar(
        "INSERT INTO devices (user_id, digest, device, created_at, used_at, expires_at) VALUES (?, ?, ?, ?, ?, ?) RETURNING device_id",
    )
    .bind(user.as_str())
    .bind(digest)
    .bind(device)
    .bind(now)
    .bind(now)
    .bind(expires_at.millis())
    .fetch_one(tx.connection())
    .await?)
}

/// Says that a browser, and its person, were just here.
pub async fn used(tx: &mut WriteTx, device_id: i64, user: &UserId, expires_at: Timestamp) -> Result<(), Error> {
    let now = tx.now().millis();
    sqlx::query("UPDATE devices SET used_at = ?, expires_at = ? WHERE device_id = ?; UPDATE people SET seen_at = ? WHERE user_id = ?")
        .bind(now)
        .bind(expires_at.millis())
        .bind(device_id)
        .bind(now)
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// A person's browsers, last used first; `current` is the one that asks.
pub async fn of(tx: &mut ReadTx, user: &UserId, now: Timestamp, current: Option<i64>) -> Result<Vec<Device>, Error> {
    let rows: Vec<(i64, String, i64, i64, i64)> = sqlx::query_as(
        "SELECT device_id, device, created_at, used_at, expires_at FROM devices WHERE user_id = ? AND expires_at > ?
         ORDER BY used_at DESC, device_id DESC LIMIT 200",
    )
    .bind(user.as_str())
    .bind(now.millis())
    .fetch_all(tx.connection())
    .await?;
    Ok(rows
        .into_iter()
        .map(|(id, device, created, used, expires)| Device {
            id,
            device,
            created_at: Timestamp::from_millis(created),
            last_used_at: Timestamp::from_millis(used),
            expires_at: Timestamp::from_millis(expires),
            current: current == Some(id),
        })
        .collect())
}

/// The browsers of this person beyond the `most` that were used last.
pub async fn beyond(tx: &mut WriteTx, user: &UserId, most: i64) -> Result<Vec<i64>, Error> {
    Ok(
        sqlx::query_scalar("SELECT device_id FROM devices WHERE user_id = ? ORDER BY used_at DESC, device_id DESC LIMIT -1 OFFSET ?")
            .bind(user.as_str())
            .bind(most)
            .fetch_all(tx.connection())
            .await?,
    )
}

/// Forgets a browser of this person; whether there was one.
pub async fn delete(tx: &mut WriteTx, user: &UserId, device_id: i64) -> Result<bool, Error> {
    let gone = sqlx::query("DELETE FROM devices WHERE user_id = ? AND device_id = ?")
        .bind(user.as_str())
        .bind(device_id)
        .execute(tx.connection())
        .await?;
    Ok(gone.rows_affected() > 0)
}

/// All browsers of this person but one.
pub async fn others(tx: &mut WriteTx, user: &UserId, but: Option<i64>) -> Result<Vec<i64>, Error> {
    Ok(
        sqlx::query_scalar("SELECT device_id FROM devices WHERE user_id = ? AND device_id <> ? ORDER BY device_id")
            .bind(user.as_str())
            .bind(but.unwrap_or(0))
            .fetch_all(tx.connection())
            .await?,
    )
}
