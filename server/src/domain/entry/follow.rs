//! Has the links to an entry follow it when it gets another id. That may be thousands of texts, so it is done after the rename, in
//! pieces between which others write. Until then, and where the server stops meanwhile, the links lead there by the old id.

use super::prepared::aside;
use super::rules::Content;
use super::update::write;
use crate::domain::mutation::Request;
use crate::error::Error;
use crate::markdown::{self, Reading};
use crate::store::entries::Stored;
use crate::store::{Store, entries, links};
use app::protocol::entry::{Entry, LinkTarget};
use app::protocol::{EntryId, KbName, limits};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Most texts, and most bytes of them, that one piece rewrites.
const TEXTS: usize = 20;
const BYTES: usize = 2 * 1024 * 1024;
/// How often texts are looked at again that somebody changed meanwhile.
const PASSES: usize = 3;
/// How long whoever renames waits for the links; after that they follow by themselves.
const PATIENCE: Duration = Duration::from_secs(10);

/// An entry that was renamed.
#[derive(Debug, Clone)]
pub(super) struct Renamed {
    /// Where links lead that are to follow.
    pub(super) old: LinkTarget,
    pub(super) new: EntryId,
}

/// Has the links follow, and waits for it a while. Returns the entry itself where it links to itself and was written again.
pub(super) async fn follow(store: &Store, request: &Request, renamed: Renamed) -> Result<Option<Entry>, Error> {
    let (store, request) = (store.clone(), request.clone());
    let following = tokio::spawn(async move {
        let done = follow_all(&store, &request, Arc::new(renamed)).await;
        if let Err(error) = &done {
            tracing::warn!(%error, "some links keep the old id of an entry that was renamed");
        }
        done
    });
    match tokio::time::timeout(PATIENCE, following).await {
        Ok(Ok(done)) => done,
        Ok(Err(failed)) => Err(Error::Panicked(failed.to_string())),
        Err(_) => Ok(None),
    }
}

async fn follow_all(store: &Store, request: &Request, renamed: Arc<Renamed>) -> Result<Option<Entry>, Error> {
    let mut itself = None;
    for _ in 0..PASSES {
        let mut after = 0;
        let mut is_left = false;
        loop {
            let (texts, last) = next(store, request, &renamed.old, after).await?;
            let Some(last) = last else { break };
            after = last;
            let bytes = texts.iter().map(|stored| stored.entry.body.len()).sum();
            let of = Arc::clone(&renamed);
            let rewritten = aside(bytes, move || texts.into_iter().filter_map(|stored| rewrite(stored, &of)).collect()).await?;
            let (written, moved) = write_piece(store, request, rewritten).await?;
            is_left |= moved;
            let is_itself = |entry: &Entry| entry.kb_name == renamed.old.kb_name && entry.entry_id == renamed.new;
            itself = written.into_iter().find(is_itself).or(itself);
        }
        if !is_left {
            break;
        }
    }
    Ok(itself)
}

/// The next texts behind the entry of number `after` whose links are to follow, and the number of the last that was looked at.
async fn next(store: &Store, request: &Request, old: &LinkTarget, after: i64) -> Result<(Vec<Stored>, Option<i64>), Error> {
    let mut tx = store.read().await?;
    let (mut texts, mut bytes, mut last) = (vec![], 0, None);
    for uid in links::sources(tx.connection(), old, after, TEXTS).await? {
        if bytes > BYTES {
            break;
        }
        last = Some(uid);
        // Whose text the caller may not write keeps the old id.
        if let Some(stored) = entries::by_uid(tx.connection(), uid).await?
            && request.caller.must_write(&stored.entry.kb_name).is_ok()
        {
            bytes += stored.entry.body.len();
            texts.push(stored);
        }
    }
    Ok((texts, last))
}

/// A text whose links follow: the entry as it was, its new body, and what that says.
type Rewritten = (Stored, String, Reading);

fn rewrite(stored: Stored, renamed: &Renamed) -> Option<Rewritten> {
    let kb: &KbName = &stored.entry.kb_name;
    let body = markdown::retarget(&stored.entry.body, kb, &renamed.old, &renamed.new)?;
    // One that would become longer than it may be, and could not be edited, keeps the old id.
    let fits = body.len() <= limits::BODY_BYTES;
    let reading = fits.then(|| markdown::read(&body, kb))?;
    Some((stored, body, reading))
}

/// Writes these texts, but those that somebody has changed meanwhile. Returns what was written, and whether something was not.
async fn write_piece(store: &Store, request: &Request, texts: Vec<Rewritten>) -> Result<(Vec<Entry>, bool), Error> {
    if texts.is_empty() {
        return Ok((vec![], false));
    }
    let request = request.clone();
    store
        .write(move |tx| {
            Box::pin(async move {
                let (mut written, mut moved) = (vec![], false);
                let uids: Vec<i64> = texts.iter().map(|(stored, ..)| stored.uid).collect();
                let versions: HashMap<i64, _> = entries::versions(tx.connection(), &uids).await?;
                for (stored, body, reading) in texts {
                    if versions.get(&stored.uid) != Some(&stored.entry.version) {
                        moved = true;
                        continue;
                    }
                    let entry = &stored.entry;
                    let content = Content {
                        title: entry.title.clone(),
                        body,
                        entry_type: entry.entry_type.clone(),
                        tags: entry.tags.clone(),
                        aliases: entry.aliases.clone(),
                        metadata: entry.metadata.clone(),
                        id: None,
                    };
                    let id = entry.entry_id.clone();
                    written.extend(write(tx, &request, &stored, content, id, &reading).await?);
                }
                Ok((written, moved))
            })
        })
        .await
}
