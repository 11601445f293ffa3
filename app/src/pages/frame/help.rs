//! The list of all keys, and the switch that puts them to rest.

use crate::pages::later::{LaterDialog, later_dialog};
use crate::ui::Dialog;
use crate::ui::keys::Keys;
use leptos::prelude::*;

const KEYS: [(&str, &str); 16] = [
    ("Ctrl K", "Search, jump, command"),
    ("/", "Search on this page"),
    ("n", "New entry"),
    ("e", "Edit this entry"),
    ("h", "History of this entry"),
    ("j  k", "Next, previous row"),
    ("Enter", "Open the row"),
    ("x", "Select the row"),
    ("g h", "Home"),
    ("g n", "Notifications"),
    ("g j", "Jobs"),
    ("g l", "The server's log, for owners"),
    ("g t", "Trash of this knowledge base"),
    ("t", "Theme: system, light, dark"),
    ("Ctrl S", "Save; with Ctrl Enter, save and close"),
    ("?", "This list"),
];

/// The dialog that shows all keys.
#[component]
pub fn KeysHelp() -> impl IntoView {
    let open = expect_context::<Keys>().help;
    view! { <Dialog open title="Keyboard shortcuts">{move || later_dialog(LaterDialog::Keys)}</Dialog> }
}

/// What stands in it.
#[component]
pub fn KeysList() -> impl IntoView {
    let keys = expect_context::<Keys>();
    view! {
        <dl class="keys">
            {KEYS
                .into_iter()
                .map(|(key, text)| {
                    view! {
                        <div>
                            <dt>{key.split(' ').filter(|key| !key.is_empty()).map(|key| view! { <kbd>{key}</kbd> " " }.into_any()).collect_view()}</dt>
                            <dd>{text}</dd>
                        </div>
                    }
                    .into_any()
                })
                .collect_view()}
        </dl>
        <label class="check">
            <input type="checkbox" prop:checked=move || keys.on.get() on:change=move |ev| keys.switch(event_target_checked(&ev))/>
            <span>"Single keys do something. Ctrl combinations always do."</span>
        </label>
    }
}
