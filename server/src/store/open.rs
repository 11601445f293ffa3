//! Opening the database: settings, migrations, and what can be wrong with a data folder.

use super::passages;
use crate::error::Error;
use app::protocol::Epoch;
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, SqliteConnection, SqlitePool};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

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

/// The connections to a database.
pub(super) struct Connections {
    pub(super) writer: SqliteConnection,
    pub(super) readers: SqlitePool,
    /// Of their own, so that searches do not take those of other reads.
    pub(super) searchers: SqlitePool,
}

pub(super) async fn open(folder: &Path, file: &Path) -> Result<Connections, OpenError> {
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
    let mut writer = options(file)
        .pragma("cache_size", WRITER_CACHE)
        // What a statement may have to take back: a sync else writes more pages to a temporary file than to the log.
        .pragma("temp_store", "MEMORY")
        .pragma("wal_autocheckpoint", CHECKPOINT)
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
    begin_log(&mut writer).await.map_err(|e| unusable(e.to_string()))?;
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

async fn begin_log(writer: &mut SqliteConnection) -> Result<(), Error> {
    sqlx::query("INSERT INTO log_state (id, epoch, head, floor) VALUES (1, ?, 0, 0) ON CONFLICT (id) DO NOTHING")
        .bind(new_epoch().as_str())
        .execute(writer)
        .await?;
    Ok(())
}

/// A random id for a log.
pub(super) fn new_epoch() -> Epoch {
    let random = uuid::Uuid::new_v4().simple().to_string();
    Epoch::parse(&random[..16]).expect("sixteen hexadecimal digits are an epoch")
}
