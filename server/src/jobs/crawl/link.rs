//! Makes wikilinks of the links between the pages that were crawled, when all of them are there.

use super::super::task::Task;
use crate::crawl::address;
use crate::domain::entry::{self, Change, PreparedChange};
use crate::error::Error;
use crate::markdown::{Place, wikify};
use crate::store::{entries, job_items, sources};
use app::protocol::EntryId;
use app::protocol::entry::Entry;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use url::Url;

/// The entry that a link of a page leads to, and the heading in it; none where it leads elsewhere, or to a place in the page
/// itself: most of these are footnotes and the like, which have no name here.
pub(super) fn place_of(target: &str, page: &str, entries: &HashMap<String, EntryId>) -> Option<Place> {
    let url = Url::parse(target).ok()?;
    let identity = address::identity(&url);
    let id = entries.get(&identity).filter(|_| identity != page)?.clone();
    let heading = url
        .fragment()
        .filter(|heading| heading.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_'));
    Some((id, heading.filter(|heading| !heading.is_empty()).map(str::to_owned)))
}

/// Looks through all entries that the job has brought, one after the other.
pub(super) async fn link_all(task: &Task, pages: &Arc<HashMap<String, EntryId>>) -> Result<(), Error> {
    let uids = job_items::entries(&mut task.store.read().await?, task.stored.number).await?;
    for uid in uids {
        if task.is_halted() {
            return Ok(());
        }
        let mut tx = task.store.read().await?;
        let Some(stored) = entries::by_uid(tx.connection(), uid).await? else {
            continue;
        };
        drop(tx);
        let (pages, before) = (Arc::clone(pages), stored.entry.clone());
        let change = tokio::task::spawn_blocking(move || linked(&before, &pages))
            .await
            .map_err(|failed| Error::Panicked(failed.to_string()))?;
        let Some(change) = change else { continue };
        let Entry { entry_id, version, .. } = stored.entry;
        let written = task.write(move |tx, request, job| {
            Box::pin(async move {
                let kb = job.kb_name.clone();
                let written = entry::update_in(tx, request, &kb, &entry_id, change, Some(version)).await?;
                sources::rewritten(tx, uid, version, written.entry.version).await
            })
        });
        match written.await {
            // Who has changed or renamed it meanwhile has it as it is.
            Err(error) if error.is_refusal() => tracing::debug!(%error, "links were left as they are"),
            other => other?,
        }
    }
    Ok(())
}

/// The change by which the links of an entry lead to other pages of the crawl; none where there is no such link.
fn linked(entry: &Entry, pages: &HashMap<String, EntryId>) -> Option<PreparedChange> {
    let source = entry.metadata.get("source_url").and_then(|url| Url::parse(url.as_str()?).ok());
    let page = source.map(|url| address::identity(&url)).unwrap_or_default();
    let body = wikify(&entry.body, |target| place_of(target, &page, pages))?;
    PreparedChange::new(&entry.kb_name, Change::Merge(json!({ "body": body }))).ok()
}
