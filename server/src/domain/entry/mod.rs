//! Entries: a file for each verb.

mod create;
mod delete;
mod history;
mod list;
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
pub use purge::{purge, purge_expired};
pub use read::{preview, source, view};
pub use restore::restore;
pub use restore_version::restore_version;
pub use update::{Change, update, update_in};

use app::protocol::entry::{Entry, LinkTarget};
use app::protocol::{EntryChange, limits};

/// What an event tells of an entry.
fn change(entry: &Entry) -> EntryChange {
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
        links: said_links(entry),
    }
}

/// Where the links of an entry point, if an event can say so many.
fn said_links(entry: &Entry) -> Option<Vec<LinkTarget>> {
    // Most texts of a sync have none, and need not be parsed for that.
    if !entry.body.contains("[[") {
        return Some(vec![]);
    }
    let targets = read::targets(&entry.body, &entry.kb_name);
    (targets.len() <= limits::EVENT_LINKS).then_some(targets)
}

/// In how many passages search finds a text.
pub fn passages(body: &str) -> u64 {
    crate::markdown::passages(body).len() as u64
}
