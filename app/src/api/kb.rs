//! Knowledge bases, and what spans all of them.

#[cfg(feature = "ssr")]
use super::{backend, respond};
use crate::protocol::entry::{Facet, Home, KbSummary, KbView, NewKb, SearchHit, TrashPage};
use crate::protocol::{KbName, MutationId, Problem, Snapshot};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What the home page shows.
#[server(prefix = "/api/pages", endpoint = "home", input = Json)]
pub async fn load_home() -> Result<Snapshot<Home>, Problem> {
    respond(backend().home().await)
}

/// A knowledge base with its facets.
#[server(prefix = "/api/pages", endpoint = "kb", input = Json)]
pub async fn load_kb(kb: KbName) -> Result<Snapshot<KbView>, Problem> {
    respond(backend().kb(kb).await)
}

/// A piece of the deleted entries of a knowledge base.
#[server(prefix = "/api/pages", endpoint = "trash", input = Json)]
pub async fn load_trash(kb: KbName, limit: usize, after: Option<String>) -> Result<Snapshot<TrashPage>, Problem> {
    respond(backend().trash(kb, limit, after).await)
}

/// Full-text search, in one knowledge base or in all.
#[server(prefix = "/api/pages", endpoint = "search", input = Json)]
pub async fn search(q: String, kb: Option<KbName>, limit: usize) -> Result<Snapshot<Vec<SearchHit>>, Problem> {
    respond(backend().search(q, kb, limit).await)
}

/// Tags that begin like `text`.
#[server(prefix = "/api/pages", endpoint = "suggest_tags", input = Json)]
pub async fn suggest_tags(kb: KbName, text: String) -> Result<Vec<Facet>, Problem> {
    respond(backend().suggest_tags(kb, text).await)
}

/// Makes a knowledge base.
#[server(prefix = "/api/pages", endpoint = "create_kb", input = Json)]
pub async fn create_kb(new: NewKb, mutation: MutationId) -> Result<KbSummary, Problem> {
    respond(backend().create_kb(new, mutation).await)
}

/// Deletes a knowledge base with all that is in it.
#[server(prefix = "/api/pages", endpoint = "delete_kb", input = Json)]
pub async fn delete_kb(kb: KbName, mutation: MutationId) -> Result<(), Problem> {
    respond(backend().delete_kb(kb, mutation).await)
}
