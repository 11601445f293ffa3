//! What a knowledge base is called, and what it says of itself.

use crate::pages::later::{LaterDialog, later_dialog};
use crate::protocol::KbName;
use crate::protocol::entry::{KbPatch, KbView};
use crate::sync::{LiveRead, Sync};
use crate::ui::{Asking, AskingEnd, Button, Dialog, Glyph, Tone};
use leptos::prelude::*;

/// The button, and the dialog behind it.
#[component]
pub fn EditKb(about: LiveRead<KbView>, kb: KbName) -> impl IntoView {
    let open = RwSignal::new(false);
    let kb = StoredValue::new(kb);
    view! {
        <Button tone=Tone::Ghost icon=Glyph::Edit on:click=move |_| open.set(true)>"Edit"</Button>
        <Dialog open title="Edit this knowledge base">
            {move || later_dialog(LaterDialog::EditKb { about, kb: kb.get_value(), open })}
        </Dialog>
    }
}

/// What stands in the dialog.
#[component]
pub fn EditKbForm(about: LiveRead<KbView>, kb: KbName, open: RwSignal<bool>) -> impl IntoView {
    let sync = Sync::expect();
    let stored = untrack(|| about.with_data(|view| (view.kb.title.clone(), view.kb.description.clone()))).unwrap_or_default();
    let title = RwSignal::new(stored.0.clone());
    let description = RwSignal::new(stored.1.clone());
    let asking = Asking::new();
    let name = kb.to_string();
    let save = move |ev: web_sys::SubmitEvent| {
        ev.prevent_default();
        // What was not touched is left to whoever touches it meanwhile.
        let patch = KbPatch {
            title: Some(title.get_untracked()).filter(|title| *title != stored.0),
            description: Some(description.get_untracked()).filter(|text| *text != stored.1),
        };
        asking.ask(sync.update_kb(kb.clone(), patch), move |_| open.set(false));
    };
    view! {
        <form class="form" on:submit=save>
            <label class="field">
                <span>"Title"</span>
                <input type="text" autofocus autocomplete="off" maxlength="500" placeholder=name bind:value=title/>
            </label>
            <label class="field">
                <span>"What it is about"</span>
                <textarea rows="4" maxlength="5000" bind:value=description></textarea>
            </label>
            <AskingEnd asking label="Save" working="Saving…" open/>
        </form>
    }
}
