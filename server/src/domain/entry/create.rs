//! Makes an entry.

use super::rules;
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::entries::Stored;
use crate::store::{Store, WriteTx, entries};
use app::protocol::entry::{Entry, EntryDraft, Written};
use app::protocol::{Event, KbName, Version, slug};

/// Makes an entry. An id that the draft names must be free; else one is made of the title.
pub async fn create(store: &Store, request: &Request, kb: KbName, draft: EntryDraft) -> Result<Written, Error> {
    let command = (kb.clone(), draft.clone());
    let of = request.clone();
    mutation::once(store, request, &command, move |tx| {
        Box::pin(async move {
            let stored = create_in(tx, &of, &kb, draft).await?;
            Ok(Written {
                entry: stored.entry,
                links_followed: 0,
            })
        })
    })
    .await
}

/// Makes an entry within a transaction that does more than this.
pub async fn create_in(tx: &mut WriteTx, request: &Request, kb: &KbName, draft: EntryDraft) -> Result<Stored, Error> {
    request.caller.must_write(kb)?;
    let content = rules::check(draft)?;
    let named = content.id.is_some();
    let mut entry_id = content.id.unwrap_or_else(|| slug::entry_id(&content.title));
    let place = entries::place(tx, kb, &entry_id).await?;
    if !place.has_kb {
        return Err(Error::KbNotFound(kb.clone()));
    }
    if place.is_taken {
        if named {
            return Err(Error::EntryExists {
                kb: kb.clone(),
                id: entry_id,
            });
        }
        entry_id = entries::free_id(tx.connection(), kb, entry_id).await?;
    }
    let entry = Entry {
        kb_name: kb.clone(),
        entry_id,
        title: content.title,
        entry_type: content.entry_type,
        body: content.body,
        tags: content.tags,
        aliases: content.aliases,
        metadata: content.metadata,
        version: Version::FIRST,
        created_at: tx.now(),
        updated_at: tx.now(),
        created_by: request.caller.actor().clone(),
        updated_by: request.caller.actor().clone(),
    };
    let stored = Stored { uid: place.uid, entry };
    entries::insert(tx, &stored).await?;
    let entry = &stored.entry;
    tx.emit(
        request.subject(kb, Some(&entry.entry_id)),
        Event::EntryCreated(super::change(entry)),
    )?;
    Ok(stored)
}
