//! Jobs: a card for each, which follows it from the moment it was asked for to what it has brought.

mod actions;
mod bring;
mod card;
mod items;
mod pace;
mod progress;
pub mod words;

use super::frame::Dialogs;
use super::loaded::Loaded;
use crate::api::kb::load_home;
use crate::base;
use crate::protocol::entry::Home;
use crate::protocol::people::Level;
use crate::protocol::{JobId, KbName};
use crate::sync::{JobList, LiveRead, jobs, live};
use crate::ui::{Button, Each, EmptyState, Glyph, LoadMore, PageTitle, When};
use bring::OnItsWay;
pub use bring::{Bring, BringDialog, BringForm, Sending, Way, take_drops};
use card::Card;
use leptos::prelude::*;
use leptos_router::hooks::use_location;

/// The page of jobs.
#[component]
pub fn JobsPage() -> impl IntoView {
    let read = jobs();
    let home: LiveRead<Home> = live(|| "jobs", |_| load_home());
    view! {
        <PageTitle text="Jobs"/>
        <div class="page page-narrow">
            <header class="page-head">
                <div>
                    <h1>"Jobs"</h1>
                    <p class="muted">"Imports running in the background. They continue when you leave this page; what they have imported stays."</p>
                </div>
            </header>
            <Loaded read=home>
                <Loaded read>
                    <Shown read home/>
                </Loaded>
            </Loaded>
        </div>
    }
}

#[component]
fn Shown(read: LiveRead<JobList>, home: LiveRead<Home>) -> impl IntoView {
    let Dialogs { bring, sending, .. } = expect_context();
    let ids = Memo::new(move |_| {
        read.with_data(|list| list.items.iter().map(|job| job.job_id.clone()).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let more = Memo::new(move |_| read.with_data(|list| list.next.is_some()).unwrap_or_default());
    let empty = Memo::new(move |_| ids.with(Vec::is_empty) && !more.get());
    let writable = Memo::new(move |_| {
        let writable = |home: &Home| {
            let writable = home.kbs.iter().filter(|kb| kb.level >= Level::Write);
            writable.map(|kb| kb.name.clone()).collect::<Vec<_>>()
        };
        home.with_data(writable).unwrap_or_default()
    });
    let reads_only = Memo::new(move |_| writable.with(Vec::is_empty));
    let wanted = wanted_job(read, ids, more);
    take_drops(Signal::derive(move || (!reads_only.get()).then_some(None)));
    let way = move |way: Way, glyph: Glyph, name: &'static str| {
        view! { <Button icon=glyph disabled=reads_only on:click=move |_| bring.ask(way, None)>{name}</Button> }.into_any()
    };
    view! {
        <div class="actions jobs-ways">
            {way(Way::Crawl, Glyph::Globe, "Crawl a site")} {way(Way::Upload, Glyph::Upload, "Upload files")}
            {way(Way::Sync, Glyph::Refresh, "Re-sync a folder")}
        </div>
        <When is=move || reads_only.get()>
            <p class="muted">
                "You cannot write to any knowledge base, so there is nowhere to import to. "
                <a href=base::at("/")>"Make one on the home page."</a>
            </p>
        </When>
        <When is=move || sending.with(Option::is_some)>
            <OnItsWay/>
        </When>
        <Unknown wanted/>
        <When is=move || empty.get()>
            <EmptyState
                glyph=Glyph::Jobs
                title="No jobs yet"
                text="Point Tidings at a site, or give it files, and watch them come in here, page by page. Files can be dropped anywhere on this page."
            />
        </When>
        <ul class="jobs" aria-label="Jobs">
            <Each each=move || ids.get() key=JobId::clone children=move |id| view! { <Card id read writable/> }.into_any()/>
        </ul>
        <LoadMore more loading=read.loading_more() load=move || read.load_more_jobs()/>
    }
}

/// The job that the address names (`#notes.1f…`), where it is not here: it is looked for further down, and where it is not
/// there either, that is said.
fn wanted_job(read: LiveRead<JobList>, ids: Memo<Vec<JobId>>, more: Memo<bool>) -> Memo<Option<String>> {
    let named = named_job();
    let missing = Memo::new(move |_| {
        named
            .get()
            .filter(|id| ids.with(|ids| ids.iter().all(|known| known.as_str() != id)))
    });
    Effect::new(move || {
        if missing.with(Option::is_some) && more.get() && !read.loading_more().get() {
            read.load_more_jobs();
        }
    });
    // The server does not see this part of an address, and renders what is true for who names none.
    let alive = RwSignal::new(false);
    Effect::new(move || alive.set(true));
    Memo::new(move |_| missing.get().filter(|_| alive.get() && !more.get()))
}

/// The id that the address names behind its `#`.
fn named_job() -> Memo<Option<String>> {
    let hash = use_location().hash;
    Memo::new(move |_| {
        // A server does not see it.
        if is_server() {
            return None;
        }
        hash.with(|hash| Some(hash.trim_start_matches('#').to_owned()).filter(|id| !id.is_empty()))
    })
}

#[component]
fn Unknown(wanted: Memo<Option<String>>) -> impl IntoView {
    view! {
        <div role="status">
            {move || {
                wanted
                    .get()
                    .map(|id| {
                        view! {
                            <p class="notice">
                                <span>"There is no job " <code>{id}</code> " any more: it was dismissed, or ended long ago, or its knowledge base is gone."</span>
                                <a class="button" href=base::at("/jobs")>"All jobs"</a>
                            </p>
                        }
                            .into_any()
                    })
            }}
        </div>
    }
}

/// Whether one may write in a knowledge base.
fn may_write(writable: Memo<Vec<KbName>>, kb: &KbName) -> bool {
    writable.with(|writable| writable.contains(kb))
}

/// "12 KiB", "1.5 MiB"
pub fn size(bytes: f64) -> String {
    const KIB: f64 = 1_024.0;
    let (number, unit) = match bytes {
        ..KIB => return format!("{bytes:.0} B"),
        ..1_048_576.0 => (bytes / KIB, "KiB"),
        _ => (bytes / KIB / KIB, "MiB"),
    };
    let tenths = (number * 10.0).round() / 10.0;
    format!("{tenths} {unit}")
}

/// "12,345": numbers are looked at side by side.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{grouped, size};

    #[test]
    fn sizes_and_numbers_are_easy_to_read() {
        assert_eq!(
            [0.0, 1_023.0, 1_536.0, 52_428_800.0].map(size),
            ["0 B", "1023 B", "1.5 KiB", "50 MiB"]
        );
        assert_eq!([7, 999, 1_000, 1_234_567].map(grouped), ["7", "999", "1,000", "1,234,567"]);
    }
}
