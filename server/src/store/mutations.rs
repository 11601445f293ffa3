//! Writes that were done, by the id that their client gave them.

use super::WriteTx;
use crate::error::Error;
use sqlx::SqliteConnection;

/// What is known of a write of this id: the fingerprint of its request, and its outcome as JSON.
pub async fn find(connection: &mut SqliteConnection, id: &str) -> Result<Option<(String, String)>, Error> {
    Ok(sqlx::query_as("SELECT fingerprint, outcome FROM mutations WHERE mutation_id = ?")
        .bind(id)
        .fetch_optional(connection)
        .await?)
}

/// Remembers a write.
pub async fn insert(tx: &mut WriteTx, id: &str, fingerprint: &str, outcome: &str) -> Result<(), Error> {
    let now = tx.now().millis();
    sqlx::query("INSERT INTO mutations (mutation_id, at, fingerprint, outcome) VALUES (?, ?, ?, ?)")
        .bind(id)
        .bind(now)
        .bind(fingerprint)
        .bind(outcome)
        .execute(tx.connection())
        .await?;
    Ok(())
}
