//! Opening the database: settings, migrations, and what can be wrong with a data folder.

use super::files::Lock;
use super::witness::{Seen, Witness};
use super::{log, passages};
use crate::error::Error;
use app::protocol::Epoch;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// How many snapshots can be read at the same time.
const READERS: u32 = 8;
/// How many searches can be made at the same time.
const SEARCHERS: u32 = 2;
/// How long a read waits for its turn before it is refused.
const ACQUIRE: Duration = Duration::from_secs(3);
/// Memory for the writer's pages, in KiB: room for what a transaction of a few hundred entries changes. What has no room
/// is written and read again before the commit.
const WRITER_CACHE: &str = "-16384";
/// Pages of 4 KiB in the write-ahead log before they are moved to the database: a sync writes many of them several times.
const CHECKPOINT: &str = "4000";
/// Only a server moves them by itself: so it knows that a change of the database's file is not its own.
const NO_CHECKPOINT: &str = "0";
/// How long a writer waits for another process.
const BUSY: Duration = Duration::from_secs(10);

/// Why a data folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder cannot be made or written.
    #[error("cannot write to the data folder {}: {why}. Choose another with --data, or mend its permissions.", .folder.display())]
    Unwritable {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// A newer Tidings has used the database.
    #[error("the database {} was made by a newer version of Tidings (schema {schema}). Use that version, or a backup from before.", .file.display())]
    NewerSchema {
        /// Which.
        file: PathBuf,
        /// The migration that this version does not know.
        schema: i64,
    },
    /// Another server uses the data folder.
    #[error("another Tidings server uses the data folder {}. Stop it, or choose another folder with --data.", .folder.display())]
    InUse {
        /// Which.
        folder: PathBuf,
    },
    /// The file is no database, or a damaged one.
    #[error("cannot use the database {}: {why}. If it is damaged, restore a backup.", .file.display())]
    Unusable {
        /// Which.
        file: PathBuf,
        /// What the database says.
        why: String,
    },
}

/// The settings of every connection. The design names them; `docs/architecture.md` says why.
pub(super) fn options(file: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(file)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("wal_autocheckpoint", NO_CHECKPOINT)
        .statement_cache_capacity(256)
        .log_slow_statements(tracing::log::LevelFilter::Warn, Duration::from_secs(1))
        .log_statements(tracing::log::LevelFilter::Trace)
}

/// Makes a file that nobody else on this machine may read: it holds what is private, and digests of passwords. SQLite gives
/// the files beside a database the same permissions.
pub(super) fn for_the_owner_only() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options
}

/// For how long a server waits for somebody who is about to let the folder go.
const LOCK: Duration = Duration::from_secs(3);

/// The lock of a folder for a server.
pub(super) async fn lock(folder: &Path) -> Result<Lock, OpenError> {
    let unwritable = |why| OpenError::Unwritable {
        folder: folder.into(),
        why,
    };
    std::fs::create_dir_all(folder).map_err(unwritable)?;
    let until = Instant::now() + LOCK;
    loop {
        match Lock::take(folder).map_err(unwritable)? {
            Some(lock) => return Ok(lock),
            None if Instant::now() >= until => return Err(OpenError::InUse { folder: folder.into() }),
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

/// The connections to a database.
pub(super) struct Connections {
    pub(super) witness: Witness,
    pub(super) writer: SqliteConnection,
    pub(super) readers: SqlitePool,
    /// Of their own, so that searches do not take those of other reads.
    pub(super) searchers: SqlitePool,
}

/// Opens the database; `is_server` where the lock of its folder is held.
pub(super) async fn open(folder: &Path, file: &Path, is_server: bool) -> Result<Connections, OpenError> {
    check_folder(folder).map_err(|why| OpenError::Unwritable {
        folder: folder.into(),
        why,
    })?;
    match for_the_owner_only().open(file) {
        Err(why) if why.kind() != std::io::ErrorKind::AlreadyExists => {
            let folder = folder.into();
            return Err(OpenError::Unwritable { folder, why });
        }
        _ => {}
    }
    let unusable = |why: String| OpenError::Unusable { file: file.into(), why };
    // Before the log is read: what others commit meanwhile contradicts nothing.
    let witness = Witness::open(file).map_err(|why| OpenError::Unwritable {
        folder: folder.into(),
        why,
    })?;
    let seen = witness.read();
    let mut writer = options(file)
        .pragma("cache_size", WRITER_CACHE)
        // What a statement may have to take back: a sync else writes more pages to a temporary file than to the log.
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", if is_server { CHECKPOINT } else { NO_CHECKPOINT })
        .create_if_missing(true)
        .connect()
        .await
        .map_err(|e| unusable(e.to_string()))?;
    MIGRATIONS.run(&mut writer).await.map_err(|error| match error {
        MigrateError::VersionMissing(schema) | MigrateError::VersionTooNew(schema, _) => {
            OpenError::NewerSchema { file: file.into(), schema }
        }
        other => unusable(other.to_string()),
    })?;
    begin_log(&mut writer, &witness, seen).await.map_err(|e| unusable(e.to_string()))?;
    passages::catch_up(&mut writer).await.map_err(|e| unusable(e.to_string()))?;
    let pool = |most| {
        SqlitePoolOptions::new()
            .max_connections(most)
            .acquire_timeout(ACQUIRE)
            .test_before_acquire(false)
    };
    let reading = || options(file).read_only(true);
    let readers = pool(READERS).min_connections(1).connect_with(reading()).await;
    Ok(Connections {
        witness,
        writer,
        readers: readers.map_err(|e| unusable(e.to_string()))?,
        searchers: pool(SEARCHERS).connect_lazy_with(reading()),
    })
}

/// Finds out early, and by doing it, whether files can be made in the folder.
fn check_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(format!(".write-test-{}", std::process::id()));
    std::fs::write(&probe, b"")?;
    std::fs::remove_file(probe)
}

async fn begin_log(writer: &mut SqliteConnection, witness: &Witness, seen: Option<Seen>) -> Result<(), Error> {
    sqlx::query("INSERT INTO log_state (id, epoch, head, floor) VALUES (1, ?, 0, 0) ON CONFLICT (id) DO NOTHING")
        .bind(new_epoch().as_str())
        .execute(&mut *writer)
        .await?;
    let (mut epoch, head, _) = log::state(&mut *writer).await?;
    if seen.is_some_and(|seen| witness.contradicts(&seen, &epoch, head)) {
        epoch = new_epoch();
        tracing::warn!(%epoch, "the database is another one than when it was closed, or a copy; all clients read anew");
        sqlx::query("UPDATE log_state SET epoch = ? WHERE id = 1")
            .bind(epoch.as_str())
            .execute(writer)
            .await?;
    }
    let _ = witness.note(&epoch, head, false);
    Ok(())
}

/// A random id for a log.
pub(super) fn new_epoch() -> Epoch {
    let random = uuid::Uuid::new_v4().simple().to_string();
    Epoch::parse(&random[..16]).expect("sixteen hexadecimal digits are an epoch")
}
