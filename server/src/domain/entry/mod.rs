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
pub use prepared::{Prepared, PreparedChange, prepare, prepare_change};
pub use purge::{purge, purge_expired};
pub use read::{preview, source, view};
pub use restore::restore;
pub use restore_version::restore_version;
pub use update::{Change, follow_rename, update, update_in};

use app::protocol::entry::{Entry, LinkTarget};
use app::protocol::{EntryChange, limits};
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
