//! The text: a plain text area in which `[[` offers the entries that could be linked, and `@` the people who could be
//! told.

use super::area::content;
use super::completion;
use super::editor::Editor;
use crate::api::entry::suggest_entries;
use crate::api::people::suggest_people;
use crate::protocol::UserId;
use crate::protocol::entry::EntryRef;
use crate::ui::Choices;
use crate::ui::choices::Pressed;
use leptos::html::{Div, Textarea};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlTextAreaElement;

const LINKS: &str = "link-choices";

/// What can be put into the text.
#[derive(Debug, Clone)]
enum Offer {
    Link(EntryRef),
    Mention(UserId),
}

/// The text area with its completion.
#[component]
pub fn Text(editor: Editor) -> impl IntoView {
    let area = NodeRef::<Textarea>::new();
    let mirror = NodeRef::<Div>::new();
    let choices = Choices::<Offer>::new(LINKS);
    let asked = StoredValue::new(0_u64);
    let top = RwSignal::new(0.0);
    let complete = move || {
        asked.update_value(|turn| *turn += 1);
        let turn = asked.get_value();
        let Some(before) = area.get_untracked().and_then(|area| before_caret(&area)) else {
            return;
        };
        let link = completion::open_link(&before).map(str::to_owned);
        let mention = completion::open_mention(&before).map(str::to_owned);
        if link.is_none() && mention.is_none() {
            return choices.close();
        }
        top.set(caret_bottom(area, mirror, &before));
        spawn_local(async move {
            let kb = editor.kb.get_value();
            // Without suggestions it is written by hand.
            let found: Vec<Offer> = match (link, mention) {
                (Some(query), _) => {
                    let found = suggest_entries(kb, query).await.unwrap_or_default();
                    found.into_iter().map(Offer::Link).collect()
                }
                (None, Some(name)) => {
                    let found = suggest_people(kb, name).await.unwrap_or_default();
                    found.into_iter().map(Offer::Mention).collect()
                }
                (None, None) => Vec::new(),
            };
            if asked.try_get_value() == Some(turn) {
                choices.offer(found);
            }
        });
    };
    let choose = move |offer: Offer| {
        if let Some(area) = area.get_untracked() {
            match &offer {
                Offer::Link(entry) => put(&area, completion::open_link, &completion::link_to(entry, &editor.kb.get_value())),
                Offer::Mention(user) => put(&area, completion::open_mention, &format!("{user} ")),
            }
            editor.body.set(area.value());
        }
        choices.close();
    };
    let first = content(&editor.body.get_untracked());
    view! {
        <div class="editor-write">
            <div node_ref=mirror class="editor-mirror" aria-hidden="true"></div>
            <textarea
                node_ref=area
                class="editor-text"
                data-field="text"
                aria-label="Text in Markdown"
                placeholder="Write in Markdown. Type [[ to link an entry, @ to tell somebody."
                spellcheck="true"
                aria-autocomplete="list"
                aria-controls=LINKS
                aria-activedescendant=move || choices.active()
                readonly=move || !editor.alive.get()
                prop:value=editor.body
                on:input=move |ev| {
                    editor.body.set(event_target_value(&ev));
                    complete();
                }
                on:keydown=move |ev| {
                    if let Pressed::Chosen(offer) = choices.press(&ev) {
                        choose(offer);
                    }
                }
                on:blur=move |_| choices.close()
                inner_html=first
            ></textarea>
            <ul
                id=LINKS
                class="options popup"
                role="listbox"
                aria-label="Entries and people"
                class:hidden=move || !choices.is_open()
                style:top=move || format!("{}px", top.get())
            >
                {move || {
                    choices.items.get().into_iter().enumerate().map(|(at, offer)| option(choices, at, offer, choose).into_any()).collect_view()
                }}
            </ul>
        </div>
    }
}

fn option(choices: Choices<Offer>, at: usize, offer: Offer, choose: impl Fn(Offer) + Copy + 'static) -> impl IntoView {
    let chosen = offer.clone();
    let (label, detail) = match offer {
        Offer::Link(entry) => (entry.title, entry.entry_id.to_string()),
        Offer::Mention(user) => (format!("@{user}"), String::new()),
    };
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
            <span class="option-label">{label}</span>
            <span class="option-detail">{detail}</span>
        </li>
    }
}

/// The text before the caret; none while something is selected.
fn before_caret(area: &HtmlTextAreaElement) -> Option<String> {
    let (start, end) = (area.selection_start().ok()??, area.selection_end().ok()??);
    if start != end {
        return None;
    }
    // The browser counts in UTF-16.
    let before: Vec<u16> = area.value().encode_utf16().take(start as usize).collect();
    Some(String::from_utf16_lossy(&before))
}

/// Puts what was chosen in place of what is written of it, which `open` finds.
fn put(area: &HtmlTextAreaElement, open: fn(&str) -> Option<&str>, chosen: &str) {
    let Some(before) = before_caret(area) else { return };
    let Some(query) = open(&before) else { return };
    let end = before.encode_utf16().count();
    let start = end - query.encode_utf16().count();
    // Fails only for places outside of the text.
    drop(area.set_range_text_with_start_and_end_and_mode(chosen, start as u32, end as u32, "end"));
}

/// How far below the upper edge of the text area the caret's line ends, measured on a copy that flows alike.
fn caret_bottom(area: NodeRef<Textarea>, mirror: NodeRef<Div>, before: &str) -> f64 {
    let (Some(area), Some(mirror)) = (area.get_untracked(), mirror.get_untracked()) else {
        return 0.0;
    };
    mirror.set_text_content(Some(before));
    let Ok(mark) = document().create_element("span") else { return 0.0 };
    mark.set_text_content(Some("|"));
    // A fresh element can always be added.
    drop(mirror.append_child(&mark));
    let bottom = mark.get_bounding_client_rect().bottom() - mirror.get_bounding_client_rect().top();
    mirror.set_text_content(None);
    (bottom - f64::from(area.scroll_top())).clamp(0.0, f64::from(area.client_height()))
}
