//! How far a job is: its bar, its numbers, what it works at, how fast it is.

use super::card::{Shown, look, took};
use super::pace::{Pace, Told, lasting};
use super::{grouped, words};
use crate::protocol::job::{Job, JobCounts, JobKind, JobStatus};
use crate::ui::{Clock, ProgressBar, When, browser};
use leptos::prelude::*;

/// How far it is. While it waits or works, its parts keep their places: nothing jumps.
#[component]
pub fn Progress(job: Shown, kind: JobKind) -> impl IntoView {
    let active = Memo::new(move |_| look(job, |job| job.status.is_active()));
    let percent = Memo::new(move |_| look(job, words::percent));
    let spoken = Memo::new(move |_| look(job, words::spoken));
    let name = Memo::new(move |_| look(job, words::named));
    let numbers = Memo::new(move |_| look(job, |job| numbers(job, kind)));
    let current = Memo::new(move |_| look(job, |job| job.current.clone()));
    // It stands where it ended, where it could go on from there.
    let stands = |job: &Job| job.counts.total > 0 && matches!(job.status, JobStatus::Cancelled | JobStatus::Interrupted);
    let bar = Memo::new(move |_| active.get() || look(job, stands));
    let told = told(job);
    view! {
        <When is=move || bar.get()>
            <ProgressBar label=name percent text=spoken/>
        </When>
        <p class="job-numbers">
            <span>{numbers}</span>
            {move || active.get().then(|| view! { <span class="muted">{speed(told.get(), kind)}</span> }.into_any())}
        </p>
        <When is=move || active.get()>
            <p class="job-current muted">{move || current.get().unwrap_or_else(|| "…".to_owned())}</p>
        </When>
    }
}

/// "12 done, 1 failed, 2 skipped of 30 pages, 50 %"
fn numbers(job: &Job, kind: JobKind) -> String {
    let JobCounts {
        done,
        failed,
        skipped,
        total,
        ..
    } = job.counts;
    let items = words::items(kind);
    match job.status {
        JobStatus::Queued if total == 0 => return "Not begun yet".to_owned(),
        JobStatus::Running if total == 0 => return format!("0 {items} found yet"),
        _ => {}
    }
    let mut said = format!(
        "{} done, {} failed, {} skipped of {}",
        grouped(done),
        grouped(failed),
        grouped(skipped),
        words::several(total, items)
    );
    if job.status.is_active() {
        if let Some(most) = job.may_become() {
            said.push_str(&format!(" found, {} at most", grouped(most)));
        }
        said.push_str(&format!(", {}\u{a0}%", job.percent));
    } else if let Some(took) = took(job) {
        said.push_str(&format!(", took {took}"));
    }
    said
}

/// "60 pages a minute, about 3 min left"
fn speed(told: Told, kind: JobKind) -> String {
    let rate = told
        .rate
        .map(|rate| format!("{} a minute", words::several(rate, words::items(kind))));
    let left = told.left.map(|left| format!("{} left", lasting(left)));
    let quiet = told.quiet.map(|quiet| format!("nothing has moved for {quiet} s"));
    [rate, left, quiet].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// How fast it is, by what was seen of it here: nothing on the server.
fn told(job: Shown) -> RwSignal<Told> {
    let clock = expect_context::<Clock>();
    let (pace, told) = (StoredValue::new(Pace::default()), RwSignal::new(Told::default()));
    Effect::new(move || {
        // Where nothing comes, time goes on all the same.
        let _ = clock.now();
        let now = job.with(|job| {
            let job = job.as_ref()?;
            pace.try_update_value(|pace| pace.see(job, browser::now_ms()))
        });
        if let Some(now) = now.filter(|now| told.with_untracked(|before| before != now)) {
            told.set(now);
        }
    });
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::job::JobPhase;
    use crate::sync::cache::a_job;

    #[test]
    fn the_numbers_of_a_card_add_up() {
        let mut job = a_job("notes.1", 1, JobStatus::Running, 1_200);
        job.counts = JobCounts {
            done: 1_200,
            failed: 1,
            skipped: 2,
            total: 3_000,
            most: 0,
        };
        job.percent = 40;
        assert_eq!(
            numbers(&job, JobKind::Crawl),
            "1,200 done, 1 failed, 2 skipped of 3,000 pages, 40\u{a0}%"
        );
        job.counts.most = 5_000;
        assert_eq!(
            numbers(&job, JobKind::Crawl),
            "1,200 done, 1 failed, 2 skipped of 3,000 pages found, 5,000 at most, 40\u{a0}%"
        );
        job.phase = JobPhase::Linking;
        assert!(numbers(&job, JobKind::Crawl).ends_with("of 3,000 pages, 40\u{a0}%"));
        job.counts = JobCounts::default();
        assert_eq!(numbers(&job, JobKind::Upload), "0 files found yet");
    }

    #[test]
    fn a_speed_says_only_what_is_known() {
        let told = Told {
            rate: Some(60),
            left: Some(200),
            quiet: None,
        };
        assert_eq!(speed(told, JobKind::Crawl), "60 pages a minute, about 3 min left");
        assert_eq!(speed(Told::default(), JobKind::Crawl), "");
    }
}
