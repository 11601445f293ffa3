//! Step 8 of a change: what people see. One folder a page; each reads by `sync` and renders only what changed.

mod address;
mod edit;
mod entry;
mod frame;
mod history;
mod home;
mod kb;
mod later;
mod loaded;
mod moved;
mod not_found;
mod route;
mod search;
mod trash;
mod write;

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

/// Which page an address shows. All are rendered whole before the first byte is sent, so that each has its own status.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <NotFound/> }>
            <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
            <Route path=path!("/search") view=|| later_page(LaterPage::Search) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb") view=KbPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/new") view=|| later_page(LaterPage::New) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/trash") view=|| later_page(LaterPage::Trash) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id") view=EntryPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id/edit") view=|| later_page(LaterPage::Edit) ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id/history") view=|| later_page(LaterPage::History) ssr=SsrMode::Async/>
        </Routes>
    }
}
