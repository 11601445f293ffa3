//! Makes wikilinks of the links between the pages that were crawled, when all of them are there.

use super::super::task::Task;
use crate::crawl::address;
use crate::domain::entry::{self, Change};
use crate::error::Error;
use crate::markdown::{Place, wikify};
use crate::store::{entries, job_items, sources};
use app::protocol::EntryId;
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use url::Url;

/// Entries that are looked through in one transaction.
const BATCH: usize = 20;

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

/// Looks through all entries that the job has brought.
pub(super) async fn link_all(task: &Task, pages: &HashMap<String, EntryId>) -> Result<(), Error> {
    let uids = job_items::entries(&mut task.store.read().await?, task.stored.number).await?;
    let known = Arc::new(pages.clone());
    for batch in uids.chunks(BATCH) {
        if task.is_halted() {
            return Ok(());
        }
        let (batch, known) = (batch.to_vec(), known.clone());
        task.write(move |tx, request, job| {
            Box::pin(async move {
                for uid in batch {
                    let Some(stored) = entries::by_uid(tx.connection(), uid).await? else {
                        continue;
                    };
                    let source = stored
                        .entry
                        .metadata
                        .get("source_url")
                        .and_then(|url| Url::parse(url.as_str()?).ok());
                    let page = source.map(|url| address::identity(&url)).unwrap_or_default();
                    let Some(body) = wikify(&stored.entry.body, |target| place_of(target, &page, &known)) else {
                        continue;
                    };
                    let patch = Change::Merge(json!({ "body": body }));
                    match entry::update_in(tx, request, &job.kb_name, &stored.entry.entry_id, patch, None).await {
                        Err(error) if error.is_refusal() => tracing::debug!(%error, "links were left as they are"),
                        Err(error) => return Err(error),
                        Ok(written) => sources::rewritten(tx, uid, stored.entry.version, written.entry.version).await?,
                    }
                }
                Ok(())
            })
        })
        .await?;
    }
    Ok(())
}
