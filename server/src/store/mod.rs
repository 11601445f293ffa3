//! Step 3 and 4 of a change: the database. The only place with SQL.
//!
//! One SQLite file: `writer` (one connection, group commit) changes it, readers read it in snapshots, `watch` notices
//! what other processes commit. The modules with names of things (`kbs`, `entries` …) hold the statements for them.

pub mod access;
pub mod announcements;
pub mod backup;
mod batch;
pub mod devices;
pub mod entries;
pub mod invitations;
pub mod job_items;
pub mod jobs;
pub mod kbs;
pub mod links;
pub mod list;
pub mod log;
pub mod mutations;
pub mod names;
pub mod notifications;
mod open;
mod passage;
mod passages;
pub mod people;
pub mod preferences;
pub mod retention;
pub mod search;
pub mod sources;
pub mod sweep;
pub mod sync_files;
pub mod tokens;
pub mod trash;
pub mod versions;
mod watch;
pub mod watches;
mod writer;

pub use log::LogRecord;
pub use open::OpenError;
pub use writer::{BoxFuture, Subject, WriteTx};

use crate::error::Error;
use app::protocol::{Cursor, Seq};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The database of one data folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    readers: SqlitePool,
    writer: writer::Writer,
    file: Arc<Path>,
    /// One removes at a time.
    sweeping: Arc<tokio::sync::Mutex<()>>,
    closing: CancellationToken,
}

/// What this process committed, in order: a batch for each commit. A batch that finds no room is left out: whoever
/// listens misses its places in the log, and reads them there.
pub type Committed = mpsc::Receiver<Vec<LogRecord>>;

/// Batches that may wait for the hub.
const COMMITTED: usize = 256;

impl Store {
    /// Opens the database in `folder`, which is made where it is missing, and brings it to this version's schema.
    /// The receiver gets what is committed from then on; who does not need it drops it.
    pub async fn open(folder: &Path) -> Result<(Self, Committed), OpenError> {
        let file = Self::file_in(folder);
        let (connection, readers) = open::open(folder, &file).await?;
        let (committed, receiver) = mpsc::channel(COMMITTED);
        let writer = writer::Writer::start(connection, committed);
        Ok((
            Self {
                readers,
                writer,
                file: file.into(),
                sweeping: Arc::default(),
                closing: CancellationToken::new(),
            },
            receiver,
        ))
    }

    /// Where the database of a data folder is.
    pub fn file_in(folder: &Path) -> PathBuf {
        folder.join("tidings.db")
    }

    /// The database's file.
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// Begins to read. All that is read through it is of one moment, which its cursor names.
    pub async fn read(&self) -> Result<ReadTx, Error> {
        let mut tx = self.readers.begin().await?;
        let (epoch, head, _) = log::state(&mut tx).await?;
        Ok(ReadTx {
            tx,
            cursor: Cursor { epoch, seq: head },
        })
    }

    /// Runs `work` in a transaction and commits it, together with whoever else waits to write. When it fails, nothing
    /// of it is stored and no event is sent. Returns when the commit is on the disk.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// The last event that was committed by this process; 0 before the first.
    pub fn committed(&self) -> Seq {
        self.writer.committed()
    }

    /// Removes the rows of what was deleted for good, in pieces between which others write; returns when none are left, or the
    /// database is closed. What is left then goes with the next call.
    pub async fn sweep(&self) -> Result<(), Error> {
        let _alone = self.sweeping.lock().await;
        while !self.closing.is_cancelled() && self.write(|tx| Box::pin(sweep::sweep(tx))).await? {}
        Ok(())
    }

    /// The same beside everything else.
    pub fn sweep_aside(&self) {
        let store = self.clone();
        tokio::spawn(async move {
            if let Err(error) = store.sweep().await {
                tracing::warn!(%error, "what was deleted is not removed from the disk yet; trying again later");
            }
        });
    }

    /// Waits until everything that was asked for is written, and closes the file.
    pub async fn close(&self) {
        self.closing.cancel();
        self.writer.close().await;
        self.readers.close().await;
    }
}

/// A moment of the database, for reading. Dropping it ends it.
#[derive(Debug)]
pub struct ReadTx {
    tx: Transaction<'static, Sqlite>,
    cursor: Cursor,
}

impl ReadTx {
    /// The last event of that moment.
    pub fn cursor(&self) -> Cursor {
        self.cursor.clone()
    }

    /// The connection to read from.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }
}
