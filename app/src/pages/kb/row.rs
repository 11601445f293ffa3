//! A row of the list. It follows its entry by itself: nothing else renders when it changes, and its focus stays.

use super::bulk::Selection;
use crate::pages::address;
use crate::protocol::entry::{EntryFilter, EntryRow, Fragment};
use crate::protocol::{EntryId, KbName};
use crate::ui::Time;
use leptos::prelude::*;
use std::sync::Arc;

/// What a row shows.
#[derive(Clone, PartialEq)]
pub struct Shown {
    /// The entry.
    pub row: Arc<EntryRow>,
    /// Its place in the list, from 0.
    pub place: usize,
    /// Whether the server has not confirmed it yet.
    pub pending: bool,
}

/// A row of the list.
#[component]
pub fn Row(
    kb: KbName,
    id: EntryId,
    /// What it shows now.
    shown: Memo<Option<Shown>>,
    total: Memo<usize>,
    selection: Selection,
    /// Whether it has just been changed by somebody.
    fresh: Memo<bool>,
) -> impl IntoView {
    let (of, at) = (kb.clone(), id.clone());
    let href = move || shown.with(|shown| address::passage(&of, &at, shown.as_ref().and_then(|shown| shown.row.anchor.as_deref())));
    let name = id.to_string();
    let place = move || shown.with(|shown| shown.as_ref().map_or(0, |shown| shown.place));
    let title = Memo::new(move |_| {
        shown
            .with(|shown| shown.as_ref().map(|shown| shown.row.title.clone()))
            .unwrap_or_default()
    });
    let kind = Memo::new(move |_| {
        shown
            .with(|shown| shown.as_ref().map(|shown| shown.row.entry_type.clone()))
            .unwrap_or_default()
    });
    let tags = Memo::new(move |_| {
        shown
            .with(|shown| shown.as_ref().map(|shown| shown.row.tags.clone()))
            .unwrap_or_default()
    });
    let snippet = Memo::new(move |_| shown.with(|shown| shown.as_ref().and_then(|shown| shown.row.snippet.clone())));
    let pending = Memo::new(move |_| shown.with(|shown| shown.as_ref().is_some_and(|shown| shown.pending)));
    let written = Memo::new(move |_| {
        shown.with(|shown| {
            shown
                .as_ref()
                .map(|shown| (shown.row.updated_at, shown.row.updated_by.name().to_owned()))
        })
    });
    let tag_links = move || {
        tags.get()
            .into_iter()
            .take(3)
            .map(|tag| tag_link(&kb, tag).into_any())
            .collect_view()
    };
    view! {
        <li
            class="row"
            class:row-fresh=fresh
            class:row-pending=pending
            data-row=name
            aria-setsize=move || total.get()
            aria-posinset=move || place() + 1
        >
            {move || {
                if selection.writes.get() {
                    view! { <Check id=id.clone() selection title shown/> }.into_any()
                } else {
                    // Its place stays, so that rows are as they are for others.
                    view! { <span class="row-check"></span> }.into_any()
                }
            }}
            <div class="row-main">
                <a class="row-link" href=href>{title}</a>
                {move || snippet.get().map(|fragments| view! { <p class="row-snippet">{highlighted(fragments)}</p> }.into_any())}
            </div>
            <span class="row-tags">{tag_links}</span>
            <span class="row-type badge">{kind}</span>
            <span class="row-when">
                {move || if pending.get() { view! { <span>"Sending…"</span> }.into_any() } else { when(written).into_any() }}
            </span>
        </li>
    }
}

#[component]
fn Check(id: EntryId, selection: Selection, title: Memo<String>, shown: Memo<Option<Shown>>) -> impl IntoView {
    let id = StoredValue::new(id);
    let chosen = Memo::new(move |_| selection.has(&id.get_value()));
    view! {
        <label class="row-check">
            <input
                type="checkbox"
                prop:checked=chosen
                aria-label=move || format!("Select {}", title.get())
                on:click=move |ev| {
                    let place = shown.with_untracked(|shown| shown.as_ref().map_or(0, |shown| shown.place));
                    selection.choose(&id.get_value(), place, event_target_checked(&ev), ev.shift_key());
                }
            />
        </label>
    }
}

fn when(written: Memo<Option<(crate::protocol::Timestamp, String)>>) -> impl IntoView {
    let by = move || written.with(|written| written.as_ref().map(|(_, by)| by.clone()));
    let at = Memo::new(move |_| written.with(|written| written.as_ref().map(|(at, _)| *at)));
    view! {
        {move || at.get().map(|at| view! { <Time at/> }.into_any())}
        <span class="row-by" title=by>{by}</span>
    }
}

fn tag_link(kb: &KbName, tag: String) -> impl IntoView + use<> {
    let filter = EntryFilter {
        tag: Some(tag.clone()),
        ..EntryFilter::default()
    };
    let name = tag.clone();
    view! { <a class="tag" title=name href=address::kb_with(kb, &filter)>{tag}</a> }
}

/// A passage with the words that were found marked.
pub fn highlighted(fragments: Vec<Fragment>) -> impl IntoView {
    fragments
        .into_iter()
        .map(|Fragment { text, hit }| {
            if hit {
                view! { <mark>{text}</mark> }.into_any()
            } else {
                view! { <span>{text}</span> }.into_any()
            }
        })
        .collect_view()
}
