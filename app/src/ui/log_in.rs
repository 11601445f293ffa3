//! The way to logging in, and from there back to this page. The server renders that page, without scripts.

use super::browser;
use crate::base;
use leptos::prelude::*;

/// A link to the page that logs in.
#[component]
pub fn LogIn() -> impl IntoView {
    // The way back is known in the browser only.
    let href = RwSignal::new(base::at("/login"));
    Effect::new(move || href.set(browser::login_address()));
    view! {
        <a
            class="button button-primary"
            rel="external"
            href=href
            // One may have gone on to another page since.
            on:click=move |_| href.set(browser::login_address())
        >
            "Log in"
        </a>
    }
}
