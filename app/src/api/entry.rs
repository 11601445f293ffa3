//! Entries: reading, writing, history, trash.

use crate::protocol::entry::{
    Entry, EntryDraft, EntryFilter, EntryPage, EntryPatch, EntryRef, EntryView, History, Rendered, TrashItem, VersionDiff, Written,
};
use crate::protocol::{EntryId, KbName, MutationId, Snapshot, Version};

server_functions! {
    /// A piece of the list of a knowledge base.
    "entries", entries: list_entries(kb: KbName, filter: EntryFilter, limit: usize, after: Option<String>) -> Snapshot<EntryPage>;

    /// An entry as its page shows it.
    "entry", entry: load_entry(kb: KbName, id: EntryId) -> Snapshot<EntryView>;

    /// An entry as its editor needs it.
    "source", source: load_source(kb: KbName, id: EntryId) -> Snapshot<Entry>;

    /// A piece of the versions of an entry.
    "history", history: load_history(kb: KbName, id: EntryId, limit: usize, after: Option<Version>) -> Snapshot<History>;

    /// A version compared with the one before it.
    "version_diff", version_diff: load_version_diff(kb: KbName, id: EntryId, version: Version) -> VersionDiff;

    /// Entries whose title, alias or id begins like `text`.
    "suggest_entries", suggest_entries: suggest_entries(kb: KbName, text: String) -> Vec<EntryRef>;

    /// Markdown made HTML as it would show in this knowledge base.
    "preview", preview: preview(kb: KbName, markdown: String) -> Rendered;

    /// Makes an entry.
    "create_entry", create_entry: create_entry(kb: KbName, draft: EntryDraft, mutation: MutationId) -> Written;

    /// Changes an entry.
    "update_entry", update_entry: update_entry(kb: KbName, id: EntryId, patch: EntryPatch, if_match: Option<Version>, mutation: MutationId) -> Written;

    /// Moves an entry to the trash.
    "delete_entry", delete_entry: delete_entry(kb: KbName, id: EntryId, mutation: MutationId) -> TrashItem;

    /// Brings an entry back from the trash.
    "restore_entry", restore_entry: restore_entry(kb: KbName, trash_id: i64, mutation: MutationId) -> Written;

    /// Deletes an entry of the trash for good.
    "purge_entry", purge_entry: purge_entry(kb: KbName, trash_id: i64, mutation: MutationId) -> ();

    /// Writes an old version of an entry as its newest.
    "restore_version", restore_version: restore_version(kb: KbName, id: EntryId, version: Version, mutation: MutationId) -> Written;
}
