//! The history of an entry: its versions, what each changed, and the way back to one.

mod diff;

use super::address;
use super::loaded::Loaded;
use super::moved::{Moved, renamed_to};
use super::rights::{may_write_once_alive, read_rights};
use super::route::AtEntry;
use crate::base;
use crate::protocol::entry::{History, VersionInfo};
use crate::protocol::{EntryId, KbName, Problem, Version};
use crate::sync::{LiveRead, history};
use crate::ui::{Badge, Each, ErrorState, LoadMore, PageTitle, Time};
use diff::Diff;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;
use std::sync::Arc;

/// The page of an entry's history.
#[component]
pub fn HistoryPage() -> impl IntoView {
    view! { <AtEntry page=|kb, id| view! { <Shown kb id/> }/> }
}

#[component]
fn Shown(kb: KbName, id: EntryId) -> impl IntoView {
    let source = (kb.clone(), id.clone());
    let read = history(move || source.clone());
    let writes = may_write_once_alive(read_rights(&kb));
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get_str("v").and_then(|v| v.parse().ok()).map(Version::new)));
    let named = StoredValue::new((kb, id));
    let failed: Arc<dyn Fn(Problem) -> AnyView + Send + Sync> = Arc::new(move |problem| match renamed_to(&problem) {
        Some(now) => view! { <Moved to=named.with_value(|(kb, _)| address::history(kb, &now))/> }.into_any(),
        None => view! { <ErrorState problem page=true retry=Callback::new(move |()| read.refetch())/> }.into_any(),
    });
    view! {
        <div class="page page-wide">
            <Loaded read failed>
                <Body read writes named asked/>
            </Loaded>
        </div>
    }
}

#[component]
fn Body(
    read: LiveRead<History>,
    writes: Signal<bool>,
    named: StoredValue<(KbName, EntryId)>,
    asked: Memo<Option<Version>>,
) -> impl IntoView {
    let (kb, id) = named.get_value();
    let title = Memo::new(move |_| read.with_data(|history| history.entry.title.clone()).unwrap_or_default());
    let newest = Memo::new(move |_| read.with_data(|history| history.entry.version).unwrap_or(Version::FIRST));
    let chosen = Memo::new(move |_| asked.get().unwrap_or(newest.get()));
    let versions = Memo::new(move |_| read.with_data(|history| history.versions.clone()).unwrap_or_default());
    let more = Memo::new(move |_| read.with_data(|history| history.next.is_some()).unwrap_or_default());
    view! {
        <PageTitle text=move || format!("History of {}", title.get())/>
        <nav class="crumbs" aria-label="Breadcrumbs">
            <a href=base::at("/")>"Home"</a>
            <a href=address::kb(&kb)>{kb.to_string()}</a>
            <a href=address::entry(&kb, &id)>{title}</a>
        </nav>
        <header class="page-head">
            <h1>"History of " {title}</h1>
        </header>
        <div class="history">
            <div>
                <ol class="versions" aria-label="Versions, newest first">
                    <Each
                        each=move || versions.get()
                        key=|info| info.version
                        children=move |info| view! { <VersionLine info named chosen newest/> }.into_any()
                    />
                </ol>
                <LoadMore more loading=read.loading_more() load=move || read.load_more_versions()/>
            </div>
            <Diff named chosen newest writes/>
        </div>
    }
}

#[component]
fn VersionLine(info: VersionInfo, named: StoredValue<(KbName, EntryId)>, chosen: Memo<Version>, newest: Memo<Version>) -> impl IntoView {
    let version = info.version;
    let href = named.with_value(|(kb, id)| address::version(kb, id, version));
    let is_newest = move || newest.get() == version;
    view! {
        <li class="version" data-row=version.to_string()>
            <a href=href data-noscroll aria-current=move || (chosen.get() == version).then_some("true")>
                <span class="version-line">
                    <strong>{format!("Version {version}")}</strong>
                    {move || is_newest().then(|| view! { <Badge tone="accent">"now"</Badge> }.into_any())}
                </span>
                <span class="version-line">
                    <span>{info.by.name().to_owned()} ", " <Time at=info.at/></span>
                    <span>
                        <span class="added">{format!("+{}", info.lines_added)}</span>
                        " "
                        <span class="removed">{format!("−{}", info.lines_removed)}</span>
                    </span>
                </span>
            </a>
        </li>
    }
}
