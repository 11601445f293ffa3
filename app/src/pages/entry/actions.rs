//! What can be done with an entry: edit, look back, copy its address, rename, delete.

use crate::base;
use crate::pages::later::{LaterDialog, later_dialog};
use crate::pages::watch::Watch;
use crate::pages::{address, write};
use crate::protocol::entry::{EntryPatch, EntryView};
use crate::protocol::{EntryId, KbName, slug};
use crate::sync::{LiveRead, Sync};
use crate::ui::{Asking, AskingEnd, Button, Dialog, Glyph, Icon, Toasts, Tone, When, browser};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::NavigateOptions;

/// The buttons above an entry.
#[component]
pub fn Actions(
    read: LiveRead<EntryView>,
    /// Whether one may change it.
    writes: Memo<bool>,
    kb: KbName,
    id: EntryId,
) -> impl IntoView {
    let renaming = RwSignal::new(false);
    let uncopied = RwSignal::new(false);
    let toasts = Toasts::expect();
    let navigate = base::use_navigate();
    let named = StoredValue::new((kb.clone(), id.clone()));
    let here = StoredValue::new(address::entry(&kb, &id));
    let watching = Memo::new(move |_| read.with_data(|view| view.watching).unwrap_or_default());
    let show = Callback::new(move |watching| read.update_local(|view| view.data.watching = watching));
    let copy = move |_| {
        spawn_local(async move {
            if browser::copy(&browser::address(&here.get_value())).await {
                toasts.say("The link is copied.");
            } else {
                uncopied.set(true);
            }
        });
    };
    let delete = move |_| {
        let (kb, id) = named.get_value();
        write::delete_entries(kb.clone(), vec![id]);
        navigate(&address::kb(&kb), NavigateOptions::default());
    };
    view! {
        <div class="actions">
            <When is=move || writes.get()>
                <a class=Tone::Primary.class() href=named.with_value(|(kb, id)| address::edit(kb, id)) data-key="e" title="Edit (e)">
                    <Icon glyph=Glyph::Edit/>
                    "Edit"
                </a>
            </When>
            <a class="button" href=address::history(&kb, &id) data-key="h" title="History (h)">
                <Icon glyph=Glyph::Restore/>
                "History"
            </a>
            <Button icon=Glyph::Link on:click=copy>"Copy link"</Button>
            <Watch kb entry=Some(id) watching show/>
            <When is=move || writes.get()>
                <Button icon=Glyph::Tag on:click=move |_| renaming.set(true)>"Rename"</Button>
                <Button tone=Tone::Danger icon=Glyph::Trash on:click=delete.clone()>"Delete"</Button>
            </When>
        </div>
        <Dialog open=renaming title="Rename">
            {move || later_dialog(LaterDialog::Rename { read, named, open: renaming })}
        </Dialog>
        <Dialog open=uncopied title="Link to this entry">
            <label class="field">
                <span>"This page has no access to the clipboard. Copy the link from here:"</span>
                <input
                    type="text"
                    readonly
                    autofocus
                    value=browser::address(&here.get_value())
                    on:focus=move |ev| { event_target::<web_sys::HtmlInputElement>(&ev).select(); }
                />
            </label>
        </Dialog>
    }
}

/// What stands in the dialog that renames.
#[component]
pub fn Rename(read: LiveRead<EntryView>, named: StoredValue<(KbName, EntryId)>, open: RwSignal<bool>) -> impl IntoView {
    let (sync, toasts) = (Sync::expect(), Toasts::expect());
    let navigate = base::use_navigate();
    let stored = untrack(|| read.with_data(|view| view.entry.title.clone())).unwrap_or_default();
    let title = RwSignal::new(stored.clone());
    let id = RwSignal::new(named.with_value(|(_, id)| id.to_string()));
    let asking = Asking::new();
    let of_title = move || title.with_untracked(|title| id.set(slug::entry_id(title).to_string()));
    let rename = move |ev: web_sys::SubmitEvent| {
        ev.prevent_default();
        let navigate = navigate.clone();
        let (kb, old) = named.get_value();
        let patch = EntryPatch {
            title: Some(title.get_untracked()).filter(|title| *title != stored),
            entry_id: Some(id.get_untracked().trim().to_owned()).filter(|id| *id != old.as_str()),
            ..EntryPatch::default()
        };
        asking.ask(sync.update_entry(kb.clone(), old, patch, None, None), move |written| {
            open.try_set(false);
            let options = NavigateOptions {
                replace: true,
                ..Default::default()
            };
            navigate(&address::entry(&kb, &written.entry.entry_id), options);
            match written.links_followed {
                0 => {}
                1 => toasts.say("Renamed. Links followed in 1 other entry."),
                n => toasts.say(format!("Renamed. Links followed in {n} other entries.")),
            }
        });
    };
    view! {
        <form class="form" on:submit=rename>
            <label class="field">
                <span>"Title"</span>
                <input type="text" required autofocus autocomplete="off" maxlength="500" bind:value=title/>
            </label>
            <label class="field">
                <span>"Id, its address"</span>
                <input type="text" required autocomplete="off" spellcheck="false" maxlength="240" bind:value=id/>
            </label>
            <p class="muted">"Links from other entries follow it, and the old address leads here."</p>
            <Button on:click=move |_| of_title()>"Generate from title"</Button>
            <AskingEnd asking label="Rename" working="Renaming…" open/>
        </form>
    }
}
