//! An address at which there is nothing.

use crate::base;
use crate::ui::{EmptyState, Glyph, PageTitle};
use leptos::prelude::*;

/// Says that there is nothing, with ways on. The response gets the status 404.
#[component]
pub fn NotFound() -> impl IntoView {
    answer_not_found();
    view! {
        <PageTitle text="Nothing here"/>
        <div class="page">
            <h1 class="visually-hidden">"Nothing here"</h1>
            <EmptyState glyph=Glyph::Help title="Nothing here" text="There is no page at this address. It may be mistyped, or what it named is gone.">
                <a class="button button-primary" href=base::at("/")>"All knowledge bases"</a>
                <a class="button" href=base::at("/search")>"Search"</a>
            </EmptyState>
        </div>
    }
}

#[cfg(feature = "ssr")]
fn answer_not_found() {
    if let (Some(response), Ok(status)) = (use_context::<leptos_axum::ResponseOptions>(), 404.try_into()) {
        response.set_status(status);
    }
}

#[cfg(not(feature = "ssr"))]
fn answer_not_found() {}
