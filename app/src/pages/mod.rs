//! Step 8 of a change: what people see. One folder a page; each reads by `sync` and renders only what changed.

mod address;
mod edit;
mod entry;
mod frame;
mod history;
mod home;
mod kb;
mod loaded;
mod moved;
mod not_found;
mod route;
mod search;
mod trash;
mod write;

pub use edit::HandOver;
pub use frame::Frame;

use edit::{EditPage, NewPage};
use entry::EntryPage;
use history::HistoryPage;
use home::HomePage;
use kb::KbPage;
use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::{SsrMode, path};
use not_found::NotFound;
use search::SearchPage;
use trash::TrashPage;

/// Which page an address shows. All are rendered whole before the first byte is sent, so that each has its own status.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=|| view! { <NotFound/> }>
            <Route path=path!("/") view=HomePage ssr=SsrMode::Async/>
            <Route path=path!("/search") view=SearchPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb") view=KbPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/new") view=NewPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/trash") view=TrashPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id") view=EntryPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id/edit") view=EditPage ssr=SsrMode::Async/>
            <Route path=path!("/kb/:kb/e/:id/history") view=HistoryPage ssr=SsrMode::Async/>
        </Routes>
    }
}
