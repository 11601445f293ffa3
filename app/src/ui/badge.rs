//! A short word beside a thing: its type, its state, a count.

use leptos::prelude::*;

/// A short word beside a thing.
#[component]
pub fn Badge(
    /// `neutral`, `accent`, `good`, `warn` or `bad`.
    #[prop(default = "neutral")]
    tone: &'static str,
    children: Children,
) -> impl IntoView {
    view! { <span class=format!("badge badge-{tone}")>{children()}</span> }
}
