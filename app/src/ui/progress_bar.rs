//! How much of something is done.

use leptos::prelude::*;

/// A bar that fills. Nobody is told of each step: it is looked at, or asked.
#[component]
pub fn ProgressBar(
    /// What it is about, for who does not see it.
    #[prop(into)]
    label: Signal<String>,
    /// None while nobody knows how much there is to do.
    #[prop(into)]
    percent: Signal<Option<u8>>,
    /// The same in words.
    #[prop(into)]
    text: Signal<String>,
) -> impl IntoView {
    view! {
        <div
            class="bar"
            class:bar-open=move || percent.get().is_none()
            role="progressbar"
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent.get().map(|percent| percent.to_string())
            aria-valuetext=text
        >
            <div class="bar-fill" style:width=move || format!("{}%", percent.get().unwrap_or(0))></div>
        </div>
    }
}
