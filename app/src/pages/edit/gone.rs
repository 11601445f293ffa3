//! The entry is gone while it is being written, or its knowledge base is: where the text can go instead.

use super::editor::{Editor, Gone, Saving};
use crate::api::kb::{load_home, load_trash};
use crate::protocol::entry::KbSummary;
use crate::protocol::people::Level;
use crate::protocol::{Actor, KbName};
use crate::sync::Sync;
use crate::ui::{Button, Glyph, Toasts, Tone, browser};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Rows of the trash in which the entry is looked for: it was deleted just now, or somebody would have seen.
const LOOKED_THROUGH: usize = 100;

/// Says that the entry is gone, with the ways on; nothing shows where it is there.
#[component]
pub fn GoneNotice(editor: Editor, save: Callback<()>) -> impl IntoView {
    move || {
        Some(match editor.gone.get()? {
            Gone::Entry { by, trash_id } => view! { <EntryGone editor save by trash_id/> }.into_any(),
            Gone::Kb { by } => view! { <KbGone editor save by/> }.into_any(),
        })
    }
}

fn deleted(by: Option<Actor>, what: &str) -> String {
    let who = by.map(|by| format!("{} deleted this {what}.", by.name()));
    let said = who.unwrap_or_else(|| format!("This {what} is not there any more, or you may no longer read it."));
    format!("{said} Your text is kept in this browser.")
}

#[component]
fn EntryGone(
    editor: Editor,
    save: Callback<()>,
    #[prop(optional_no_strip)] by: Option<Actor>,
    #[prop(optional_no_strip)] trash_id: Option<i64>,
) -> impl IntoView {
    let sync = Sync::expect();
    let item = RwSignal::new(trash_id);
    Effect::new(move || {
        if item.get_untracked().is_none() {
            spawn_local(async move {
                let found = in_trash(editor).await;
                item.try_set(found);
            });
        }
    });
    let restore = move |trash_id: i64| {
        spawn_local(async move {
            match sync.restore_entry(editor.kb.get_value(), trash_id).await {
                Ok(written) => {
                    editor.take_both();
                    editor.id.try_set(Some(written.entry.entry_id));
                    editor.gone.try_set(None);
                    editor.saving.try_set(Saving::Idle);
                    save.run(());
                }
                Err(problem) => drop(editor.saving.try_set(Saving::Failed(problem))),
            }
        });
    };
    let anew = move |_| {
        editor.begin_anew();
        save.run(());
    };
    view! {
        <div class="notice notice-warn" role="alert">
            <span>{deleted(by, "entry")}</span>
            {move || {
                item.get()
                    .map(|id| view! { <Button tone=Tone::Primary icon=Glyph::Restore on:click=move |_| restore(id)>"Restore it and save"</Button> }.into_any())
            }}
            <Button icon=Glyph::Plus on:click=anew>"Save as a new entry"</Button>
        </div>
    }
}

async fn in_trash(editor: Editor) -> Option<i64> {
    let (kb, id) = (editor.kb.try_get_value()?, editor.id.try_get_untracked()??);
    let trash = load_trash(kb, LOOKED_THROUGH, None).await.ok()?;
    trash.data.items.iter().find(|item| item.entry_id == id).map(|item| item.trash_id)
}

#[component]
fn KbGone(editor: Editor, save: Callback<()>, #[prop(optional_no_strip)] by: Option<Actor>) -> impl IntoView {
    let toasts = Toasts::expect();
    let kbs = RwSignal::new(Vec::<KbSummary>::new());
    let chosen = NodeRef::<leptos::html::Select>::new();
    Effect::new(move || {
        spawn_local(async move {
            // Without them the text can still be copied.
            if let Ok(home) = load_home().await {
                kbs.try_set(home.data.kbs.into_iter().filter(|kb| kb.level >= Level::Write).collect());
            }
        });
    });
    let copy = move |_| {
        let text = editor.fields_now().map(|fields| fields.body).unwrap_or_default();
        spawn_local(async move {
            if browser::copy(&text).await {
                toasts.say("The text is copied.");
            } else {
                toasts.fail("This page has no access to the clipboard. Select the text and copy it.");
            }
        });
    };
    let move_there = move |_| {
        if let Some(kb) = chosen.get_untracked().and_then(|select| KbName::parse(&select.value()).ok()) {
            editor.kb.set_value(kb);
            editor.begin_anew();
            save.run(());
        }
    };
    let there_is_one = Memo::new(move |_| kbs.with(|kbs| !kbs.is_empty()));
    view! {
        <div class="notice notice-warn" role="alert">
            <span>{deleted(by, "knowledge base")}</span>
            {move || {
                there_is_one
                    .get()
                    .then(|| {
                        view! {
                            <select node_ref=chosen aria-label="Knowledge base to save in">
                                {move || kbs.get().into_iter().map(|kb| view! { <option value=kb.name.to_string()>{kb.title}</option> }.into_any()).collect_view()}
                            </select>
                            <Button tone=Tone::Primary on:click=move_there>"Save there"</Button>
                        }
                            .into_any()
                    })
            }}
            <Button icon=Glyph::Link on:click=copy>"Copy the text"</Button>
        </div>
    }
}
