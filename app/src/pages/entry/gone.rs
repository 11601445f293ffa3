//! An entry that is not there: never was, or was deleted while one read it.

use crate::base;
use crate::pages::edit::has_draft;
use crate::pages::{address, write};
use crate::protocol::entry::TrashItem;
use crate::protocol::{EntryId, Event, KbName};
use crate::sync::Sync;
use crate::ui::{Button, EmptyState, Glyph, PageTitle, Tone};
use leptos::prelude::*;

/// How the entry was deleted while its page was open.
pub fn deletion(kb: &KbName, id: &EntryId) -> RwSignal<Option<TrashItem>> {
    let deleted = RwSignal::new(None);
    let (kb, id) = (kb.clone(), id.clone());
    Sync::expect().on_event(move |event| {
        if event.kb_name.as_ref() != Some(&kb) || event.entry_id.as_ref() != Some(&id) {
            return;
        }
        match &event.event {
            Event::EntryDeleted(removal) => deleted.set(Some(TrashItem {
                trash_id: removal.trash_id,
                kb_name: kb.clone(),
                entry_id: id.clone(),
                title: removal.title.clone(),
                entry_type: removal.entry_type.clone(),
                deleted_at: event.timestamp,
                deleted_by: event.actor.clone(),
            })),
            Event::EntryCreated(_) => deleted.set(None),
            _ => {}
        }
    });
    deleted
}

/// "Deleted by ada", with the way back.
#[component]
pub fn Deleted(
    kb: KbName,
    deletion: TrashItem,
    /// Whether one may bring it back.
    writes: bool,
) -> impl IntoView {
    let title = format!("“{}” was deleted", deletion.title);
    let text = format!(
        "{} moved it to the trash, from where it can be restored with all its versions.",
        deletion.deleted_by.name()
    );
    let restore = move |_| write::restore_entries(vec![deletion.clone()]);
    view! {
        <EmptyState glyph=Glyph::Trash title text>
            {writes.then(|| view! { <Button tone=Tone::Primary icon=Glyph::Restore on:click=restore.clone()>"Restore"</Button> }.into_any())}
            <a class="button" href=address::kb(&kb)>"Back to the list"</a>
        </EmptyState>
    }
}

/// No such entry: wanted by a link, or never there.
#[component]
pub fn Missing(kb: KbName, id: EntryId) -> impl IntoView {
    let title = id.as_str().replace(['-', '_'], " ");
    let edit = address::edit(&kb, &id);
    let draft = RwSignal::new(false);
    let named = (kb.clone(), id.clone());
    Effect::new(move || draft.set(has_draft(&named.0, &named.1)));
    view! {
        <PageTitle text="No such entry"/>
        <nav class="crumbs" aria-label="Breadcrumbs">
            <a href=base::at("/")>"Home"</a>
            <a href=address::kb(&kb)>{kb.to_string()}</a>
        </nav>
        <h1 class="visually-hidden">"No such entry"</h1>
        <EmptyState
            glyph=Glyph::File
            title="No such entry"
            text=format!("There is no entry “{id}” in {kb} yet. If a link brought you here, someone would like it to be written.")
        >
            {move || draft.get().then(|| view! { <a class="button button-primary" href=edit.clone()>"Go on with your draft"</a> }.into_any())}
            <a class="button button-primary" href=address::new_entry(&kb, &title)>"Create it"</a>
            <a class="button" href=address::trash(&kb)>"Look in the trash"</a>
            <a class="button" href=address::kb(&kb)>"All entries"</a>
        </EmptyState>
    }
}
