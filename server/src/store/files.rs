//! The files of a data folder: who uses them, and whether they are still the ones that were opened.
//!
//! SQLite keeps the files that it has opened, whatever happens to their names. A server whose database is removed, replaced or
//! overwritten would go on to answer, and all that it stores would be lost with its end. So a server looks at its files before each
//! commit and each second, and stops to work with them once they are not its own any longer.
//!
//! The database itself is never opened here: to close any descriptor of a file lets go of all locks that the process has on it
//! (POSIX), SQLite's too. `stat` is all that is needed.

use crate::error::Error;
use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

/// What is wrong with the files; empty as long as nothing is. Once it is set, the store is of no more use.
pub(super) type Lost = Arc<OnceLock<Loss>>;

/// Files that were lost.
#[derive(Debug)]
pub(super) struct Loss {
    why: String,
    /// Whether what was opened is still whole, though it has no name any longer.
    pub(super) is_whole: bool,
}

/// The lock of a data folder. A server holds it as long as it runs, so that there is one; whoever else writes takes it for the
/// moments in which the write-ahead log is moved to the database, which beside a server only the server does.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of a folder; none where somebody else has it.
    pub(super) fn take(folder: &Path) -> io::Result<Option<Self>> {
        let mut options = OpenOptions::new();
        let mut file = options
            .create(true)
            .truncate(false)
            .write(true)
            .mode(0o600)
            .open(folder.join("tidings.lock"))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(why)) => return Err(why),
        }
        // For people who wonder.
        let _ = file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Some(Self { _file: file }))
    }
}

/// Which file it is, and its content as far as its times tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) device: u64,
    pub(super) inode: u64,
    modified: (i64, i64),
    size: u64,
    pub(super) changed: (i64, i64),
}

impl From<Metadata> for Identity {
    fn from(data: Metadata) -> Self {
        Self {
            device: data.dev(),
            inode: data.ino(),
            modified: (data.mtime(), data.mtime_nsec()),
            size: data.size(),
            changed: (data.ctime(), data.ctime_nsec()),
        }
    }
}

impl Identity {
    pub(super) fn of(file: &Path) -> io::Result<Self> {
        std::fs::metadata(file).map(Self::from)
    }

    fn is_same_file(&self, other: &Self) -> bool {
        (self.device, self.inode) == (other.device, other.inode)
    }
}

/// The files of a database that a server uses.
#[derive(Debug)]
pub(super) struct Files {
    database: PathBuf,
    wal: PathBuf,
    /// What they were when they were last looked at.
    known: Identity,
    known_wal: Option<Identity>,
    /// The index of the log, by which processes find each other's writes.
    shm: PathBuf,
    known_shm: Option<Identity>,
    lost: Lost,
}

/// What happened to a file.
enum Fate {
    Removed,
    Replaced,
    Overwritten,
}

impl Files {
    /// The files of this database as they are now.
    pub(super) fn new(database: &Path, lost: Lost) -> io::Result<Self> {
        let (wal, shm) = (beside(database, "-wal"), beside(database, "-shm"));
        Ok(Self {
            known: Identity::of(database)?,
            known_wal: Identity::of(&wal).ok(),
            known_shm: Identity::of(&shm).ok(),
            database: database.into(),
            wal,
            shm,
            lost,
        })
    }

    /// After the writer has worked, which may have moved the log to the database.
    pub(super) fn note(&mut self) {
        if let Ok(now) = Identity::of(&self.database)
            && now.is_same_file(&self.known)
        {
            self.known = now;
        }
    }

    /// Whether these are the files that were opened, and nobody else has written to the database. What is wrong stays so.
    /// Only for the writer, between its commits: what changes meanwhile, it does itself.
    pub(super) fn check(&mut self) -> Result<(), Error> {
        is_lost(&self.lost)?;
        let Some((file, fate)) = self.look() else { return Ok(()) };
        let deed = match fate {
            Fate::Removed => "was removed",
            Fate::Replaced => "was replaced by another file",
            Fate::Overwritten => "was overwritten by another program",
        };
        let why = format!(
            "{} {deed} while the server runs. Nothing is read or written any longer; restart the server.",
            file.display()
        );
        tracing::error!("{why}");
        if file == self.database && !matches!(fate, Fate::Removed) {
            self.set_log_aside();
        }
        let is_whole = !matches!(fate, Fate::Overwritten);
        let _ = self.lost.set(Loss { why, is_whole });
        is_lost(&self.lost)
    }

    /// What happened to the database, or to one of the files beside it.
    fn look(&mut self) -> Option<(PathBuf, Fate)> {
        let fate = match Identity::of(&self.database) {
            Err(_) => Some(Fate::Removed),
            Ok(now) if !now.is_same_file(&self.known) => Some(Fate::Replaced),
            Ok(now) if (now.modified, now.size) != (self.known.modified, self.known.size) => Some(Fate::Overwritten),
            Ok(_) => None,
        };
        if let Some(fate) = fate {
            return Some((self.database.clone(), fate));
        }
        for (file, known) in [(&self.wal, &mut self.known_wal), (&self.shm, &mut self.known_shm)] {
            let now = Identity::of(file).ok();
            let fate = match (&known, &now) {
                (Some(_), None) => Some(Fate::Removed),
                (Some(known), Some(now)) if !known.is_same_file(now) => Some(Fate::Replaced),
                // While a server runs, nobody makes one shorter.
                (Some(known), Some(now)) if now.size < known.size => Some(Fate::Overwritten),
                // It is made by the first that needs it.
                _ => None,
            };
            if let Some(fate) = fate {
                return Some((file.clone(), fate));
            }
            *known = now;
        }
        None
    }

    /// The log of a database that is gone would be applied to the one in its place.
    fn set_log_aside(&self) {
        let is_ours = |now: Identity| self.known_wal.is_some_and(|known| known.is_same_file(&now));
        if !Identity::of(&self.wal).is_ok_and(is_ours) {
            return;
        }
        let aside = self.wal.with_extension(format!("db-wal.{}", jiff::Timestamp::now().as_second()));
        match std::fs::rename(&self.wal, &aside) {
            Ok(()) => tracing::error!(file = %aside.display(), "the log of the former database was set aside"),
            Err(error) => {
                tracing::error!(%error, file = %self.wal.display(), "the log of the former database could not be set aside; remove it");
            }
        }
    }
}

/// Refuses to work with files that are lost.
pub(super) fn is_lost(lost: &Lost) -> Result<(), Error> {
    match lost.get() {
        None => Ok(()),
        Some(loss) => Err(Error::FilesLost(loss.why.clone())),
    }
}

/// A file that SQLite keeps beside a database.
fn beside(database: &Path, ending: &str) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(ending);
    name.into()
}
