//! Server-rendered pages, and the server functions that they call: both get the backend of their caller.

use crate::domain::caller::Credential;
use crate::domain::entry::Change;
use crate::domain::mutation::Request;
use crate::domain::{Caller, entry, kb};
use crate::state::AppState;
use app::backend::Backend;
use app::base::Base;
use app::protocol::entry::{
    Entry, EntryDraft, EntryFilter, EntryPage, EntryPatch, EntryRef, EntryView, Facet, History, Home, KbPatch, KbSummary, KbView, NewKb,
    Rendered, SearchHit, TrashItem, TrashPage, VersionDiff, Written,
};
use app::protocol::{Code, EntryId, KbName, MutationId, Problem, Snapshot, Version};
use async_trait::async_trait;
use axum::body::Body;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use leptos::nonce::use_nonce;
use leptos::prelude::{provide_context, use_context};
use leptos_axum::ResponseOptions;
use std::sync::Arc;

/// The server, as one caller may use it.
pub(super) struct CallersBackend {
    pub(super) state: AppState,
    pub(super) caller: Caller,
}

impl CallersBackend {
    pub(super) fn write(&self, mutation: MutationId) -> Request {
        Request::new(self.caller.clone(), Some(mutation))
    }
}

/// An error on its way to a page.
pub(super) fn answer<T>(result: Result<T, crate::error::Error>) -> Result<T, Problem> {
    result.map_err(|error| super::problem::Failure::from(error).0)
}

#[async_trait]
impl Backend for CallersBackend {
    async fn home(&self) -> Result<Snapshot<Home>, Problem> {
        answer(kb::home(&self.state.store, &self.caller).await)
    }

    async fn kb(&self, name: KbName) -> Result<Snapshot<KbView>, Problem> {
        answer(kb::view(&self.state.store, &self.caller, &name).await)
    }

    async fn entries(&self, kb: KbName, filter: EntryFilter, limit: usize, after: Option<String>) -> Result<Snapshot<EntryPage>, Problem> {
        answer(entry::list(&self.state.store, &self.caller, &kb, &filter, limit, after.as_deref()).await)
    }

    async fn entry(&self, kb: KbName, id: EntryId) -> Result<Snapshot<EntryView>, Problem> {
        answer(entry::view(&self.state.store, &self.caller, &self.state.door.prefix, &kb, &id).await)
    }

    async fn source(&self, kb: KbName, id: EntryId) -> Result<Snapshot<Entry>, Problem> {
        answer(entry::source(&self.state.store, &self.caller, &kb, &id).await)
    }

    async fn history(&self, kb: KbName, id: EntryId, limit: usize, after: Option<Version>) -> Result<Snapshot<History>, Problem> {
        answer(entry::history(&self.state.store, &self.caller, &kb, &id, limit, after).await)
    }

    async fn version_diff(&self, kb: KbName, id: EntryId, version: Version) -> Result<VersionDiff, Problem> {
        answer(entry::diff(&self.state.store, &self.caller, &kb, &id, version).await)
    }

    async fn trash(&self, kb: KbName, limit: usize, after: Option<String>) -> Result<Snapshot<TrashPage>, Problem> {
        answer(entry::trash(&self.state.store, &self.caller, &kb, limit, after.as_deref()).await)
    }

    async fn search(&self, q: String, kb: Option<KbName>, limit: usize) -> Result<Snapshot<Vec<SearchHit>>, Problem> {
        answer(entry::search(&self.state.store, &self.caller, &q, kb.as_ref(), limit).await)
    }

    async fn suggest_entries(&self, kb: KbName, text: String) -> Result<Vec<EntryRef>, Problem> {
        answer(entry::suggest(&self.state.store, &self.caller, &kb, &text).await)
    }

    async fn suggest_tags(&self, kb: KbName, text: String) -> Result<Vec<Facet>, Problem> {
        answer(kb::suggest_tags(&self.state.store, &self.caller, &kb, &text).await)
    }

    async fn preview(&self, kb: KbName, markdown: String) -> Result<Rendered, Problem> {
        answer(entry::preview(&self.state.store, &self.caller, &self.state.door.prefix, &kb, markdown).await)
    }

    async fn create_kb(&self, new: NewKb, mutation: MutationId) -> Result<KbSummary, Problem> {
        answer(kb::create(&self.state.store, &self.write(mutation), new).await)
    }

    async fn update_kb(&self, name: KbName, patch: KbPatch, mutation: MutationId) -> Result<KbSummary, Problem> {
        answer(kb::update(&self.state.store, &self.write(mutation), name, patch).await)
    }

    async fn delete_kb(&self, name: KbName, mutation: MutationId) -> Result<(), Problem> {
        answer(kb::delete(&self.state.store, &self.write(mutation), name).await)
    }

    async fn create_entry(&self, kb: KbName, draft: EntryDraft, mutation: MutationId) -> Result<Written, Problem> {
        answer(entry::create(&self.state.store, &self.write(mutation), kb, draft).await)
    }

    async fn update_entry(
        &self,
        kb: KbName,
        id: EntryId,
        patch: EntryPatch,
        if_match: Option<Version>,
        mutation: MutationId,
    ) -> Result<Written, Problem> {
        let patch = serde_json::to_value(&patch).map_err(|error| Problem::new(Code::InvalidJson, error.to_string()))?;
        answer(entry::update(&self.state.store, &self.write(mutation), kb, id, Change::Merge(patch), if_match).await)
    }

    async fn delete_entry(&self, kb: KbName, id: EntryId, mutation: MutationId) -> Result<TrashItem, Problem> {
        answer(entry::delete(&self.state.store, &self.write(mutation), kb, id, None).await)
    }

    async fn restore_entry(&self, kb: KbName, trash_id: i64, mutation: MutationId) -> Result<Written, Problem> {
        answer(entry::restore(&self.state.store, &self.write(mutation), kb, trash_id).await)
    }

    async fn purge_entry(&self, kb: KbName, trash_id: i64, mutation: MutationId) -> Result<(), Problem> {
        answer(entry::purge(&self.state.store, &self.write(mutation), kb, trash_id).await)
    }

    async fn restore_version(&self, kb: KbName, id: EntryId, version: Version, mutation: MutationId) -> Result<Written, Problem> {
        answer(entry::restore_version(&self.state.store, &self.write(mutation), kb, id, version).await)
    }
}

/// What pages and server functions find in their context: the server as the one who asks may use it.
pub fn provide_for(state: &AppState) {
    place(state);
    // `who` lets nobody as far as this who is not known.
    let caller = use_context::<Parts>().and_then(|parts| parts.extensions.get::<Caller>().cloned());
    if let Some(caller) = caller {
        provide(state, caller);
    }
}

fn provide(state: &AppState, caller: Caller) {
    let is_somebodys = caller.credential() != Credential::Reach;
    if is_somebodys {
        provide_context(app::Viewer(caller.user().to_string()));
    }
    provide_context::<Arc<dyn Backend>>(Arc::new(CallersBackend {
        state: state.clone(),
        caller,
    }));
    if super::assets::is_split() {
        provide_context(app::Split);
    }
    if let (Some(response), Some(nonce)) = (use_context::<ResponseOptions>(), use_nonce()) {
        protect(&response, &nonce.to_string(), &state.leptos);
        if is_somebodys {
            // Back after the log-out must not show it again.
            response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        }
    }
}

/// Says below which path the server is.
fn place(state: &AppState) {
    let wanted = use_context::<Parts>().and_then(|parts| parts.uri.path_and_query().cloned());
    Base::provide(&state.door.prefix, wanted.as_ref().map_or("/", |wanted| wanted.as_str()));
}

/// What a page may load and do. Scripts run by their nonce only; WebAssembly needs a word of its own.
fn protect(response: &ResponseOptions, nonce: &str, options: &leptos::config::LeptosOptions) {
    // The development server reloads pages through a socket on a port of its own.
    let reload = match options.env {
        leptos::config::Env::DEV => format!(" ws://127.0.0.1:{0} ws://localhost:{0}", options.reload_port),
        leptos::config::Env::PROD => String::new(),
    };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
         font-src 'self'; connect-src 'self'{reload}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    );
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
    for (name, value) in [
        ("referrer-policy", "same-origin"),
        ("cache-control", "no-cache"),
        ("cross-origin-opener-policy", "same-origin"),
    ] {
        response.insert_header(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
}

/// Addresses that are no page: a public file, or the page that says so.
pub async fn fallback(State(state): State<AppState>, request: axum::http::Request<Body>) -> Response {
    if let Some(file) = super::assets::public(request.uri().path(), request.headers()) {
        return file;
    }
    if request.uri().path().starts_with("/api/") {
        return super::problem::not_found(request.uri().clone()).await.into_response();
    }
    let (mut parts, body) = request.into_parts();
    let caller = match Caller::from_request_parts(&mut parts, &state).await {
        Ok(caller) => caller,
        Err(failure) => return failure.into_response(),
    };
    let request = axum::http::Request::from_parts(parts, body);
    let options = state.leptos.clone();
    let render = leptos_axum::render_app_async_with_context(
        move || {
            place(&state);
            provide(&state, caller.clone());
        },
        move || app::shell(options.clone()),
    );
    let mut response = render(request).await.into_response();
    if response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::NOT_FOUND;
    }
    response
}
