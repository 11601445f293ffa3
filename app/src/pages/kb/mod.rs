//! A knowledge base: what it is, its filters, its live list.

mod bulk;
mod delete;
mod edit;
mod filters;
mod list;
mod row;
mod window;

use super::frame::Dialogs;
use super::jobs::{Way, take_drops};
use super::loaded::Loaded;
use super::presence::HereInKb;
use super::rights::{may_write, tell_frame};
use super::route::InKb;
use super::watch::Watch;
use super::{address, home};
use crate::api::kb::load_kb;
use crate::base;
use crate::protocol::KbName;
use crate::protocol::entry::{EntryFilter, KbSummary, KbView};
use crate::protocol::notification::Doing;
use crate::protocol::people::Level;
use crate::sync::{EntryList, LiveRead, entries, live};
use crate::ui::{Button, Glyph, Icon, PageTitle, When};
pub use delete::ConfirmDeletion;
use delete::DeleteKb;
use edit::EditKb;
pub use edit::EditKbForm;
use filters::{Facets, Toolbar, leaves_out, use_filter};
use leptos::prelude::*;
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
                    <List rows about kb=kb.get_value() filter/>
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
    let administers = Memo::new(move |_| about.with_data(|view| view.kb.level == Level::Admin).unwrap_or_default());
    let private = Memo::new(move |_| about.with_data(|view| view.kb.members == Level::None).unwrap_or_default());
    let watching = Memo::new(move |_| about.with_data(|view| view.watching).unwrap_or_default());
    let show = Callback::new(move |watching| about.update_local(|view| view.data.watching = watching));
    let writes = may_write(about);
    tell_frame(kb.clone(), writes);
    let kb = StoredValue::new(kb);
    take_drops(Signal::derive(move || writes.get().then(|| Some(kb.get_value()))));
    let bring = expect_context::<Dialogs>().bring;
    let trashed = Memo::new(move |_| about.with_data(|view| view.trashed).unwrap_or_default());
    view! {
        <PageTitle text=move || title.get()/>
        <nav class="crumbs" aria-label="Breadcrumbs">
            <a href=base::at("/")>"Home"</a>
        </nav>
        <header class="page-head">
            <div>
                <h1>{title} {move || private.get().then(|| view! { <Private/> }.into_any())}</h1>
                <p class="muted">{description}</p>
            </div>
            <div class="actions">
                <HereInKb kb=kb.get_value() entry=None doing=Doing::Reading/>
                <span class="muted">{count}</span>
                <a class="button button-ghost" href=address::trash(&kb.get_value())>
                    <Icon glyph=Glyph::Trash/>
                    "Trash"
                    {move || Some(trashed.get()).filter(|n| *n > 0).map(|n| view! { <span class="count">{n}</span> }.into_any())}
                </a>
                <When is=move || writes.get()>
                    <Button icon=Glyph::Jobs on:click=move |_| bring.ask(Way::Upload, Some(kb.get_value()))>"Import…"</Button>
                </When>
                <Watch kb=kb.get_value() watching show/>
                <When is=move || administers.get()>
                    <a class="button button-ghost" href=address::access(&kb.get_value())>
                        <Icon glyph=Glyph::People/>
                        "Access"
                    </a>
                    <EditKb about kb=kb.get_value()/>
                    <DeleteKb about kb=kb.get_value()/>
                </When>
            </div>
        </header>
    }
}

/// The sign of a knowledge base that members see only where that was said for them.
#[component]
pub fn Private() -> impl IntoView {
    view! {
        <span class="private" title="Private: only who was let in may read it">
            <Icon glyph=Glyph::Lock/>
            <span class="visually-hidden">"(private)"</span>
        </span>
    }
}
