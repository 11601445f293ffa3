//! The end of a list of which only a part is loaded.

use super::Button;
use leptos::prelude::*;

/// A button that loads more, while there is more.
#[component]
pub fn LoadMore(
    /// Whether there is more.
    more: Memo<bool>,
    /// Whether it is on its way.
    loading: Signal<bool>,
    load: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <Show when=move || more.get()>
            <div class="load-more" aria-busy=move || loading.get().to_string()>
                <Button disabled=loading on:click=move |_| load()>{move || if loading.get() { "Loading…" } else { "Load more" }}</Button>
            </div>
        </Show>
    }
}
