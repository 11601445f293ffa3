//! What is not needed to read, and is loaded after the page has come to life: editor, history, search, trash,
//! notifications, jobs, the log, settings, dialogs.
//! A first visit is for reading, and waits for the code of reading only.
//!
//! All parts are in one file: code that several files share would be in further ones. A release build takes the linked module apart where `wasm_split` says so; any other, and the server, has all code at once.

use super::access::AccessPage;
use super::edit::{EditPage, NewPage};
use super::entry::Rename;
use super::frame::{Finder, KeysList, NewEntry, PaletteField};
use super::history::HistoryPage;
use super::home::NewKbForm;
use super::jobs::{BringForm, JobsPage};
use super::kb::{ConfirmDeletion, EditKbForm};
use super::logs::LogsPage;
use super::notifications::NotificationsPage;
use super::people::PeoplePage;
use super::search::SearchPage;
use super::settings::SettingsPage;
use super::trash::TrashPage;
use crate::base;
use crate::protocol::entry::{EntryView, KbSummary, KbView};
use crate::protocol::{EntryId, KbName};
use crate::sync::LiveRead;
use crate::ui::{Button, Glyph, Icon, PageTitle, Skeleton, Tone, browser};
use futures_util::FutureExt;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::SplitLoaderError;

/// The file of all parts, beside the module.
const FILE: &str = "split_later.wasm";

/// A page that is loaded later.
#[derive(Debug, Clone, Copy)]
pub enum LaterPage {
    Access,
    Edit,
    History,
    Jobs,
    Logs,
    New,
    Notifications,
    People,
    Search,
    Settings,
    Trash,
}

/// What stands in a dialog, with what it is about.
#[derive(Clone)]
pub enum LaterDialog {
    Bring,
    DeleteKb {
        about: LiveRead<KbView>,
        kb: KbName,
        open: RwSignal<bool>,
    },
    EditKb {
        about: LiveRead<KbView>,
        kb: KbName,
        open: RwSignal<bool>,
    },
    Finder {
        kbs: RwSignal<Vec<KbSummary>>,
        field: PaletteField,
    },
    Keys,
    NewEntry,
    NewKb {
        open: RwSignal<bool>,
    },
    Rename {
        read: LiveRead<EntryView>,
        named: StoredValue<(KbName, EntryId)>,
        open: RwSignal<bool>,
    },
}

#[derive(Clone)]
enum Part {
    Page(LaterPage),
    Dialog(LaterDialog),
}

/// The code behind this is in a file of its own.
#[cfg(feature = "split")]
#[leptos::wasm_split::wasm_split(later, wasm_split_path = ::leptos::wasm_split, fallible, preload(load))]
fn make(part: Part) -> Result<AnyView, SplitLoaderError> {
    Ok(view_of(part))
}

#[cfg(not(feature = "split"))]
async fn make(part: Part) -> Result<AnyView, SplitLoaderError> {
    Ok(view_of(part))
}

#[cfg(not(feature = "split"))]
async fn load() -> Result<(), SplitLoaderError> {
    Ok(())
}

fn view_of(part: Part) -> AnyView {
    match part {
        Part::Page(page) => match page {
            LaterPage::Access => view! { <AccessPage/> }.into_any(),
            LaterPage::Edit => view! { <EditPage/> }.into_any(),
            LaterPage::History => view! { <HistoryPage/> }.into_any(),
            LaterPage::Jobs => view! { <JobsPage/> }.into_any(),
            LaterPage::Logs => view! { <LogsPage/> }.into_any(),
            LaterPage::New => view! { <NewPage/> }.into_any(),
            LaterPage::Notifications => view! { <NotificationsPage/> }.into_any(),
            LaterPage::People => view! { <PeoplePage/> }.into_any(),
            LaterPage::Search => view! { <SearchPage/> }.into_any(),
            LaterPage::Settings => view! { <SettingsPage/> }.into_any(),
            LaterPage::Trash => view! { <TrashPage/> }.into_any(),
        },
        Part::Dialog(dialog) => match dialog {
            LaterDialog::Bring => view! { <BringForm/> }.into_any(),
            LaterDialog::DeleteKb { about, kb, open } => view! { <ConfirmDeletion about kb open/> }.into_any(),
            LaterDialog::EditKb { about, kb, open } => view! { <EditKbForm about kb open/> }.into_any(),
            LaterDialog::Finder { kbs, field } => view! { <Finder kbs field/> }.into_any(),
            LaterDialog::Keys => view! { <KeysList/> }.into_any(),
            LaterDialog::NewEntry => view! { <NewEntry/> }.into_any(),
            LaterDialog::NewKb { open } => view! { <NewKbForm open/> }.into_any(),
            LaterDialog::Rename { read, named, open } => view! { <Rename read named open/> }.into_any(),
        },
    }
}

fn is_later(address: &str) -> bool {
    let path = base::within(address);
    let segments: Vec<_> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    matches!(
        segments.as_slice(),
        ["jobs" | "logs" | "notifications" | "search" | "settings"]
            | ["settings", "people"]
            | ["kb", _, "access" | "new" | "trash"]
            | ["kb", _, "e", _, "edit" | "history"]
    )
}

/// The file that the page at this address needs besides the module, where the module was taken apart.
pub fn file_of(address: &str) -> Option<&'static str> {
    is_later(address).then_some(FILE)
}

/// Waits for what the page at this address is made of, which must be there before the document comes to life. False where
/// it cannot be had.
pub async fn prepare(address: &str) -> bool {
    !is_later(address) || load().await.is_ok()
}

/// Loads all parts while nobody waits for them, so that they are there without a connection too.
pub fn load_ahead() {
    // Where it fails, whoever needs a part asks again, and tells.
    spawn_local(async { drop(load().await) });
}

/// A page, and until it is loaded the shape of one.
pub fn later_page(page: LaterPage) -> AnyView {
    later(Part::Page(page), || view! { <NotLoaded/> }.into_any())
}

/// What stands in a dialog.
pub fn later_dialog(dialog: LaterDialog) -> AnyView {
    later(Part::Dialog(dialog), || {
        view! { <p role="alert">"This did not load: the connection was lost, or the server has a newer Tidings. Close it and try again."</p> }
            .into_any()
    })
}

fn later(part: Part, failed: fn() -> AnyView) -> AnyView {
    if let Some(Ok(view)) = make(part.clone()).now_or_never() {
        return view;
    }
    let loaded = RwSignal::new(None);
    spawn_local(async move {
        let is_there = load().await.is_ok();
        loaded.try_set(Some(is_there));
        leptos::task::tick().await;
        // A dialog gives the focus to what it has when it opens; this came after.
        browser::focus("dialog[open] [autofocus]");
    });
    let shown = move || match loaded.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(true) => make(part.clone()).now_or_never().and_then(Result::ok).into_any(),
        Some(false) => failed(),
    };
    shown.into_any()
}

#[component]
fn NotLoaded() -> impl IntoView {
    let again = move |_| {
        // Fails only where the document is not at an address.
        drop(window().location().reload());
    };
    view! {
        <PageTitle text="Not loaded"/>
        <section class="empty" role="alert">
            <span class="empty-icon"><Icon glyph=Glyph::Warning/></span>
            <h1>"This page did not load"</h1>
            <p>"The connection was lost, or the server has a newer Tidings. Nothing you wrote is lost."</p>
            <div class="actions">
                <Button tone=Tone::Primary icon=Glyph::Refresh on:click=again>"Load it again"</Button>
            </div>
        </section>
    }
}
