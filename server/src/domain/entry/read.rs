//! Reads an entry: as its page shows it, as its editor needs it.

use crate::domain::Caller;
use crate::error::Error;
use crate::markdown;
use crate::store::{Store, entries, kbs, links, names};
use app::protocol::entry::{Entry, EntryRef, EntryView, LinkTarget, Rendered};
use app::protocol::{EntryId, KbName, Snapshot};
use std::collections::{BTreeSet, HashMap};

fn may_read(caller: &Caller, kb: &KbName) -> Result<(), Error> {
    if caller.may_read(kb) {
        Ok(())
    } else {
        Err(Error::KbNotFound(kb.clone()))
    }
}

/// An entry as its page shows it.
pub async fn view(store: &Store, caller: &Caller, kb: &KbName, id: &EntryId) -> Result<Snapshot<EntryView>, Error> {
    may_read(caller, kb)?;
    let mut tx = store.read().await?;
    let stored = entries::get(tx.connection(), kb, id).await?;
    let targets = targets(&stored.entry.body, kb);
    let mut known = names::resolve(tx.connection(), &targets).await?;
    known.retain(|target, _| caller.may_read(&target.kb_name));
    let names = names::of(tx.connection(), &stored).await?;
    let mut backlinks = links::backlinks(&mut tx, &stored).await?;
    backlinks.retain(|from| caller.may_read(&from.kb_name));
    let cursor = tx.cursor();
    // Rendering may take a while, and needs no connection.
    drop(tx);
    let mut links: BTreeSet<LinkTarget> = targets.into_iter().collect();
    links.extend(known.values().map(|entry| LinkTarget {
        kb_name: entry.kb_name.clone(),
        entry_id: entry.entry_id.clone(),
    }));
    let rendered = render(stored.entry.body.clone(), kb.clone(), known).await?;
    Ok(Snapshot {
        cursor,
        data: EntryView {
            entry: stored.entry,
            rendered,
            names,
            links: links.into_iter().collect(),
            backlinks,
        },
    })
}

/// An entry as it is stored.
pub async fn source(store: &Store, caller: &Caller, kb: &KbName, id: &EntryId) -> Result<Snapshot<Entry>, Error> {
    may_read(caller, kb)?;
    let mut tx = store.read().await?;
    let stored = entries::get(tx.connection(), kb, id).await?;
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: stored.entry,
    })
}

/// Markdown made HTML as it would show in this knowledge base.
pub async fn preview(store: &Store, caller: &Caller, kb: &KbName, body: String) -> Result<Rendered, Error> {
    may_read(caller, kb)?;
    if body.len() > app::protocol::limits::BODY_BYTES {
        return Err(Error::BodyTooLarge(body.len()));
    }
    let mut tx = store.read().await?;
    kbs::expect(tx.connection(), kb).await?;
    let mut known = names::resolve(tx.connection(), &targets(&body, kb)).await?;
    known.retain(|target, _| caller.may_read(&target.kb_name));
    drop(tx);
    render(body, kb.clone(), known).await
}

/// Where the links of a body point, each once.
pub(super) fn targets(body: &str, kb: &KbName) -> Vec<LinkTarget> {
    let distinct: BTreeSet<LinkTarget> = markdown::links(body, kb).into_iter().map(|link| link.target).collect();
    distinct.into_iter().collect()
}

/// A short text is made HTML at once; a long one where it holds nobody up.
async fn render(body: String, kb: KbName, known: HashMap<LinkTarget, EntryRef>) -> Result<Rendered, Error> {
    const LONG: usize = 32 * 1024;
    let long = body.len() > LONG;
    let work = move || markdown::render(&body, &kb, &|target| known.get(target).cloned());
    if !long {
        return Ok(work());
    }
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| Error::Damaged(error.to_string()))
}
