//! Makes a token for a program, and shows its secret this once.

use crate::api::kb::load_home;
use crate::api::people::make_token;
use crate::protocol::entry::KbSummary;
use crate::protocol::people::{Account, NewToken, Scope};
use crate::sync::LiveRead;
use crate::ui::{Asking, AskingEnd, Button, Secret, Tone};
use leptos::html::Select;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What stands in the dialog: the form, and then the secret.
#[component]
pub fn NewTokenForm(read: LiveRead<Account>, open: RwSignal<bool>) -> impl IntoView {
    let secret = RwSignal::new(None::<String>);
    move || {
        match secret.get() {
        Some(value) => view! {
            <div class="form">
                <Secret label="The token" value note="Copy it now: it will not be shown again. The program sends it as “Authorization: Bearer …”."/>
                <div class="actions">
                    <Button tone=Tone::Primary on:click=move |_| open.set(false)>"Done"</Button>
                </div>
            </div>
        }
        .into_any(),
        None => view! { <Ask read open secret/> }.into_any(),
    }
    }
}

#[component]
fn Ask(read: LiveRead<Account>, open: RwSignal<bool>, secret: RwSignal<Option<String>>) -> impl IntoView {
    let name = RwSignal::new(String::new());
    let scopes = RwSignal::new(vec![Scope::Read, Scope::Write]);
    let (kb, days) = (NodeRef::<Select>::new(), NodeRef::<Select>::new());
    let kbs = RwSignal::new(Vec::<KbSummary>::new());
    let asking = Asking::new();
    spawn_local(async move {
        // Without them the token can be for all.
        if let Ok(home) = load_home().await {
            kbs.try_set(home.data.kbs);
        }
    });
    let make = move |ev: web_sys::SubmitEvent| {
        ev.prevent_default();
        let chosen = |select: NodeRef<Select>| {
            let value = select.get_untracked().map(|select| select.value());
            value.filter(|value| !value.is_empty())
        };
        let new = NewToken {
            name: Some(name.get_untracked().trim().to_owned()).filter(|name| !name.is_empty()),
            scopes: Some(scopes.with_untracked(|scopes| scopes.iter().map(|scope| scope.as_str().to_owned()).collect())),
            kb: chosen(kb),
            expires_in_days: chosen(days).and_then(|days| days.parse().ok()),
            user: None,
        };
        asking.ask(make_token(new), move |made| {
            read.refetch();
            secret.try_set(Some(made.secret));
        });
    };
    let scope = move |scope: Scope| {
        let has = move || scopes.with(|scopes| scopes.contains(&scope));
        let choose = move |ev| {
            let on = event_target_checked(&ev);
            scopes.update(|scopes| {
                scopes.retain(|other| *other != scope);
                if on {
                    scopes.push(scope);
                }
            });
        };
        view! {
            <label class="check">
                <input type="checkbox" prop:checked=has on:change=choose/>
                <span>{about(scope)}</span>
            </label>
        }
        .into_any()
    };
    let nothing = Signal::derive(move || scopes.with(Vec::is_empty));
    view! {
        <form class="form" on:submit=make>
            <label class="field">
                <span>"Name of the program; its changes are kept under this name"</span>
                <input type="text" required autofocus autocomplete="off" autocapitalize="off" spellcheck="false" maxlength="120" placeholder="claude" bind:value=name/>
            </label>
            <fieldset class="field">
                <legend>"What it may do"</legend>
                {Scope::ALL.into_iter().map(scope).collect_view()}
            </fieldset>
            <label class="field">
                <span>"Where"</span>
                <select node_ref=kb>
                    <option value="">"In all knowledge bases"</option>
                    {move || {
                        kbs.get().into_iter().map(|kb| view! { <option value=kb.name.to_string()>{format!("Only in {}", kb.title)}</option> }.into_any()).collect_view()
                    }}
                </select>
            </label>
            <label class="field">
                <span>"Until when"</span>
                <select node_ref=days>
                    <option value="">"Until it is revoked"</option>
                    <option value="30">"30 days"</option>
                    <option value="90">"90 days"</option>
                    <option value="365">"One year"</option>
                </select>
            </label>
            <AskingEnd asking label="Make" working="Making…" rests=nothing open/>
        </form>
    }
}

fn about(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "Read, search, and hear of changes",
        Scope::Write => "Make and change knowledge bases; make, change and delete entries (needs the first, too)",
        Scope::Notify => "Send notifications to people",
        Scope::Admin => "Delete knowledge bases; change rights, tokens, and what else you may change here",
    }
}
