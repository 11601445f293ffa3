//! The search over all knowledge bases.

use super::address;
use super::kb::highlighted;
use crate::api::kb::search;
use crate::base;
use crate::protocol::entry::SearchHit;
use crate::sync::live;
use crate::ui::{Badge, EmptyState, ErrorState, Glyph, Icon, PageTitle, Skeleton, Time};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_query_map;
use web_sys::SubmitEvent;

/// How many entries a search shows.
const HITS: usize = 50;

/// The page of the search.
#[component]
pub fn SearchPage() -> impl IntoView {
    let query = use_query_map();
    let q = Memo::new(move |_| query.with(|query| query.get("q").map(|q| q.trim().to_owned()).unwrap_or_default()));
    let read = live(move || q.get(), |q| search(q, None, HITS));
    let found = move |hits: Vec<SearchHit>| {
        if hits.is_empty() {
            view! { <Nothing q=q.get_untracked()/> }.into_any()
        } else {
            view! { <ul class="hits" aria-label="Found entries">{hits.into_iter().map(hit_view).map(IntoAny::into_any).collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <PageTitle text=move || if q.with(String::is_empty) { "Search".to_owned() } else { format!("{} · Search", q.get()) }/>
        <div class="page">
            <header class="page-head"><h1>"Search"</h1></header>
            <Form q/>
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || {
                    read.get()
                        .map(|result| match result {
                            Ok(hits) => found(hits.data),
                            Err(problem) => view! { <ErrorState problem retry=Callback::new(move |()| read.refetch())/> }.into_any(),
                        })
                }}
            </Transition>
        </div>
    }
}

#[component]
fn Form(q: Memo<String>) -> impl IntoView {
    let field = NodeRef::<leptos::html::Input>::new();
    let navigate = base::use_navigate();
    let go = move |ev: SubmitEvent| {
        ev.prevent_default();
        if let Some(field) = field.get_untracked() {
            let options = NavigateOptions {
                scroll: false,
                ..Default::default()
            };
            navigate(&address::search(field.value().trim()), options);
        }
    };
    view! {
        <form class="toolbar" role="search" method="get" action=base::at("/search") on:submit=go>
            <label class="search-field">
                <Icon glyph=Glyph::Search/>
                <span class="visually-hidden">"Search in all knowledge bases"</span>
                <input
                    node_ref=field
                    type="search"
                    name="q"
                    placeholder="Search in all knowledge bases"
                    autocomplete="off"
                    maxlength="500"
                    data-key="/"
                    prop:value=q
                    value=q.get_untracked()
                />
            </label>
            <button type="submit" class="button button-primary">"Search"</button>
        </form>
    }
}

#[component]
fn Nothing(q: String) -> impl IntoView {
    let (title, text) = if q.is_empty() {
        (
            "Search everything",
            "Words are looked up in titles, texts and tags of all knowledge bases.".to_owned(),
        )
    } else {
        ("Nothing found", format!("No entry has “{q}”. Try fewer or other words."))
    };
    view! { <EmptyState glyph=Glyph::Search title text/> }
}

fn hit_view(hit: SearchHit) -> impl IntoView {
    let row = hit.row;
    view! {
        <li class="hit" data-row=row.entry_id.to_string()>
            <a class="row-link" href=address::passage(&row.kb_name, &row.entry_id, row.anchor.as_deref())>{row.title}</a>
            {row.snippet.map(|fragments| view! { <p class="row-snippet">{highlighted(fragments)}</p> }.into_any())}
            <p class="hit-where">{hit.kb_title} " · " <Badge>{row.entry_type}</Badge> " · " <Time at=row.updated_at/></p>
        </li>
    }
}
