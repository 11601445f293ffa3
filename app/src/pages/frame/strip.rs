//! The jobs that wait or work, in one line below the header of every page. The line has one height, however many there are:
//! the page moves when it comes and when it goes, and not in between.

use super::Dialogs;
use crate::base;
use crate::pages::jobs::{Sending, words};
use crate::protocol::job::{Job, JobKind, JobStatus};
use crate::protocol::{Event, JobId};
use crate::sync::{JobList, LiveRead, Sync, active_jobs};
use crate::ui::{Each, Icon, ProgressBar};
use leptos::prelude::*;

/// How many have their bar here, where the screen is wide.
const SHOWN: usize = 3;

/// The line, while something waits or works.
#[component]
pub fn Strip() -> impl IntoView {
    let read = active_jobs();
    view! {
        <Transition fallback=|| ()>
            <Line read/>
        </Transition>
        <Spoken/>
    }
}

#[component]
fn Line(read: LiveRead<JobList>) -> impl IntoView {
    let sending = expect_context::<Dialogs>().sending;
    let ids = Memo::new(move |_| read.with_data(|list| in_order(&list.items)).unwrap_or_default());
    // What is being uploaded will be a job, and has the first place.
    let uploads = Memo::new(move |_| usize::from(sending.with(Option::is_some)));
    let all = Memo::new(move |_| ids.with(Vec::len) + uploads.get());
    let more = move |shown: usize, class: &'static str| {
        let more = move || all.get().saturating_sub(shown);
        view! {
            <a class=class class:hidden=move || more() == 0 href=base::at("/jobs")>{move || format!("+{} more", more())}</a>
        }
        .into_any()
    };
    view! {
        <section class="strip" class:hidden=move || all.get() == 0 aria-label="Jobs at work">
            <ul>
                {move || (uploads.get() > 0).then(|| view! { <Uploading/> }.into_any())}
                <Each
                    each=move || ids.get().into_iter().take(SHOWN - uploads.get())
                    key=JobId::clone
                    children=move |id| view! { <At id read/> }.into_any()
                />
            </ul>
            {more(SHOWN, "strip-more strip-wide")}
            {more(1, "strip-more strip-narrow")}
        </section>
    }
}

/// Those at work before those that wait, each first asked for first: a new one comes behind the others.
fn in_order(jobs: &[Job]) -> Vec<JobId> {
    let mut jobs: Vec<&Job> = jobs.iter().collect();
    jobs.sort_by_key(|job| (job.status == JobStatus::Queued, job.ahead, job.created_at));
    jobs.into_iter().map(|job| job.job_id.clone()).collect()
}

/// What shows of a job.
#[derive(Clone, PartialEq)]
struct Shown {
    kind: JobKind,
    name: String,
    percent: Option<u8>,
    short: String,
    spoken: String,
}

#[component]
fn At(id: JobId, read: LiveRead<JobList>) -> impl IntoView {
    let href = base::at(&format!("/jobs#{id}"));
    let shown = Memo::new(move |before: Option<&Option<Shown>>| {
        let shown = |job: &Job| Shown {
            kind: job.kind,
            name: words::named(job),
            percent: words::percent(job),
            short: words::short(job),
            spoken: words::spoken(job),
        };
        let now = read.with_data(|list| list.find(&id).map(shown)).flatten();
        now.or_else(|| before.cloned().flatten())
    });
    let of = move |look: fn(&Shown) -> &String| shown.with(|shown| shown.as_ref().map(|shown| look(shown).clone()).unwrap_or_default());
    let kind = shown.with_untracked(|shown| shown.as_ref().map_or(JobKind::Crawl, |shown| shown.kind));
    let percent = Signal::derive(move || shown.with(|shown| shown.as_ref().and_then(|shown| shown.percent)));
    view! {
        <li class="strip-job">
            <Icon glyph=words::glyph(kind)/>
            <a href=href title=move || of(|shown| &shown.name)>{move || of(|shown| &shown.name)}</a>
            <ProgressBar
                label=Signal::derive(move || of(|shown| &shown.name))
                percent
                text=Signal::derive(move || of(|shown| &shown.spoken))
            />
            <span class="strip-much">{move || of(|shown| &shown.short)}</span>
        </li>
    }
}

/// What is on its way to the server.
#[component]
fn Uploading() -> impl IntoView {
    let sending = expect_context::<Dialogs>().sending;
    let percent = Memo::new(move |_| sending.with(|sending| sending.as_ref().map(Sending::percent)));
    let much = move || format!("{} %", percent.get().unwrap_or_default());
    let name = move || sending.with(|sending| sending.as_ref().map(Sending::named).unwrap_or_default());
    view! {
        <li class="strip-job">
            <Icon glyph=words::glyph(JobKind::Upload)/>
            <a href=base::at("/jobs")>{name}</a>
            <ProgressBar label=Signal::derive(name) percent text=Signal::derive(much)/>
            <span class="strip-much">{much}</span>
        </li>
    }
}

/// Tells those who listen when a job begins, goes on to something else, or ends; not how far it is.
#[component]
fn Spoken() -> impl IntoView {
    let said = RwSignal::new(String::new());
    Sync::expect().on_event(move |event| {
        if let Event::JobCreated(job) | Event::JobUpdated(job) = &event.event {
            let now = format!("{}: {}", words::named(job), words::state(job).to_lowercase());
            if said.with_untracked(|said| *said != now) {
                said.set(now);
            }
        }
    });
    view! { <p class="visually-hidden" role="status">{said}</p> }
}
