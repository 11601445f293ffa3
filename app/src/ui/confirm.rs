//! Asks once more before something is taken away.

use super::{Button, Dialog, Glyph, Tone};
use leptos::prelude::*;

/// A dialog that opens when there is something to ask about.
#[component]
pub fn Confirm<T: Clone + Send + Sync + 'static>(
    /// What it is about; none while nothing is asked.
    about: RwSignal<Option<T>>,
    #[prop(into)] title: String,
    /// What will happen.
    text: fn(&T) -> String,
    /// What the button says that does it.
    label: &'static str,
    /// Does it.
    act: Callback<T>,
) -> impl IntoView {
    let open = RwSignal::new(false);
    Effect::new(move || {
        if about.with(Option::is_some) {
            open.set(true);
        }
    });
    // However it was closed: the next question may be about the same.
    Effect::new(move || {
        if !open.get() && about.with_untracked(Option::is_some) {
            about.set(None);
        }
    });
    let go = move |_| {
        if let Some(thing) = about.try_update(Option::take).flatten() {
            open.set(false);
            act.run(thing);
        }
    };
    view! {
        <Dialog open title>
            <p>{move || about.with(|thing| thing.as_ref().map(text))}</p>
            <div class="actions">
                <Button tone=Tone::Danger icon=Glyph::Trash on:click=go>{label}</Button>
                <button type="button" class="button" autofocus on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </Dialog>
    }
}
