//! Brings uploaded files in: each becomes an entry, and each file of an archive.

use super::task::{Became, Task};
use super::uploads::Uploads;
use crate::convert::{Archive, ArchiveFile, Document, Kind, SNIFF_BYTES, Skipped, convert_apart};
use crate::crawl::{Page, relink};
use crate::domain::entry::{self, Prepared};
use crate::domain::job::INSIDE;
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::front_matter;
use crate::store::WriteTx;
use crate::store::job_items::{self, Waiting};
use crate::store::sources::{self, Seen};
use app::protocol::entry::EntryDraft;
use app::protocol::job::{ItemOutcome, Job, JobPhase};
use app::protocol::{JobId, KbName, Problem, Version, limits};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;
use tokio::sync::mpsc;
use url::Url;

/// The address of a file that has none (RFC 6761, 6.4).
const NOWHERE: &str = "https://uploaded.invalid/";

/// Reads the files of the job one after the other, and stores what they say.
pub async fn run(task: &Task, uploads: &Uploads) -> Result<(), Error> {
    let job = &task.stored.job.job_id;
    task.enter(JobPhase::Converting).await?;
    open_archives(task, uploads, job).await?;
    let waiting = job_items::waiting(&mut task.store.read().await?, task.stored.number).await?;
    let mut of_archives: BTreeMap<usize, HashMap<String, i64>> = BTreeMap::new();
    for item in waiting {
        let source = Source::of(&item.name);
        if let Some(path) = source.inside {
            of_archives.entry(source.place).or_default().insert(path.to_owned(), item.item);
            continue;
        }
        task.at(source.name);
        let (file, name, child) = (uploads.file(job, source.place), source.name.to_owned(), uploads.child());
        let read = tokio::task::spawn_blocking(move || read_file(&file, &name, child));
        let Some(read) = task.unless_halted(read).await else {
            return Ok(());
        };
        take(task, item.item, source.name, read.unwrap_or_else(|why| Err(why.to_string()))).await?;
    }
    for (place, items) in of_archives {
        take_archive(task, uploads.file(job, place), uploads.clone(), items).await?;
    }
    Ok(())
}

/// Says what became of a file.
async fn take(task: &Task, item: i64, name: &str, read: Result<FileRead, String>) -> Result<(), Error> {
    match read {
        Ok(read) => store(task, item, name, read).await,
        Err(why) => {
            task.say(format!("{name}: {why}"));
            task.settle(item, Became::failed(why)).await
        }
    }
}

/// Reads those files of an archive that there are items for.
async fn take_archive(task: &Task, file: PathBuf, uploads: Uploads, mut items: HashMap<String, i64>) -> Result<(), Error> {
    let wanted: HashSet<String> = items.keys().cloned().collect();
    // One is read while the one before it is stored.
    let (sender, mut receiver) = mpsc::channel(1);
    let reading = tokio::task::spawn_blocking(move || read_archive(&file, &wanted, &uploads, &sender));
    while let Some(Some((path, read))) = task.unless_halted(receiver.recv()).await {
        if let Some(item) = items.remove(&path) {
            task.at(&path);
            take(task, item, &path, read).await?;
        }
    }
    drop(receiver);
    if task.is_halted() {
        return Ok(());
    }
    let why = match reading.await {
        Ok(Ok(())) => "it is no longer read, because of what came before it in the archive".to_owned(),
        Ok(Err(why)) => why,
        Err(why) => why.to_string(),
    };
    for (path, item) in items {
        take(task, item, &path, Err(why.clone())).await?;
    }
    Ok(())
}

type OfArchive = (String, Result<FileRead, String>);

fn read_archive(file: &Path, wanted: &HashSet<String>, uploads: &Uploads, sender: &mpsc::Sender<OfArchive>) -> Result<(), String> {
    let opened = File::open(file).map_err(|why| format!("its archive is no longer there: {why}. Send it again"))?;
    for found in Archive::open(opened).map_err(|why| why.to_string())? {
        let (path, read) = match found {
            Ok(ArchiveFile { path, bytes }) if wanted.contains(&path) => {
                let read = read_bytes(&path, &bytes, uploads.child());
                (path, read)
            }
            Ok(_) => continue,
            Err(Skipped { path, why }) => (path, Err(why)),
        };
        // Nobody waits for it any longer.
        if sender.blocking_send((path, read)).is_err() {
            return Ok(());
        }
    }
    Ok(())
}

/// What the name of an item says: `3/notes.md`, or `3/all.zip!a/notes.md`.
struct Source<'n> {
    place: usize,
    name: &'n str,
    inside: Option<&'n str>,
}

impl<'n> Source<'n> {
    fn of(item: &'n str) -> Self {
        let (place, name) = item.split_once('/').unwrap_or(("0", item));
        let (name, inside) = match name.split_once(INSIDE) {
            Some((name, inside)) => (name, Some(inside)),
            None => (name, None),
        };
        Self {
            place: place.parse().unwrap_or(0),
            name,
            inside,
        }
    }
}

/// Puts the files of archives in the place of these.
async fn open_archives(task: &Task, uploads: &Uploads, job: &JobId) -> Result<(), Error> {
    let waiting = job_items::waiting(&mut task.store.read().await?, task.stored.number).await?;
    for item in waiting {
        let source = Source::of(&item.name);
        if source.inside.is_some() || task.is_halted() {
            continue;
        }
        let file = uploads.file(job, source.place);
        let name = source.name.to_owned();
        let listed = tokio::task::spawn_blocking(move || list(&file, &name))
            .await
            .map_err(|why| Error::Damaged(why.to_string()))?;
        match listed {
            None => {}
            Some(Err(why)) => task.settle(item.item, Became::failed(why)).await?,
            Some(Ok(paths)) if paths.is_empty() => {
                task.settle(item.item, Became::failed("the archive holds no file that could be read"))
                    .await?;
            }
            Some(Ok(paths)) if task.job().counts.total + paths.len() as u64 > limits::JOB_ITEMS => {
                let why = format!(
                    "it holds {} files, and an upload can have {} in all. Send it in an upload of its own",
                    paths.len(),
                    limits::JOB_ITEMS
                );
                task.settle(item.item, Became::failed(why)).await?;
            }
            Some(Ok(paths)) => replace(task, &item, paths).await?,
        }
    }
    Ok(())
}

async fn replace(task: &Task, archive: &Waiting, paths: Vec<String>) -> Result<(), Error> {
    task.say(format!("{} holds {} files", Source::of(&archive.name).name, paths.len()));
    let number = task.stored.number;
    let (item, name) = (archive.item, archive.name.clone());
    task.write(move |tx, _, job| {
        Box::pin(async move {
            let new = |path: &String| job_items::New {
                name: format!("{name}{INSIDE}{path}"),
                depth: 1,
                skipped: None,
            };
            job_items::remove(tx, number, item).await?;
            let added = job_items::add(tx, number, &paths.iter().map(new).collect::<Vec<_>>()).await?;
            job.counts.total = (job.counts.total + added.len() as u64).saturating_sub(1);
            Ok(())
        })
    })
    .await
}

/// The files of an archive; none where it is another file.
fn list(file: &Path, name: &str) -> Option<Result<Vec<String>, String>> {
    let kind = kind(file, name);
    if !matches!(kind, Ok(Kind::Zip)) {
        return None;
    }
    let archive = File::open(file).map_err(|why| why.to_string());
    Some(archive.and_then(|file| {
        Archive::open(file)
            .map(|mut archive| archive.paths())
            .map_err(|why| why.to_string())
    }))
}

fn kind(file: &Path, name: &str) -> Result<Kind, String> {
    let mut first = Vec::with_capacity(SNIFF_BYTES);
    let opened = File::open(file).map_err(|why| format!("it is no longer there: {why}. Send it again"))?;
    opened
        .take(SNIFF_BYTES as u64)
        .read_to_end(&mut first)
        .map_err(|why| why.to_string())?;
    Kind::of(name, &first).map_err(|why| why.to_string())
}

/// What a file says.
struct FileRead {
    kind: Kind,
    documents: Vec<Document>,
    digest: String,
}

fn read_file(file: &Path, name: &str, child: Command) -> Result<FileRead, String> {
    let bytes = std::fs::read(file).map_err(|why| format!("it is no longer there: {why}. Send it again"))?;
    read_bytes(name, &bytes, child)
}

fn read_bytes(name: &str, bytes: &[u8], child: Command) -> Result<FileRead, String> {
    let kind = Kind::of(name, &bytes[..bytes.len().min(SNIFF_BYTES)]).map_err(|why| why.to_string())?;
    let documents = convert_apart(child, kind, bytes, &html).map_err(|why| why.to_string())?;
    Ok(FileRead {
        kind,
        documents,
        digest: blake3::hash(bytes).to_hex().to_string(),
    })
}

/// HTML as the crawler reads it.
fn html(bytes: &[u8]) -> Result<(Option<String>, String), String> {
    // Links within what was sent lead nowhere here; they stay as they are written.
    let nowhere = Url::parse(NOWHERE).map_err(|why| why.to_string())?;
    let page = Page::read(bytes, Some("text/html"), &nowhere);
    let markdown = relink(&page.markdown, |target| target.strip_prefix(NOWHERE).map(str::to_owned));
    Ok((Some(page.title), markdown))
}

/// Stores what a file says, as one entry or several, and that it is done.
async fn store(task: &Task, item: i64, name: &str, read: FileRead) -> Result<(), Error> {
    for document in &read.documents {
        for warning in &document.warnings {
            task.say(format!("{name}: {warning}"));
        }
    }
    let drafts = match drafts(name, &read) {
        Ok(drafts) if drafts.is_empty() => return task.settle(item, Became::failed("it has no text")).await,
        Ok(drafts) => drafts,
        Err(why) => return task.settle(item, Became::failed(why)).await,
    };
    match store_parts(task, item, read.digest, drafts).await {
        Err(error) if error.is_refusal() => {
            let why = Problem::from(error).detail;
            task.say(format!("{name}: {why}"));
            task.settle(item, Became::failed(why)).await
        }
        other => other,
    }
}

/// Stores the parts of a file, each in a write of its own. The first comes last, together with what became of the file: when it is
/// there, all of them are, so that a file whose parts were interrupted goes on where it was.
async fn store_parts(task: &Task, item: i64, digest: String, mut drafts: Vec<EntryDraft>) -> Result<(), Error> {
    let kb = task.stored.job.kb_name.clone();
    let source = format!("file:{digest}");
    let known = sources::find(task.store.read().await?.connection(), &kb, &source).await?;
    if let Some(known) = known {
        let became = Became {
            outcome: ItemOutcome::Unchanged,
            uid: Some(known.uid),
            why: None,
            words: 0,
        };
        return task.settle(item, became).await;
    }
    while drafts.len() > 1 {
        let source = format!("{source}#{}", drafts.len());
        let Some(prepared) = prepare(&kb, drafts.pop()).await? else {
            continue;
        };
        let digest = digest.clone();
        task.write(move |tx, request, job| {
            Box::pin(async move {
                if sources::find(tx.connection(), &job.kb_name, &source).await?.is_none() {
                    let kb = job.kb_name.clone();
                    let (_, words) = store_part(tx, request, &kb, &source, &digest, prepared, job).await?;
                    job.result.added += 1;
                    job.result.words += words;
                }
                Ok(())
            })
        })
        .await?;
    }
    let Some(prepared) = prepare(&kb, drafts.pop()).await? else {
        return Ok(());
    };
    let number = task.stored.number;
    task.write(move |tx, request, job| {
        Box::pin(async move {
            let kb = job.kb_name.clone();
            let (uid, words) = store_part(tx, request, &kb, &source, &digest, prepared, job).await?;
            let became = Became {
                outcome: ItemOutcome::Added,
                uid: Some(uid),
                why: None,
                words,
            };
            became.count(job);
            job_items::settle(tx, number, item, became.outcome, became.uid, None).await
        })
    })
    .await
}

async fn prepare(kb: &KbName, draft: Option<EntryDraft>) -> Result<Option<Prepared>, Error> {
    let prepared = entry::prepare(kb, draft.into_iter().collect()).await?;
    prepared.into_iter().next().transpose()
}

/// Stores a part of a file as an entry. Returns its number, and how many words it has.
async fn store_part(
    tx: &mut WriteTx,
    request: &Request,
    kb: &KbName,
    source: &str,
    digest: &str,
    prepared: Prepared,
    job: &mut Job,
) -> Result<(i64, u64), Error> {
    job.result.passages += prepared.passages();
    let words = words(prepared.body());
    let stored = entry::create_in(tx, request, kb, prepared).await?;
    let seen = Seen {
        source,
        uid: stored.uid,
        written: Version::FIRST,
        text: None,
        etag: None,
        last_modified: None,
        digest,
        leads_to: &[],
    };
    sources::put(tx, kb, seen).await?;
    Ok((stored.uid, words))
}

/// How many words a text has.
pub(super) fn words(text: &str) -> u64 {
    text.split_whitespace().count() as u64
}

/// Entries of what a file says: markdown may say itself, in its front matter, what it is called and more.
fn drafts(name: &str, read: &FileRead) -> Result<Vec<EntryDraft>, String> {
    let stem = Path::new(name).file_stem().and_then(|stem| stem.to_str()).unwrap_or(name);
    let mut metadata = Map::new();
    metadata.insert("source_file".into(), json!(name));
    let draft = |document: &Document| -> Result<EntryDraft, String> {
        let mut draft = EntryDraft {
            title: document.full_title(stem),
            body: document.markdown.clone(),
            entry_type: Some("document".into()),
            metadata: metadata.clone(),
            ..EntryDraft::default()
        };
        if read.kind == Kind::Markdown {
            let parsed = front_matter::parse(&document.markdown).map_err(|why| why.to_string())?;
            let named = |title: Option<String>| title.filter(|title| !title.trim().is_empty());
            draft.title = named(parsed.title).unwrap_or(draft.title);
            draft.body = parsed.body;
            draft.entry_type = parsed.entry_type.or(draft.entry_type);
            draft.tags = parsed.tags;
            draft.aliases = parsed.aliases;
            let own: Map<String, Value> = parsed.metadata;
            draft.metadata.extend(own);
        }
        draft.title = draft.title.chars().take(limits::TITLE_CHARS).collect();
        Ok(draft)
    };
    read.documents.iter().map(draft).collect()
}
