//! Links by which somebody gets an account.

use super::access::role;
use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::people::{Invitation, Role};
use app::protocol::{Timestamp, UserId};
use sqlx::SqliteConnection;

/// What a link is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Which.
    pub id: i64,
    /// Whether it makes the first owner.
    pub claim: bool,
    /// What who comes by it will be.
    pub role: Role,
}

/// The link with this secret, by its digest, unless it has expired.
pub async fn find(connection: &mut SqliteConnection, digest: &str, now: Timestamp) -> Result<Option<Found>, Error> {
    let row: Option<(i64, bool, String)> =
        sqlx::query_as("SELECT invitation_id, claim, role FROM invitations WHERE digest = ? AND (expires_at IS NULL OR expires_at > ?)")
            .bind(digest)
            .bind(now.millis())
            .fetch_optional(connection)
            .await?;
    row.map(|(id, claim, text)| {
        Ok(Found {
            id,
            claim,
            role: role(&text)?,
        })
    })
    .transpose()
}

/// Adds the link that makes the first owner, in the place of any before it.
pub async fn insert_claim(tx: &mut WriteTx, digest: &str) -> Result<(), Error> {
    let now = tx.now().millis();
    sqlx::query(
        "DELETE FROM invitations WHERE claim;
         INSERT INTO invitations (digest, claim, role, created_by, created_at) VALUES (?, TRUE, 'owner', 'system', ?)",
    )
    .bind(digest)
    .bind(now)
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// Adds an invitation.
pub async fn insert(tx: &mut WriteTx, invitation: &Invitation, digest: &str) -> Result<i64, Error> {
    Ok(sqlx::query_scalar(
        "INSERT INTO invitations (digest, claim, role, created_by, created_at, expires_at) VALUES (?, FALSE, ?, ?, ?, ?) RETURNING invitation_id",
    )
    .bind(digest)
    .bind(invitation.role.as_str())
    .bind(invitation.created_by.as_str())
    .bind(invitation.created_at.millis())
    .bind(invitation.expires_at.millis())
    .fetch_one(tx.connection())
    .await?)
}

/// Invitations that are still good, last made first.
pub async fn open(tx: &mut ReadTx, now: Timestamp) -> Result<Vec<Invitation>, Error> {
    let rows: Vec<(i64, String, String, i64, i64)> = sqlx::query_as(
        "SELECT invitation_id, role, created_by, created_at, expires_at FROM invitations
         WHERE NOT claim AND expires_at > ? ORDER BY invitation_id DESC LIMIT 200",
    )
    .bind(now.millis())
    .fetch_all(tx.connection())
    .await?;
    rows.into_iter()
        .map(|(id, text, by, created, expires)| {
            Ok(Invitation {
                id,
                role: role(&text)?,
                created_by: UserId::parse(&by)?,
                created_at: Timestamp::from_millis(created),
                expires_at: Timestamp::from_millis(expires),
            })
        })
        .collect()
}

/// Gives an invitation another secret. Whether it is still there.
pub async fn renew(tx: &mut WriteTx, id: i64, digest: &str) -> Result<bool, Error> {
    let renewed = sqlx::query("UPDATE invitations SET digest = ? WHERE invitation_id = ?")
        .bind(digest)
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(renewed.rows_affected() > 0)
}

/// Forgets a link; whether there was one. The first owner's is not withdrawn by number.
pub async fn delete(tx: &mut WriteTx, id: i64) -> Result<bool, Error> {
    let gone = sqlx::query("DELETE FROM invitations WHERE invitation_id = ?")
        .bind(id)
        .execute(tx.connection())
        .await?;
    Ok(gone.rows_affected() > 0)
}

/// How many invitations are still good.
pub async fn count(connection: &mut SqliteConnection, now: Timestamp) -> Result<i64, Error> {
    Ok(
        sqlx::query_scalar("SELECT count(*) FROM invitations WHERE NOT claim AND expires_at > ?")
            .bind(now.millis())
            .fetch_one(connection)
            .await?,
    )
}

/// Takes back all that somebody made who is no longer to make any.
pub async fn withdraw_of(tx: &mut WriteTx, user: &UserId) -> Result<(), Error> {
    sqlx::query("DELETE FROM invitations WHERE NOT claim AND created_by = ?")
        .bind(user.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// Forgets what has expired: links, browsers, announcements; and who watches an entry that is gone for good.
pub async fn sweep(tx: &mut WriteTx) -> Result<(), Error> {
    let now = tx.now().millis();
    sqlx::query("DELETE FROM invitations WHERE expires_at <= ?; DELETE FROM devices WHERE expires_at <= ?; DELETE FROM announcements WHERE expires_at <= ?;
         DELETE FROM watches WHERE uid <> 0 AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.uid = watches.uid)")
        .bind(now)
        .bind(now)
        .bind(now)
        .execute(tx.connection())
        .await?;
    Ok(())
}
