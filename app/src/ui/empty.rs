//! What stands where nothing is yet, with the next step.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// Says that there is nothing, why, and what to do next (its children).
#[component]
pub fn EmptyState(
    glyph: Glyph,
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="empty">
            <span class="empty-icon"><Icon glyph/></span>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="actions">{children()}</div> }.into_any())}
        </section>
    }
}
