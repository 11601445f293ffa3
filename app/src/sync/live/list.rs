//! The list of a knowledge base as a live read that grows.

use super::{Answer, LiveRead, live_to_extent};
use crate::api::entry::list_entries;
use crate::protocol::KbName;
use crate::protocol::entry::EntryFilter;
use crate::protocol::limits::PAGE_ITEMS;
use crate::sync::cache::{Applied, EntryList};

/// Rows of the first page, and of each further one where the reader scrolls on.
const PAGE: usize = 100;
/// Rows of a page where the reader jumps; a search makes a passage for each row, which takes longer.
const LEAP: usize = PAGE_ITEMS;
const LEAP_IN_SEARCH: usize = 200;

/// The list of a knowledge base, kept live; [`LiveRead::load_more`] makes it longer.
pub fn entries(source: impl Fn() -> (KbName, EntryFilter) + Send + Sync + 'static) -> LiveRead<EntryList> {
    live_to_extent(source, |(kb, filter), extent| read(kb, filter, extent))
}

/// Reads the beginning of a list, at least so many rows where there are so many.
async fn read(kb: KbName, filter: EntryFilter, extent: usize) -> Answer<EntryList> {
    let limit = extent.clamp(PAGE, most(&filter));
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

/// The most rows to ask for at once.
fn most(filter: &EntryFilter) -> usize {
    if filter.q.is_some() { LEAP_IN_SEARCH } else { LEAP }
}

impl LiveRead<EntryList> {
    /// Loads the next page, unless one is on its way or all is there. The page brings the list to `wanted` rows, where
    /// the server gives so many at once.
    pub fn load_more(self, wanted: usize) {
        let ask = |list: &EntryList| {
            let (kb, filter, after) = (list.kb().clone(), list.filter().clone(), list.next()?.to_owned());
            let limit = wanted.saturating_sub(list.len()).clamp(PAGE, most(&filter));
            Some((after.clone(), list_entries(kb, filter, limit, Some(after))))
        };
        self.grow(ask, |list, after: String, page, recent| {
            EntryList::extend(list, &after, page, recent.iter().map(AsRef::as_ref))
        });
    }
}
