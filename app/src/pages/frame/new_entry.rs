//! The dialog that asks in which knowledge base a new entry shall be, where the page does not say.

use super::Dialogs;
use crate::api::kb::load_home;
use crate::pages::address;
use crate::protocol::KbName;
use crate::protocol::entry::KbSummary;
use crate::ui::Dialog;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use web_sys::SubmitEvent;

/// Asks for a knowledge base and a title, and goes on to the editor.
#[component]
pub fn NewEntryDialog() -> impl IntoView {
    let dialogs = expect_context::<Dialogs>();
    let kbs = RwSignal::new(None::<Result<Vec<KbSummary>, String>>);
    Effect::new(move || {
        if dialogs.new_entry.get() {
            spawn_local(async move {
                let read = load_home().await.map(|home| home.data.kbs).map_err(|problem| problem.detail);
                kbs.try_set(Some(read));
            });
        }
    });
    view! {
        <Dialog open=dialogs.new_entry title="New entry">
            {move || match kbs.get() {
                None => view! { <p class="muted">"Loading…"</p> }.into_any(),
                Some(Err(why)) => view! { <p role="alert">{why}</p> }.into_any(),
                Some(Ok(kbs)) if kbs.is_empty() => view! { <p>"There is no knowledge base yet. Make one on the home page first."</p> }.into_any(),
                Some(Ok(kbs)) => view! { <Form kbs/> }.into_any(),
            }}
        </Dialog>
    }
}

#[component]
fn Form(kbs: Vec<KbSummary>) -> impl IntoView {
    let dialogs = expect_context::<Dialogs>();
    let navigate = use_navigate();
    let kb = NodeRef::<leptos::html::Select>::new();
    let title = RwSignal::new(String::new());
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
                    {kbs.into_iter().map(|kb| view! { <option value=kb.name.to_string()>{kb.title}</option> }.into_any()).collect_view()}
                </select>
            </label>
            <div class="actions">
                <button type="submit" class="button button-primary">"Write"</button>
            </div>
        </form>
    }
}
