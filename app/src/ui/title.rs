//! The title of the document.
#![expect(clippy::disallowed_methods, reason = "the one place that makes leptos_meta's titles safe")]

use leptos::prelude::*;
use leptos::text_prop::TextProp;
use leptos_meta::Title;

/// Names the page in the title of the document. Pages use this and never `leptos_meta`'s own `Title`, which on a server writes
/// the text unescaped, and reads it when the signals of the request may be gone (decision 19).
#[component]
pub fn PageTitle(#[prop(into)] text: TextProp) -> impl IntoView {
    #[cfg(feature = "ssr")]
    let text = html_escape::encode_text(&untrack(|| text.get())).into_owned();
    view! { <Title text/> }
}

/// Makes the title of the document from that of the page. On a server, `format` must read no signal: it runs late.
#[component]
pub fn TitleFormat(format: fn(&str, u64) -> String, number: Signal<u64>) -> impl IntoView {
    // The server's title has no number, so that it can be rendered before the number is known.
    let number = move || if cfg!(feature = "ssr") { 0 } else { number.get() };
    view! { <Title formatter=move |title: String| format(&title, number())/> }
}
