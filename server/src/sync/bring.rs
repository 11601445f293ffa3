//! Has the domain do what a plan says: a few hundred files a transaction, an event an entry, and one for the whole.

use super::plan::{self, Deed, Known, Plan, Step};
use super::{SyncError, about, folder, read};
use crate::domain::entry::{self, Change, Prepared, PreparedChange};
use crate::domain::kb;
use crate::domain::mutation::{Manner, Request};
use crate::error::Error;
use crate::store::sync_files::{self, Brought, Folder};
use crate::store::{Store, WriteTx, entries, kbs};
use app::protocol::entry::{LinkTarget, NewKb, Written};
use app::protocol::event::SyncCounts;
use app::protocol::{EntryId, KbName, Problem};
use serde::Serialize;
use std::collections::HashMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

/// Files that are written in one transaction, and bytes of them: enough to share the cost of a commit, few enough to let others
/// write between.
const BATCH: usize = 200;
const BATCH_BYTES: usize = 2 * 1024 * 1024;
/// Entries that are removed in one transaction, and records that are forgotten.
const REMOVALS: usize = 100;
const FORGOTTEN: usize = 1_000;

/// What a sync did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// In files.
    #[serde(flatten)]
    pub counts: SyncCounts,
    /// The files that were skipped.
    pub failures: Vec<Failure>,
}

/// A file that was skipped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// Its path below the folder.
    pub path: String,
    /// What is wrong with it, and how to mend it.
    pub why: String,
}

/// When a sync says in the log that it was there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Announce {
    /// Always.
    Always,
    /// Only when it did something.
    Changes,
}

/// How far a sync is, in files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// That there are, and that are gone.
    pub total: u64,
    /// What it has done.
    pub report: Report,
}

/// Looks on while a sync is at work; it ends early where it is told to break.
pub type Onlooker<'o> = &'o (dyn Fn(Moment) -> ControlFlow<()> + Send + Sync);

/// Makes a knowledge base have what the markdown files of a folder say, and makes it first where it is missing.
/// Files whose content was synced before cost a read; what is wrong with a file is told, and the others go on.
pub async fn sync(store: &Store, request: &Request, kb: &KbName, folder: &Path, announce: Announce) -> Result<Report, SyncError> {
    request.caller.must_write(kb)?;
    let found = find(folder).await?;
    make_kb(store, request, kb, folder).await?;
    bring(store, request, kb, found, announce, &|_| ControlFlow::Continue(())).await
}

/// The same for a knowledge base that is there: `KbNotFound` where it is not, or is deleted meanwhile.
pub async fn sync_again(store: &Store, request: &Request, kb: &KbName, folder: &Path) -> Result<Report, SyncError> {
    request.caller.must_write(kb)?;
    let found = find(folder).await?;
    bring(store, request, kb, found, Announce::Changes, &|_| ControlFlow::Continue(())).await
}

/// The same for somebody who does not see the folder: where all is gone from it, which may be a disk that is not mounted, it
/// is `Emptied`, and nothing is removed.
pub async fn sync_unseen(
    store: &Store,
    request: &Request,
    kb: &KbName,
    folder: &Path,
    onlooker: Onlooker<'_>,
) -> Result<Report, SyncError> {
    request.caller.must_write(kb)?;
    let (root, listing) = find(folder).await?;
    if listing.files.is_empty() {
        let entries = sync_files::of(&mut store.read().await?, &folder_of(kb, &root)).await?.len();
        if entries > 0 {
            return Err(SyncError::Emptied { folder: root, entries });
        }
    }
    bring(store, request, kb, (root, listing), Announce::Always, onlooker).await
}

fn folder_of(kb: &KbName, root: &Path) -> Folder {
    Folder {
        kb: kb.clone(),
        path: root.to_string_lossy().into_owned(),
    }
}

/// The absolute path of a folder, and what is in it.
async fn find(folder: &Path) -> Result<(PathBuf, folder::Listing), SyncError> {
    let root = std::path::absolute(folder).map_err(SyncError::folder(folder))?;
    let listing = blocking({
        let root = root.clone();
        move || folder::list(&root)
    })
    .await?
    .map_err(SyncError::folder(folder))?;
    Ok((root, listing))
}

async fn bring(
    store: &Store,
    request: &Request,
    kb: &KbName,
    (root, listing): (PathBuf, folder::Listing),
    announce: Announce,
    onlooker: Onlooker<'_>,
) -> Result<Report, SyncError> {
    let folder = folder_of(kb, &root);
    let known = known(store, &folder).await?;
    let plan = blocking(move || read_and_plan(&root, listing, known)).await?;
    carry_out(store, request, folder, plan, announce, onlooker).await
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Damaged(error.to_string()))
}

async fn make_kb(store: &Store, request: &Request, name: &KbName, root: &Path) -> Result<(), Error> {
    if kbs::exists(store.read().await?.connection(), name).await? {
        return Ok(());
    }
    let file = root.join(about::FILE);
    let about = blocking(move || about::read(&file)).await?;
    let new = NewKb {
        name: name.to_string(),
        title: about.title,
        description: about.description,
        members: None,
    };
    match kb::create(store, request, new).await {
        // Somebody else was faster, which is as good.
        Ok(_) | Err(Error::KbExists(_)) => Ok(()),
        Err(error) => Err(error),
    }
}

async fn known(store: &Store, folder: &Folder) -> Result<Known, Error> {
    let mut tx = store.read().await?;
    kbs::expect(tx.connection(), &folder.kb).await?;
    Ok(Known {
        here: sync_files::of(&mut tx, folder).await?,
        elsewhere: sync_files::elsewhere(&mut tx, folder).await?,
        ids: entries::ids(tx.connection(), &folder.kb).await?.into_iter().collect(),
    })
}

fn read_and_plan(root: &Path, listing: folder::Listing, known: Known) -> Plan {
    let digests: HashMap<String, String> = known.here.iter().map(|(path, file)| (path.clone(), file.digest.clone())).collect();
    let files = read::read_all(root, &listing.files, &digests);
    let text = |(path, why): (PathBuf, String)| (path.to_string_lossy().into_owned(), why);
    let unreadable: Vec<(String, String)> = listing.unreadable.into_iter().map(text).collect();
    plan::plan(files, &unreadable, known)
}

async fn carry_out(
    store: &Store,
    request: &Request,
    folder: Folder,
    plan: Plan,
    announce: Announce,
    onlooker: Onlooker<'_>,
) -> Result<Report, SyncError> {
    let request = &Request {
        manner: Manner::Sync,
        ..request.clone()
    };
    let Plan {
        mut steps,
        forgotten,
        mut removals,
        unchanged,
        failures,
    } = plan;
    let mut report = Report {
        counts: SyncCounts {
            unchanged,
            ..SyncCounts::default()
        },
        failures,
    };
    // Those that are only kept count as unchanged already.
    let work = steps.iter().filter(|step| !matches!(step.deed, Deed::Keep(_))).count();
    let total = unchanged + (work + removals.len() + report.failures.len()) as u64;
    let moment = |report: &Report| {
        let mut report = report.clone();
        report.counts.failed = report.failures.len() as u64;
        onlooker(Moment { total, report })
    };
    let mut goes_on = moment(&report).is_continue();
    while goes_on && !steps.is_empty() {
        let batch: Vec<Step> = steps.drain(..batch_of(&steps)).collect();
        let kb = folder.kb.clone();
        let batch = blocking(move || batch.into_iter().map(|step| Ready::of(step, &kb)).collect()).await?;
        let (for_write, in_folder) = (request.clone(), folder.clone());
        let turn = entry::background_turn().await?;
        let (work, renamed) = store
            .write(move |tx| Box::pin(async move { write_batch(tx, &for_write, &in_folder, batch).await }))
            .await?;
        drop(turn);
        report.add(work);
        for (old, written) in renamed {
            entry::follow_rename(store, request, old, written).await?;
        }
        goes_on = moment(&report).is_continue();
    }
    while goes_on && !removals.is_empty() {
        let batch: Vec<(EntryId, i64)> = removals.drain(..removals.len().min(REMOVALS)).collect();
        let (request, folder) = (request.clone(), folder.clone());
        report.counts.removed += store
            .write(move |tx| Box::pin(async move { remove(tx, &request, &folder, batch).await }))
            .await?;
        goes_on = moment(&report).is_continue();
    }
    report.failures.sort_by(|a, b| a.path.cmp(&b.path));
    report.counts.failed = report.failures.len() as u64;
    let SyncCounts {
        added,
        updated,
        removed,
        failed,
        ..
    } = report.counts;
    let say = announce == Announce::Always || added + updated + removed + failed > 0;
    let (request, counts) = (request.clone(), report.counts);
    for paths in forgotten.chunks(FORGOTTEN) {
        let (folder, paths) = (folder.clone(), paths.to_vec());
        store
            .write(move |tx| Box::pin(async move { sync_files::forget(tx, &folder, &paths).await }))
            .await?;
    }
    if say {
        store
            .write(move |tx| Box::pin(async move { kb::tell_synced_in(tx, &request, &folder.kb, counts).await }))
            .await?;
    }
    Ok(report)
}

/// How many of these steps go into one transaction.
fn batch_of(steps: &[Step]) -> usize {
    let mut bytes = 0;
    let fits = |step: &&Step| {
        let is_first = bytes == 0;
        bytes += match &step.deed {
            Deed::Create(draft) | Deed::Update(_, draft) => draft.body.len() + 1,
            Deed::Keep(_) => 1,
        };
        is_first || bytes <= BATCH_BYTES
    };
    steps.iter().take(BATCH).take_while(fits).count()
}

/// A step whose content was checked and read.
struct Ready {
    path: String,
    digest: String,
    deed: ReadyDeed,
}

enum ReadyDeed {
    Create(Box<Result<Prepared, Error>>),
    Update(EntryId, Box<Result<PreparedChange, Error>>),
    Keep(Option<i64>),
}

impl Ready {
    fn of(Step { path, digest, deed }: Step, kb: &KbName) -> Self {
        let deed = match deed {
            Deed::Create(draft) => ReadyDeed::Create(Box::new(Prepared::new(kb, draft))),
            Deed::Update(id, draft) => ReadyDeed::Update(id, Box::new(PreparedChange::new(kb, Change::Replace(draft)))),
            Deed::Keep(uid) => ReadyDeed::Keep(uid),
        };
        Self { path, digest, deed }
    }
}

/// What came of the files of one transaction.
#[derive(Default)]
struct Work {
    added: u64,
    updated: u64,
    unchanged: u64,
    failures: Vec<Failure>,
    brought: Vec<Brought>,
}

/// What came of one file.
enum Outcome {
    Added,
    Updated,
    Unchanged,
    /// As it was, and counted when that was planned.
    Kept,
}

impl Work {
    /// Takes in what came of a file, and the number of its entry.
    fn done(&mut self, path: String, digest: String, done: Result<(Outcome, Option<i64>), Error>) -> Result<(), Error> {
        match done {
            Ok((outcome, uid)) => {
                self.count(outcome);
                self.brought.push(Brought { path, uid, digest });
            }
            // The domain refuses before it writes, so nothing of this file is stored, and the others go on.
            Err(error) if error.is_refusal() => self.failures.push(Failure {
                path,
                why: Problem::from(error).detail,
            }),
            Err(error) => return Err(error),
        }
        Ok(())
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Added => self.added += 1,
            Outcome::Updated => self.updated += 1,
            Outcome::Unchanged => self.unchanged += 1,
            Outcome::Kept => {}
        }
    }
}

impl Report {
    fn add(&mut self, work: Work) {
        self.counts.added += work.added;
        self.counts.updated += work.updated;
        self.counts.unchanged += work.unchanged;
        self.failures.extend(work.failures);
    }
}

/// Entries that were renamed, whose links are to follow.
type Renamed = Vec<(LinkTarget, Written)>;

async fn write_batch(tx: &mut WriteTx, request: &Request, folder: &Folder, batch: Vec<Ready>) -> Result<(Work, Renamed), Error> {
    kbs::expect(tx.connection(), &folder.kb).await?;
    let paths: Vec<&str> = batch.iter().map(|step| step.path.as_str()).collect();
    let stored = sync_files::digests(tx, folder, &paths).await?;
    let mut work = Work::default();
    let (mut new, mut renamed) = (Vec::new(), Vec::new());
    for Ready { path, digest, deed } in batch {
        // When this was planned another content was stored: a sync beside this one has brought it since.
        if !matches!(deed, ReadyDeed::Keep(_)) && stored.get(&path) == Some(&digest) {
            work.count(Outcome::Unchanged);
            continue;
        }
        match deed {
            ReadyDeed::Create(prepared) => new.push((path, digest, *prepared)),
            ReadyDeed::Keep(uid) => work.done(path, digest, Ok((Outcome::Kept, uid)))?,
            ReadyDeed::Update(id, change) => {
                // It may take the id that an entry before it has, or leave its own to one behind it.
                create_all(tx, request, folder, &mut new, &mut work).await?;
                let done = match *change {
                    Ok(change) => update(tx, request, folder, &id, change, &mut renamed).await,
                    Err(why) => Err(why),
                };
                work.done(path, digest, done)?;
            }
        }
    }
    create_all(tx, request, folder, &mut new, &mut work).await?;
    sync_files::put(tx, folder, &work.brought).await?;
    Ok((work, renamed))
}

/// Makes the entries of new files, and leaves none of them.
async fn create_all(
    tx: &mut WriteTx,
    request: &Request,
    folder: &Folder,
    new: &mut Vec<(String, String, Result<Prepared, Error>)>,
    work: &mut Work,
) -> Result<(), Error> {
    if new.is_empty() {
        return Ok(());
    }
    let (files, prepared): (Vec<_>, Vec<_>) = new.drain(..).map(|(path, digest, prepared)| ((path, digest), prepared)).unzip();
    let made = entry::create_all_in(tx, request, &folder.kb, prepared).await?;
    for ((path, digest), made) in files.into_iter().zip(made) {
        work.done(path, digest, made.map(|stored| (Outcome::Added, Some(stored.uid))))?;
    }
    Ok(())
}

async fn update(
    tx: &mut WriteTx,
    request: &Request,
    folder: &Folder,
    id: &EntryId,
    change: PreparedChange,
    renamed: &mut Renamed,
) -> Result<(Outcome, Option<i64>), Error> {
    let old = entries::get(tx.connection(), &folder.kb, id).await?;
    let written = entry::update_in(tx, request, &folder.kb, id, change, None).await?;
    let outcome = if written.entry.version == old.entry.version {
        Outcome::Unchanged
    } else {
        Outcome::Updated
    };
    if written.links_followed > 0 {
        let target = LinkTarget {
            kb_name: folder.kb.clone(),
            entry_id: old.entry.entry_id,
        };
        renamed.push((target, written));
    }
    Ok((outcome, Some(old.uid)))
}

/// Moves entries to the trash that are still what the plan saw. Their files are forgotten: who restores one has it as their own.
async fn remove(tx: &mut WriteTx, request: &Request, folder: &Folder, batch: Vec<(EntryId, i64)>) -> Result<u64, Error> {
    let mut removed = 0;
    let uids: Vec<i64> = batch.iter().map(|(_, uid)| *uid).collect();
    sync_files::release(tx, &uids).await?;
    for (id, uid) in batch {
        if let Some(stored) = entries::find(tx.connection(), &folder.kb, &id).await?
            && stored.uid == uid
        {
            entry::delete_in(tx, request, stored).await?;
            removed += 1;
        }
    }
    Ok(removed)
}
