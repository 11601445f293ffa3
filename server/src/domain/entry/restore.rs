//! Brings an entry back from the trash.

use super::prepared::{aside, turn};
use crate::domain::mutation::{Once, Request};
use crate::domain::notification::{Happened, entry_changed_in};
use crate::error::Error;
use crate::markdown::{self, Reading};
use crate::store::{Store, entries, trash};
use app::protocol::entry::Written;
use app::protocol::{EntryChange, Event, KbName};

/// Brings an entry back, with its history; under another id where its own is taken by now.
pub async fn restore(store: &Store, request: &Request, kb: KbName, trash_id: i64) -> Result<Written, Error> {
    request.caller.must_write(&kb)?;
    let once = Once::new(request, "entry.restore", &(&kb, trash_id))?;
    if let Some(written) = once.before(store).await? {
        return Ok(written);
    }
    let of = request.clone();
    let (bytes, reading) = read(store, &kb, trash_id).await?;
    let _turn = turn(bytes).await?;
    once.run(store, move |tx| {
        Box::pin(async move {
            let deleted = trash::get(tx, &kb, trash_id).await?;
            let id = entries::free_id(tx.connection(), &kb, deleted.entry.entry_id.clone()).await?;
            let restored = trash::take(tx, &deleted, &id, &reading).await?;
            let change = EntryChange {
                trash_id: Some(trash_id),
                ..super::change(&restored.entry, &reading.targets)
            };
            tx.emit(of.subject(&kb, Some(&id)), Event::EntryCreated(change))?;
            entry_changed_in(tx, &of, Happened::Restored, &restored, &[]).await?;
            Ok(Written {
                entry: restored.entry,
                links_followed: 0,
            })
        })
    })
    .await
}

/// Reads the body of an item of the trash, where it does not change. Nothing where there is none: that is said where it counts.
async fn read(store: &Store, kb: &KbName, trash_id: i64) -> Result<(usize, Reading), Error> {
    let mut tx = store.read().await?;
    let Some(stored) = entries::by_uid(tx.connection(), trash_id).await? else {
        return Ok((0, Reading::default()));
    };
    drop(tx);
    let kb = kb.clone();
    let bytes = stored.entry.body.len();
    let reading = aside(bytes, move || markdown::read(&stored.entry.body, &kb)).await?;
    Ok((bytes, reading))
}
