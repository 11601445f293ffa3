//! What one can do about a job: end it, go on with it, take it off the list.

use super::card::{Shown, look};
use crate::api::jobs::{cancel_job, dismiss_job, retry_job};
use crate::pages::write::attempt;
use crate::protocol::job::{Job, JobStatus};
use crate::protocol::{JobId, Problem};
use crate::ui::{Button, Glyph, Tone, When};
use leptos::prelude::*;
use std::future::Future;

/// The buttons.
#[component]
pub fn Actions(id: JobId, job: Shown) -> impl IntoView {
    let id = StoredValue::new(id);
    let status = Memo::new(move |_| look(job, |job| Some(job.status)));
    let cancels = Memo::new(move |_| status.get().is_some_and(JobStatus::is_active));
    let cancelling = Signal::derive(move || status.get() == Some(JobStatus::Cancelling));
    let again = Memo::new(move |_| look(job, |job| job.can_retry().then(|| label(job))));
    let title = Memo::new(move |_| look(job, |job| job.title.clone()));
    // What was asked for shows when its event comes; until then nothing can be asked twice.
    let busy = RwSignal::new(false);
    let rests = Signal::derive(move || busy.get());
    Effect::new(move || {
        let _ = status.get();
        busy.set(false);
    });
    let named = move |what: &'static str| move || format!("{what} {}", title.get());
    let cancel = move |_| ask(busy, "Not cancelled", cancel_job(id.get_value()));
    let retry = move |_| ask(busy, "Not begun again", retry_job(id.get_value()));
    let dismiss = move |_| ask(busy, "Not dismissed", dismiss_job(id.get_value()));
    view! {
        <div class="actions">
            <When is=move || cancels.get()>
                <Button
                    icon=Glyph::Close
                    disabled=Signal::derive(move || rests.get() || cancelling.get())
                    on:click=cancel
                    attr:aria-label=named("Cancel")
                >
                    {move || if cancelling.get() { "Cancelling…" } else { "Cancel" }}
                </Button>
            </When>
            {move || {
                again
                    .get()
                    .map(|label| {
                        view! { <Button icon=Glyph::Refresh disabled=rests on:click=retry attr:aria-label=named(label)>{label}</Button> }.into_any()
                    })
            }}
            <When is=move || !cancels.get()>
                <Button tone=Tone::Ghost disabled=rests on:click=dismiss attr:aria-label=named("Dismiss")>"Dismiss"</Button>
            </When>
        </div>
    }
}

const fn label(job: &Job) -> &'static str {
    match job.status {
        JobStatus::Interrupted | JobStatus::Cancelled => "Go on",
        JobStatus::Completed => "Retry what failed",
        _ => "Try again",
    }
}

fn ask<T: 'static>(busy: RwSignal<bool>, failed: &'static str, asking: impl Future<Output = Result<T, Problem>> + 'static) {
    busy.set(true);
    let asking = async move {
        let answer = asking.await;
        if answer.is_err() {
            busy.try_set(false);
        }
        answer
    };
    attempt(failed, asking, |_| {});
}
