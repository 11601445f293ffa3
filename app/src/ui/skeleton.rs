//! The shape of what is being read. It shows after a moment only, so that a quick answer does not flicker.

use leptos::prelude::*;

/// Grey lines in place of a text or of a list.
#[component]
pub fn Skeleton(
    /// How many lines.
    #[prop(default = 6)]
    lines: usize,
) -> impl IntoView {
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">"Loading…"</span>
            {(0..lines).map(|_| view! { <div class="skeleton-line" aria-hidden="true"></div> }.into_any()).collect_view()}
        </div>
    }
}
