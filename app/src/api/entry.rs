//! Entries: reading, writing, history, trash.

#[cfg(feature = "ssr")]
use super::{backend, respond};
use crate::protocol::entry::{
    Entry, EntryDraft, EntryFilter, EntryPage, EntryPatch, EntryRef, EntryView, History, Rendered, TrashItem, VersionDiff, Written,
};
use crate::protocol::{EntryId, KbName, MutationId, Problem, Snapshot, Version};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A piece of the list of a knowledge base.
#[server(prefix = "/api/pages", endpoint = "entries", input = Json)]
pub async fn list_entries(kb: KbName, filter: EntryFilter, limit: usize, after: Option<String>) -> Result<Snapshot<EntryPage>, Problem> {
    respond(backend().entries(kb, filter, limit, after).await)
}

/// An entry as its page shows it.
#[server(prefix = "/api/pages", endpoint = "entry", input = Json)]
pub async fn load_entry(kb: KbName, id: EntryId) -> Result<Snapshot<EntryView>, Problem> {
    respond(backend().entry(kb, id).await)
}

/// An entry as its editor needs it.
#[server(prefix = "/api/pages", endpoint = "source", input = Json)]
pub async fn load_source(kb: KbName, id: EntryId) -> Result<Snapshot<Entry>, Problem> {
    respond(backend().source(kb, id).await)
}

/// A piece of the versions of an entry.
#[server(prefix = "/api/pages", endpoint = "history", input = Json)]
pub async fn load_history(kb: KbName, id: EntryId, limit: usize, after: Option<Version>) -> Result<Snapshot<History>, Problem> {
    respond(backend().history(kb, id, limit, after).await)
}

/// A version compared with the one before it.
#[server(prefix = "/api/pages", endpoint = "version_diff", input = Json)]
pub async fn load_version_diff(kb: KbName, id: EntryId, version: Version) -> Result<VersionDiff, Problem> {
    respond(backend().version_diff(kb, id, version).await)
}

/// Entries whose title, alias or id begins like `text`.
#[server(prefix = "/api/pages", endpoint = "suggest_entries", input = Json)]
pub async fn suggest_entries(kb: KbName, text: String) -> Result<Vec<EntryRef>, Problem> {
    respond(backend().suggest_entries(kb, text).await)
}

/// Markdown made HTML as it would show in this knowledge base.
#[server(prefix = "/api/pages", endpoint = "preview", input = Json)]
pub async fn preview(kb: KbName, markdown: String) -> Result<Rendered, Problem> {
    respond(backend().preview(kb, markdown).await)
}

/// Makes an entry.
#[server(prefix = "/api/pages", endpoint = "create_entry", input = Json)]
pub async fn create_entry(kb: KbName, draft: EntryDraft, mutation: MutationId) -> Result<Written, Problem> {
    respond(backend().create_entry(kb, draft, mutation).await)
}

/// Changes an entry.
#[server(prefix = "/api/pages", endpoint = "update_entry", input = Json)]
pub async fn update_entry(
    kb: KbName,
    id: EntryId,
    patch: EntryPatch,
    if_match: Option<Version>,
    mutation: MutationId,
) -> Result<Written, Problem> {
    respond(backend().update_entry(kb, id, patch, if_match, mutation).await)
}

/// Moves an entry to the trash.
#[server(prefix = "/api/pages", endpoint = "delete_entry", input = Json)]
pub async fn delete_entry(kb: KbName, id: EntryId, mutation: MutationId) -> Result<TrashItem, Problem> {
    respond(backend().delete_entry(kb, id, mutation).await)
}

/// Brings an entry back from the trash.
#[server(prefix = "/api/pages", endpoint = "restore_entry", input = Json)]
pub async fn restore_entry(kb: KbName, trash_id: i64, mutation: MutationId) -> Result<Written, Problem> {
    respond(backend().restore_entry(kb, trash_id, mutation).await)
}

/// Deletes an entry of the trash for good.
#[server(prefix = "/api/pages", endpoint = "purge_entry", input = Json)]
pub async fn purge_entry(kb: KbName, trash_id: i64, mutation: MutationId) -> Result<(), Problem> {
    respond(backend().purge_entry(kb, trash_id, mutation).await)
}

/// Writes an old version of an entry as its newest.
#[server(prefix = "/api/pages", endpoint = "restore_version", input = Json)]
pub async fn restore_version(kb: KbName, id: EntryId, version: Version, mutation: MutationId) -> Result<Written, Problem> {
    respond(backend().restore_version(kb, id, version, mutation).await)
}
