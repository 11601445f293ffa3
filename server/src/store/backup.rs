//! Backup and restore of the whole database, also beside a running server.

use super::{Store, open, passages};
use crate::error::Error;
use app::protocol::{Cursor, Seq};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, SqliteConnection};
use std::path::Path;

/// Writes a copy of the database, of one moment, to a new file.
pub async fn backup(store: &Store, to: &Path) -> Result<(), Error> {
    let target = path_text(to)?;
    // The system says better than SQLite why a file cannot be made; SQLite takes one that is empty.
    open::for_the_owner_only().open(to).map_err(|why| match why.kind() {
        std::io::ErrorKind::AlreadyExists => refused(to, "is there already; a backup is written to a new file"),
        _ => refused(
            to,
            &format!("cannot be written: {why}. Name a file in a folder that is there, and that you may write to."),
        ),
    })?;
    let copied = copy_into(store, target).await;
    if copied.is_err() {
        // Half a copy is worth nothing.
        let _ = std::fs::remove_file(to);
    }
    copied
}

async fn copy_into(store: &Store, target: &str) -> Result<(), Error> {
    let mut connection = open::options(store.file()).read_only(true).connect().await?;
    let copied = sqlx::query("VACUUM INTO ?").bind(target).execute(&mut connection).await;
    connection.close().await?;
    copied?;
    Ok(())
}

/// Replaces everything by what a backup holds, in one transaction. The log gets a new epoch, so that every client
/// reads anew; a server that runs on the same database notices by itself. Returns where the log stands.
pub async fn restore(store: &Store, from: &Path) -> Result<Cursor, Error> {
    // To attach a file that is missing would make it.
    if !from.is_file() {
        return Err(refused(from, "is no file; name one that `tidings backup` made"));
    }
    let mut connection = open::options(store.file()).foreign_keys(false).connect().await?;
    sqlx::query("ATTACH DATABASE ? AS backup")
        .bind(path_text(from)?)
        .execute(&mut connection)
        .await
        .map_err(|_| refused(from, NO_BACKUP))?;
    check(&mut connection, from).await?;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
    let cursor = match copy(&mut connection).await {
        Ok(cursor) => cursor,
        Err(error) => {
            sqlx::query("ROLLBACK").execute(&mut connection).await?;
            return Err(error);
        }
    };
    sqlx::query("COMMIT").execute(&mut connection).await?;
    connection.close().await?;
    Ok(cursor)
}

/// Looks whether the database is damaged. Takes as long as it takes to read all of it.
pub async fn verify(store: &Store) -> Result<(), Error> {
    let mut tx = store.read().await?;
    let verdict: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(tx.connection()).await?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(Error::Damaged(format!("{verdict}; restore a backup")))
    }
}

fn path_text(path: &Path) -> Result<&str, Error> {
    path.to_str().ok_or_else(|| Error::InvalidValue {
        field: "file",
        why: "its path must be UTF-8".into(),
    })
}

/// The tables in the order in which they are filled.
const TABLES: &[&str] = &[
    "log_state",
    "log",
    "kb_rows",
    "entry_rows",
    "entry_versions",
    "entry_tags",
    "entry_names",
    "links",
    "mutations",
    "sync_files",
    "people",
    "devices",
    "known_browsers",
    "tokens",
    "invitations",
    "rights",
    "notifications",
    "preferences",
    "watches",
    "announcements",
    "dismissals",
    "job_rows",
    "job_items",
    "sources",
    "passages",
];

const NO_BACKUP: &str = "is no backup of Tidings; name a file that `tidings backup` made";

fn refused(file: &Path, why: &str) -> Error {
    Error::InvalidValue {
        field: "file",
        why: format!("{} {why}", file.display()),
    }
}

async fn check(connection: &mut SqliteConnection, from: &Path) -> Result<(), Error> {
    let bad = |why: &str| refused(from, why);
    let schema = |database: &'static str| match database {
        "backup" => "SELECT max(version) FROM backup._sqlx_migrations WHERE EXISTS (SELECT 1 FROM backup.log_state)",
        _ => "SELECT max(version) FROM main._sqlx_migrations",
    };
    let theirs: i64 = sqlx::query_scalar(schema("backup"))
        .fetch_one(&mut *connection)
        .await
        .map_err(|_| bad(NO_BACKUP))?;
    let ours: i64 = sqlx::query_scalar(schema("main")).fetch_one(&mut *connection).await?;
    if theirs != ours {
        return Err(bad(&format!(
            "has schema {theirs}, and this version of Tidings has {ours}; restore it with the version that made it"
        )));
    }
    let verdict: String = sqlx::query_scalar("PRAGMA backup.quick_check(1)").fetch_one(connection).await?;
    if verdict == "ok" {
        Ok(())
    } else {
        Err(bad(&format!("is damaged: {verdict}")))
    }
}

async fn copy(connection: &mut SqliteConnection) -> Result<Cursor, Error> {
    for table in TABLES.iter().rev() {
        sqlx::query(AssertSqlSafe(format!("DELETE FROM main.{table}")))
            .execute(&mut *connection)
            .await?;
    }
    for table in TABLES {
        // Both have the same schema, so their columns have the same order.
        sqlx::query(AssertSqlSafe(format!("INSERT INTO main.{table} SELECT * FROM backup.{table}")))
            .execute(&mut *connection)
            .await?;
    }
    sqlx::query("INSERT INTO entries_fts (entries_fts) VALUES ('delete-all')")
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO entries_fts (rowid, title, aliases, tags, body)
         SELECT uid, title, aliases, tags, body FROM entries WHERE deleted_at IS NULL",
    )
    .execute(&mut *connection)
    .await?;
    passages::rebuild(&mut *connection).await?;
    // Who was logged out, or whose link was used, since the backup stays so; what was at work when the backup was made is not any longer.
    sqlx::query(
        "DELETE FROM main.devices; DELETE FROM main.invitations;
         UPDATE main.job_rows SET status = 'interrupted' WHERE status IN ('queued', 'running', 'cancelling')",
    )
    .execute(&mut *connection)
    .await?;
    let epoch = open::new_epoch();
    sqlx::query("UPDATE main.log_state SET epoch = ? WHERE id = 1")
        .bind(epoch.as_str())
        .execute(&mut *connection)
        .await?;
    let head: i64 = sqlx::query_scalar("SELECT head FROM main.log_state WHERE id = 1")
        .fetch_one(connection)
        .await?;
    Ok(Cursor {
        epoch,
        seq: Seq::new(u64::try_from(head).unwrap_or(0)),
    })
}
