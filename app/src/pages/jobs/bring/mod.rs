//! What brings much in at once: a site, files, a folder. One dialog for all, which opens from any page.

mod crawl;
mod drops;
mod files;
mod kb_choice;
mod send;
mod sending;
mod sync;
mod upload;

use crate::pages::frame::Dialogs;
use crate::pages::later::{LaterDialog, later_dialog};
use crate::protocol::{KbName, Problem};
use crate::ui::Dialog;
use crawl::CrawlForm;
pub use drops::take_drops;
pub use files::dropped;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
pub use sending::Sending;
use sync::SyncForm;
pub use upload::OnItsWay;
use upload::UploadForm;
use web_sys::File;

/// How something is brought in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The pages of a site.
    Crawl,
    /// Files of this computer.
    Upload,
    /// A folder of the server.
    Sync,
}

/// Opens the dialog, from any page.
#[derive(Clone, Copy)]
pub struct Bring {
    open: RwSignal<bool>,
    way: RwSignal<Way>,
    kb: RwSignal<Option<KbName>>,
    /// Files that were dropped before it opened.
    files: StoredValue<Vec<SendWrapper<File>>>,
}

impl Bring {
    /// Nothing yet.
    pub fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            way: RwSignal::new(Way::Crawl),
            kb: RwSignal::new(None),
            files: StoredValue::new(Vec::new()),
        }
    }

    /// Asks for what is brought in this way, into this knowledge base where one is given.
    pub fn ask(self, way: Way, kb: Option<KbName>) {
        self.way.set(way);
        self.kb.set(kb);
        self.open.set(true);
    }

    /// Puts it away.
    fn close(self) {
        self.open.try_set(false);
    }

    /// The same with files that are here already.
    pub fn ask_with(self, files: Vec<File>, kb: Option<KbName>) {
        self.files.set_value(files.into_iter().map(SendWrapper::new).collect());
        self.ask(Way::Upload, kb);
    }
}

/// The dialog.
#[component]
pub fn BringDialog() -> impl IntoView {
    let open = expect_context::<Dialogs>().bring.open;
    view! { <Dialog open title="Import">{move || later_dialog(LaterDialog::Bring)}</Dialog> }
}

/// What stands in it.
#[component]
pub fn BringForm() -> impl IntoView {
    let bring = expect_context::<Dialogs>().bring;
    let choice = move |way: Way, name: &'static str| {
        let pressed = move || (bring.way.get() == way).to_string();
        view! { <button type="button" class="button" aria-pressed=pressed on:click=move |_| bring.way.set(way)>{name}</button> }.into_any()
    };
    view! {
        <div class="choices" role="group" aria-label="What to import">
            {choice(Way::Crawl, "Site")} {choice(Way::Upload, "Files")} {choice(Way::Sync, "Re-sync folder")}
        </div>
        {move || match bring.way.get() {
            Way::Crawl => view! { <CrawlForm bring/> }.into_any(),
            Way::Upload => view! { <UploadForm bring/> }.into_any(),
            Way::Sync => view! { <SyncForm bring/> }.into_any(),
        }}
    }
}

/// The field of a form that a problem is about, as the server names it.
fn field_of(problem: &Problem) -> Option<String> {
    Some(problem.extra.get("field")?.as_str()?.to_owned())
}
