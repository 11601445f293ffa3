//! What pages ask of the server. The server implements it for each request, with the caller inside;
//! server functions find it in the context.

mod jobs;
mod people;

pub use jobs::JobsBackend;
pub use people::PeopleBackend;

use crate::protocol::entry::{
    Entry, EntryDraft, EntryFilter, EntryPage, EntryPatch, EntryRef, EntryView, Facet, History, Home, KbPatch, KbSummary, KbView, NewKb,
    Rendered, SearchHit, TrashItem, TrashPage, VersionDiff, Written,
};
use crate::protocol::{EntryId, KbName, MutationId, Problem, Snapshot, Version};
use async_trait::async_trait;

/// The server, as one caller may use it. Every method's error is a [`Problem`] fit to be shown.
#[async_trait]
pub trait Backend: PeopleBackend + JobsBackend {
    /// What the home page shows.
    async fn home(&self) -> Result<Snapshot<Home>, Problem>;
    /// A knowledge base with its facets.
    async fn kb(&self, kb: KbName) -> Result<Snapshot<KbView>, Problem>;
    /// A piece of the list of a knowledge base, from `after` on.
    async fn entries(&self, kb: KbName, filter: EntryFilter, limit: usize, after: Option<String>) -> Result<Snapshot<EntryPage>, Problem>;
    /// An entry as its page shows it. `entry_not_found` names `renamed_to` where the id was given up for another.
    async fn entry(&self, kb: KbName, id: EntryId) -> Result<Snapshot<EntryView>, Problem>;
    /// An entry as its editor needs it.
    async fn source(&self, kb: KbName, id: EntryId) -> Result<Snapshot<Entry>, Problem>;
    /// A piece of the versions of an entry, newest first, from `after` on.
    async fn history(&self, kb: KbName, id: EntryId, limit: usize, after: Option<Version>) -> Result<Snapshot<History>, Problem>;
    /// A version compared with the one before it.
    async fn version_diff(&self, kb: KbName, id: EntryId, version: Version) -> Result<VersionDiff, Problem>;
    /// A piece of the deleted entries of a knowledge base, last deleted first, from `after` on.
    async fn trash(&self, kb: KbName, limit: usize, after: Option<String>) -> Result<Snapshot<TrashPage>, Problem>;
    /// Full-text search, in one knowledge base or in all.
    async fn search(&self, q: String, kb: Option<KbName>, limit: usize) -> Result<Snapshot<Vec<SearchHit>>, Problem>;
    /// Entries whose title, alias or id begins like `text`, for completing a link; at most 10.
    async fn suggest_entries(&self, kb: KbName, text: String) -> Result<Vec<EntryRef>, Problem>;
    /// Tags that begin like `text`, most frequent first; at most 10.
    async fn suggest_tags(&self, kb: KbName, text: String) -> Result<Vec<Facet>, Problem>;
    /// Markdown made HTML as it would show in this knowledge base.
    async fn preview(&self, kb: KbName, markdown: String) -> Result<Rendered, Problem>;

    /// Makes a knowledge base.
    async fn create_kb(&self, new: NewKb, mutation: MutationId) -> Result<KbSummary, Problem>;
    /// Changes what a knowledge base is called, and what it says of itself.
    async fn update_kb(&self, kb: KbName, patch: KbPatch, mutation: MutationId) -> Result<KbSummary, Problem>;
    /// Deletes a knowledge base with all that is in it.
    async fn delete_kb(&self, kb: KbName, mutation: MutationId) -> Result<(), Problem>;
    /// Makes an entry.
    async fn create_entry(&self, kb: KbName, draft: EntryDraft, mutation: MutationId) -> Result<Written, Problem>;
    /// Changes an entry; with `if_match` only that version, else `stale_version` brings the `current` one.
    async fn update_entry(
        &self,
        kb: KbName,
        id: EntryId,
        patch: EntryPatch,
        if_match: Option<Version>,
        mutation: MutationId,
    ) -> Result<Written, Problem>;
    /// Moves an entry to the trash.
    async fn delete_entry(&self, kb: KbName, id: EntryId, mutation: MutationId) -> Result<TrashItem, Problem>;
    /// Brings an entry back from the trash, under another id where its own is taken by now.
    async fn restore_entry(&self, kb: KbName, trash_id: i64, mutation: MutationId) -> Result<Written, Problem>;
    /// Deletes an entry of the trash for good.
    async fn purge_entry(&self, kb: KbName, trash_id: i64, mutation: MutationId) -> Result<(), Problem>;
    /// Writes an old version of an entry as its newest.
    async fn restore_version(&self, kb: KbName, id: EntryId, version: Version, mutation: MutationId) -> Result<Written, Problem>;
}
