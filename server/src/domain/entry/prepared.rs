//! All of a write that needs no database, done before its transaction: content is checked, and its body is read. Within the
//! transaction everybody waits.

use super::rules::{self, Content};
use super::update::Change;
use crate::error::Error;
use crate::markdown::{self, Reading};
use crate::pool::Pool;
use app::protocol::KbName;
use app::protocol::entry::EntryDraft;
use std::sync::LazyLock;
use tokio::sync::OwnedSemaphorePermit;

/// Bodies that are read at the same time, aside; as many can wait as can be asked for by a few callers at once.
static READING: LazyLock<Pool> = LazyLock::new(|| Pool::new("Reading long texts", 2, 256));
/// A body of so many bytes is read at once: to hand it over would take longer.
const SHORT: usize = 32 * 1024;

/// Writes of long texts, which take turns: to index one may take a quarter of a second, in which nobody else writes. So whoever
/// writes little waits for one of them at the most.
static WRITING: LazyLock<Pool> = LazyLock::new(|| Pool::new("Storing long texts", 1, 16));

/// Waits for a turn to write a text of so many bytes, which lasts until it is dropped. Short ones need none.
pub(super) async fn turn(bytes: usize) -> Result<Option<OwnedSemaphorePermit>, Error> {
    if bytes <= SHORT {
        return Ok(None);
    }
    WRITING.turn().await.map(Some)
}

/// The same for what is written in the background, much at a time.
pub async fn background_turn() -> Result<OwnedSemaphorePermit, Error> {
    WRITING.patient_turn().await
}

/// Runs what takes long for long texts alone.
pub(super) async fn aside<T: Send + 'static>(bytes: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    if bytes <= SHORT {
        return Ok(work());
    }
    READING.run(work).await
}

/// An entry that can be made: its content, checked, and what its body says.
#[derive(Debug, Clone)]
pub struct Prepared {
    pub(super) content: Content,
    pub(super) reading: Reading,
}

impl Prepared {
    /// Checks a draft for an entry in `kb`, and reads its body. Takes time with the size of it: see [`prepare`].
    pub fn new(kb: &KbName, draft: EntryDraft) -> Result<Self, Error> {
        let content = rules::check(draft)?;
        let reading = markdown::read(&content.body, kb);
        Ok(Self { content, reading })
    }

    /// In how many passages search finds its body.
    pub fn passages(&self) -> u64 {
        self.reading.passages.len() as u64
    }

    /// Its body.
    pub fn body(&self) -> &str {
        &self.content.body
    }
}

/// Prepares entries of `kb`, where it keeps nobody from anything.
pub async fn prepare(kb: &KbName, drafts: Vec<EntryDraft>) -> Result<Vec<Result<Prepared, Error>>, Error> {
    let kb = kb.clone();
    let bytes = drafts.iter().map(|draft| draft.body.len()).sum();
    aside(bytes, move || drafts.into_iter().map(|draft| Prepared::new(&kb, draft)).collect()).await
}

/// A change of an entry, and what the body says that it brings.
#[derive(Debug, Clone)]
pub struct PreparedChange {
    pub(super) change: Change,
    /// Of the body that the change brings; nothing where it brings none.
    pub(super) reading: Reading,
}

impl PreparedChange {
    /// Reads the body that a change of an entry in `kb` brings. Takes time with the size of it: see [`prepare_change`].
    pub fn new(kb: &KbName, change: Change) -> Result<Self, Error> {
        rules::check_size(&change)?;
        let reading = change.body().map(|body| markdown::read(body, kb)).unwrap_or_default();
        Ok(Self { change, reading })
    }

    /// In how many passages search finds the body that it brings.
    pub fn passages(&self) -> u64 {
        self.reading.passages.len() as u64
    }
}

/// Prepares a change of an entry of `kb`, where it keeps nobody from anything.
pub async fn prepare_change(kb: &KbName, change: Change) -> Result<PreparedChange, Error> {
    let kb = kb.clone();
    let bytes = change.body().map_or(0, str::len);
    aside(bytes, move || PreparedChange::new(&kb, change)).await?
}
