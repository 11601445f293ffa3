//! A problem shown to people: what is wrong, and the next step.

use super::{Button, Glyph, Icon, LogIn, PageTitle};
use crate::base;
use crate::protocol::{Code, Problem};
use leptos::prelude::*;

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
    let unknown = problem.code == Code::Unauthenticated;
    let detail = match problem.code {
        Code::KbNotFound => "There is no such knowledge base, or you may not read it.".to_owned(),
        _ => problem.detail,
    };
    let advice = match problem.code {
        Code::Unreachable => "Tidings asks again by itself when the connection is back.",
        Code::KbNotFound => "It may have been deleted, or the address may be mistyped.",
        Code::Unauthenticated => "You are logged out. What you wrote is kept in this browser.",
        Code::Forbidden => "Whoever may decide about it can let you.",
        _ if missing => "It may have been deleted or renamed, or the address may be mistyped.",
        _ => "Nothing you wrote is lost. Try again in a moment.",
    };
    view! {
        <section class="empty" role="alert">
            <span class="empty-icon"><Icon glyph=Glyph::Warning/></span>
            {if page {
                view! {
                    <PageTitle text=problem.title.clone()/>
                    <h1>{problem.title.clone()}</h1>
                }
                    .into_any()
            } else {
                view! { <h2>{problem.title.clone()}</h2> }.into_any()
            }}
            <p>{detail}</p>
            <p class="muted">{advice}</p>
            <div class="actions">
                {unknown.then(|| view! { <LogIn/> }.into_any())}
                {retry
                    .filter(|_| !missing && !unknown)
                    .map(|retry| view! { <Button icon=Glyph::Refresh on:click=move |_| retry.run(())>"Try again"</Button> }.into_any())}
                <a class="button" href=base::at("/")>"All knowledge bases"</a>
            </div>
        </section>
    }
}
