//! Writes an old version of an entry as its newest.

use super::prepared::{PreparedChange, prepare_change, turn};
use super::update::{Change, update_in};
use crate::domain::mutation::{Once, Request};
use crate::error::Error;
use crate::store::{Store, entries, versions};
use app::protocol::entry::{EntryDraft, Written};
use app::protocol::{EntryId, KbName, Version};

/// Writes what the entry was at `version` as a new version. Its id stays.
pub async fn restore_version(store: &Store, request: &Request, kb: KbName, id: EntryId, version: Version) -> Result<Written, Error> {
    request.caller.must_write(&kb)?;
    let once = Once::new(request, "entry.restore_version", &(&kb, &id, version))?;
    if let Some(written) = once.before(store).await? {
        return Ok(written);
    }
    let of = request.clone();
    // Versions never change, so what one was can be read before.
    let (uid, bytes, change) = past(store, &kb, &id, version).await?;
    let _turn = turn(bytes).await?;
    once.run(store, move |tx| {
        Box::pin(async move {
            // Meanwhile another entry may be called so.
            if entries::get(tx.connection(), &kb, &id).await?.uid != uid {
                return Err(Error::VersionNotFound { id, version });
            }
            update_in(tx, &of, &kb, &id, change, None).await
        })
    })
    .await
}

/// What an entry was at a version, as a change to it, and the number of the entry.
async fn past(store: &Store, kb: &KbName, id: &EntryId, version: Version) -> Result<(i64, usize, PreparedChange), Error> {
    let mut tx = store.read().await?;
    let stored = entries::get(tx.connection(), kb, id).await?;
    let Some(past) = versions::get(tx.connection(), stored.uid, version).await? else {
        return Err(Error::VersionNotFound { id: id.clone(), version });
    };
    drop(tx);
    let draft = EntryDraft {
        title: past.title,
        body: past.body,
        entry_type: Some(past.entry_type),
        tags: past.tags,
        aliases: past.aliases,
        metadata: past.metadata,
        entry_id: None,
    };
    let bytes = draft.body.len();
    Ok((stored.uid, bytes, prepare_change(kb, Change::Replace(draft)).await?))
}
