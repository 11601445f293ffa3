//! Deletes entries of the trash for good.

use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, Subject, trash};
use app::protocol::{Actor, Event, KbName, Timestamp, Topic};

/// Deletes one item of the trash for good, with its history.
pub async fn purge(store: &Store, request: &Request, kb: KbName, trash_id: i64) -> Result<(), Error> {
    request.caller.must_write(&kb)?;
    let of = request.clone();
    mutation::once(store, request, "entry.purge", &(kb.clone(), trash_id), move |tx| {
        Box::pin(async move {
            let deleted = trash::get(tx, &kb, trash_id).await?;
            trash::purge(tx, trash_id).await?;
            tx.emit(of.subject(&kb, Some(&deleted.entry.entry_id)), Event::EntryPurged { trash_id })?;
            Ok(())
        })
    })
    .await?;
    store.sweep_aside();
    Ok(())
}

/// Deletes for good what went to the trash before this time, some at a time. Returns how many there were.
pub async fn purge_expired(store: &Store, before: Timestamp) -> Result<usize, Error> {
    store
        .write(move |tx| {
            Box::pin(async move {
                let expired = trash::expired(tx, before, 100).await?;
                let count = expired.len();
                for (kb_name, entry_id, trash_id) in expired {
                    trash::purge(tx, trash_id).await?;
                    let subject = Subject {
                        topic: Topic::Kb(kb_name.clone()),
                        actor: Actor::System,
                        mutation_id: None,
                        kb_name: Some(kb_name),
                        entry_id: Some(entry_id),
                    };
                    tx.emit(subject, Event::EntryPurged { trash_id })?;
                }
                Ok(count)
            })
        })
        .await
}
