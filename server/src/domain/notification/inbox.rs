//! Lists somebody's notifications.

use crate::domain::Caller;
use crate::error::Error;
use crate::store::{Store, notifications};
use app::protocol::notification::Inbox;
use app::protocol::{Snapshot, limits};

/// A piece of the caller's notifications, newest first, older than `before`.
pub async fn inbox(store: &Store, caller: &Caller, unread_only: bool, limit: usize, before: Option<i64>) -> Result<Snapshot<Inbox>, Error> {
    caller.must_read_self()?;
    if !(1..=limits::PAGE_ITEMS).contains(&limit) {
        let why = format!("limit: {limit} is out of range; 1 to {} are allowed", limits::PAGE_ITEMS);
        return Err(Error::InvalidQuery(why));
    }
    let mut tx = store.read().await?;
    let mut items = notifications::page(&mut tx, caller.user(), unread_only, limit + 1, before).await?;
    let more = items.len() > limit;
    items.truncate(limit);
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: Inbox {
            next: items.last().filter(|_| more).map(|last| last.id),
            items,
            counts: notifications::counts(tx.connection(), caller.user()).await?,
        },
    })
}
