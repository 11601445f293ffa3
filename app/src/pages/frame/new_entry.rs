//! The dialog that asks in which knowledge base a new entry shall be, where the page does not say.

use super::Dialogs;
use crate::api::kb::load_home;
use crate::base;
use crate::pages::address;
use crate::pages::later::{LaterDialog, later_dialog};
use crate::protocol::KbName;
use crate::protocol::entry::KbSummary;
use crate::protocol::people::Level;
use crate::ui::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::SubmitEvent;

/// Asks for a knowledge base and a title, and goes on to the editor.
#[component]
pub fn NewEntryDialog() -> impl IntoView {
    let open = expect_context::<Dialogs>().new_entry;
    view! { <Dialog open title="New entry">{move || later_dialog(LaterDialog::NewEntry)}</Dialog> }
}

/// What stands in it.
#[component]
pub fn NewEntry() -> impl IntoView {
    let dialogs = expect_context::<Dialogs>();
    let navigate = base::use_navigate();
    let kbs = RwSignal::new(Vec::<KbSummary>::new());
    let failed = RwSignal::new(None::<String>);
    let kb = NodeRef::<leptos::html::Select>::new();
    let title = RwSignal::new(String::new());
    spawn_local(async move {
        match load_home().await {
            Ok(home) => {
                let writable: Vec<_> = home.data.kbs.into_iter().filter(|kb| kb.level >= Level::Write).collect();
                if writable.is_empty() {
                    failed.try_set(Some(
                        "There is no knowledge base that you may write in. Make one on the home page first.".into(),
                    ));
                }
                kbs.try_set(writable);
            }
            Err(problem) => drop(failed.try_set(Some(problem.detail))),
        }
    });
    let none = Memo::new(move |_| kbs.with(Vec::is_empty));
    let go = move |ev: SubmitEvent| {
        ev.prevent_default();
        let chosen = kb.get_untracked().and_then(|select| KbName::parse(&select.value()).ok());
        if let Some(chosen) = chosen {
            dialogs.new_entry.set(false);
            navigate(&address::new_entry(&chosen, title.get_untracked().trim()), Default::default());
        }
    };
    view! {
        <form class="form" on:submit=go>
            <label class="field">
                <span>"Title"</span>
                <input type="text" autofocus autocomplete="off" bind:value=title/>
            </label>
            <label class="field">
                <span>"Knowledge base"</span>
                <select node_ref=kb>
                    {move || options(kbs.get())}
                </select>
            </label>
            <p class="field-error" role="alert">{failed}</p>
            <div class="actions">
                <button type="submit" class="button button-primary" disabled=none>"Write"</button>
                <button type="button" class="button" on:click=move |_| dialogs.new_entry.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}

/// The knowledge base in which something happened last is the likeliest.
fn options(kbs: Vec<KbSummary>) -> impl IntoView {
    let last = kbs.iter().max_by_key(|kb| kb.updated_at).map(|kb| kb.name.clone());
    let option = move |kb: KbSummary| {
        let selected = last.as_ref() == Some(&kb.name);
        view! { <option value=kb.name.to_string() selected=selected>{kb.title}</option> }.into_any()
    };
    kbs.into_iter().map(option).collect_view()
}
