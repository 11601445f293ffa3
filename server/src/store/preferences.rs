//! How people want to hear of what concerns them.

use super::WriteTx;
use crate::error::Error;
use app::protocol::UserId;
use app::protocol::notification::{Delivery, Preferences};
use sqlx::SqliteConnection;

/// A person's preferences, with the default of each kind for which they said nothing.
pub async fn of(connection: &mut SqliteConnection, user: &UserId) -> Result<Preferences, Error> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT kind, delivery FROM preferences WHERE user_id = ?")
        .bind(user.as_str())
        .fetch_all(connection)
        .await?;
    let mut preferences = Preferences::default();
    for (kind, text) in rows {
        if let Some(delivery) = Delivery::parse(&text) {
            preferences.0.insert(kind, delivery);
        }
    }
    Ok(preferences)
}

/// Keeps what a person said of a kind.
pub async fn set(tx: &mut WriteTx, user: &UserId, kind: &str, delivery: Delivery) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO preferences (user_id, kind, delivery) VALUES (?, ?, ?) ON CONFLICT (user_id, kind) DO UPDATE SET delivery = excluded.delivery",
    )
    .bind(user.as_str())
    .bind(kind)
    .bind(delivery.as_str())
    .execute(tx.connection())
    .await?;
    Ok(())
}
