//! What stands around every page: header, banners, messages, and the dialogs that open from anywhere.

mod header;
mod help;
mod new_entry;
mod palette;

use crate::ui::connection::Banners;
use crate::ui::toast::ToastRegion;
use crate::ui::{browser, place};
use header::Header;
use help::KeysHelp;
pub use help::KeysList;
use leptos::prelude::*;
pub use new_entry::NewEntry;
use new_entry::NewEntryDialog;
pub use palette::Finder;
use palette::Palette;

/// Opens the dialogs of the frame from any page.
#[derive(Clone, Copy)]
pub struct Dialogs {
    /// For a new entry, where the page belongs to no knowledge base.
    pub new_entry: RwSignal<bool>,
    /// For a new knowledge base; it is the home page's, which opens it when it is shown.
    pub new_kb: RwSignal<bool>,
}

/// What stands around every page.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    provide_context(Dialogs {
        new_entry: RwSignal::new(false),
        new_kb: RwSignal::new(false),
    });
    place::keep_places();
    let skip = move |ev: web_sys::MouseEvent| {
        ev.prevent_default();
        browser::focus("#main");
    };
    view! {
        <a class="skip" href="#main" on:click=skip>"Skip to content"</a>
        <Header/>
        <Banners/>
        <main id="main" tabindex="-1">{children()}</main>
        <ToastRegion/>
        <Palette/>
        <KeysHelp/>
        <NewEntryDialog/>
    }
}
