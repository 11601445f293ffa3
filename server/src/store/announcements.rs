//! What everybody is told.

use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::notification::{Announcement, Weight};
use app::protocol::{Timestamp, UserId};
use sqlx::SqliteConnection;

type Row = (i64, String, String, String, i64, Option<i64>);

fn announcement((id, level, message, by, created, expires): Row) -> Result<Announcement, Error> {
    Ok(Announcement {
        id,
        level: Weight::parse(&level).ok_or_else(|| Error::Damaged(format!("the level {level:?}")))?,
        message,
        created_by: by.parse()?,
        created_at: Timestamp::from_millis(created),
        expires_at: expires.map(Timestamp::from_millis),
    })
}

/// Adds an announcement.
pub async fn insert(tx: &mut WriteTx, new: &Announcement) -> Result<i64, Error> {
    Ok(sqlx::query_scalar(
        "INSERT INTO announcements (level, message, created_by, created_at, expires_at) VALUES (?, ?, ?, ?, ?) RETURNING announcement_id",
    )
    .bind(new.level.as_str())
    .bind(&new.message)
    .bind(new.created_by.to_string())
    .bind(new.created_at.millis())
    .bind(new.expires_at.map(Timestamp::millis))
    .fetch_one(tx.connection())
    .await?)
}

/// All that have not expired: what weighs most first, then the newest. With a person, those that this person has not dismissed.
pub async fn open(tx: &mut ReadTx, now: Timestamp, user: Option<&UserId>) -> Result<Vec<Announcement>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT announcement_id, level, message, created_by, created_at, expires_at FROM announcements a
         WHERE (expires_at IS NULL OR expires_at > ?)
           AND NOT EXISTS (SELECT 1 FROM dismissals d WHERE d.announcement_id = a.announcement_id AND d.user_id = ?)
         ORDER BY CASE level WHEN 'critical' THEN 0 WHEN 'warning' THEN 1 ELSE 2 END, announcement_id DESC LIMIT 100",
    )
    .bind(now.millis())
    .bind(user.map(UserId::as_str))
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(announcement).collect()
}

/// Whether there is such an announcement.
pub async fn exists(connection: &mut SqliteConnection, id: i64) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("SELECT count(*) > 0 FROM announcements WHERE announcement_id = ?")
            .bind(id)
            .fetch_one(connection)
            .await?,
    )
}

/// Withdraws an announcement; whether there was one.
pub async fn delete(tx: &mut WriteTx, id: i64) -> Result<bool, Error> {
    let gone = sqlx::query("DELETE FROM announcements WHERE announcement_id = ?")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(gone.rows_affected() > 0)
}

/// Says that a person has taken note; whether that is new.
pub async fn dismiss(tx: &mut WriteTx, id: i64, user: &UserId) -> Result<bool, Error> {
    let new = sqlx::query("INSERT INTO dismissals (announcement_id, user_id) VALUES (?, ?) ON CONFLICT DO NOTHING")
        .bind(id)
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(new.rows_affected() > 0)
}
