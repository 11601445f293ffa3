//! What people are told.

use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::notification::{Counts, Mark, Notification};
use app::protocol::{KbName, Timestamp, UserId, limits};
use serde_json::json;
use sqlx::SqliteConnection;
use std::collections::HashMap;

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

/// A notification to add, and for whom.
#[derive(Debug, Clone, PartialEq)]
pub struct New<'n> {
    /// For whom.
    pub user: &'n UserId,
    /// What they are told; its id is given to it.
    pub notification: &'n Notification,
    /// Of what it is one more, as long as nobody has seen the one before; empty where it stands for itself.
    pub about: &'n str,
    /// The knowledge base that it is about, where it is about one: it goes with that.
    pub kb: Option<&'n KbName>,
    /// The number of the entry that it is about, where it is about one: it goes with that.
    pub uid: Option<i64>,
    /// Whose doing it is, by themselves or by a program; none where Tidings itself tells.
    pub sender: Option<&'n UserId>,
}

/// Adds notifications, each for another person, and forgets what is too much for each of them. Returns their ids by person.
pub async fn insert(tx: &mut WriteTx, all: &[New<'_>]) -> Result<HashMap<UserId, i64>, Error> {
    let rows = all
        .iter()
        .map(|new| {
            let Notification {
                kind,
                title,
                message,
                link,
                actor,
                data,
                created_at,
                ..
            } = new.notification;
            Ok(json!([
                new.user,
                kind,
                title,
                message,
                link,
                actor,
                new.about,
                created_at.millis(),
                serde_json::to_string(data)?,
                new.kb,
                new.uid,
                new.sender.map_or("", UserId::as_str)
            ]))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    let ids: Vec<(String, i64)> = sqlx::query_as(
        "INSERT INTO notifications (user_id, kind, title, message, link, actor, about, created_at, data, kb_name, uid, sender)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, value ->> 6, value ->> 7, value ->> 8,
             value ->> 9, value ->> 10, value ->> 11 FROM json_each(?) RETURNING user_id, notification_id",
    )
    .bind(serde_json::to_string(&rows)?)
    .fetch_all(tx.connection())
    .await?;
    forget_surplus(tx, all).await?;
    ids.into_iter().map(|(user, id)| Ok((UserId::parse(&user)?, id))).collect()
}

/// Forgets what people have too much of. First what one sender has caused, so that nobody can push out what others have; then
/// what was read; and of the rest only twice as much.
async fn forget_surplus(tx: &mut WriteTx, all: &[New<'_>]) -> Result<(), Error> {
    let pairs: Vec<(&UserId, &str)> = all.iter().map(|new| (new.user, new.sender.map_or("", UserId::as_str))).collect();
    let people: Vec<&UserId> = all.iter().map(|new| new.user).collect();
    sqlx::query(
        "DELETE FROM notifications WHERE notification_id IN (
             SELECT n.notification_id FROM json_each(?) p JOIN notifications n ON n.user_id = p.value ->> 0 AND n.sender = p.value ->> 1
             WHERE p.value ->> 1 <> '' AND n.notification_id <=
                 (SELECT o.notification_id FROM notifications o WHERE o.user_id = p.value ->> 0 AND o.sender = p.value ->> 1
                  ORDER BY o.notification_id DESC LIMIT 1 OFFSET ?))",
    )
    .bind(serde_json::to_string(&pairs)?)
    .bind(limits::NOTIFICATIONS_OF_SENDER as i64)
    .execute(tx.connection())
    .await?;
    for (statement, most) in [
        (
            "DELETE FROM notifications WHERE read AND notification_id IN (
                 SELECT n.notification_id FROM json_each(?) p JOIN notifications n ON n.user_id = p.value
                 WHERE n.notification_id <= (SELECT o.notification_id FROM notifications o WHERE o.user_id = p.value
                                             ORDER BY o.notification_id DESC LIMIT 1 OFFSET ?))",
            limits::NOTIFICATIONS,
        ),
        (
            "DELETE FROM notifications WHERE notification_id IN (
                 SELECT n.notification_id FROM json_each(?) p JOIN notifications n ON n.user_id = p.value
                 WHERE n.notification_id <= (SELECT o.notification_id FROM notifications o WHERE o.user_id = p.value
                                             ORDER BY o.notification_id DESC LIMIT 1 OFFSET ?))",
            2 * limits::NOTIFICATIONS,
        ),
    ] {
        sqlx::query(statement)
            .bind(serde_json::to_string(&people)?)
            .bind(most as i64)
            .execute(tx.connection())
            .await?;
    }
    Ok(())
}

/// Takes out, of each of these people, the notification of the same thing that they have not seen yet; with how many changes it
/// stood for.
pub async fn take_unseen(tx: &mut WriteTx, people: &[&UserId], about: &str) -> Result<HashMap<UserId, (i64, u64)>, Error> {
    let rows: Vec<(String, i64, String)> = sqlx::query_as(
        "DELETE FROM notifications WHERE notification_id IN (
             SELECT max(n.notification_id) FROM json_each(?) p JOIN notifications n ON n.user_id = p.value
             WHERE n.about = ? AND NOT n.seen AND NOT n.read GROUP BY n.user_id)
         RETURNING user_id, notification_id, data",
    )
    .bind(serde_json::to_string(people)?)
    .bind(about)
    .fetch_all(tx.connection())
    .await?;
    let count = |data: &str| serde_json::from_str::<serde_json::Value>(data).ok()?.get("count")?.as_u64();
    rows.into_iter()
        .map(|(user, id, data)| Ok((UserId::parse(&user)?, (id, count(&data).unwrap_or(1)))))
        .collect()
}

/// Takes away what a person was told of a knowledge base that they may no longer read.
pub async fn withdraw(tx: &mut WriteTx, user: &UserId, kb: &KbName) -> Result<(), Error> {
    sqlx::query("DELETE FROM notifications WHERE user_id = ? AND kb_name = ?")
        .bind(user.as_str())
        .bind(kb.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Whether a row `n` of notifications is shown to its person: nothing of a knowledge base that they may not read, and nothing of
/// one that had the same name before. People without an account are those of a server that asks nobody who they are.
macro_rules! shown {
    () => {
        "(n.kb_name IS NULL OR EXISTS (
              SELECT 1 FROM kbs k LEFT JOIN rights r ON r.kb_name = k.name AND r.user_id = n.user_id LEFT JOIN people p ON p.user_id = n.user_id
              WHERE k.name = n.kb_name AND n.created_at >= k.created_at
                AND (p.user_id IS NULL OR p.role = 'owner' OR coalesce(r.level, k.members) <> 'none')))"
    };
}

/// How many wait for each of these people; who has none is not in it.
pub async fn counts_of(connection: &mut SqliteConnection, people: &[&UserId]) -> Result<HashMap<UserId, Counts>, Error> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(concat!(
        "SELECT n.user_id, coalesce(sum(NOT n.seen), 0), count(*) FROM json_each(?) w JOIN notifications n ON n.user_id = w.value
         WHERE NOT n.read AND ",
        shown!(),
        " GROUP BY n.user_id"
    ))
    .bind(serde_json::to_string(people)?)
    .fetch_all(connection)
    .await?;
    let count = |number| u64::try_from(number).unwrap_or(0);
    rows.into_iter()
        .map(|(user, unseen, unread)| {
            let counts = Counts {
                unseen: count(unseen),
                unread: count(unread),
            };
            Ok((UserId::parse(&user)?, counts))
        })
        .collect()
}

/// How many wait for a person.
pub async fn counts(connection: &mut SqliteConnection, user: &UserId) -> Result<Counts, Error> {
    Ok(counts_of(connection, &[user]).await?.remove(user).unwrap_or_default())
}

/// A person's notifications, newest first, older than `before`, at most `limit`.
pub async fn page(
    tx: &mut ReadTx,
    user: &UserId,
    unread_only: bool,
    limit: usize,
    before: Option<i64>,
) -> Result<Vec<Notification>, Error> {
    let rows: Vec<Row> = sqlx::query_as(concat!(
        "SELECT n.notification_id, n.kind, n.title, n.message, n.link, n.actor, n.data, n.created_at, n.seen, n.read FROM notifications n
         WHERE n.user_id = ? AND n.notification_id < ? AND (NOT ? OR NOT n.read) AND ",
        shown!(),
        " ORDER BY n.notification_id DESC LIMIT ?"
    ))
    .bind(user.as_str())
    .bind(before.unwrap_or(i64::MAX))
    .bind(unread_only)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(Notification::try_from).collect()
}

/// A notification of this person.
pub async fn get(connection: &mut SqliteConnection, user: &UserId, id: i64) -> Result<Option<Notification>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT notification_id, kind, title, message, link, actor, data, created_at, seen, read FROM notifications
         WHERE user_id = ? AND notification_id = ?",
    )
    .bind(user.as_str())
    .bind(id)
    .fetch_optional(connection)
    .await?;
    row.map(Notification::try_from).transpose()
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
