//! The dialog that makes a knowledge base.

use crate::base;
use crate::pages::address;
use crate::pages::frame::Dialogs;
use crate::pages::later::{LaterDialog, later_dialog};
use crate::protocol::entry::NewKb;
use crate::protocol::people::Level;
use crate::protocol::slug;
use crate::sync::Sync;
use crate::ui::{Asking, AskingEnd, Dialog};
use leptos::prelude::*;

/// The dialog that makes a knowledge base.
#[component]
pub fn NewKbDialog() -> impl IntoView {
    let open = expect_context::<Dialogs>().new_kb;
    view! {
        <Dialog open title="New knowledge base">
            {move || later_dialog(LaterDialog::NewKb { open })}
        </Dialog>
    }
}

/// What stands in it.
#[component]
pub fn NewKbForm(open: RwSignal<bool>) -> impl IntoView {
    let sync = Sync::expect();
    let navigate = base::use_navigate();
    let title = RwSignal::new(String::new());
    let description = RwSignal::new(String::new());
    let chosen_name = RwSignal::new(None::<String>);
    let asking = Asking::new();
    let members = NodeRef::<leptos::html::Select>::new();
    let name = Memo::new(move |_| {
        let of_title = || slug::kb_name(&title.get()).map(|name| name.to_string()).unwrap_or_default();
        chosen_name.get().unwrap_or_else(of_title)
    });
    let make = move |ev: web_sys::SubmitEvent| {
        ev.prevent_default();
        let navigate = navigate.clone();
        let new = NewKb {
            name: name.get_untracked(),
            title: Some(title.get_untracked()).filter(|title| !title.trim().is_empty()),
            description: Some(description.get_untracked()).filter(|text| !text.trim().is_empty()),
            members: members.get_untracked().and_then(|members| Level::parse(&members.value())),
        };
        asking.ask(sync.create_kb(new), move |kb| {
            open.try_set(false);
            navigate(&address::kb(&kb.name), Default::default());
        });
    };
    view! {
        <form class="form" on:submit=make>
            <label class="field">
                <span>"Title"</span>
                <input type="text" required autofocus autocomplete="off" maxlength="500" bind:value=title/>
            </label>
            <label class="field">
                <span>"Name in addresses"</span>
                <input
                    type="text"
                    required
                    autocomplete="off"
                    spellcheck="false"
                    maxlength="64"
                    prop:value=name
                    on:input=move |ev| chosen_name.set(Some(event_target_value(&ev)))
                />
            </label>
            <label class="field">
                <span>"What it is about "<span class="muted">"(may be left empty)"</span></span>
                <textarea rows="3" maxlength="5000" bind:value=description></textarea>
            </label>
            <label class="field">
                <span>"Who may read it"</span>
                <select node_ref=members>
                    <option value="read">"Everybody here may read"</option>
                    <option value="write">"Everybody here may read and write"</option>
                    <option value="none">"Private: only whom you let in"</option>
                </select>
            </label>
            <AskingEnd asking label="Make" working="Making…" open/>
        </form>
    }
}
