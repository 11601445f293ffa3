//! A problem shown to people: what is wrong, and the next step.

use super::{Button, Glyph, Icon};
use crate::protocol::{Code, Problem};
use leptos::prelude::*;

/// What stands in place of what could not be read.
#[component]
pub fn ErrorState(
    problem: Problem,
    /// Asks again.
    #[prop(optional, into)]
    retry: Option<Callback<()>>,
) -> impl IntoView {
    let missing = problem.status == 404;
    let advice = match problem.code {
        Code::Unreachable => "Tidings asks again by itself when the connection is back.",
        _ if missing => "It may have been deleted or renamed, or the address may be mistyped.",
        _ => "Nothing you wrote is lost. Try again in a moment.",
    };
    view! {
        <section class="empty" role="alert">
            <span class="empty-icon"><Icon glyph=Glyph::Warning/></span>
            <h2>{problem.title.clone()}</h2>
            <p>{problem.detail.clone()}</p>
            <p class="muted">{advice}</p>
            <div class="actions">
                {retry
                    .filter(|_| !missing)
                    .map(|retry| view! { <Button icon=Glyph::Refresh on:click=move |_| retry.run(())>"Try again"</Button> })}
                <a class="button" href="/">"All knowledge bases"</a>
            </div>
        </section>
    }
}
