//! Who watches what. A whole knowledge base is watched as the number 0.

use super::WriteTx;
use crate::error::Error;
use app::protocol::{KbName, UserId};
use sqlx::SqliteConnection;

/// The number that stands for a whole knowledge base.
pub const WHOLE_KB: i64 = 0;

/// Whether a person watches it.
pub async fn is_watched(connection: &mut SqliteConnection, kb: &KbName, uid: i64, user: &UserId) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("SELECT count(*) > 0 FROM watches WHERE kb_name = ? AND uid = ? AND user_id = ?")
            .bind(kb.as_str())
            .bind(uid)
            .bind(user.as_str())
            .fetch_one(connection)
            .await?,
    )
}

/// Begins or stops to watch; whether that is new.
pub async fn set(tx: &mut WriteTx, kb: &KbName, uid: i64, user: &UserId, watching: bool) -> Result<bool, Error> {
    let statement = if watching {
        "INSERT INTO watches (kb_name, uid, user_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
    } else {
        "DELETE FROM watches WHERE kb_name = ? AND uid = ? AND user_id = ?"
    };
    let changed = sqlx::query(statement)
        .bind(kb.as_str())
        .bind(uid)
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(changed.rows_affected() > 0)
}

/// Who watches an entry, or its knowledge base, may read it, and is somebody else than `but`.
pub async fn watchers(tx: &mut WriteTx, kb: &KbName, uid: i64, but: Option<&UserId>) -> Result<Vec<UserId>, Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT DISTINCT w.user_id FROM watches w JOIN kbs k ON k.name = w.kb_name
         LEFT JOIN people p ON p.user_id = w.user_id LEFT JOIN rights r ON r.kb_name = w.kb_name AND r.user_id = w.user_id
         WHERE w.kb_name = ? AND w.uid IN (0, ?) AND w.user_id <> ? AND p.removed_at IS NULL
           AND (p.user_id IS NULL OR p.role = 'owner' OR coalesce(r.level, k.members) <> 'none')
         ORDER BY w.user_id",
    )
    .bind(kb.as_str())
    .bind(uid)
    .bind(but.map_or("", UserId::as_str))
    .fetch_all(tx.connection())
    .await?;
    names.iter().map(|name| Ok(UserId::parse(name)?)).collect()
}
