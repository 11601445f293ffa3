//! Brings folders of markdown files in, and writes knowledge bases out as such folders.
//!
//! A sync goes this way: [`folder`] finds the files, [`read`] reads and hashes those that are new or changed, [`plan`]
//! decides what each means for the entries, and [`bring`] has the domain do it. [`watch`] does so again at each change.

mod about;
mod bring;
mod export;
mod folder;
mod plan;
mod read;
mod watch;

pub use bring::{Announce, Failure, Moment, Onlooker, Report, sync, sync_unseen};
pub use export::{Exported, export};
pub use watch::watch;

use crate::error::Error;
use app::protocol::KbName;
use std::path::{Path, PathBuf};

/// Why a folder was not synced, or not written.
#[derive(Debug, thiserror::Error)]
pub enum SyncError {
    /// The folder itself cannot be used.
    #[error("cannot use the folder {}: {why}. Name a folder that is there, and that you may read and write.", .folder.display())]
    Folder {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// There is nothing in the folder any more: it may not be mounted.
    #[error(
        "the folder {} has no markdown file any more, and {entries} entries came from it. See whether it is where it should be. If they are to go, say so by `tidings sync` on the server.", .folder.display()
    )]
    Emptied {
        /// Which.
        folder: PathBuf,
        /// What it brought before.
        entries: usize,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {why}. Make room, or mend the folder's permissions; then export again.", .file.display())]
    File {
        /// Which.
        file: PathBuf,
        /// What the system says.
        why: std::io::Error,
    },
    /// The system does not tell of changes.
    #[error("cannot watch the folder {}: {why}. Without --watch it can be synced once.", .folder.display())]
    Watch {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        why: String,
    },
    /// Somebody deleted what the watch brings its files into.
    #[error("the knowledge base {0} was deleted, so the watch has ended. To bring the folder in again, start it again.")]
    KbDeleted(KbName),
    /// The database refused, or failed.
    #[error(transparent)]
    Store(#[from] Error),
}

impl SyncError {
    fn folder(folder: &Path) -> impl FnOnce(std::io::Error) -> Self {
        let folder = folder.to_owned();
        move |why| Self::Folder { folder, why }
    }
}
