//! The list of a knowledge base as a live read that grows.

use super::{Answer, LiveRead, live_to_extent};
use crate::api::entry::list_entries;
use crate::protocol::entry::EntryFilter;
use crate::protocol::limits::PAGE_ITEMS;
use crate::protocol::{KbName, Snapshot};
use crate::sync::Sync as Tab;
use crate::sync::cache::{Applied, EntryList};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Rows of the first page, and of each further one.
const PAGE: usize = 100;

/// The list of a knowledge base, kept live; [`LiveRead::load_more`] makes it longer.
pub fn entries(source: impl Fn() -> (KbName, EntryFilter) + Send + Sync + 'static) -> LiveRead<EntryList> {
    live_to_extent(source, |(kb, filter), extent| read(kb, filter, extent))
}

/// Reads the beginning of a list, at least so many rows where there are so many.
async fn read(kb: KbName, filter: EntryFilter, extent: usize) -> Answer<EntryList> {
    let limit = extent.clamp(PAGE, PAGE_ITEMS);
    let first = list_entries(kb.clone(), filter.clone(), limit, None).await?;
    let mut list = EntryList::begin(kb.clone(), filter.clone(), first);
    while let Some(after) = list.data.next().filter(|_| list.data.len() < extent).map(str::to_owned) {
        let page = list_entries(kb.clone(), filter.clone(), limit, Some(after.clone())).await?;
        // Pages are read one after the other, so each is as new as those before it, or newer.
        if EntryList::extend(&mut list, &after, page, []) != Applied::Patched {
            break;
        }
    }
    Ok(list)
}

impl LiveRead<EntryList> {
    /// Loads the next page, unless one is on its way or all is there.
    pub fn load_more(self) {
        let Some(reader) = self.reader.try_get_value() else { return };
        let next = reader.write(|value| match value {
            Some(Ok(Snapshot { data, .. })) => {
                let after = data.next().map(str::to_owned);
                (false, after.map(|after| (data.kb().clone(), data.filter().clone(), after)))
            }
            _ => (false, None),
        });
        let Some(Some((kb, filter, after))) = next else { return };
        if self.loading_more.try_get_untracked() != Some(false) || self.loading_more.try_set(true).is_some() {
            return;
        }
        let tab = reader.tab();
        spawn_local(async move {
            let resyncs = tab.resyncs();
            let page = list_entries(kb, filter, PAGE, Some(after.clone())).await;
            let result = match page {
                Ok(page) if tab.resyncs() == resyncs => reader.write(|value| match value {
                    Some(Ok(list)) => {
                        let result = extend(tab, list, &after, page);
                        (result != Applied::Ignored, result)
                    }
                    _ => (false, Applied::Ignored),
                }),
                // The page is tried again when somebody scrolls there again.
                _ => None,
            };
            let _ = self.loading_more.try_set(false);
            if result == Some(Applied::Stale) {
                reader.refresh();
            }
        });
    }

    /// Whether a page is on its way.
    pub fn loading_more(self) -> Signal<bool> {
        self.loading_more.into()
    }
}

fn extend(tab: Tab, list: &mut Snapshot<EntryList>, after: &str, page: Snapshot<crate::protocol::entry::EntryPage>) -> Applied {
    match tab.since(&page.cursor) {
        Some(recent) => EntryList::extend(list, after, page, recent.iter().map(AsRef::as_ref)),
        None => Applied::Stale,
    }
}
