//! The history of an entry as a live read that grows.

use super::{Answer, LiveRead, live_to_extent};
use crate::api::entry::load_history;
use crate::protocol::entry::History;
use crate::protocol::limits::PAGE_ITEMS;
use crate::protocol::{EntryId, KbName, Snapshot, Version};
use crate::sync::cache::Applied;

/// Versions of the first page and of each further one.
const PAGE: usize = 100;

/// The history of an entry, kept live; [`LiveRead::load_more_versions`] makes it longer.
pub fn history(source: impl Fn() -> (KbName, EntryId) + Send + Sync + 'static) -> LiveRead<History> {
    live_to_extent(source, |(kb, id), extent| read(kb, id, extent))
}

/// Reads the newest versions, at least so many where there are so many.
async fn read(kb: KbName, id: EntryId, extent: usize) -> Answer<History> {
    let limit = extent.clamp(PAGE, PAGE_ITEMS);
    let mut history = load_history(kb.clone(), id.clone(), limit, None).await?;
    while let Some(after) = history.data.next.filter(|_| history.data.versions.len() < extent) {
        let page = load_history(kb.clone(), id.clone(), limit, Some(after)).await?;
        if extend(&mut history, after, page) != Applied::Patched {
            break;
        }
    }
    Ok(history)
}

/// Puts older versions behind the newer ones. Versions never change, so it does not matter when a page was read.
fn extend(history: &mut Snapshot<History>, after: Version, page: Snapshot<History>) -> Applied {
    if history.data.next != Some(after) {
        return Applied::Ignored; // It was read anew in the meantime.
    }
    if page.cursor.epoch != history.cursor.epoch {
        return Applied::Stale;
    }
    history.data.versions.extend(page.data.versions);
    history.data.next = page.data.next;
    Applied::Patched
}

impl LiveRead<History> {
    /// Loads older versions, unless some are on their way or all are there.
    pub fn load_more_versions(self) {
        let ask = |history: &History| {
            let (kb, id, after) = (history.entry.kb_name.clone(), history.entry.entry_id.clone(), history.next?);
            Some((after, load_history(kb, id, PAGE, Some(after))))
        };
        self.grow(ask, |history, after, page, _| extend(history, after, page));
    }
}
