//! Knowledge bases, and what spans all of them.

use crate::protocol::entry::{Facet, Home, KbPatch, KbSummary, KbView, NewKb, SearchHit, TrashPage};
use crate::protocol::{KbName, MutationId, Snapshot};

server_functions! {
    /// What the home page shows.
    "home", home: load_home() -> Snapshot<Home>;

    /// A knowledge base with its facets.
    "kb", kb: load_kb(kb: KbName) -> Snapshot<KbView>;

    /// A piece of the deleted entries of a knowledge base.
    "trash", trash: load_trash(kb: KbName, limit: usize, after: Option<String>) -> Snapshot<TrashPage>;

    /// Full-text search, in one knowledge base or in all.
    "search", search: search(q: String, kb: Option<KbName>, limit: usize) -> Snapshot<Vec<SearchHit>>;

    /// Tags that begin like `text`.
    "suggest_tags", suggest_tags: suggest_tags(kb: KbName, text: String) -> Vec<Facet>;

    /// Makes a knowledge base.
    "create_kb", create_kb: create_kb(new: NewKb, mutation: MutationId) -> KbSummary;

    /// Changes what a knowledge base is called, and what it says of itself.
    "update_kb", update_kb: update_kb(kb: KbName, patch: KbPatch, mutation: MutationId) -> KbSummary;

    /// Deletes a knowledge base with all that is in it.
    "delete_kb", delete_kb: delete_kb(kb: KbName, mutation: MutationId) -> ();
}
