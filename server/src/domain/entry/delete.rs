//! Moves an entry to the trash.

use crate::domain::mutation::{self, Request};
use crate::domain::notification::{Happened, entry_changed_in};
use crate::error::Error;
use crate::store::entries::Stored;
use crate::store::{Store, WriteTx, entries, trash};
use app::protocol::entry::TrashItem;
use app::protocol::event::EntryRemoval;
use app::protocol::{EntryId, Event, KbName, Version};

/// Moves an entry to the trash. With `if_match` only that version, else `Stale`.
pub async fn delete(store: &Store, request: &Request, kb: KbName, id: EntryId, if_match: Option<Version>) -> Result<TrashItem, Error> {
    request.caller.must_write(&kb)?;
    let of = request.clone();
    let content = (kb.clone(), id.clone(), if_match);
    mutation::once(store, request, "entry.delete", &content, move |tx| {
        Box::pin(async move {
            let stored = entries::get(tx.connection(), &kb, &id).await?;
            if if_match.is_some_and(|version| version != stored.entry.version) {
                return Err(Error::Stale {
                    current: Box::new(stored.entry),
                });
            }
            delete_in(tx, &of, stored).await
        })
    })
    .await
}

/// Moves an entry to the trash within a transaction that does more than this.
pub async fn delete_in(tx: &mut WriteTx, request: &Request, stored: Stored) -> Result<TrashItem, Error> {
    let actor = request.caller.actor();
    trash::put(tx, &stored, actor).await?;
    let removal_of = stored.clone();
    let Stored { uid, entry } = stored;
    let removal = EntryRemoval {
        title: entry.title.clone(),
        entry_type: entry.entry_type.clone(),
        version: entry.version,
        trash_id: uid,
    };
    tx.emit(request.subject(&entry.kb_name, Some(&entry.entry_id)), Event::EntryDeleted(removal))?;
    entry_changed_in(tx, request, Happened::Deleted, &removal_of, &[]).await?;
    Ok(TrashItem {
        trash_id: uid,
        kb_name: entry.kb_name,
        entry_id: entry.entry_id,
        title: entry.title,
        entry_type: entry.entry_type,
        deleted_at: tx.now(),
        deleted_by: actor.clone(),
    })
}
