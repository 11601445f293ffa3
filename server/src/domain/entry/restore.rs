//! Brings an entry back from the trash.

use crate::domain::mutation::{self, Request};
use crate::domain::notification::{Happened, entry_changed_in};
use crate::error::Error;
use crate::store::{Store, entries, trash};
use app::protocol::entry::Written;
use app::protocol::{EntryChange, Event, KbName};

/// Brings an entry back, with its history; under another id where its own is taken by now.
pub async fn restore(store: &Store, request: &Request, kb: KbName, trash_id: i64) -> Result<Written, Error> {
    let command = (kb.clone(), trash_id);
    let of = request.clone();
    mutation::once(store, request, &command, move |tx| {
        Box::pin(async move {
            of.caller.must_write(&kb)?;
            let deleted = trash::get(tx, &kb, trash_id).await?;
            let id = entries::free_id(tx.connection(), &kb, deleted.entry.entry_id.clone()).await?;
            let restored = trash::take(tx, &deleted, &id).await?;
            let change = EntryChange {
                trash_id: Some(trash_id),
                ..super::change(&restored.entry)
            };
            tx.emit(of.subject(&kb, Some(&id)), Event::EntryCreated(change))?;
            entry_changed_in(tx, &of, Happened::Restored, &restored, Some(&deleted.entry)).await?;
            Ok(Written {
                entry: restored.entry,
                links_followed: 0,
            })
        })
    })
    .await
}
