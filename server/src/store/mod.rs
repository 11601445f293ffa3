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
mod files;
pub mod invitations;
pub mod job_items;
pub mod jobs;
pub mod kbs;
pub mod known_browsers;
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
mod witness;
mod writer;

pub use log::LogRecord;
pub use open::OpenError;
pub use writer::{BoxFuture, Subject, WriteTx};

use self::files::{Files, Lock, Lost};
use crate::error::Error;
use app::protocol::{Cursor, Seq};
use sqlx::{Sqlite, SqliteConnection, SqlitePool, Transaction};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The database of one data folder. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    readers: SqlitePool,
    searchers: SqlitePool,
    writer: writer::Writer,
    file: Arc<Path>,
    /// One removes at a time.
    sweeping: Arc<tokio::sync::Mutex<()>>,
    closing: CancellationToken,
    lost: Lost,
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
        Self::open_with(folder, None).await
    }

    /// The same for a server, of which a folder has one: it looks whether the files remain its own, and after the size of the
    /// write-ahead log.
    pub async fn serve(folder: &Path) -> Result<(Self, Committed), OpenError> {
        let lock = open::lock(folder).await?;
        Self::open_with(folder, Some(lock)).await
    }

    async fn open_with(folder: &Path, lock: Option<Lock>) -> Result<(Self, Committed), OpenError> {
        let file = Self::file_in(folder);
        let open::Connections {
            witness,
            writer,
            readers,
            searchers,
        } = open::open(folder, &file, lock.is_some()).await?;
        let lost = Lost::default();
        let files = match &lock {
            None => None,
            Some(_) => Some(Files::new(&file, lost.clone()).map_err(|why| OpenError::Unwritable {
                folder: folder.into(),
                why,
            })?),
        };
        let (committed, receiver) = mpsc::channel(COMMITTED);
        let keeper = writer::Keeper {
            witness,
            files,
            lost: lost.clone(),
            folder: folder.into(),
            lock,
            groups: 0,
            has_rescued: false,
        };
        let writer = writer::Writer::start(writer, committed, keeper);
        Ok((
            Self {
                readers,
                searchers,
                writer,
                file: file.into(),
                sweeping: Arc::default(),
                closing: CancellationToken::new(),
                lost,
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
        files::is_lost(&self.lost)?;
        ReadTx::begin(&self.readers).await
    }

    /// Begins to read what may take long: with few others at the same time, no longer than a few seconds, and no longer than somebody
    /// waits for it. `Busy` where there is no turn for it soon, or it takes too long.
    pub async fn search(&self) -> Result<ReadTx, Error> {
        files::is_lost(&self.lost)?;
        let mut read = ReadTx::begin(&self.searchers).await?;
        let stop = Arc::new(AtomicBool::new(false));
        let (stopped, deadline) = (Arc::clone(&stop), Instant::now() + SEARCH);
        // The one before it may have been given up, and its handler still be there; this one takes its place.
        read.tx
            .lock_handle()
            .await?
            .set_progress_handler(STEPS, move || !stopped.load(Ordering::Relaxed) && Instant::now() < deadline);
        read.stop = Some(Stop(stop));
        Ok(read)
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

    /// Waits until everything that was asked for is written, moves the write-ahead log to the database, and closes the file.
    pub async fn close(&self) {
        self.closing.cancel();
        // First those that read: the log is moved only as far as nobody reads what was before it.
        self.readers.close().await;
        self.searchers.close().await;
        self.writer.close().await;
    }
}

/// A moment of the database, for reading. Dropping it ends it.
#[derive(Debug)]
pub struct ReadTx {
    /// Dropped before the transaction: what is still running ends then.
    stop: Option<Stop>,
    tx: Transaction<'static, Sqlite>,
    cursor: Cursor,
}

/// Ends what is running for a read that nobody waits for any longer.
#[derive(Debug)]
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// How long a search may take.
const SEARCH: Duration = Duration::from_secs(5);
/// Steps of SQLite's machine after which it asks whether it is to go on.
const STEPS: i32 = 5_000;

impl ReadTx {
    async fn begin(pool: &SqlitePool) -> Result<Self, Error> {
        let mut tx = pool.begin().await?;
        let (epoch, head, _) = log::state(&mut tx).await?;
        Ok(Self {
            stop: None,
            tx,
            cursor: Cursor { epoch, seq: head },
        })
    }

    /// The last event of that moment.
    pub fn cursor(&self) -> Cursor {
        self.cursor.clone()
    }

    /// The connection to read from.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.tx
    }
}
