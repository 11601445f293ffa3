//! People in small: the first letter of a name on a disc.

use leptos::prelude::*;

/// The first letter of a name, on a disc. A text beside it says the name.
#[component]
pub fn Initial(#[prop(into)] name: String) -> impl IntoView {
    let letter: String = name.chars().take(1).flat_map(char::to_uppercase).collect();
    view! { <span class="initial" aria-hidden="true">{letter}</span> }
}
