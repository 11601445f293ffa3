//! The caller's notifications as a live read that grows.

use super::{Answer, LiveRead, live_to_extent};
use crate::api::people::load_inbox;
use crate::protocol::limits::PAGE_ITEMS;
use crate::sync::cache::{Applied, InboxList, Pieces};

/// Notifications of the first page and of each further one.
const PAGE: usize = 50;

/// The caller's notifications, or the unread ones, kept live; [`LiveRead::load_more_notifications`] makes the list longer.
pub fn inbox(unread_only: impl Fn() -> bool + Send + Sync + 'static) -> LiveRead<InboxList> {
    live_to_extent(unread_only, read)
}

/// Reads the newest notifications, at least so many where there are so many.
async fn read(unread_only: bool, extent: usize) -> Answer<InboxList> {
    let limit = extent.clamp(PAGE, PAGE_ITEMS);
    let mut list = InboxList::begin(unread_only, load_inbox(unread_only, limit, None).await?);
    while let Some(before) = list.data.next.filter(|_| list.data.items.len() < extent) {
        let page = load_inbox(unread_only, limit, Some(before)).await?;
        if InboxList::extend(&mut list, &before, page, []) != Applied::Patched {
            break;
        }
    }
    Ok(list)
}

impl LiveRead<InboxList> {
    /// Loads older notifications, unless some are on their way or all are there.
    pub fn load_more_notifications(self) {
        let ask = |list: &InboxList| {
            let before = list.next?;
            Some((before, load_inbox(list.unread_only, PAGE, Some(before))))
        };
        self.grow(ask, |list, before, page, recent| {
            InboxList::extend(list, &before, page, recent.iter().map(AsRef::as_ref))
        });
    }
}
