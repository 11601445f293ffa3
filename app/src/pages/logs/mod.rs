//! The server's log, for its owners: its end, and then what comes.

mod download;
mod filters;
mod follow;
mod pane;
mod tail;

use super::loaded::{Phase, standing};
use super::write::attempt;
use crate::api::jobs::{clear_logs, load_logs};
use crate::base;
use crate::protocol::limits::PAGE_ITEMS;
use crate::protocol::log::{LogFilter, LogPage};
use crate::ui::{Button, Confirm, ErrorState, Glyph, PageTitle, Tone};
use filters::{Filters, use_filter};
use follow::{Following, follow};
use leptos::prelude::*;
use pane::Pane;
use std::sync::Arc;
use tail::Tail;

/// The page of the log.
#[component]
pub fn LogsPage() -> impl IntoView {
    let filter = use_filter();
    // Read once: from then on the tail follows what comes, and the filter.
    let read = Resource::new(|| (), move |()| load_logs(filter.get_untracked(), PAGE_ITEMS, None));
    let phase = move || {
        read.with(|answer| match answer {
            None => Phase::Loading,
            Some(Ok(_)) => Phase::Ready,
            Some(Err(problem)) => Phase::Failed(problem.clone()),
        })
    };
    let failed =
        Arc::new(move |problem| view! { <ErrorState problem page=true retry=Callback::new(move |()| read.refetch())/> }.into_any());
    let shown = Arc::new(move || {
        let page = read.with_untracked(|answer| answer.as_ref()?.as_ref().ok().cloned());
        page.map(|page| view! { <Shown page filter/> }.into_any()).into_any()
    });
    view! {
        <div class="page page-wide logs">
            <nav class="crumbs" aria-label="Breadcrumbs">
                <a href=base::at("/")>"Home"</a>
            </nav>
            {standing(Box::new(phase), failed, shown)}
        </div>
    }
}

#[component]
fn Shown(page: LogPage, filter: Memo<LogFilter>) -> impl IntoView {
    let following = follow(Tail::begin(filter.get_untracked(), page), filter);
    let Following { tail, failed, .. } = following;
    let doomed = RwSignal::new(None::<()>);
    let clear = move |()| attempt("Not cleared", clear_logs(), |()| {});
    let count = Memo::new(move |_| tail.with(Tail::len));
    let none = Memo::new(move |_| count.get() == 0);
    view! {
        <PageTitle text="Log"/>
        <header class="page-head">
            <div>
                <h1>"Log"</h1>
                <p class="muted">"What the server says of itself. Times are UTC."</p>
            </div>
            <div class="actions">
                <Button icon=Glyph::Download disabled=none on:click=move |_| download::save(&tail.read_untracked())>"Download"</Button>
                <Button tone=Tone::Danger icon=Glyph::Trash on:click=move |_| doomed.set(Some(()))>"Clear"</Button>
            </div>
        </header>
        <Filters filter/>
        <p class="field-error" role="alert">{failed}</p>
        <Pane tail filter/>
        <Confirm
            about=doomed
            title="Clear the log?"
            text=|()| "The lines that the server keeps to show here will be gone for everybody. What it prints elsewhere stays.".to_owned()
            label="Clear"
            act=Callback::new(clear)
        />
    }
}
