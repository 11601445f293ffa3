//! Where uploaded files wait until they are read: a folder for each job, in it a file for each name, by its place.

use crate::convert::CHILD;
use crate::domain::job::Received;
use crate::error::Error;
use app::protocol::{Code, JobId, Problem};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use tokio::fs::{DirBuilder, File};
use tokio::io::AsyncWriteExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How the names of folders begin that no job has yet.
const INCOMING: &str = "incoming-";
/// Uploads that are received at the same time.
const AT_ONCE: usize = 8;
/// Files that came longer ago belong to a job that is stored, or to none.
const SETTLED: Duration = Duration::from_secs(60 * 60);

/// The folder of all uploads. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Uploads {
    folder: Arc<Path>,
    converter: Arc<Path>,
    /// How many more can be received at the same time.
    receiving: Arc<Semaphore>,
}

/// Files that are being received. What is not kept is deleted when it is dropped.
#[derive(Debug)]
pub struct Incoming {
    folder: PathBuf,
    files: Vec<Received>,
    is_kept: bool,
    _permit: OwnedSemaphorePermit,
}

/// A file that is being received.
#[derive(Debug)]
pub struct IncomingFile<'a> {
    files: &'a mut Vec<Received>,
    name: String,
    file: File,
    hasher: blake3::Hasher,
}

impl Uploads {
    /// Below this folder, which is made when it is needed. What may take much is read by a process of `converter`, the
    /// server's own program.
    pub fn new(folder: PathBuf, converter: PathBuf) -> Self {
        Self {
            folder: folder.into(),
            converter: converter.into(),
            receiving: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// A process that converts, to be started.
    pub fn child(&self) -> Command {
        let mut child = Command::new(&*self.converter);
        child.arg(CHILD);
        child
    }

    /// Begins to receive files. `Busy` while many others are received.
    pub async fn begin(&self) -> Result<Incoming, Error> {
        let permit = Arc::clone(&self.receiving).try_acquire_owned();
        let permit = permit.map_err(|_| Error::Busy("Receiving files"))?;
        let folder = self.folder.join(format!("{INCOMING}{}", uuid::Uuid::now_v7().simple()));
        // For nobody else on this machine.
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .await
            .map_err(no_room)?;
        Ok(Incoming {
            folder,
            files: vec![],
            is_kept: false,
            _permit: permit,
        })
    }

    /// Keeps what was received for this job. Returns the files, in the order of their places.
    pub async fn keep(&self, mut incoming: Incoming, job: &JobId) -> Result<Vec<Received>, Error> {
        tokio::fs::rename(&incoming.folder, self.of(job)).await.map_err(no_room)?;
        incoming.is_kept = true;
        Ok(std::mem::take(&mut incoming.files))
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

    /// Deletes what nobody waits for: all but the files of these jobs. Only before anybody can send more.
    pub async fn sweep(&self, but: &[JobId]) {
        self.sweep_if(but, |_, _| true).await;
    }

    /// The same while files are sent: what has come of late may belong to a job that is about to be stored.
    pub async fn sweep_settled(&self, but: &[JobId]) {
        let is_settled = |name: &str, age: Duration| !name.starts_with(INCOMING) && age > SETTLED;
        self.sweep_if(but, is_settled).await;
    }

    async fn sweep_if(&self, but: &[JobId], is_old: impl Fn(&str, Duration) -> bool) {
        let Ok(mut folders) = tokio::fs::read_dir(&self.folder).await else {
            return;
        };
        while let Ok(Some(folder)) = folders.next_entry().await {
            let name = folder.file_name().to_string_lossy().into_owned();
            let modified = folder.metadata().await.and_then(|metadata| metadata.modified()).ok();
            let age = modified.and_then(|at| at.elapsed().ok()).unwrap_or_default();
            if !but.iter().any(|job| name == job.as_str())
                && is_old(&name, age)
                && let Err(error) = tokio::fs::remove_dir_all(folder.path()).await
            {
                tracing::warn!(folder = %folder.path().display(), %error, "uploaded files were not deleted");
            }
        }
    }
}

impl Incoming {
    /// Makes the file for the next name.
    pub async fn file(&mut self, name: String) -> Result<IncomingFile<'_>, Error> {
        let place = self.files.len() + 1;
        let file = File::create(self.folder.join(place.to_string())).await.map_err(no_room)?;
        Ok(IncomingFile {
            files: &mut self.files,
            name,
            file,
            hasher: blake3::Hasher::new(),
        })
    }

    /// Deletes what was received.
    pub async fn discard(mut self) {
        self.is_kept = true;
        // What is left is swept at the next start.
        let _ = tokio::fs::remove_dir_all(&self.folder).await;
    }

    /// How many files there are.
    pub fn count(&self) -> usize {
        self.files.len()
    }
}

impl IncomingFile<'_> {
    /// Adds to it.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.hasher.update(bytes);
        self.file.write_all(bytes).await.map_err(no_room)
    }

    /// Says that it is whole.
    pub async fn end(mut self) -> Result<(), Error> {
        self.file.flush().await.map_err(no_room)?;
        let digest = self.hasher.finalize().to_hex().to_string();
        self.files.push(Received { name: self.name, digest });
        Ok(())
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        if !self.is_kept {
            // What is left where there is no runtime any more is swept at the next start.
            let folder = std::mem::take(&mut self.folder);
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn_blocking(move || std::fs::remove_dir_all(folder));
            }
        }
    }
}

/// A file cannot be written.
fn no_room(why: std::io::Error) -> Error {
    Problem::new(
        Code::StoreUnavailable,
        format!("The file could not be stored: {why}. Make room on the server's disk, and send it again."),
    )
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::protocol::KbName;
    use std::time::SystemTime;

    #[tokio::test]
    async fn only_files_that_came_long_ago_and_that_no_job_needs_are_swept() {
        let folder = tempfile::tempdir().unwrap();
        let uploads = Uploads::new(folder.path().into(), "tidings".into());
        let kb = KbName::parse("notes").unwrap();
        let [needed, gone, young] = [0; 3].map(|_| JobId::generate(&kb));
        for name in [needed.as_str(), gone.as_str(), young.as_str(), "incoming-1"] {
            let path = folder.path().join(name);
            std::fs::create_dir(&path).unwrap();
            if name != young.as_str() {
                let long_ago = SystemTime::now() - 2 * SETTLED;
                std::fs::File::open(&path).unwrap().set_modified(long_ago).unwrap();
            }
        }
        let left = || {
            let names = std::fs::read_dir(folder.path()).unwrap();
            let mut names: Vec<String> = names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        };
        let mut expected = vec!["incoming-1".to_owned(), needed.to_string(), young.to_string()];
        expected.sort();
        uploads.sweep_settled(std::slice::from_ref(&needed)).await;
        assert_eq!(left(), expected);
        uploads.sweep(std::slice::from_ref(&needed)).await;
        assert_eq!(left(), [needed.to_string()]);
    }
}
