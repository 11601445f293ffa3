//! A text that is shown this once, to be copied.

use super::{Button, Glyph, browser};
use leptos::html::Input;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A text in a field, with a button that copies it. Where a page may not, the text is selected to be copied by hand.
#[component]
pub fn Secret(
    #[prop(into)] label: String,
    value: String,
    /// What one should know of it.
    note: &'static str,
) -> impl IntoView {
    let field = NodeRef::<Input>::new();
    let said = RwSignal::new("");
    let text = value.clone();
    let select = move || {
        if let Some(field) = field.try_get_untracked().flatten() {
            // Fails only where it is not in the page.
            drop(web_sys::HtmlElement::focus(&field));
            field.select();
        }
    };
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            if browser::copy(&text).await {
                said.try_set("Copied.");
            } else {
                select();
                said.try_set("This page has no access to the clipboard. It is selected: copy it with Ctrl C.");
            }
        });
    };
    view! {
        <div class="secret">
            <label class="field">
                <span>{label}</span>
                <input node_ref=field type="text" class="code" readonly autofocus value=value on:focus=move |ev| { event_target::<web_sys::HtmlInputElement>(&ev).select(); }/>
            </label>
            <Button icon=Glyph::Copy on:click=copy>"Copy"</Button>
        </div>
        <p role="status">{said}</p>
        <p class="muted">{note}</p>
    }
}
