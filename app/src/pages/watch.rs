//! Watching an entry or a knowledge base: one hears when somebody else changes it.

use crate::api::people::set_watching;
use crate::protocol::{EntryId, KbName};
use crate::ui::{Glyph, Icon, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A button that is pressed while one watches. It shows at once what was asked for; the event settles it.
#[component]
pub fn Watch(
    kb: KbName,
    #[prop(optional_no_strip)] entry: Option<EntryId>,
    /// Whether one watches it.
    watching: Memo<bool>,
    /// Shows it as watched, or not.
    show: Callback<bool>,
) -> impl IntoView {
    let toasts = Toasts::expect();
    let title = match &entry {
        Some(_) => "Hear when somebody else changes this entry",
        None => "Hear when somebody else changes something here",
    };
    let what = StoredValue::new((kb, entry));
    // Until the server has answered: what it is asked for meanwhile could overtake the first.
    let is_asked = RwSignal::new(false);
    let toggle = move |_| {
        if is_asked.get_untracked() {
            return;
        }
        is_asked.set(true);
        let wanted = !watching.get_untracked();
        let (kb, entry) = what.get_value();
        show.run(wanted);
        spawn_local(async move {
            if let Err(problem) = set_watching(kb, entry, wanted).await {
                show.try_run(!wanted);
                toasts.fail(format!("Not changed: {}", problem.detail));
            }
            is_asked.try_set(false);
        });
    };
    view! {
        <button
            type="button"
            class="button"
            aria-pressed=move || watching.get().to_string()
            aria-busy=move || is_asked.get().to_string()
            title=title
            on:click=toggle
        >
            <Icon glyph=Glyph::Eye/>
            {move || if watching.get() { "Watching" } else { "Watch" }}
        </button>
    }
}
