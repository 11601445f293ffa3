//! Browsers in which somebody was logged in once, whether they still are or not.

use super::WriteTx;
use crate::error::Error;
use app::protocol::UserId;
use sqlx::SqliteConnection;

/// Of each person, so many are kept: those used last.
const KEPT: i64 = 20;

/// Whether this person was logged in once in the browser with this secret, by its digest.
pub async fn is_known(connection: &mut SqliteConnection, user: &UserId, digest: &str) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM known_browsers WHERE digest = ? AND user_id = ?)")
            .bind(digest)
            .bind(user.as_str())
            .fetch_one(connection)
            .await?,
    )
}

/// Remembers a browser.
pub async fn put(tx: &mut WriteTx, user: &UserId, digest: &str) -> Result<(), Error> {
    let now = tx.now().millis();
    sqlx::query(
        "INSERT INTO known_browsers (digest, user_id, used_at) VALUES (?, ?, ?)
         ON CONFLICT (digest) DO UPDATE SET user_id = excluded.user_id, used_at = excluded.used_at",
    )
    .bind(digest)
    .bind(user.as_str())
    .bind(now)
    .execute(tx.connection())
    .await?;
    sqlx::query(
        "DELETE FROM known_browsers WHERE digest IN
             (SELECT digest FROM known_browsers WHERE user_id = ? ORDER BY used_at DESC, digest LIMIT -1 OFFSET ?)",
    )
    .bind(user.as_str())
    .bind(KEPT)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Forgets all of a person.
pub async fn forget(tx: &mut WriteTx, user: &UserId) -> Result<(), Error> {
    sqlx::query("DELETE FROM known_browsers WHERE user_id = ?")
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}
