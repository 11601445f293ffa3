//! The text of an entry and the line of facts under its title.

use crate::pages::address;
use crate::protocol::entry::{Entry, EntryFilter, EntryView};
use crate::protocol::{EntryId, KbName};
use crate::sync::LiveRead;
use crate::ui::{Badge, Time, When};
use leptos::prelude::*;

/// The text. Its HTML was sanitised by the server; the router takes the clicks on its links.
#[component]
pub fn Article(read: LiveRead<EntryView>) -> impl IntoView {
    let html = Memo::new(move |_| read.with_data(|view| view.rendered.html.clone()).unwrap_or_default());
    let blank = Memo::new(move |_| html.with(|html| html.trim().is_empty()));
    Effect::new(|| {
        // An address with a heading was followed before the text was there.
        let heading = window().location().hash().unwrap_or_default();
        let heading = js_sys::decode_uri_component(heading.trim_start_matches('#'))
            .map(String::from)
            .unwrap_or_default();
        if let Some(heading) = document().get_element_by_id(&heading).filter(|_| !heading.is_empty()) {
            heading.scroll_into_view();
        }
    });
    view! {
        <article>
            <When is=move || blank.get()>
                <p class="muted">"This entry has no text yet."</p>
            </When>
            <div class="prose" inner_html=move || html.get()></div>
        </article>
    }
}

/// Type, tags, version, when and by whom.
#[component]
pub fn Facts(read: LiveRead<EntryView>, kb: KbName) -> impl IntoView {
    let entry = Memo::new(move |_| read.with_data(|view| FactsOf::of(&view.entry)));
    let kb = StoredValue::new(kb);
    move || {
        entry.get().map(|facts| {
            let kb = kb.get_value();
            let version = (address::history(&kb, &facts.id), format!("version {}", facts.version));
            let of_type = EntryFilter {
                entry_type: Some(facts.entry_type.clone()),
                ..EntryFilter::default()
            };
            let tag = |tag: String| {
                let of_tag = EntryFilter {
                    tag: Some(tag.clone()),
                    ..EntryFilter::default()
                };
                view! { <a class="tag" href=address::kb_with(&kb, &of_tag)>{tag}</a> }
            };
            view! {
                <div class="entry-facts">
                    <a href=address::kb_with(&kb, &of_type)><Badge tone="accent">{facts.entry_type}</Badge></a>
                    {facts.tags.into_iter().map(tag).map(IntoAny::into_any).collect_view()}
                    <span>"updated " <Time at=facts.updated_at/> " by " {facts.updated_by}</span>
                    <a href=version.0>{version.1}</a>
                </div>
            }
        })
    }
}

/// What the line shows: nothing else of the entry renders it anew.
#[derive(Clone, PartialEq)]
struct FactsOf {
    id: EntryId,
    entry_type: String,
    tags: Vec<String>,
    version: u64,
    updated_at: crate::protocol::Timestamp,
    updated_by: String,
}

impl FactsOf {
    fn of(entry: &Entry) -> Self {
        Self {
            id: entry.entry_id.clone(),
            entry_type: entry.entry_type.clone(),
            tags: entry.tags.clone(),
            version: entry.version.get(),
            updated_at: entry.updated_at,
            updated_by: entry.updated_by.name().to_owned(),
        }
    }
}
