//! The witness: a small file beside the database that says how far its log was last.
//!
//! A copy of the database that is put in its place has a log that ends earlier, and would go on with other events under the same
//! numbers: clients that saw the former ones would never notice. So whoever opens a database asks the witness, and where the two
//! do not agree, the log begins a new epoch, at which every client reads anew. That is also done when nothing was lost; it costs
//! clients one reading.

use super::files::Identity;
use app::protocol::{Epoch, Seq};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// Bytes of the file, always the same, so that it is written in one piece.
const BYTES: usize = 160;

/// The witness of a database.
#[derive(Debug)]
pub(super) struct Witness {
    file: File,
    database: PathBuf,
}

/// What it has seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Seen {
    epoch: Epoch,
    head: Seq,
    /// Which file the database was.
    device: u64,
    inode: u64,
    /// When the file was changed last, where it was closed since and nobody has it open.
    closed: Option<(i64, i64)>,
}

impl Witness {
    /// The witness of this database, which is made where it is missing.
    pub(super) fn open(database: &Path) -> io::Result<Self> {
        let mut options = std::fs::OpenOptions::new();
        options.create(true).truncate(false).read(true).write(true).mode(0o600);
        Ok(Self {
            file: options.open(database.with_extension("witness"))?,
            database: database.into(),
        })
    }

    /// What it has seen; none where it is new, or cannot be read.
    pub(super) fn read(&self) -> Option<Seen> {
        let mut bytes = [0; BYTES];
        self.file.read_exact_at(&mut bytes, 0).ok()?;
        Seen::parse(std::str::from_utf8(&bytes).ok()?)
    }

    /// Whether this may be another database than the one that it has seen.
    pub(super) fn contradicts(&self, seen: &Seen, epoch: &Epoch, head: Seq) -> bool {
        let Ok(now) = Identity::of(&self.database) else { return true };
        let is_other_file = (seen.device, seen.inode) != (now.device, now.inode);
        let has_changed = seen.closed.is_some_and(|closed| closed != now.changed);
        seen.epoch != *epoch || head < seen.head || is_other_file || has_changed
    }

    /// Says how far the log is. `is_closed` where nobody has the database open any longer, as far as is known.
    pub(super) fn note(&self, epoch: &Epoch, head: Seq, is_closed: bool) -> io::Result<()> {
        let now = Identity::of(&self.database)?;
        let seen = Seen {
            epoch: epoch.clone(),
            head,
            device: now.device,
            inode: now.inode,
            closed: is_closed.then_some(now.changed),
        };
        self.file.write_all_at(seen.text().as_bytes(), 0)
    }
}

impl Seen {
    fn text(&self) -> String {
        let closed = self
            .closed
            .map_or("open".to_owned(), |(seconds, nanos)| format!("{seconds}.{nanos}"));
        let line = format!("{} {} {} {} {closed}", self.epoch, self.head, self.device, self.inode);
        format!("{line:<width$}\n", width = BYTES - 1)
    }

    fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_ascii_whitespace();
        let seen = Self {
            epoch: Epoch::parse(words.next()?).ok()?,
            head: Seq::new(words.next()?.parse().ok()?),
            device: words.next()?.parse().ok()?,
            inode: words.next()?.parse().ok()?,
            closed: match words.next()? {
                "open" => None,
                time => {
                    let (seconds, nanos) = time.split_once('.')?;
                    Some((seconds.parse().ok()?, nanos.parse().ok()?))
                }
            },
        };
        words.next().is_none().then_some(seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_noted_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("tidings.db");
        std::fs::write(&database, "x").unwrap();
        let witness = Witness::open(&database).unwrap();
        assert_eq!(witness.read(), None);
        let (epoch, other) = (Epoch::parse("0123456789abcdef").unwrap(), Epoch::parse("fedcba9876543210").unwrap());
        for is_closed in [false, true] {
            witness.note(&epoch, Seq::new(u64::MAX >> 1), is_closed).unwrap();
            assert_eq!(
                std::fs::metadata(folder.path().join("tidings.witness")).unwrap().len(),
                BYTES as u64
            );
            let seen = Witness::open(&database).unwrap().read().unwrap();
            assert_eq!((seen.head, seen.closed.is_some()), (Seq::new(u64::MAX >> 1), is_closed));
            assert!(!witness.contradicts(&seen, &epoch, seen.head));
            assert!(!witness.contradicts(&seen, &epoch, seen.head.next()));
            assert!(witness.contradicts(&seen, &epoch, seen.head.before()));
            assert!(witness.contradicts(&seen, &other, seen.head));
        }
        let seen = witness.read().unwrap();
        // The clock of a file system goes in steps.
        while !witness.contradicts(&seen, &epoch, seen.head) {
            std::fs::write(&database, "y").unwrap();
        }
    }
}
