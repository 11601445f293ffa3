//! Writes an old version of an entry as its newest.

use super::update::{Change, update_in};
use crate::domain::mutation::{self, Request};
use crate::error::Error;
use crate::store::{Store, entries, versions};
use app::protocol::entry::{EntryDraft, Written};
use app::protocol::{EntryId, KbName, Version};

/// Writes what the entry was at `version` as a new version. Its id stays.
pub async fn restore_version(store: &Store, request: &Request, kb: KbName, id: EntryId, version: Version) -> Result<Written, Error> {
    let command = ("restore", kb.clone(), id.clone(), version);
    let of = request.clone();
    mutation::once(store, request, &command, move |tx| {
        Box::pin(async move {
            of.caller.must_write(&kb)?;
            let stored = entries::get(tx.connection(), &kb, &id).await?;
            let Some(past) = versions::get(tx.connection(), stored.uid, version).await? else {
                return Err(Error::VersionNotFound { id, version });
            };
            let draft = EntryDraft {
                title: past.title,
                body: past.body,
                entry_type: Some(past.entry_type),
                tags: past.tags,
                aliases: past.aliases,
                metadata: past.metadata,
                id: None,
            };
            update_in(tx, &of, &kb, &id, Change::Replace(draft), None).await
        })
    })
    .await
}
