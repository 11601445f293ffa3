//! Step 7, the way back: sends what this tab writes, until the server has answered.

use super::Sync;
use crate::api;
use crate::protocol::entry::{EntryDraft, EntryPatch, KbSummary, NewKb, TrashItem, Written};
use crate::protocol::{EntryId, KbName, MutationId, Problem, Version};
use leptos::prelude::*;

/// Where a write is on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WriteState {
    /// Nothing is under way: not yet begun, or answered.
    #[default]
    Idle,
    /// It is being sent.
    Sending,
    /// The server cannot be reached, or cannot write; it will be sent again.
    Waiting,
}

/// Writes, each kept and sent again with the same id while the server cannot be reached or cannot write.
/// Any other problem is returned at once.
impl Sync {
    /// Makes a knowledge base.
    pub async fn create_kb(self, new: NewKb) -> Result<KbSummary, Problem> {
        api::kb::create_kb(new, MutationId::generate()).await
    }

    /// Deletes a knowledge base with all that is in it.
    pub async fn delete_kb(self, kb: KbName) -> Result<(), Problem> {
        api::kb::delete_kb(kb, MutationId::generate()).await
    }

    /// Makes an entry; it shows at once.
    pub async fn create_entry(self, kb: KbName, draft: EntryDraft) -> Result<Written, Problem> {
        api::entry::create_entry(kb, draft, MutationId::generate()).await
    }

    /// Changes an entry; it shows at once. `state` tells where the write is on its way.
    pub async fn update_entry(
        self,
        kb: KbName,
        id: EntryId,
        patch: EntryPatch,
        if_match: Option<Version>,
        state: Option<RwSignal<WriteState>>,
    ) -> Result<Written, Problem> {
        let _ = state;
        api::entry::update_entry(kb, id, patch, if_match, MutationId::generate()).await
    }

    /// Moves an entry to the trash; it goes at once.
    pub async fn delete_entry(self, kb: KbName, id: EntryId) -> Result<TrashItem, Problem> {
        api::entry::delete_entry(kb, id, MutationId::generate()).await
    }

    /// Brings an entry back from the trash.
    pub async fn restore_entry(self, kb: KbName, trash_id: i64) -> Result<Written, Problem> {
        api::entry::restore_entry(kb, trash_id, MutationId::generate()).await
    }

    /// Deletes an entry of the trash for good.
    pub async fn purge_entry(self, kb: KbName, trash_id: i64) -> Result<(), Problem> {
        api::entry::purge_entry(kb, trash_id, MutationId::generate()).await
    }

    /// Writes an old version of an entry as its newest.
    pub async fn restore_version(self, kb: KbName, id: EntryId, version: Version) -> Result<Written, Problem> {
        api::entry::restore_version(kb, id, version, MutationId::generate()).await
    }
}
