//! An entry: its text, what belongs to it, and what can be done with it. It changes in place when somebody writes it.

mod actions;
mod article;
mod aside;
mod gone;

use super::address;
use super::loaded::Loaded;
use super::moved::{Moved, renamed_to};
use super::presence::HereInKb;
use super::rights::tell_frame;
use super::route::AtEntry;
use crate::api::entry::load_entry;
use crate::base;
use crate::protocol::entry::EntryView;
use crate::protocol::notification::Doing;
use crate::protocol::people::Level;
use crate::protocol::{Code, EntryId, KbName, Problem};
use crate::sync::{LiveRead, live};
use crate::ui::{ErrorState, PageTitle};
use actions::Actions;
pub use actions::Rename;
use article::Article;
use aside::Aside;
use gone::{Deleted, Missing, deletion};
use leptos::prelude::*;
use std::sync::Arc;

/// The page of an entry.
#[component]
pub fn EntryPage() -> impl IntoView {
    view! { <AtEntry page=|kb, id| view! { <Shown kb id/> }/> }
}

#[component]
fn Shown(kb: KbName, id: EntryId) -> impl IntoView {
    let source = (kb.clone(), id.clone());
    let read: LiveRead<EntryView> = live(move || source.clone(), |(kb, id)| load_entry(kb, id));
    let deleted = deletion(&kb, &id);
    let named = StoredValue::new((kb.clone(), id.clone()));
    // What one could do with it while it was there.
    let wrote = StoredValue::new(false);
    Effect::new(move || {
        if let Some(level) = read.with_data(|view| view.level) {
            wrote.set_value(level >= Level::Write);
        }
    });
    let failed: Arc<dyn Fn(Problem) -> AnyView + Send + Sync> = Arc::new(move |problem| {
        let (kb, id) = named.get_value();
        match (deleted.get_untracked(), renamed_to(&problem)) {
            (Some(deletion), _) => view! { <Deleted kb deletion writes=wrote.get_value()/> }.into_any(),
            (None, Some(now)) => view! { <Moved to=address::entry(&kb, &now)/> }.into_any(),
            (None, None) if problem.code == Code::EntryNotFound => view! { <Missing kb id/> }.into_any(),
            (None, None) => view! { <ErrorState problem page=true retry=Callback::new(move |()| read.refetch())/> }.into_any(),
        }
    });
    view! {
        <div class="page">
            <Loaded read failed>
                <Head read kb=kb.clone() id=id.clone()/>
                <div class="entry">
                    <Article read/>
                    <Aside read kb=kb.clone()/>
                </div>
            </Loaded>
        </div>
    }
}

#[component]
fn Head(read: LiveRead<EntryView>, kb: KbName, id: EntryId) -> impl IntoView {
    let title = Memo::new(move |_| read.with_data(|view| view.entry.title.clone()).unwrap_or_default());
    let writes = Memo::new(move |_| read.with_data(|view| view.level >= Level::Write).unwrap_or_default());
    tell_frame(kb.clone(), writes);
    view! {
        <PageTitle text=move || title.get()/>
        <nav class="crumbs" aria-label="Breadcrumbs">
            <a href=base::at("/")>"Home"</a>
            <a href=address::kb(&kb)>{kb.to_string()}</a>
        </nav>
        <header class="page-head">
            <h1>{title}</h1>
            <HereInKb kb=kb.clone() entry=Some(id.clone()) doing=Doing::Reading/>
            <Actions read writes kb=kb.clone() id/>
            <article::Facts read kb/>
        </header>
    }
}
