//! People.

use super::access::role;
use super::{ReadTx, WriteTx, log};
use crate::error::Error;
use app::protocol::people::{Person, Role};
use app::protocol::{Code, KbName, Problem, Seq, Timestamp, UserId};
use sqlx::SqliteConnection;
use std::collections::HashMap;

/// A person, or one who was removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// What they are, or were.
    pub role: Role,
    /// The digest of their password.
    pub password: Option<String>,
    /// Whether they are here no longer.
    pub removed: bool,
    /// The issuer whose tokens speak for them.
    pub issuer: Option<String>,
}

/// That nobody of this name is here.
pub fn not_found(user: &UserId) -> Error {
    Problem::new(Code::PersonNotFound, format!("There is nobody called {user} here.")).into()
}

/// Whoever has or had this name.
pub async fn find(connection: &mut SqliteConnection, user: &UserId) -> Result<Option<Stored>, Error> {
    let row: Option<(String, Option<String>, bool, Option<String>)> =
        sqlx::query_as("SELECT role, password, removed_at IS NOT NULL, issuer FROM people WHERE user_id = ?")
            .bind(user.as_str())
            .fetch_optional(connection)
            .await?;
    row.map(|(text, password, removed, issuer)| {
        Ok(Stored {
            role: role(&text)?,
            password,
            removed,
            issuer,
        })
    })
    .transpose()
}

/// What somebody who is here is, or `person_not_found`.
pub async fn role_of(connection: &mut SqliteConnection, user: &UserId) -> Result<Role, Error> {
    match find(connection, user).await? {
        Some(person) if !person.removed => Ok(person.role),
        _ => Err(not_found(user)),
    }
}

/// All who are here, by name.
pub async fn all(tx: &mut ReadTx) -> Result<Vec<Person>, Error> {
    let rows: Vec<(String, String, i64, Option<i64>)> =
        sqlx::query_as("SELECT user_id, role, created_at, seen_at FROM people WHERE removed_at IS NULL ORDER BY user_id")
            .fetch_all(tx.connection())
            .await?;
    rows.into_iter()
        .map(|(user, text, created, seen)| {
            Ok(Person {
                user_id: UserId::parse(&user)?,
                role: role(&text)?,
                created_at: Timestamp::from_millis(created),
                last_seen_at: seen.map(Timestamp::from_millis),
            })
        })
        .collect()
}

/// One who is here.
pub async fn get(connection: &mut SqliteConnection, user: &UserId) -> Result<Person, Error> {
    let row: Option<(String, i64, Option<i64>)> =
        sqlx::query_as("SELECT role, created_at, seen_at FROM people WHERE user_id = ? AND removed_at IS NULL")
            .bind(user.as_str())
            .fetch_optional(connection)
            .await?;
    let (text, created, seen) = row.ok_or_else(|| not_found(user))?;
    Ok(Person {
        user_id: user.clone(),
        role: role(&text)?,
        created_at: Timestamp::from_millis(created),
        last_seen_at: seen.map(Timestamp::from_millis),
    })
}

/// Who may read a knowledge base, those whose name begins with `prefix`, at most `limit`.
pub async fn readers(connection: &mut SqliteConnection, kb: &KbName, prefix: &str, limit: usize) -> Result<Vec<UserId>, Error> {
    let names: Vec<String> = sqlx::query_scalar(
        "SELECT p.user_id FROM people p JOIN kbs k ON k.name = ? LEFT JOIN rights r ON r.kb_name = k.name AND r.user_id = p.user_id
         WHERE p.removed_at IS NULL AND substr(p.user_id, 1, length(?)) = ? AND (p.role = 'owner' OR coalesce(r.level, k.members) <> 'none')
         ORDER BY p.user_id LIMIT ?",
    )
    .bind(kb.as_str())
    .bind(prefix)
    .bind(prefix)
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    names.iter().map(|name| Ok(UserId::parse(name)?)).collect()
}

/// Of these names, those of people who are here and may read a knowledge base.
pub async fn readers_among(connection: &mut SqliteConnection, kb: &KbName, names: &[UserId]) -> Result<Vec<UserId>, Error> {
    let found: Vec<String> = sqlx::query_scalar(
        "SELECT p.user_id FROM people p JOIN kbs k ON k.name = ? LEFT JOIN rights r ON r.kb_name = k.name AND r.user_id = p.user_id
         WHERE p.removed_at IS NULL AND p.user_id IN (SELECT value FROM json_each(?)) AND (p.role = 'owner' OR coalesce(r.level, k.members) <> 'none')
         ORDER BY p.user_id",
    )
    .bind(kb.as_str())
    .bind(serde_json::to_string(names)?)
    .fetch_all(connection)
    .await?;
    found.iter().map(|name| Ok(UserId::parse(name)?)).collect()
}

/// Whether nobody has an account yet.
pub async fn is_empty(connection: &mut SqliteConnection) -> Result<bool, Error> {
    Ok(
        sqlx::query_scalar("SELECT NOT EXISTS (SELECT 1 FROM people WHERE removed_at IS NULL)")
            .fetch_one(connection)
            .await?,
    )
}

/// How many owners are here.
pub async fn owners(connection: &mut SqliteConnection) -> Result<i64, Error> {
    Ok(
        sqlx::query_scalar("SELECT count(*) FROM people WHERE role = 'owner' AND removed_at IS NULL")
            .fetch_one(connection)
            .await?,
    )
}

/// Adds a person, or has one come back who was removed. What was sent to this name before is not theirs.
pub async fn insert(tx: &mut WriteTx, user: &UserId, role: Role, password: Option<&str>) -> Result<(), Error> {
    let since = tx.next_seq();
    clear(tx, user).await?;
    insert_since(tx, user, role, password, since).await
}

/// Adds a person to whom belongs what was sent to their name before.
pub async fn adopt(tx: &mut WriteTx, user: &UserId, role: Role, password: Option<&str>) -> Result<(), Error> {
    insert_since(tx, user, role, password, Seq::new(0)).await
}

async fn insert_since(tx: &mut WriteTx, user: &UserId, role: Role, password: Option<&str>, since: Seq) -> Result<(), Error> {
    let now = tx.now().millis();
    sqlx::query(
        "INSERT INTO people (user_id, role, created_at, since_seq, password) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT (user_id) DO UPDATE SET role = excluded.role, created_at = excluded.created_at, since_seq = excluded.since_seq, seen_at = NULL,
             removed_at = NULL, password = excluded.password, issuer = NULL",
    )
    .bind(user.as_str())
    .bind(role.as_str())
    .bind(now)
    .bind(log::seq_into(since))
    .bind(password)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Makes them something else.
pub async fn set_role(tx: &mut WriteTx, user: &UserId, role: Role) -> Result<(), Error> {
    sqlx::query("UPDATE people SET role = ? WHERE user_id = ?")
        .bind(role.as_str())
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Links the account to an issuer, or to none.
pub async fn set_issuer(tx: &mut WriteTx, user: &UserId, issuer: Option<&str>) -> Result<(), Error> {
    sqlx::query("UPDATE people SET issuer = ? WHERE user_id = ?")
        .bind(issuer)
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Keeps the digest of their password.
pub async fn set_password(tx: &mut WriteTx, user: &UserId, digest: &str) -> Result<(), Error> {
    sqlx::query("UPDATE people SET password = ? WHERE user_id = ?")
        .bind(digest)
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Removes what is a person's alone.
async fn clear(tx: &mut WriteTx, user: &UserId) -> Result<(), Error> {
    for statement in [
        "DELETE FROM devices WHERE user_id = ?",
        "DELETE FROM known_browsers WHERE user_id = ?",
        "DELETE FROM tokens WHERE user_id = ?",
        "DELETE FROM rights WHERE user_id = ?",
        "DELETE FROM notifications WHERE user_id = ?",
        "DELETE FROM preferences WHERE user_id = ?",
        "DELETE FROM watches WHERE user_id = ?",
        "DELETE FROM dismissals WHERE user_id = ?",
    ] {
        sqlx::query(statement).bind(user.as_str()).execute(tx.connection()).await?;
    }
    Ok(())
}

/// Removes a person with all that is theirs alone. What they wrote stays, and so does their name.
pub async fn remove(tx: &mut WriteTx, user: &UserId) -> Result<(), Error> {
    let now = tx.now().millis();
    clear(tx, user).await?;
    sqlx::query("UPDATE people SET removed_at = ?, password = NULL WHERE user_id = ?")
        .bind(now)
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// From which event on a knowledge base is the one of this name, where it is not from the beginning on; and the same of
/// a person's own topic.
pub async fn since(tx: &mut ReadTx, user: &UserId) -> Result<(HashMap<KbName, Seq>, Seq), Error> {
    let kbs: Vec<(String, i64)> = sqlx::query_as("SELECT name, since_seq FROM kbs").fetch_all(tx.connection()).await?;
    let own: Option<i64> = sqlx::query_scalar("SELECT since_seq FROM people WHERE user_id = ?")
        .bind(user.as_str())
        .fetch_optional(tx.connection())
        .await?;
    let kbs = kbs.into_iter().map(|(name, seq)| Ok((KbName::parse(&name)?, log::seq_from(seq)?)));
    Ok((kbs.collect::<Result<_, Error>>()?, log::seq_from(own.unwrap_or(0))?))
}
