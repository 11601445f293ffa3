//! Where uploaded files wait until they are read: a folder for each job, in it a file for each name, by its place.

use crate::convert::CHILD;
use crate::error::Error;
use app::protocol::{Code, JobId, Problem};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use tokio::fs::{DirBuilder, File};

/// The folder of all uploads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads {
    folder: Arc<Path>,
    converter: Arc<Path>,
}

/// Files that are being received. What is not kept is deleted when it is dropped.
#[derive(Debug)]
pub struct Incoming {
    folder: PathBuf,
    names: Vec<String>,
    is_kept: bool,
}

impl Uploads {
    /// Below this folder, which is made when it is needed. What may take much is read by a process of `converter`, the
    /// server's own program.
    pub fn new(folder: PathBuf, converter: PathBuf) -> Self {
        Self {
            folder: folder.into(),
            converter: converter.into(),
        }
    }

    /// A process that converts, to be started.
    pub fn child(&self) -> Command {
        let mut child = Command::new(&*self.converter);
        child.arg(CHILD);
        child
    }

    /// Begins to receive files.
    pub async fn begin(&self) -> Result<Incoming, Error> {
        let folder = self.folder.join(format!("incoming-{}", uuid::Uuid::now_v7().simple()));
        // For nobody else on this machine.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .await
            .map_err(no_room)?;
        Ok(Incoming {
            folder,
            names: vec![],
            is_kept: false,
        })
    }

    /// Keeps what was received for this job. Returns the names, in the order of their places.
    pub async fn keep(&self, mut incoming: Incoming, job: &JobId) -> Result<Vec<String>, Error> {
        tokio::fs::rename(&incoming.folder, self.of(job)).await.map_err(no_room)?;
        incoming.is_kept = true;
        Ok(std::mem::take(&mut incoming.names))
    }

    /// The folder of a job.
    fn of(&self, job: &JobId) -> PathBuf {
        self.folder.join(job.as_str())
    }

    /// The file of a job at this place, from 1.
    pub fn file(&self, job: &JobId, place: usize) -> PathBuf {
        self.of(job).join(place.to_string())
    }

    /// Deletes the files of a job.
    pub async fn remove(&self, job: &JobId) {
        match tokio::fs::remove_dir_all(self.of(job)).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                tracing::warn!(%job, %error, "uploaded files were not deleted");
            }
            _ => {}
        }
    }

    /// Deletes what nobody waits for: all but the files of these jobs.
    pub async fn sweep(&self, but: &[JobId]) {
        let Ok(mut folders) = tokio::fs::read_dir(&self.folder).await else {
            return;
        };
        while let Ok(Some(folder)) = folders.next_entry().await {
            let name = folder.file_name();
            if !but.iter().any(|job| name.to_str() == Some(job.as_str()))
                && let Err(error) = tokio::fs::remove_dir_all(folder.path()).await
            {
                tracing::warn!(folder = %folder.path().display(), %error, "uploaded files were not deleted");
            }
        }
    }
}

impl Incoming {
    /// Makes the file for the next name.
    pub async fn file(&mut self, name: String) -> Result<File, Error> {
        self.names.push(name);
        File::create(self.folder.join(self.names.len().to_string())).await.map_err(no_room)
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.names.len()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.is_kept {
            // Small: a few names, unlinked; and what is left is swept at the next start.
            let _ = std::fs::remove_dir_all(&self.folder);
        }
    }
}

/// A file cannot be written.
pub fn no_room(why: std::io::Error) -> Error {
    Problem::new(
        Code::StoreUnavailable,
        format!("The file could not be stored: {why}. Make room on the server's disk, and send it again."),
    )
    .into()
}
