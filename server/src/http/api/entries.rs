//! `/api/kbs/{kb}/entries`: entries.

use crate::domain::mutation::Request;
use crate::domain::{Caller, entry};
use crate::http::extract::{IfMatch, Json, Path, Query};
use crate::http::problem::Failure;
use crate::state::AppState;
use app::protocol::entry::{Entry, EntryDraft, EntryFilter, EntryPatch, EntryRow, Metadata, Sort, TrashItem};
use app::protocol::{Code, Cursor, EntryId, KbName, Problem, Version, limits};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Which entries, and how many.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only entries of this type.
    #[serde(rename = "type")]
    entry_type: Option<String>,
    /// Only entries with this tag.
    tag: Option<String>,
    /// Only entries that this search finds.
    q: Option<String>,
    /// `updated` (the default), `created`, `title`, or with a search `relevance` (its default).
    sort: Option<String>,
    /// How many, 1 to 1000; 50 where absent.
    limit: Option<String>,
    /// `next` of the piece before.
    after: Option<String>,
}

/// A piece of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct EntryList {
    items: Vec<EntryRow>,
    /// How many entries the whole list has.
    total: u64,
    /// Give it as `after` for the next piece; null at the end.
    next: Option<String>,
    /// The moment of the list: a socket opened with it continues the list without a gap.
    cursor: Cursor,
}

/// The `limit` of a query, `unsaid` where there is none, or what is wrong with it.
pub fn parse_limit(given: Option<&str>, unsaid: usize) -> Result<usize, Failure> {
    let Some(text) = given else { return Ok(unsaid) };
    match text.parse() {
        Ok(limit) if (1..=limits::PAGE_ITEMS).contains(&limit) => Ok(limit),
        _ => Err(Problem::new(
            Code::InvalidQuery,
            format!("limit: {text:?} is not a number from 1 to {}.", limits::PAGE_ITEMS),
        )
        .into()),
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.trim().is_empty())
}

impl ListQuery {
    fn filter(self) -> Result<EntryFilter, Failure> {
        let q = filled(self.q);
        let sort = match self.sort.as_deref().filter(|sort| !sort.is_empty()) {
            None if q.is_some() => Sort::Relevance,
            None => Sort::Updated,
            Some(text) => Sort::parse(text).ok_or_else(|| {
                Problem::new(
                    Code::InvalidQuery,
                    format!("sort: {text:?} is none of updated, created, title and relevance."),
                )
            })?,
        };
        Ok(EntryFilter {
            entry_type: filled(self.entry_type),
            tag: filled(self.tag),
            q,
            sort,
        })
    }
}

/// A text as one segment of a path.
pub fn segment(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            use std::fmt::Write;
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

fn location(entry: &Entry) -> String {
    format!(
        "/api/kbs/{}/entries/{}",
        segment(entry.kb_name.as_str()),
        segment(entry.entry_id.as_str())
    )
}

fn etag(entry: &Entry) -> (HeaderName, String) {
    (header::ETAG, format!("\"{}\"", entry.version))
}

/// Lists the entries of a knowledge base.
#[utoipa::path(get, path = "/api/kbs/{kb}/entries", tag = "entries", params(("kb" = String, Path), ListQuery),
    responses((status = 200, body = EntryList), (status = 400, description = "invalid_query", body = Problem), (status = 404, description = "kb_not_found", body = Problem)))]
pub async fn list_entries(
    State(state): State<AppState>,
    caller: Caller,
    Path(kb): Path<KbName>,
    Query(mut query): Query<ListQuery>,
) -> Result<axum::Json<EntryList>, Failure> {
    let limit = parse_limit(query.limit.as_deref(), limits::PAGE_ITEMS_DEFAULT)?;
    let after = filled(query.after.take());
    let filter = query.filter()?;
    let page = entry::list(&state.store, &caller, &kb, &filter, limit, after.as_deref()).await?;
    let cursor = page.cursor;
    let page = page.data;
    Ok(axum::Json(EntryList {
        items: page.items,
        total: page.total,
        next: page.next,
        cursor,
    }))
}

/// An entry as a client sends it. Whatever GET answers can be sent back: what only the server sets is passed over.
#[derive(Debug, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryInput {
    /// Its title. Absent is as good as empty, and is refused as such.
    #[serde(default)]
    title: String,
    /// The text, in markdown.
    #[serde(default)]
    body: String,
    /// Its type; `note` where none is given.
    #[serde(default)]
    entry_type: Option<String>,
    /// Its tags.
    #[serde(default)]
    tags: Vec<String>,
    /// Other names that links may use.
    #[serde(default)]
    aliases: Vec<String>,
    /// What its author keeps beside the text.
    #[serde(default)]
    #[schema(value_type = Object)]
    metadata: Metadata,
    /// The id that it shall have; made of the title where none is given. Another id renames an old entry. `id` is understood too.
    #[serde(default, alias = "id")]
    entry_id: Option<String>,
    /// The version that the client has read. Without `If-Match`, only that version is written over.
    #[serde(default)]
    version: Option<Version>,
    /// Passed over.
    #[serde(default, rename = "kb_name")]
    #[schema(value_type = Option<String>)]
    _kb_name: IgnoredAny,
    /// Passed over.
    #[serde(default, rename = "created_at")]
    #[schema(value_type = Option<String>)]
    _created_at: IgnoredAny,
    /// Passed over.
    #[serde(default, rename = "updated_at")]
    #[schema(value_type = Option<String>)]
    _updated_at: IgnoredAny,
    /// Passed over.
    #[serde(default, rename = "created_by")]
    #[schema(value_type = Option<String>)]
    _created_by: IgnoredAny,
    /// Passed over.
    #[serde(default, rename = "updated_by")]
    #[schema(value_type = Option<String>)]
    _updated_by: IgnoredAny,
}

impl EntryInput {
    fn draft(self) -> EntryDraft {
        EntryDraft {
            title: self.title,
            body: self.body,
            entry_type: self.entry_type,
            tags: self.tags,
            aliases: self.aliases,
            metadata: self.metadata,
            entry_id: self.entry_id,
        }
    }
}

/// Makes an entry.
#[utoipa::path(post, path = "/api/kbs/{kb}/entries", tag = "entries", request_body = EntryInput,
    params(("kb" = String, Path)),
    responses((status = 201, description = "With Location and ETag", body = Entry), (status = 404, description = "kb_not_found", body = Problem),
        (status = 409, description = "entry_exists", body = Problem), (status = 413, description = "body_too_large", body = Problem),
        (status = 422, description = "title_empty, title_too_long, invalid_slug, invalid_value, idempotency_key_reused", body = Problem)))]
pub async fn create_entry(
    State(state): State<AppState>,
    request: Request,
    Path(kb): Path<KbName>,
    Json(input): Json<EntryInput>,
) -> Result<impl IntoResponse, Failure> {
    let made = entry::create(&state.store, &request, kb, input.draft()).await?.entry;
    Ok((
        StatusCode::CREATED,
        [etag(&made), (header::LOCATION, location(&made))],
        axum::Json(made),
    ))
}

/// An entry, whole.
#[utoipa::path(get, path = "/api/kbs/{kb}/entries/{id}", tag = "entries", params(("kb" = String, Path), ("id" = String, Path), ("If-None-Match" = Option<String>, Header)),
    responses((status = 200, description = "With ETag", body = Entry), (status = 304, description = "It is still that version"),
        (status = 404, description = "entry_not_found; with renamed_to where it has another id now", body = Problem)))]
pub async fn show_entry(
    State(state): State<AppState>,
    caller: Caller,
    Path((kb, id)): Path<(KbName, EntryId)>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let found = entry::source(&state.store, &caller, &kb, &id).await?.data;
    let tag = etag(&found);
    if headers
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.1.as_bytes())
    {
        return Ok((StatusCode::NOT_MODIFIED, [tag]).into_response());
    }
    Ok(([tag], axum::Json(found)).into_response())
}

/// Members that only the server sets.
const SET_BY_SERVER: [&str; 5] = ["kb_name", "created_at", "updated_at", "created_by", "updated_by"];

/// Takes out of a patch what only the server sets, and returns the version that it names.
fn take_version(patch: &mut Value) -> Result<Option<Version>, Failure> {
    let Some(members) = patch.as_object_mut() else { return Ok(None) };
    for name in SET_BY_SERVER {
        members.remove(name);
    }
    if let Some(id) = members.remove("id")
        && members.insert("entry_id".to_owned(), id).is_some()
    {
        let detail = "id: the patch has entry_id too, which means the same; send one of them.";
        return Err(Problem::new(Code::InvalidValue, detail).with("field", "id").into());
    }
    match members.remove("version") {
        None => Ok(None),
        Some(version) => serde_json::from_value(version).map(Some).map_err(|_| {
            let detail = "version: it is a number, the version that you have read.";
            Problem::new(Code::InvalidValue, detail).with("field", "version").into()
        }),
    }
}

async fn change(
    state: &AppState,
    request: &Request,
    kb: KbName,
    id: EntryId,
    change: entry::Change,
    if_match: Option<Version>,
) -> Result<impl IntoResponse + use<>, Failure> {
    let written = entry::update(&state.store, request, kb, id, change, if_match).await?.entry;
    Ok((
        [etag(&written), (header::CONTENT_LOCATION, location(&written))],
        axum::Json(written),
    ))
}

/// Writes an entry anew: what the body leaves out gets its default. Another `id` renames it, and links follow.
#[utoipa::path(put, path = "/api/kbs/{kb}/entries/{id}", tag = "entries", request_body = EntryInput,
    params(("kb" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header, description = "Write only over this version")),
    responses((status = 200, description = "With ETag", body = Entry), (status = 412, description = "stale_version; `current` is the entry as it is stored", body = Problem)))]
pub async fn replace_entry(
    State(state): State<AppState>,
    request: Request,
    if_match: IfMatch,
    Path((kb, id)): Path<(KbName, EntryId)>,
    Json(input): Json<EntryInput>,
) -> Result<impl IntoResponse, Failure> {
    let if_match = if_match.or(input.version);
    change(&state, &request, kb, id, entry::Change::Replace(input.draft()), if_match).await
}

/// Changes an entry by a merge patch (RFC 7396). Another `id` renames it, and links follow.
#[utoipa::path(patch, path = "/api/kbs/{kb}/entries/{id}", tag = "entries", request_body = EntryPatch,
    params(("kb" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header, description = "Change only this version")),
    responses((status = 200, description = "With ETag", body = Entry), (status = 412, description = "stale_version; `current` is the entry as it is stored", body = Problem)))]
pub async fn patch_entry(
    State(state): State<AppState>,
    request: Request,
    if_match: IfMatch,
    Path((kb, id)): Path<(KbName, EntryId)>,
    Json(mut patch): Json<Value>,
) -> Result<impl IntoResponse, Failure> {
    let if_match = if_match.or(take_version(&mut patch)?);
    change(&state, &request, kb, id, entry::Change::Merge(patch), if_match).await
}

/// Moves an entry to the trash, where it stays for 30 days.
#[utoipa::path(delete, path = "/api/kbs/{kb}/entries/{id}", tag = "entries",
    params(("kb" = String, Path), ("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, description = "Its place in the trash", body = TrashItem), (status = 404, description = "entry_not_found", body = Problem), (status = 412, description = "stale_version", body = Problem)))]
pub async fn delete_entry(
    State(state): State<AppState>,
    request: Request,
    if_match: IfMatch,
    Path((kb, id)): Path<(KbName, EntryId)>,
) -> Result<axum::Json<TrashItem>, Failure> {
    Ok(axum::Json(entry::delete(&state.store, &request, kb, id, if_match.or(None)).await?))
}
