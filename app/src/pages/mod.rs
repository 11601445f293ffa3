//! Step 8 of a change: what people see. One folder a page; each reads by `sync` and renders only what changed.

mod access;
mod address;
mod desk;
mod edit;
mod entry;
mod frame;
mod history;
mod home;
mod jobs;
mod kb;
mod later;
mod loaded;
mod logs;
mod moved;
mod not_found;
mod notifications;
mod people;
mod presence;
mod rights;
mod route;
mod search;
mod settings;
mod trash;
mod watch;
mod write;

pub use desk::AtDesk;
pub use edit::HandOver;
pub use frame::Frame;
pub use later::{file_of, load_ahead, prepare};

use entry::EntryPage;
use home::HomePage;
use kb::KbPage;
use later::{LaterPage, later_page};
use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::{SsrMode, path};
use not_found::NotFound;

/// The title of the document: how many notifications are new, the page, the product.
pub fn document_title(page: &str, unseen: u64) -> String {
    let number = if unseen > 0 {
        format!("({}) ", desk::capped(unseen))
    } else {
        String::new()
    };
    let page = if page.is_empty() { String::new() } else { format!("{page} · ") };
    format!("{number}{page}Tidings")
}

/// Which page an address shows. All are rendered whole before the first byte is sent, so that each has its own status.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <NotFound/> }>
            <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
            <Route path=path!("/search") view=|| later_page(LaterPage::Search) ssr=SsrMode::Async/>
            <Route path=path!("/notifications") view=|| later_page(LaterPage::Notifications) ssr=SsrMode::Async/>
            <Route path=path!("/jobs") view=|| later_page(LaterPage::Jobs) ssr=SsrMode::Async/>
            <Route path=path!("/logs") view=|| later_page(LaterPage::Logs) ssr=SsrMode::Async/>
            <Route path=path!("/settings") view=|| later_page(LaterPage::Settings) ssr=SsrMode::Async/>
            <Route path=path!("/settings/people") view=|| later_page(LaterPage::People) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb") view=KbPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/new") view=|| later_page(LaterPage::New) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/access") view=|| later_page(LaterPage::Access) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/trash") view=|| later_page(LaterPage::Trash) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id") view=EntryPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id/edit") view=|| later_page(LaterPage::Edit) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id/history") view=|| later_page(LaterPage::History) ssr=SsrMode::Async/>
        </Routes>
    }
}

#[cfg(test)]
mod tests {
    use super::document_title;

    #[test]
    fn a_title_says_how_much_is_new() {
        assert_eq!(document_title("", 0), "Tidings");
        assert_eq!(document_title("PDCA", 3), "(3) PDCA · Tidings");
        assert_eq!(document_title("", 12), "(9+) Tidings");
    }
}
