//! Who may do what in which knowledge base.

use super::{ReadTx, WriteTx};
use crate::domain::caller::Standing;
use crate::error::Error;
use app::protocol::people::{Level, Right, Role};
use app::protocol::{KbName, UserId};
use sqlx::SqliteConnection;
use std::collections::HashMap;

pub(super) fn level(text: &str) -> Result<Level, Error> {
    Level::parse(text).ok_or_else(|| Error::Damaged(format!("the level {text:?}")))
}

pub(super) fn role(text: &str) -> Result<Role, Error> {
    Role::parse(text).ok_or_else(|| Error::Damaged(format!("the role {text:?}")))
}

/// What a person of this role may do.
pub async fn standing(connection: &mut SqliteConnection, user: &UserId, role: Role) -> Result<Standing, Error> {
    let mut levels = HashMap::new();
    if role == Role::Member {
        let rows: Vec<(String, String)> = sqlx::query_as(
            "SELECT k.name, coalesce(r.level, k.members) FROM kbs k LEFT JOIN rights r ON r.kb_name = k.name AND r.user_id = ?
             WHERE coalesce(r.level, k.members) <> 'none'",
        )
        .bind(user.as_str())
        .fetch_all(connection)
        .await?;
        for (name, text) in rows {
            levels.insert(KbName::parse(&name)?, level(&text)?);
        }
    }
    Ok(Standing { role, levels })
}

/// What a person of this role may do in one knowledge base.
pub async fn standing_in(connection: &mut SqliteConnection, user: &UserId, role: Role, kb: &KbName) -> Result<Standing, Error> {
    let mut levels = HashMap::new();
    if role == Role::Member {
        let level = match right(connection, kb, user).await? {
            Some(level) => level,
            None => members(connection, kb).await?,
        };
        if level > Level::None {
            levels.insert(kb.clone(), level);
        }
    }
    Ok(Standing { role, levels })
}

/// What all members may do in each knowledge base, and what was said for single people.
pub type All = (Vec<(KbName, Level)>, Vec<(KbName, UserId, Level)>);

/// All that was said of who may do what.
pub async fn all(tx: &mut ReadTx) -> Result<All, Error> {
    let kbs: Vec<(String, String)> = sqlx::query_as("SELECT name, members FROM kbs").fetch_all(tx.connection()).await?;
    let rights: Vec<(String, String, String)> =
        sqlx::query_as("SELECT kb_name, user_id, level FROM rights WHERE kb_name IN (SELECT name FROM kbs)")
            .fetch_all(tx.connection())
            .await?;
    let kbs = kbs.into_iter().map(|(name, members)| Ok((KbName::parse(&name)?, level(&members)?)));
    let rights = rights
        .into_iter()
        .map(|(kb, user, of)| Ok((KbName::parse(&kb)?, UserId::parse(&user)?, level(&of)?)));
    Ok((kbs.collect::<Result<_, Error>>()?, rights.collect::<Result<_, Error>>()?))
}

/// What all members may do in a knowledge base, or `KbNotFound`.
pub async fn members(connection: &mut SqliteConnection, kb: &KbName) -> Result<Level, Error> {
    let text: Option<String> = sqlx::query_scalar("SELECT members FROM kbs WHERE name = ?")
        .bind(kb.as_str())
        .fetch_optional(connection)
        .await?;
    text.map_or_else(|| Err(Error::KbNotFound(kb.clone())), |text| level(&text))
}

/// Says what all members may do in a knowledge base.
pub async fn set_members(tx: &mut WriteTx, kb: &KbName, members: Level) -> Result<(), Error> {
    sqlx::query("UPDATE kb_rows SET members = ? WHERE name = ?")
        .bind(members.as_str())
        .bind(kb.as_str())
        .execute(tx.connection())
        .await?;
    Ok(())
}

/// For whom something else is said than for all members, by name.
pub async fn rights(tx: &mut ReadTx, kb: &KbName) -> Result<Vec<Right>, Error> {
    let rows: Vec<(String, String)> = sqlx::query_as("SELECT user_id, level FROM rights WHERE kb_name = ? ORDER BY user_id")
        .bind(kb.as_str())
        .fetch_all(tx.connection())
        .await?;
    rows.into_iter()
        .map(|(user, text)| {
            Ok(Right {
                user_id: UserId::parse(&user)?,
                level: level(&text)?,
            })
        })
        .collect()
}

/// What was said for one person.
pub async fn right(connection: &mut SqliteConnection, kb: &KbName, user: &UserId) -> Result<Option<Level>, Error> {
    let text: Option<String> = sqlx::query_scalar("SELECT level FROM rights WHERE kb_name = ? AND user_id = ?")
        .bind(kb.as_str())
        .bind(user.as_str())
        .fetch_optional(connection)
        .await?;
    text.as_deref().map(level).transpose()
}

/// Says what one person may do; none lets them do what all members may.
pub async fn set_right(tx: &mut WriteTx, kb: &KbName, user: &UserId, level: Option<Level>) -> Result<(), Error> {
    let query = match level {
        Some(level) => sqlx::query(
            "INSERT INTO rights (kb_name, user_id, level) VALUES (?, ?, ?) ON CONFLICT (kb_name, user_id) DO UPDATE SET level = excluded.level",
        )
        .bind(kb.as_str())
        .bind(user.as_str())
        .bind(level.as_str()),
        None => sqlx::query("DELETE FROM rights WHERE kb_name = ? AND user_id = ?")
            .bind(kb.as_str())
            .bind(user.as_str()),
    };
    query.execute(tx.connection()).await?;
    Ok(())
}
