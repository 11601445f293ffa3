//! The trash of a knowledge base as a live read that grows.

use super::{Answer, LiveRead, live_to_extent};
use crate::api::kb::load_trash;
use crate::protocol::KbName;
use crate::protocol::limits::PAGE_ITEMS;
use crate::sync::cache::{Applied, Pieces, Trash};

/// Items of the first page and of each further one.
const PAGE: usize = 100;

/// The trash of a knowledge base, kept live; [`LiveRead::load_more_items`] makes it longer.
pub fn trash(source: impl Fn() -> KbName + Send + Sync + 'static) -> LiveRead<Trash> {
    live_to_extent(source, read)
}

/// Reads the beginning of a trash, at least so many items where there are so many.
async fn read(kb: KbName, extent: usize) -> Answer<Trash> {
    let limit = extent.clamp(PAGE, PAGE_ITEMS);
    let first = load_trash(kb.clone(), limit, None).await?;
    let mut trash = Trash::begin(kb.clone(), first);
    while let Some(after) = trash.data.next.clone().filter(|_| trash.data.items.len() < extent) {
        let page = load_trash(kb.clone(), limit, Some(after.clone())).await?;
        if Trash::extend(&mut trash, &after, page, []) != Applied::Patched {
            break;
        }
    }
    Ok(trash)
}

impl LiveRead<Trash> {
    /// Loads the next page, unless one is on its way or all is there.
    pub fn load_more_items(self) {
        let ask = |trash: &Trash| {
            let after = trash.next.clone()?;
            Some((after.clone(), load_trash(trash.kb.clone(), PAGE, Some(after))))
        };
        self.grow(ask, |trash, after: String, page, recent| {
            Trash::extend(trash, &after, page, recent.iter().map(AsRef::as_ref))
        });
    }
}
