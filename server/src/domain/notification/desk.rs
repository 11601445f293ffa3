//! What stands around every page.

use crate::clock;
use crate::domain::Caller;
use crate::error::Error;
use crate::store::{Store, announcements, notifications};
use app::protocol::Snapshot;
use app::protocol::notification::Desk;

/// Who the caller is, and what asks for their attention.
pub async fn desk(store: &Store, caller: &Caller) -> Result<Snapshot<Desk>, Error> {
    caller.must_read_self()?;
    let mut tx = store.read().await?;
    Ok(Snapshot {
        cursor: tx.cursor(),
        data: Desk {
            me: caller.me(),
            counts: notifications::counts(tx.connection(), caller.user()).await?,
            announcements: announcements::open(&mut tx, clock::now(), Some(caller.user())).await?,
        },
    })
}
