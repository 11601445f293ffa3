//! Reads an entry: as its page shows it, as its editor needs it.

use super::prepared::aside;
use crate::domain::Caller;
use crate::error::Error;
use crate::markdown;
use crate::store::{Store, entries, kbs, links, names, watches};
use app::protocol::entry::{Entry, EntryRef, EntryView, LinkTarget, Rendered};
use app::protocol::{EntryId, KbName, Snapshot};
use std::collections::{BTreeSet, HashMap};

/// An entry as its page shows it. Its links lead below `prefix`.
pub async fn view(store: &Store, caller: &Caller, prefix: &str, kb: &KbName, id: &EntryId) -> Result<Snapshot<EntryView>, Error> {
    caller.must_read(kb)?;
    let mut tx = store.read().await?;
    let stored = entries::get(tx.connection(), kb, id).await?;
    let targets = links::of(tx.connection(), stored.uid, markdown::TARGETS).await?;
    let mut known = names::resolve(tx.connection(), &targets).await?;
    known.retain(|target, _| caller.may_read(&target.kb_name));
    let names = names::of(tx.connection(), &stored).await?;
    let backlinks = links::backlinks(&mut tx, &stored, &caller.readable()).await?;
    let watching = watches::is_watched(tx.connection(), kb, stored.uid, caller.user()).await?;
    let cursor = tx.cursor();
    // Rendering may take a while, and needs no connection.
    drop(tx);
    let mut links: BTreeSet<LinkTarget> = targets.into_iter().collect();
    links.extend(known.values().map(|entry| LinkTarget {
        kb_name: entry.kb_name.clone(),
        entry_id: entry.entry_id.clone(),
    }));
    let rendered = render(stored.entry.body.clone(), kb.clone(), prefix.to_owned(), known).await?;
    Ok(Snapshot {
        cursor,
        data: EntryView {
            entry: stored.entry,
            rendered,
            names,
            links: links.into_iter().collect(),
            backlinks,
            level: caller.level(kb),
            watching,
        },
    })
}

/// An entry as it is stored.
pub async fn source(store: &Store, caller: &Caller, kb: &KbName, id: &EntryId) -> Result<Snapshot<Entry>, Error> {
    caller.must_read(kb)?;
    let mut tx = store.read().await?;
    let stored = entries::get(tx.connection(), kb, id).await?;
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: stored.entry,
    })
}

/// Markdown made HTML as it would show in this knowledge base. Its links lead below `prefix`.
pub async fn preview(store: &Store, caller: &Caller, prefix: &str, kb: &KbName, body: String) -> Result<Rendered, Error> {
    caller.must_read(kb)?;
    if body.len() > app::protocol::limits::BODY_BYTES {
        return Err(Error::BodyTooLarge(body.len()));
    }
    let (body, targets) = aside(body.len(), {
        let kb = kb.clone();
        move || {
            let targets = markdown::targets(&body, &kb);
            (body, targets)
        }
    })
    .await?;
    let mut tx = store.read().await?;
    kbs::expect(tx.connection(), kb).await?;
    let mut known = names::resolve(tx.connection(), &targets).await?;
    known.retain(|target, _| caller.may_read(&target.kb_name));
    drop(tx);
    render(body, kb.clone(), prefix.to_owned(), known).await
}

/// Makes a text HTML, where it holds nobody up.
async fn render(body: String, kb: KbName, prefix: String, known: HashMap<LinkTarget, EntryRef>) -> Result<Rendered, Error> {
    aside(body.len(), move || {
        markdown::render(&body, &kb, &prefix, &|target| known.get(target).cloned())
    })
    .await
}
