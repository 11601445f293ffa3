//! Programs' tokens.

use super::access::role;
use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::people::{Role, Scope, Token};
use app::protocol::{KbName, Timestamp, UserId};
use sqlx::SqliteConnection;

#[derive(sqlx::FromRow)]
struct Row {
    token_id: i64,
    user_id: String,
    name: String,
    scopes: String,
    kb_name: Option<String>,
    created_at: i64,
    expires_at: Option<i64>,
    used_at: Option<i64>,
}

impl TryFrom<Row> for Token {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.token_id,
            user_id: UserId::parse(&row.user_id)?,
            name: UserId::parse(&row.name)?,
            scopes: serde_json::from_str::<Vec<Scope>>(&row.scopes)?,
            kb_name: row.kb_name.as_deref().map(KbName::parse).transpose()?,
            created_at: Timestamp::from_millis(row.created_at),
            expires_at: row.expires_at.map(Timestamp::from_millis),
            last_used_at: row.used_at.map(Timestamp::from_millis),
        })
    }
}

/// The token with this secret, by its digest, and what its person is, unless it has expired.
pub async fn find(connection: &mut SqliteConnection, digest: &str, now: Timestamp) -> Result<Option<(Token, Role)>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT token_id, t.user_id, name, scopes, kb_name, t.created_at, expires_at, used_at FROM tokens t
         JOIN people p ON p.user_id = t.user_id AND p.removed_at IS NULL WHERE digest = ? AND (expires_at IS NULL OR expires_at > ?)",
    )
    .bind(digest)
    .bind(now.millis())
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let token = Token::try_from(row)?;
    let text: String = sqlx::query_scalar("SELECT role FROM people WHERE user_id = ?")
        .bind(token.user_id.as_str())
        .fetch_one(connection)
        .await?;
    Ok(Some((token, role(&text)?)))
}

/// Adds a token.
pub async fn insert(tx: &mut WriteTx, token: &Token, digest: &str) -> Result<i64, Error> {
    Ok(sqlx::query_scalar(
        "INSERT INTO tokens (user_id, digest, name, scopes, kb_name, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING token_id",
    )
    .bind(token.user_id.as_str())
    .bind(digest)
    .bind(token.name.as_str())
    .bind(serde_json::to_string(&token.scopes)?)
    .bind(token.kb_name.as_ref().map(KbName::as_str))
    .bind(token.created_at.millis())
    .bind(token.expires_at.map(Timestamp::millis))
    .fetch_one(tx.connection())
    .await?)
}

/// Gives a token that was never used another secret. None where it was used, or is gone.
pub async fn renew(tx: &mut WriteTx, token_id: i64, digest: &str) -> Result<Option<Token>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "UPDATE tokens SET digest = ? WHERE token_id = ? AND used_at IS NULL
         RETURNING token_id, user_id, name, scopes, kb_name, created_at, expires_at, used_at",
    )
    .bind(digest)
    .bind(token_id)
    .fetch_optional(tx.connection())
    .await?;
    row.map(Token::try_from).transpose()
}

/// Says that a token, and by it its person, was just here.
pub async fn used(tx: &mut WriteTx, token: &Token) -> Result<(), Error> {
    let now = tx.now().millis();
    sqlx::query("UPDATE tokens SET used_at = ? WHERE token_id = ?; UPDATE people SET seen_at = ? WHERE user_id = ?")
        .bind(now)
        .bind(token.id)
        .bind(now)
        .bind(token.user_id.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// A person's tokens, or everybody's, last made first.
pub async fn of(tx: &mut ReadTx, user: Option<&UserId>) -> Result<Vec<Token>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT token_id, user_id, name, scopes, kb_name, created_at, expires_at, used_at FROM tokens
         WHERE ? IS NULL OR user_id = ? ORDER BY token_id DESC LIMIT 1000",
    )
    .bind(user.map(UserId::as_str))
    .bind(user.map(UserId::as_str))
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter().map(Token::try_from).collect()
}

/// How many tokens a person has.
pub async fn count(connection: &mut SqliteConnection, user: &UserId) -> Result<i64, Error> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM tokens WHERE user_id = ?")
        .bind(user.as_str())
        .fetch_one(connection)
        .await?)
}

/// Whose token it is.
pub async fn owner(connection: &mut SqliteConnection, token_id: i64) -> Result<Option<UserId>, Error> {
    let user: Option<String> = sqlx::query_scalar("SELECT user_id FROM tokens WHERE token_id = ?")
        .bind(token_id)
        .fetch_optional(connection)
        .await?;
    Ok(user.as_deref().map(UserId::parse).transpose()?)
}

/// Takes a token back.
pub async fn delete(tx: &mut WriteTx, token_id: i64) -> Result<(), Error> {
    sqlx::query("DELETE FROM tokens WHERE token_id = ?")
        .bind(token_id)
        .execute(tx.connection())
        .await?;
    Ok(())
}
