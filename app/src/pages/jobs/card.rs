//! The card of a job. It is made once, and each part of it follows the job by itself.

use super::actions::Actions;
use super::items::Items;
use super::progress::Progress;
use super::{may_write, named_job, pace, words};
use crate::pages::address;
use crate::protocol::job::{ItemOutcome, Job, JobKind, JobResult, JobStatus};
use crate::protocol::{JobId, KbName};
use crate::sync::{JobList, LiveRead};
use crate::ui::{Badge, Icon, Time, When, browser};
use leptos::prelude::*;

/// A job as its card follows it.
pub type Shown = Memo<Option<Job>>;

/// Looks at the job; at nothing where there is none.
pub fn look<T: Default>(job: Shown, look: impl FnOnce(&Job) -> T) -> T {
    job.with(|job| job.as_ref().map(look)).unwrap_or_default()
}

/// A job.
#[component]
pub fn Card(id: JobId, read: LiveRead<JobList>, writable: Memo<Vec<KbName>>) -> impl IntoView {
    let name = id.to_string();
    let kb = StoredValue::new(id.kb());
    let of = id.clone();
    let job: Shown = Memo::new(move |before: Option<&Option<Job>>| {
        let now = read.with_data(|list| list.find(&of).cloned()).flatten();
        now.or_else(|| before.cloned().flatten())
    });
    let marked = is_named(&id);
    let state = Memo::new(move |_| look(job, |job| (words::state_and_place(job), words::tone(job))));
    let status = Memo::new(move |_| look(job, |job| job.status.as_str()));
    let kind = job.with_untracked(|job| job.as_ref().map_or(JobKind::Crawl, |job| job.kind));
    let title = Memo::new(move |_| look(job, |job| job.title.clone()));
    let attempt = Memo::new(move |_| look(job, |job| job.attempt));
    let by = Memo::new(move |_| look(job, |job| job.created_by.name().to_owned()));
    let asked = Signal::derive(move || job.with(|job| job.as_ref().map(|job| job.created_at)));
    let writes = Memo::new(move |_| kb.with_value(|kb| may_write(writable, kb)));
    view! {
        <li id=name.clone() class="job" class:job-marked=marked data-row=name data-status=status>
            <header class="job-head">
                <Icon glyph=words::glyph(kind)/>
                <div class="job-what">
                    <h2>{title}</h2>
                    <p class="muted">
                        {kind_and_preposition(kind)} <a href=address::kb(&kb.get_value())>{kb.get_value().to_string()}</a> ", asked for by " {by} ", "
                        {move || asked.get().map(|at| view! { <Time at/> }.into_any())}
                        {move || Some(attempt.get()).filter(|n| *n > 1).map(|n| format!(", attempt {n}"))}
                    </p>
                </div>
                {move || {
                    let (text, tone) = state.get();
                    view! { <Badge tone>{text}</Badge> }.into_any()
                }}
            </header>
            <Progress job kind/>
            <Error job/>
            <Brought job kb=kb.get_value()/>
            <div class="job-folds">
                <Items id=id.clone() job outcome=ItemOutcome::Failed/>
                <Items id=id.clone() job outcome=ItemOutcome::Skipped/>
                <Items id=id.clone() job outcome=ItemOutcome::Added/>
                <Tail job/>
            </div>
            <When is=move || writes.get()>
                <Actions id=id.clone() job/>
            </When>
        </li>
    }
}

const fn kind_and_preposition(kind: JobKind) -> &'static str {
    match kind {
        JobKind::Crawl => "Crawl into ",
        JobKind::Upload => "Upload into ",
        JobKind::Sync => "Folder synced into ",
    }
}

/// Whether the address names this job: then it is marked, and brought into sight.
fn is_named(id: &JobId) -> Memo<bool> {
    let (named, id) = (named_job(), id.to_string());
    let of = id.clone();
    let is_it = Memo::new(move |_| named.with(|named| named.as_ref() == Some(&of)));
    // The server does not see this part of an address.
    let marked = RwSignal::new(false);
    Effect::new(move || {
        marked.set(is_it.get());
        if is_it.get() {
            let id = id.clone();
            request_animation_frame(move || {
                if let Some(card) = document().get_element_by_id(&id) {
                    browser::bring_into_sight(&card);
                }
            });
        }
    });
    Memo::new(move |_| marked.get())
}

#[component]
fn Error(job: Shown) -> impl IntoView {
    let error = Memo::new(move |_| look(job, |job| job.error.clone()));
    let advice = Memo::new(move |_| look(job, |job| advice(job.status)));
    view! {
        {move || error.get().map(|error| view! { <p class="job-error">{error}</p> }.into_any())}
        {move || Some(advice.get()).filter(|text| !text.is_empty()).map(|text| view! { <p class="muted">{text}</p> }.into_any())}
    }
}

const fn advice(status: JobStatus) -> &'static str {
    match status {
        JobStatus::Interrupted => {
            "The server stopped while the job was running. What it had imported is stored, and it can continue from there."
        }
        JobStatus::Cancelled => "It was cancelled. What it had imported is stored.",
        JobStatus::Cancelling => "It finishes what it is working on and stops. What it has imported stays.",
        _ => "",
    }
}

/// What it has brought so far, with the way there.
#[component]
fn Brought(job: Shown, kb: KbName) -> impl IntoView {
    let kb = StoredValue::new(kb);
    let said = Memo::new(move |_| look(job, |job| brought(&job.result)));
    move || {
        Some(said.get()).filter(|said| !said.is_empty()).map(|said| {
            let there = address::kb(&kb.get_value());
            view! { <p class="job-brought">"Imported " {said} ". " <a href=there>"See the entries"</a></p> }.into_any()
        })
    }
}

/// "12 new, 3 updated and 5 unchanged; 40 passages, 12,345 words"
fn brought(result: &JobResult) -> String {
    let several = |words: &[(u64, &str)]| {
        let some = words.iter().filter(|(number, _)| *number > 0);
        some.map(|(number, word)| words::several(*number, word))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let entries = several(&[
        (result.added, "new"),
        (result.updated, "updated"),
        (result.unchanged, "unchanged"),
        (result.removed, "removed"),
    ]);
    let text = several(&[(result.passages, "passages"), (result.words, "words")]);
    if entries.is_empty() || text.is_empty() {
        entries
    } else {
        format!("{entries}; {text}")
    }
}

/// What it told last.
#[component]
fn Tail(job: Shown) -> impl IntoView {
    let log = Memo::new(move |_| look(job, |job| job.log.join("\n")));
    let empty = Memo::new(move |_| log.with(String::is_empty));
    view! {
        <When is=move || !empty.get()>
            <details class="job-more">
                <summary>"What it told last"</summary>
                <pre class="job-log" tabindex="0" aria-label="What it told last">{log}</pre>
            </details>
        </When>
    }
}

/// How long it took, where it is over.
pub fn took(job: &Job) -> Option<String> {
    let millis = job.ended_at?.millis() - job.started_at?.millis();
    Some(pace::took(u64::try_from(millis).unwrap_or(0) / 1_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_brought_is_said_in_numbers() {
        let result = JobResult {
            added: 12,
            updated: 3,
            passages: 40,
            words: 12_345,
            ..JobResult::default()
        };
        assert_eq!(brought(&result), "12 new, 3 updated; 40 passages, 12,345 words");
        assert_eq!(brought(&JobResult::default()), "");
        let result = JobResult {
            unchanged: 5,
            ..JobResult::default()
        };
        assert_eq!(brought(&result), "5 unchanged");
    }
}
