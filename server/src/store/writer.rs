//! The one writer: group commit. A write waits for nobody when it is alone; those that wait while one commits go together.

use super::files::{Files, Lock, Lost};
use super::log::{self, LogRecord};
use super::witness::Witness;
use crate::clock;
use crate::error::Error;
use app::protocol::{Actor, EntryId, Envelope, Epoch, Event, KbName, MutationId, Seq, Timestamp, Topic};
use futures_util::FutureExt;
use sqlx::{Connection, SqliteConnection};
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::{mpsc, oneshot};

/// A boxed future that may borrow the transaction.
pub type BoxFuture<'t, T> = Pin<Box<dyn Future<Output = T> + Send + 't>>;

/// Most writes that share one commit: bounds how long the first of them waits.
const GROUP: usize = 128;
/// How long a group may go on before it is committed: the first of it waits for the last.
const GROUP_TIME: Duration = Duration::from_millis(50);
/// Most writes that may wait. Beyond it callers wait for a place, so memory stays bounded.
const QUEUE: usize = 1024;

/// A write under way: the connection within a transaction, and the events that the write has made so far.
#[derive(Debug)]
pub struct WriteTx {
    connection: SqliteConnection,
    epoch: Epoch,
    head: Seq,
    now: Timestamp,
    emitted: Vec<Emitted>,
}

/// An event that this write adds to the log at its end.
#[derive(Debug)]
pub(super) struct Emitted {
    pub(super) record: LogRecord,
    pub(super) kind: &'static str,
}

/// What an event is about, and who made it happen.
#[derive(Debug, Clone)]
pub struct Subject {
    /// To whom it is sent.
    pub topic: Topic,
    /// Who did it.
    pub actor: Actor,
    /// The client's id of the write.
    pub mutation_id: Option<MutationId>,
    /// The knowledge base, where it is about one.
    pub kb_name: Option<KbName>,
    /// The entry, where it is about one.
    pub entry_id: Option<EntryId>,
}

impl WriteTx {
    /// The connection to write to.
    pub fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.connection
    }

    /// The time of this write: what it stores and what it sends agree.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The log's epoch.
    pub fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// The place that the next event of this write gets.
    pub fn next_seq(&self) -> Seq {
        self.head.next()
    }

    /// Adds an event to the log. It is stored with the commit, sent after it, and neither when there is none.
    pub fn emit(&mut self, subject: Subject, event: Event) -> Result<Seq, Error> {
        let seq = self.head.next();
        let envelope = Envelope {
            event,
            seq,
            timestamp: self.now,
            topic: subject.topic,
            kb_name: subject.kb_name,
            entry_id: subject.entry_id,
            actor: subject.actor,
            mutation_id: subject.mutation_id,
        };
        let kind = envelope.event.kind();
        let record = LogRecord {
            seq,
            topic: envelope.topic.clone(),
            frame: serde_json::to_string(&envelope)?,
            is_of_access: Event::OF_ACCESS.contains(&kind),
        };
        self.head = seq;
        self.emitted.push(Emitted { record, kind });
        Ok(seq)
    }
}

/// What a panic said.
fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a message".to_owned())
}

/// How a group of writes ended.
type Outcome = Result<(), String>;

/// A write that waits for its turn. Runs within the group's transaction, and answers after the commit.
trait Queued: Send {
    /// Does the work. False when it failed, and nothing of it may stay.
    fn run<'t>(&'t mut self, tx: &'t mut WriteTx) -> BoxFuture<'t, bool>;
    /// Answers its caller.
    fn finish(self: Box<Self>, outcome: &Outcome);
}

struct Write<T, F> {
    work: Option<F>,
    result: Option<Result<T, Error>>,
    answer: oneshot::Sender<Result<T, Error>>,
}

impl<T, F> Queued for Write<T, F>
where
    T: Send + 'static,
    F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
{
    fn run<'t>(&'t mut self, tx: &'t mut WriteTx) -> BoxFuture<'t, bool> {
        Box::pin(async move {
            let Some(work) = self.work.take() else { return false };
            // A panic is the failure of this write alone: the task that runs it serves everybody. What it has done so far is
            // rolled back like that of any other failure.
            let result = AssertUnwindSafe(async { work(tx).await }).catch_unwind().await;
            let result = result.unwrap_or_else(|panic| Err(Error::Panicked(message_of(panic.as_ref()))));
            let done = result.is_ok();
            self.result = Some(result);
            done
        })
    }

    fn finish(self: Box<Self>, outcome: &Outcome) {
        let result = match (outcome, self.result) {
            // Its own failure says more than the group's.
            (_, Some(Err(error))) => Err(error),
            (Ok(()), Some(Ok(value))) => Ok(value),
            (Err(why), _) => Err(Error::StoreUnavailable(why.clone())),
            (Ok(()), None) => Err(Error::StoreUnavailable("the write did not run".into())),
        };
        // Nobody listens when the caller has gone away; the write stands all the same.
        let _ = self.answer.send(result);
    }
}

/// What is done beside the commits, for the files.
#[derive(Debug)]
pub(super) struct Keeper {
    pub(super) witness: Witness,
    /// Watched by a server.
    pub(super) files: Option<Files>,
    pub(super) lost: Lost,
    pub(super) folder: PathBuf,
    /// Held by a server.
    pub(super) lock: Option<Lock>,
    /// Groups that were committed.
    pub(super) groups: u64,
    /// Whether what was lost was looked after already.
    pub(super) has_rescued: bool,
}

/// Groups after which one that is no server looks whether it may move the write-ahead log to the database.
const CHECKPOINT: u64 = 64;

impl Keeper {
    /// Before a group.
    fn check(&mut self) -> Result<(), Error> {
        self.files.as_mut().map_or(Ok(()), Files::check)
    }

    /// After a group, which counts only where it went to files that are there.
    async fn note(&mut self, tx: &mut WriteTx, outcome: Result<(), Error>) -> Result<(), Error> {
        if let Some(files) = &mut self.files {
            files.note();
        }
        outcome?;
        self.check()?;
        if let Err(error) = self.witness.note(&tx.epoch, tx.head, false) {
            tracing::debug!(%error, "the witness could not be written");
        }
        self.groups += 1;
        if self.lock.is_none() && self.groups.is_multiple_of(CHECKPOINT) {
            // Beside a server, it does this.
            if let Ok(Some(_lock)) = Lock::take(&self.folder) {
                let _ = sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut tx.connection).await;
            }
        }
        Ok(())
    }

    /// Copies what has no name any longer, but is still open, to a file that has one.
    async fn rescue(&mut self, connection: &mut SqliteConnection) {
        if self.has_rescued || !self.lost.get().is_some_and(|loss| loss.is_whole) {
            return;
        }
        self.has_rescued = true;
        let to = self.folder.join(format!("tidings-rescued-{}.db", clock::now().millis()));
        let made = std::fs::create_dir_all(&self.folder).and_then(|()| super::open::for_the_owner_only().open(&to).map(drop));
        let copied = match made {
            Ok(()) => sqlx::query("VACUUM INTO ?")
                .bind(to.to_string_lossy())
                .execute(connection)
                .await
                .map(drop),
            Err(why) => Err(why.into()),
        };
        match copied {
            Ok(()) => tracing::error!(file = %to.display(), "what the database held was written to a new file; `tidings restore` takes it"),
            Err(error) => tracing::error!(%error, file = %to.display(), "what the database held could not be written to a new file"),
        }
    }

    /// Closes the database.
    async fn close(mut self, mut connection: SqliteConnection) {
        if self.check().is_err() {
            // To close it would write to what is in its place. The end of the process closes it too, and writes nothing.
            std::mem::forget(connection);
            return;
        }
        let state = log::state(&mut connection).await;
        // Beside a server this is not the end: it goes on writing, and its witness with it.
        let lock = self.lock.take().or_else(|| Lock::take(&self.folder).ok().flatten());
        if lock.is_some() {
            let _ = sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut connection).await;
        }
        if let Err(error) = connection.close().await {
            tracing::warn!(%error, "the database did not close cleanly");
        }
        if let (Ok((epoch, head, _)), Some(_lock)) = (state, lock) {
            let _ = self.witness.note(&epoch, head, true);
        }
    }
}

enum Message {
    Write(Box<dyn Queued>),
    /// Look whether the files are still there.
    Look,
    Close(oneshot::Sender<()>),
}

/// The way to the task that owns the writing connection.
#[derive(Debug, Clone)]
pub(super) struct Writer {
    queue: mpsc::Sender<Message>,
    /// The last event that was committed here.
    committed: Arc<AtomicU64>,
}

impl Writer {
    pub(super) fn start(connection: SqliteConnection, committed: mpsc::Sender<Vec<LogRecord>>, keeper: Keeper) -> Self {
        let (queue, messages) = mpsc::channel(QUEUE);
        let head = Arc::new(AtomicU64::new(0));
        tokio::spawn(run(connection, messages, committed, head.clone(), keeper));
        Self { queue, committed: head }
    }

    pub(super) fn committed(&self) -> Seq {
        Seq::new(self.committed.load(Ordering::Acquire))
    }

    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, Error>
    where
        T: Send + 'static,
        F: for<'t> FnOnce(&'t mut WriteTx) -> BoxFuture<'t, Result<T, Error>> + Send + 'static,
    {
        let (answer, answered) = oneshot::channel();
        let write = Write {
            work: Some(work),
            result: None,
            answer,
        };
        let stopped = || Error::StoreUnavailable("the server is stopping".into());
        self.queue.send(Message::Write(Box::new(write))).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Has the files looked at, as soon as the writer has time.
    pub(super) async fn look(&self) {
        let _ = self.queue.send(Message::Look).await;
    }

    pub(super) async fn close(&self) {
        let (done, closed) = oneshot::channel();
        if self.queue.send(Message::Close(done)).await.is_ok() {
            let _ = closed.await;
        }
    }
}

async fn run(
    connection: SqliteConnection,
    mut messages: mpsc::Receiver<Message>,
    committed: mpsc::Sender<Vec<LogRecord>>,
    head: Arc<AtomicU64>,
    mut keeper: Keeper,
) {
    let epoch = super::open::new_epoch();
    let mut tx = WriteTx {
        connection,
        epoch,
        head: Seq::ZERO,
        now: clock::now(),
        emitted: Vec::new(),
    };
    let mut closing = None;
    while closing.is_none() {
        let first = match messages.recv().await {
            None => break,
            Some(Message::Close(done)) => {
                closing = Some(done);
                break;
            }
            Some(Message::Look) => {
                let _ = keeper.check();
                keeper.rescue(&mut tx.connection).await;
                continue;
            }
            Some(Message::Write(write)) => write,
        };
        let mut group = vec![];
        let outcome = match keeper.check() {
            Ok(()) => commit_group(&mut tx, first, &mut group, &mut messages, &mut closing).await,
            Err(lost) => {
                group.push(first);
                Err(lost)
            }
        };
        let outcome = keeper.note(&mut tx, outcome).await;
        keeper.rescue(&mut tx.connection).await;
        if let Err(why) = &outcome {
            tracing::error!(%why, writes = group.len(), "a group of writes was not committed");
            tx.emitted.clear();
            // Fails where the database has rolled back by itself already.
            let _ = sqlx::query("ROLLBACK").execute(&mut tx.connection).await;
        }
        if !tx.emitted.is_empty() {
            // Before whoever wrote is answered: what they do next comes after this.
            head.store(tx.head.get(), Ordering::Release);
            let records = tx.emitted.drain(..).map(|emitted| emitted.record).collect();
            // Nobody listens on the command line, and a hub that has no room finds the batch in the log.
            let _ = committed.try_send(records);
        }
        let outcome = outcome.map_err(|error| error.to_string());
        for write in group {
            write.finish(&outcome);
        }
    }
    keeper.close(tx.connection).await;
    if let Some(done) = closing {
        let _ = done.send(());
    }
}

/// Runs `first` and all that wait behind it in one transaction, and commits. `group` holds them for their answers.
async fn commit_group(
    tx: &mut WriteTx,
    first: Box<dyn Queued>,
    group: &mut Vec<Box<dyn Queued>>,
    messages: &mut mpsc::Receiver<Message>,
    closing: &mut Option<oneshot::Sender<()>>,
) -> Result<(), Error> {
    // First of all: who is in the group is told why, whatever fails from here on.
    group.push(first);
    // Another process may have written since, or restored a backup.
    let last_at;
    (tx.epoch, tx.head, last_at) = log::begin(&mut tx.connection).await?;
    // The log goes forwards in time, also where the clock does not.
    tx.now = clock::now().max(tx.now).max(last_at);
    let done = match group.last_mut() {
        Some(first) => first.run(tx).await,
        None => false,
    };
    if !done {
        // Most that fail have written nothing, and nobody else has yet: no savepoint, but an end for this group.
        tx.emitted.clear();
        sqlx::query("ROLLBACK").execute(&mut tx.connection).await?;
        return Ok(());
    }
    let began = Instant::now();
    while group.len() < GROUP && began.elapsed() < GROUP_TIME {
        match messages.try_recv() {
            Ok(Message::Write(mut write)) => {
                let is_second = group.len() == 1;
                let outcome = run_behind_others(tx, write.as_mut(), is_second).await;
                group.push(write);
                outcome?;
            }
            Ok(Message::Look) => {}
            Ok(Message::Close(done)) => {
                *closing = Some(done);
                break;
            }
            Err(_) => break,
        }
    }
    log::commit(&mut tx.connection, &tx.emitted, tx.now).await
}

/// Runs one write of a group, so that its failure leaves the others' work in place.
async fn run_behind_others(tx: &mut WriteTx, write: &mut dyn Queued, is_second: bool) -> Result<(), Error> {
    let (head, emitted) = (tx.head, tx.emitted.len());
    // The savepoint of the write before is let go together with the next one's beginning: one hand-over less for each.
    let savepoint = if is_second { "SAVEPOINT one" } else { "RELEASE one; SAVEPOINT one" };
    sqlx::query(savepoint).execute(&mut tx.connection).await?;
    if !write.run(tx).await {
        // Fails, and with it the group, when the database had to roll back everything (a full disk).
        sqlx::query("ROLLBACK TO one").execute(&mut tx.connection).await?;
        tx.head = head;
        tx.emitted.truncate(emitted);
    }
    Ok(())
}
