//! The items of a job that had one outcome: folded away, and loaded when somebody looks.

use super::card::{Shown, look};
use super::grouped;
use crate::api::jobs::load_job_items;
use crate::pages::address;
use crate::protocol::JobId;
use crate::protocol::job::{ItemOutcome, Job, JobItem, JobKind};
use crate::ui::{Each, LoadMore, When};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// Items of each piece.
const PAGE: usize = 50;

/// Those that were loaded.
#[derive(Clone, Copy)]
struct Loaded {
    items: RwSignal<Vec<JobItem>>,
    /// Where the next piece begins; none at the end.
    next: RwSignal<Option<i64>>,
    loading: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
    /// Grows when they are asked for anew: who is overtaken is not heard.
    turn: StoredValue<u32>,
}

/// The items that had this outcome, while there are some.
#[component]
pub fn Items(id: JobId, job: Shown, outcome: ItemOutcome) -> impl IntoView {
    let loaded = Loaded {
        items: RwSignal::new(Vec::new()),
        next: RwSignal::new(None),
        loading: RwSignal::new(false),
        failed: RwSignal::new(None),
        turn: StoredValue::new(0),
    };
    let id = StoredValue::new(id);
    let open = RwSignal::new(false);
    let count = Memo::new(move |_| look(job, |job| count(job, outcome)));
    let some = Memo::new(move |_| count.get() > 0);
    // What changes while it is at work is read again where it is over.
    let version = Memo::new(move |_| look(job, |job| (job.attempt, job.status.is_active())));
    Effect::new(move || {
        let _ = version.get();
        if open.get() && some.get() {
            loaded.begin(id.get_value(), outcome);
        }
    });
    let more = Memo::new(move |_| loaded.next.with(Option::is_some));
    let load = move || loaded.load(id.get_value(), outcome);
    view! {
        <When is=move || some.get()>
            <details class="job-more" prop:open=move || open.get_untracked() on:toggle=move |ev| open.set(is_open(&ev))>
                <summary>{named(outcome)} " " <span class="count">{move || grouped(count.get())}</span></summary>
                <ul class="job-items" aria-busy=move || loaded.loading.get().to_string()>
                    <Each
                        each=move || loaded.items.get().into_iter().enumerate()
                        key=|(at, item)| format!("{at} {}", item.name)
                        children=move |(_, item)| view! { <Line item id=id.get_value()/> }.into_any()
                    />
                </ul>
                <p class="field-error" role="alert">{loaded.failed}</p>
                <LoadMore more loading=loaded.loading.into() load/>
            </details>
        </When>
    }
}

fn is_open(ev: &web_sys::Event) -> bool {
    event_target::<web_sys::Element>(ev).has_attribute("open")
}

const fn named(outcome: ItemOutcome) -> &'static str {
    match outcome {
        ItemOutcome::Failed => "Failed",
        ItemOutcome::Skipped => "Skipped",
        _ => "New entries",
    }
}

const fn count(job: &Job, outcome: ItemOutcome) -> u64 {
    match (outcome, job.kind) {
        (ItemOutcome::Failed, _) => job.counts.failed,
        (ItemOutcome::Skipped, _) => job.counts.skipped,
        // A sync keeps no list of what went well.
        (ItemOutcome::Added, JobKind::Crawl | JobKind::Upload) => job.result.added,
        _ => 0,
    }
}

impl Loaded {
    fn begin(self, id: JobId, outcome: ItemOutcome) {
        self.turn.update_value(|turn| *turn += 1);
        self.ask(id, outcome, 0);
    }

    fn load(self, id: JobId, outcome: ItemOutcome) {
        if let Some(after) = self.next.get_untracked().filter(|_| !self.loading.get_untracked()) {
            self.ask(id, outcome, after);
        }
    }

    fn ask(self, id: JobId, outcome: ItemOutcome, after: i64) {
        let turn = self.turn.get_value();
        self.loading.set(true);
        self.failed.set(None);
        spawn_local(async move {
            let answer = load_job_items(id, Some(outcome), PAGE, after).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.loading.set(false);
            match answer {
                Ok(page) => {
                    self.items.update(|items| {
                        if after == 0 {
                            items.clear();
                        }
                        items.extend(page.items);
                    });
                    self.next.set(page.next);
                }
                Err(problem) => self.failed.set(Some(problem.detail)),
            }
        });
    }
}

#[component]
fn Line(item: JobItem, id: JobId) -> impl IntoView {
    let name = item.name;
    let entry = item.entry_id.map(|entry| address::entry(&id.kb(), &entry));
    view! {
        <li>
            {match entry {
                Some(href) => view! { <a href=href>{name}</a> }.into_any(),
                None => view! { <span>{name}</span> }.into_any(),
            }}
            {item.why.map(|why| view! { <span class="muted">{why}</span> }.into_any())}
        </li>
    }
}
