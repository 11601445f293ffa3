//! A job at work: what whoever carries it out says of it.

use crate::domain::mutation::Request;
use crate::domain::{entry, job};
use crate::error::Error;
use crate::store::{BoxFuture, Store, WriteTx, job_items, jobs};
use app::protocol::job::{ItemOutcome, Job, JobPhase};
use std::collections::HashSet;
use std::future::Future;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// Longest text of what a job works at, and of a line of its log, in characters.
const LINE: usize = 300;

/// A job at work. Whoever carries it out is the only one who changes it.
#[derive(Debug)]
pub struct Task {
    /// The database.
    pub store: Store,
    /// The job as it was taken.
    pub stored: jobs::Stored,
    now: watch::Sender<Job>,
    halt: CancellationToken,
}

/// What became of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Became {
    /// In a word.
    pub outcome: ItemOutcome,
    /// The number of its entry.
    pub uid: Option<i64>,
    /// Why it failed, or was left out.
    pub why: Option<String>,
    /// Words of its entry.
    pub words: u64,
}

impl Became {
    /// It could not be had, or not be read.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::not(ItemOutcome::Failed, why.into())
    }

    /// It was left out.
    pub fn skipped(why: impl Into<String>) -> Self {
        Self::not(ItemOutcome::Skipped, why.into())
    }

    fn not(outcome: ItemOutcome, why: String) -> Self {
        Self {
            outcome,
            uid: None,
            why: Some(why),
            words: 0,
        }
    }

    /// Adds it to the counts of its job.
    pub fn count(&self, job: &mut Job) {
        match self.outcome {
            ItemOutcome::Waiting => return,
            ItemOutcome::Added => job.result.added += 1,
            ItemOutcome::Updated => job.result.updated += 1,
            ItemOutcome::Unchanged => job.result.unchanged += 1,
            ItemOutcome::Skipped => job.counts.skipped += 1,
            ItemOutcome::Failed => job.counts.failed += 1,
        }
        if !matches!(self.outcome, ItemOutcome::Skipped | ItemOutcome::Failed) {
            job.counts.done += 1;
        }
        if matches!(self.outcome, ItemOutcome::Added | ItemOutcome::Updated) {
            job.result.words += self.words;
        }
    }
}

impl Task {
    /// A job that was taken. It ends early when `halt` says so.
    pub fn new(store: Store, stored: jobs::Stored, now: watch::Sender<Job>, halt: CancellationToken) -> Self {
        Self { store, stored, now, halt }
    }

    /// Whether it is to end as it is, because it was cancelled, or the server stops.
    pub fn is_halted(&self) -> bool {
        self.halt.is_cancelled()
    }

    /// Waits for something that may take long; none where the job is to end before. Nothing that writes is waited for so: what
    /// is stored must be counted.
    pub async fn unless_halted<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        self.halt.run_until_cancelled(work).await
    }

    /// The job as it is now.
    pub fn job(&self) -> Job {
        self.now.borrow().clone()
    }

    /// The job as it was last. Nobody is told of it from now on.
    pub fn over(self) -> Job {
        self.now.borrow().clone()
    }

    fn change(&self, change: impl FnOnce(&mut Job)) {
        self.now.send_modify(|job| {
            change(job);
            job::touch(job, crate::clock::now());
        });
    }

    /// Says what it works at.
    pub fn at(&self, what: &str) {
        self.change(|job| job.current = Some(what.chars().take(LINE).collect()));
    }

    /// Adds a line to its log.
    pub fn say(&self, line: impl AsRef<str>) {
        self.change(|job| {
            job.log.push(line.as_ref().chars().take(LINE).collect());
            let surplus = job.log.len().saturating_sub(Job::LOG);
            job.log.drain(..surplus);
        });
    }

    /// Says how much of it is done, where that is stored by other means than its items.
    pub fn count(&self, count: impl FnOnce(&mut Job)) {
        self.change(count);
    }

    /// Says that it begins another phase.
    pub async fn enter(&self, phase: JobPhase) -> Result<(), Error> {
        let job = job::enter(&self.store, self.job(), phase).await?;
        self.now.send_replace(job);
        Ok(())
    }

    /// Writes in the name of who asked for the job; together with how far it is by that.
    pub async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut WriteTx, &'t Request, &'t mut Job) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        // Behind people, who wait for their own writes.
        let _turn = entry::background_turn().await?;
        let (value, job) = job::write(&self.store, &self.stored, self.job(), work).await?;
        self.now.send_replace(job);
        Ok(value)
    }

    /// Says what became of an item of which nothing is stored.
    pub async fn settle(&self, item: i64, became: Became) -> Result<(), Error> {
        let number = self.stored.number;
        self.write(move |tx, _, job| {
            Box::pin(async move {
                became.count(job);
                job_items::settle(tx, number, item, became.outcome, became.uid, became.why.as_deref()).await
            })
        })
        .await
    }

    /// Adds items; those that are known already are passed over. Returns those that there is something to do for.
    pub async fn add(&self, new: Vec<job_items::New>) -> Result<Vec<job_items::Waiting>, Error> {
        let number = self.stored.number;
        self.write(move |tx, _, job| Box::pin(async move { add_in(tx, number, job, &new).await }))
            .await
    }
}

/// The same as part of a write. What is left out counts as such at once.
pub async fn add_in(tx: &mut WriteTx, number: i64, job: &mut Job, new: &[job_items::New]) -> Result<Vec<job_items::Waiting>, Error> {
    let mut added = job_items::add(tx, number, new).await?;
    job.counts.total += added.len() as u64;
    let before = added.len();
    let skipped: HashSet<&str> = new
        .iter()
        .filter(|new| new.skipped.is_some())
        .map(|new| new.name.as_str())
        .collect();
    added.retain(|added| !skipped.contains(added.name.as_str()));
    job.counts.skipped += (before - added.len()) as u64;
    Ok(added)
}
