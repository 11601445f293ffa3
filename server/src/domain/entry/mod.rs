//! Entries: a file for each verb.

mod create;
mod delete;
mod follow;
mod history;
mod list;
mod prepared;
mod purge;
mod read;
mod restore;
mod restore_version;
mod rules;
mod update;

pub use create::{create, create_all_in, create_in};
pub use delete::{delete, delete_in};
pub use history::{diff, history};
pub use list::{list, newest, search, suggest, trash};
pub use prepared::{Prepared, PreparedChange, background_turn, prepare, prepare_change};
pub use purge::{purge, purge_expired};
pub use read::{preview, source, view};
pub use restore::restore;
pub use restore_version::restore_version;
pub use update::{Change, follow_rename, update, update_in};

use crate::domain::mutation::{Answer, Small};
use crate::error::Error;
use crate::store::{WriteTx, entries};
use app::protocol::entry::{Entry, LinkTarget, TrashItem, Written};
use app::protocol::{Code, EntryChange, EntryId, Problem, Version, limits};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What an event tells of an entry, and of where its links lead.
fn change(entry: &Entry, targets: &[LinkTarget]) -> EntryChange {
    EntryChange {
        title: entry.title.clone(),
        entry_type: entry.entry_type.clone(),
        tags: entry.tags.clone(),
        version: entry.version,
        created_at: entry.created_at,
        updated_at: entry.updated_at,
        previous_id: None,
        trash_id: None,
        aliases: entry.aliases.clone(),
        // An event can say so many, in an order that does not depend on the text.
        links: (targets.len() <= limits::EVENT_LINKS).then(|| BTreeSet::from_iter(targets.iter().cloned()).into_iter().collect()),
    }
}

impl Small for TrashItem {}

/// What is kept of an entry that was written: where it is found again.
#[derive(Debug, Serialize, Deserialize)]
pub struct WrittenVersion {
    uid: i64,
    version: Version,
    entry_id: EntryId,
    links_followed: u64,
}

impl Answer for Written {
    type Kept = WrittenVersion;

    async fn keep(&self, tx: &mut WriteTx) -> Result<WrittenVersion, Error> {
        let Entry {
            kb_name,
            entry_id,
            version,
            ..
        } = &self.entry;
        Ok(WrittenVersion {
            uid: entries::uid(tx.connection(), kb_name, entry_id).await?,
            version: *version,
            entry_id: entry_id.clone(),
            links_followed: self.links_followed,
        })
    }

    async fn again(kept: WrittenVersion, tx: &mut WriteTx) -> Result<Self, Error> {
        let entry = entries::at_version(tx.connection(), kept.uid, kept.version).await?;
        let entry = entry.ok_or_else(|| {
            let detail = format!(
                "The entry {} was written by this request, and has been deleted for good since.",
                kept.entry_id
            );
            Problem::new(Code::EntryNotFound, detail)
        })?;
        Ok(Self {
            // One that came back from the trash may have done so under another id.
            entry: Entry {
                entry_id: kept.entry_id,
                ..entry
            },
            links_followed: kept.links_followed,
        })
    }
}
