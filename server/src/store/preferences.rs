//! How people want to hear of what concerns them.

use super::WriteTx;
use crate::error::Error;
use app::protocol::UserId;
use app::protocol::notification::{Delivery, Preferences};
use sqlx::SqliteConnection;
use std::collections::HashMap;

/// The preferences of these people, each with the default of each kind for which they said nothing.
pub async fn of_all(connection: &mut SqliteConnection, people: &[&UserId]) -> Result<HashMap<UserId, Preferences>, Error> {
    let rows: Vec<(String, String, String)> =
        sqlx::query_as("SELECT user_id, kind, delivery FROM preferences WHERE user_id IN (SELECT value FROM json_each(?))")
            .bind(serde_json::to_string(people)?)
            .fetch_all(connection)
            .await?;
    let mut all: HashMap<UserId, Preferences> = people.iter().map(|user| ((*user).clone(), Preferences::default())).collect();
    for (user, kind, text) in rows {
        if let (Some(delivery), Some(preferences)) = (Delivery::parse(&text), all.get_mut(&UserId::parse(&user)?)) {
            preferences.0.insert(kind, delivery);
        }
    }
    Ok(all)
}

/// A person's preferences.
pub async fn of(connection: &mut SqliteConnection, user: &UserId) -> Result<Preferences, Error> {
    Ok(of_all(connection, &[user]).await?.remove(user).unwrap_or_default())
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
