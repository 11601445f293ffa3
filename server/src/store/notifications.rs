//! What people are told.

use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::notification::{Counts, Mark, Notification};
use app::protocol::{Timestamp, UserId, limits};
use sqlx::SqliteConnection;

#[derive(sqlx::FromRow)]
struct Row {
    notification_id: i64,
    kind: String,
    title: String,
    message: String,
    link: Option<String>,
    actor: String,
    data: String,
    created_at: i64,
    seen: bool,
    read: bool,
}

impl TryFrom<Row> for Notification {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.notification_id,
            kind: row.kind,
            title: row.title,
            message: row.message,
            link: row.link,
            actor: row.actor.parse()?,
            data: serde_json::from_str(&row.data)?,
            created_at: Timestamp::from_millis(row.created_at),
            seen: row.seen,
            read: row.read,
        })
    }
}

/// Adds a notification, and forgets the oldest beyond those that are kept. `about` says of what it is one more.
pub async fn insert(tx: &mut WriteTx, user: &UserId, new: &Notification, about: &str) -> Result<i64, Error> {
    let id = sqlx::query_scalar(
        "INSERT INTO notifications (user_id, kind, title, message, link, actor, about, created_at, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING notification_id",
    )
    .bind(user.as_str())
    .bind(&new.kind)
    .bind(&new.title)
    .bind(&new.message)
    .bind(new.link.as_deref())
    .bind(new.actor.to_string())
    .bind(about)
    .bind(new.created_at.millis())
    .bind(serde_json::to_string(&new.data)?)
    .fetch_one(tx.connection())
    .await?;
    sqlx::query(
        "DELETE FROM notifications WHERE user_id = ? AND notification_id <=
             (SELECT notification_id FROM notifications WHERE user_id = ? ORDER BY notification_id DESC LIMIT 1 OFFSET ?)",
    )
    .bind(user.as_str())
    .bind(user.as_str())
    .bind(limits::NOTIFICATIONS as i64)
    .execute(tx.connection())
    .await?;
    Ok(id)
}

/// Takes out the notification of the same thing that nobody has seen yet; with how many changes it stood for.
pub async fn take_unseen(tx: &mut WriteTx, user: &UserId, about: &str) -> Result<Option<(i64, u64)>, Error> {
    let row: Option<(i64, String)> = sqlx::query_as(
        "DELETE FROM notifications WHERE notification_id =
             (SELECT max(notification_id) FROM notifications WHERE user_id = ? AND about = ? AND NOT seen AND NOT read)
         RETURNING notification_id, data",
    )
    .bind(user.as_str())
    .bind(about)
    .fetch_optional(tx.connection())
    .await?;
    let count = |data: &str| serde_json::from_str::<serde_json::Value>(data).ok()?.get("count")?.as_u64();
    Ok(row.map(|(id, data)| (id, count(&data).unwrap_or(1))))
}

/// How many wait.
pub async fn counts(connection: &mut SqliteConnection, user: &UserId) -> Result<Counts, Error> {
    let (unseen, unread): (i64, i64) =
        sqlx::query_as("SELECT coalesce(sum(NOT seen), 0), count(*) FROM notifications WHERE user_id = ? AND NOT read")
            .bind(user.as_str())
            .fetch_one(connection)
            .await?;
    Ok(Counts {
        unseen: u64::try_from(unseen).unwrap_or(0),
        unread: u64::try_from(unread).unwrap_or(0),
    })
}

/// A person's notifications, newest first, older than `before`, at most `limit`.
pub async fn page(
    tx: &mut ReadTx,
    user: &UserId,
    unread_only: bool,
    limit: usize,
    before: Option<i64>,
) -> Result<Vec<Notification>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT notification_id, kind, title, message, link, actor, data, created_at, seen, read FROM notifications
         WHERE user_id = ? AND notification_id < ? AND (NOT ? OR NOT read) ORDER BY notification_id DESC LIMIT ?",
    )
    .bind(user.as_str())
    .bind(before.unwrap_or(i64::MAX))
    .bind(unread_only)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(Notification::try_from).collect()
}

/// Whether this person has such a notification.
pub async fn exists(connection: &mut SqliteConnection, user: &UserId, id: i64) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("SELECT count(*) > 0 FROM notifications WHERE user_id = ? AND notification_id = ?")
            .bind(user.as_str())
            .bind(id)
            .fetch_one(connection)
            .await?,
    )
}

/// Marks notifications of a person, all where no ids are given. Returns those that were otherwise before.
pub async fn mark(tx: &mut WriteTx, user: &UserId, ids: Option<&[i64]>, mark: Mark) -> Result<Vec<i64>, Error> {
    let statement = match mark {
        Mark::Seen => {
            "UPDATE notifications SET seen = TRUE WHERE user_id = ? AND NOT seen AND (? IS NULL OR notification_id IN (SELECT value FROM json_each(?))) RETURNING notification_id"
        }
        Mark::Read => {
            "UPDATE notifications SET seen = TRUE, read = TRUE WHERE user_id = ? AND NOT read AND (? IS NULL OR notification_id IN (SELECT value FROM json_each(?))) RETURNING notification_id"
        }
        Mark::Unread => {
            "UPDATE notifications SET read = FALSE WHERE user_id = ? AND read AND (? IS NULL OR notification_id IN (SELECT value FROM json_each(?))) RETURNING notification_id"
        }
        Mark::Deleted => {
            "DELETE FROM notifications WHERE user_id = ? AND (? IS NULL OR notification_id IN (SELECT value FROM json_each(?))) RETURNING notification_id"
        }
    };
    let list = ids.map(serde_json::to_string).transpose()?;
    let mut changed: Vec<i64> = sqlx::query_scalar(statement)
        .bind(user.as_str())
        .bind(&list)
        .bind(&list)
        .fetch_all(tx.connection())
        .await?;
    changed.sort_unstable();
    Ok(changed)
}
