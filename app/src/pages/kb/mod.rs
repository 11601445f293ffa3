//! A knowledge base: what it is, its filters, its live list.

mod bulk;
mod delete;
mod edit;
mod filters;
mod list;
mod row;
mod window;

use super::loaded::Loaded;
use super::route::InKb;
use super::{address, home};
use crate::api::kb::load_kb;
use crate::protocol::KbName;
use crate::protocol::entry::{EntryFilter, KbSummary, KbView};
use crate::sync::{EntryList, LiveRead, entries, live};
use crate::ui::{Glyph, Icon};
pub use delete::ConfirmDeletion;
use delete::DeleteKb;
use edit::EditKb;
pub use edit::EditKbForm;
use filters::{Facets, Toolbar, leaves_out, use_filter};
use leptos::prelude::*;
use leptos_meta::Title;
use list::List;
pub use row::highlighted;

/// The page of a knowledge base.
#[component]
pub fn KbPage() -> impl IntoView {
    view! { <InKb page=|kb| view! { <Kb kb/> }/> }
}

#[component]
fn Kb(kb: KbName) -> impl IntoView {
    let filter = use_filter();
    let source = kb.clone();
    let about: LiveRead<KbView> = live(move || source.clone(), load_kb);
    let source = kb.clone();
    let rows = entries(move || (source.clone(), filter.get()));
    let kb = StoredValue::new(kb);
    view! {
        <div class="page page-wide">
            <Loaded read=about page=true>
                <Head about rows filter kb=kb.get_value()/>
                <Toolbar kb=kb.get_value() filter/>
                <div class="kb">
                    <Facets about kb=kb.get_value() filter/>
                    <List rows kb=kb.get_value() filter/>
                </div>
            </Loaded>
        </div>
    }
}

#[component]
fn Head(about: LiveRead<KbView>, rows: LiveRead<EntryList>, filter: Memo<EntryFilter>, kb: KbName) -> impl IntoView {
    let of = move |look: fn(&KbSummary) -> String| about.with_data(|view| look(&view.kb)).unwrap_or_default();
    let title = Memo::new(move |_| of(|kb| kb.title.clone()));
    let description = Memo::new(move |_| of(|kb| kb.description.clone()));
    let count = Memo::new(move |_| {
        let all = of(|kb| home::counted(kb.entries));
        let found = rows.with_data(EntryList::total).filter(|_| filter.with(leaves_out));
        found.map_or(all.clone(), |found| format!("{found} of {all}"))
    });
    let trashed = Memo::new(move |_| about.with_data(|view| view.trashed).unwrap_or_default());
    view! {
        <Title text=move || title.get()/>
        <nav class="crumbs" aria-label="Breadcrumbs">
            <a href="/">"Home"</a>
        </nav>
        <header class="page-head">
            <div>
                <h1>{title}</h1>
                <p class="muted">{description}</p>
            </div>
            <div class="actions">
                <span class="muted">{count}</span>
                <a class="button button-ghost" href=address::trash(&kb)>
                    <Icon glyph=Glyph::Trash/>
                    "Trash"
                    {move || Some(trashed.get()).filter(|n| *n > 0).map(|n| view! { <span class="count">{n}</span> }.into_any())}
                </a>
                <EditKb about kb=kb.clone()/>
                <DeleteKb about kb/>
            </div>
        </header>
    }
}
