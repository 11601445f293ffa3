//! Title, type and tags of an entry.

use super::completion;
use super::editor::Editor;
use crate::api::kb::{load_kb, suggest_tags};
use crate::protocol::entry::Facet;
use crate::ui::Choices;
use crate::ui::choices::Pressed;
use leptos::prelude::*;
use leptos::task::spawn_local;

const TYPES: &str = "entry-types";
const TAGS: &str = "tag-choices";

/// Title, type and tags.
#[component]
pub fn Inputs(editor: Editor) -> impl IntoView {
    let waiting = move || !editor.alive.get();
    let first = editor.fields_now().unwrap_or_default();
    let new = editor.id.get_untracked().is_none();
    let title = NodeRef::<leptos::html::Input>::new();
    Effect::new(move || {
        // Browsers heed `autofocus` only in a page that is loaded; to this one one may have come by a link or a key.
        if let Some(title) = title.get().filter(|_| new) {
            request_animation_frame(move || drop(title.focus()));
        }
    });
    view! {
        <input
            node_ref=title
            type="text"
            class="editor-title"
            data-field="title"
            aria-label="Title"
            placeholder="Title"
            required
            maxlength="500"
            autocomplete="off"
            autofocus=new
            readonly=waiting
            value=first.title
            prop:value=editor.title
            on:input=move |ev| editor.title.set(event_target_value(&ev))
        />
        <div class="editor-fields">
            <Kind editor value=first.entry_type/>
            <Tags editor value=first.tags/>
        </div>
    }
}

#[component]
fn Kind(editor: Editor, value: String) -> impl IntoView {
    let types = RwSignal::new(Vec::<Facet>::new());
    Effect::new(move || {
        let kb = editor.kb.get_value();
        spawn_local(async move {
            // Without them the field works all the same.
            if let Ok(view) = load_kb(kb).await {
                types.try_set(view.data.types);
            }
        });
    });
    view! {
        <label class="field">
            <span>"Type"</span>
            <input
                type="text"
                list=TYPES
                data-field="type"
                placeholder="note"
                maxlength="64"
                autocomplete="off"
                readonly=move || !editor.alive.get()
                value=value
                prop:value=editor.entry_type
                on:input=move |ev| editor.entry_type.set(event_target_value(&ev))
            />
            <datalist id=TYPES>
                {move || types.get().into_iter().map(|facet| view! { <option value=facet.value></option> }.into_any()).collect_view()}
            </datalist>
        </label>
    }
}

#[component]
fn Tags(editor: Editor, value: String) -> impl IntoView {
    let choices = Choices::<Facet>::new(TAGS);
    let asked = StoredValue::new(0_u64);
    let field = NodeRef::<leptos::html::Input>::new();
    let typed = move |ev| {
        let text = event_target_value(&ev);
        editor.tags.set(text.clone());
        asked.update_value(|turn| *turn += 1);
        let turn = asked.get_value();
        let Some(query) = completion::open_tag(&text).map(str::to_owned) else {
            return choices.close();
        };
        spawn_local(async move {
            // Without suggestions the field works all the same.
            let found = suggest_tags(editor.kb.get_value(), query.clone()).await.unwrap_or_default();
            if asked.try_get_value() == Some(turn) {
                choices.offer(found.into_iter().filter(|facet| facet.value != query).collect());
            }
        });
    };
    let choose = move |facet: Facet| {
        editor.tags.update(|tags| *tags = completion::with_tag(tags, &facet.value));
        choices.close();
        if let Some(field) = field.get_untracked() {
            // The field is there: it has just been typed in.
            drop(field.focus());
        }
    };
    view! {
        <div class="combo">
            <label class="field">
                <span>"Tags, separated by commas"</span>
                <input
                    node_ref=field
                    type="text"
                    role="combobox"
                    aria-autocomplete="list"
                    aria-expanded=move || choices.is_open().to_string()
                    aria-controls=TAGS
                    data-field="tags"
                    aria-activedescendant=move || choices.active()
                    autocomplete="off"
                    readonly=move || !editor.alive.get()
                    value=value
                    prop:value=editor.tags
                    on:input=typed
                    on:keydown=move |ev| {
                        if let Pressed::Chosen(facet) = choices.press(&ev) {
                            choose(facet);
                        }
                    }
                    on:blur=move |_| choices.close()
                />
            </label>
            <ul id=TAGS class="options popup" role="listbox" aria-label="Tags" class:hidden=move || !choices.is_open()>
                {move || {
                    choices.items.get().into_iter().enumerate().map(|(at, facet)| tag_option(choices, at, facet, choose).into_any()).collect_view()
                }}
            </ul>
        </div>
    }
}

fn tag_option(choices: Choices<Facet>, at: usize, facet: Facet, choose: impl Fn(Facet) + Copy + 'static) -> impl IntoView {
    let chosen = facet.clone();
    view! {
        <li
            id=choices.option_id(at)
            class="option"
            role="option"
            aria-selected=move || choices.is_marked(at).to_string()
            on:pointerdown=move |ev| {
                ev.prevent_default();
                choose(chosen.clone());
            }
        >
            <span class="option-label">{facet.value}</span>
            <span class="option-detail">{facet.count}</span>
        </li>
    }
}
