//! Deletes a knowledge base, after it was named: there is no way back.

use crate::base;
use crate::pages::later::{LaterDialog, later_dialog};
use crate::protocol::KbName;
use crate::protocol::entry::KbView;
use crate::sync::{LiveRead, Sync};
use crate::ui::{Asking, AskingEnd, Button, Dialog, Glyph, Toasts, Tone};
use leptos::prelude::*;

/// The button, and the dialog behind it.
#[component]
pub fn DeleteKb(about: LiveRead<KbView>, kb: KbName) -> impl IntoView {
    let open = RwSignal::new(false);
    let kb = StoredValue::new(kb);
    view! {
        <Button tone=Tone::Ghost icon=Glyph::Close on:click=move |_| open.set(true)>"Delete knowledge base"</Button>
        <Dialog open title="Delete this knowledge base?">
            {move || later_dialog(LaterDialog::DeleteKb { about, kb: kb.get_value(), open })}
        </Dialog>
    }
}

/// What stands in the dialog.
#[component]
pub fn ConfirmDeletion(about: LiveRead<KbView>, kb: KbName, open: RwSignal<bool>) -> impl IntoView {
    let (sync, toasts) = (Sync::expect(), Toasts::expect());
    let navigate = base::use_navigate();
    let typed = RwSignal::new(String::new());
    let asking = Asking::new().saying("Not deleted: ");
    let title = Memo::new(move |_| about.with_data(|view| view.kb.title.clone()).unwrap_or_default());
    let lost = Memo::new(move |_| about.with_data(|view| lost(view.kb.entries, view.trashed)).unwrap_or_default());
    let name = kb.to_string();
    let wanted = StoredValue::new(name.clone());
    let unnamed = Signal::derive(move || typed.with(|typed| wanted.with_value(|wanted| typed.trim() != wanted)));
    let delete = move |ev: web_sys::SubmitEvent| {
        ev.prevent_default();
        // Enter in the field comes here too.
        if unnamed.get_untracked() {
            return;
        }
        let (navigate, title) = (navigate.clone(), title.get_untracked());
        asking.ask(sync.delete_kb(kb.clone()), move |()| {
            open.try_set(false);
            navigate(&base::at("/"), Default::default());
            toasts.say(format!("“{title}” is deleted."));
        });
    };
    view! {
        <form class="form" on:submit=delete>
            <p>"“" {title} "” will be gone for everybody" {lost} ". Links to it from other knowledge bases will lead nowhere."</p>
            <p>
                <strong>"This cannot be undone."</strong>
                " A backup can be made with “tidings backup”, and a folder of markdown with “tidings export”."
            </p>
            <label class="field">
                <span>"To delete it, type its name: " <code>{name}</code></span>
                <input type="text" autofocus autocomplete="off" autocapitalize="off" spellcheck="false" bind:value=typed/>
            </label>
            <AskingEnd asking label="Delete for good" working="Deleting…" tone=Tone::Danger rests=unnamed open cancel="Keep it"/>
        </form>
    }
}

/// ", with its 12 entries, the one in its trash and all versions"
fn lost(entries: u64, trashed: u64) -> String {
    let entries = match entries {
        0 => None,
        1 => Some("its one entry".to_owned()),
        n => Some(format!("its {n} entries")),
    };
    let trashed = match trashed {
        0 => None,
        1 => Some("the one in its trash".to_owned()),
        n => Some(format!("the {n} in its trash")),
    };
    match (entries, trashed) {
        (None, None) => String::new(),
        (Some(one), None) | (None, Some(one)) => format!(", with {one} and all versions"),
        (Some(entries), Some(trashed)) => format!(", with {entries}, {trashed} and all versions"),
    }
}

#[cfg(test)]
mod tests {
    use super::lost;

    #[test]
    fn what_is_lost_is_said_in_numbers() {
        assert_eq!(lost(12, 1), ", with its 12 entries, the one in its trash and all versions");
        assert_eq!(lost(1, 0), ", with its one entry and all versions");
        assert_eq!(lost(0, 3), ", with the 3 in its trash and all versions");
        assert_eq!(lost(0, 0), "");
    }
}
