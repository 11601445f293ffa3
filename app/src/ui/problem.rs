//! A problem shown to people: what is wrong, and the next step.

use super::{Button, Glyph, Icon};
use crate::protocol::{Code, Problem};
use leptos::prelude::*;
use leptos_meta::Title;

/// What stands in place of what could not be read.
#[component]
pub fn ErrorState(
    problem: Problem,
    /// Asks again.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
    /// Whether it stands in place of a whole page, whose title it then is.
    #[prop(optional)]
    page: bool,
) -> impl IntoView {
    let missing = problem.status == 404;
    let advice = match problem.code {
        Code::Unreachable => "Tidings asks again by itself when the connection is back.",
        Code::KbNotFound => "It may have been deleted, or the address may be mistyped.",
        _ if missing => "It may have been deleted or renamed, or the address may be mistyped.",
        _ => "Nothing you wrote is lost. Try again in a moment.",
    };
    view! {
        <section class="empty" role="alert">
            <span class="empty-icon"><Icon glyph=Glyph::Warning/></span>
            {if page {
                view! {
                    <Title text=problem.title.clone()/>
                    <h1>{problem.title.clone()}</h1>
                }
                    .into_any()
            } else {
                view! { <h2>{problem.title.clone()}</h2> }.into_any()
            }}
            <p>{problem.detail.clone()}</p>
            <p class="muted">{advice}</p>
            <div class="actions">
                {retry
                    .filter(|_| !missing)
                    .map(|retry| view! { <Button icon=Glyph::Refresh on:click=move |_| retry.run(())>"Try again"</Button> }.into_any())}
                <a class="button" href="/">"All knowledge bases"</a>
            </div>
        </section>
    }
}
