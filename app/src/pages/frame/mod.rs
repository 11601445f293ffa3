//! What stands around every page: header, banners, messages, and the dialogs that open from anywhere.

mod announcements;
mod bell;
mod header;
mod help;
mod new_entry;
mod news;
mod palette;
mod person;
mod strip;

use super::jobs::{Bring, BringDialog, Sending};
use crate::base;
use crate::protocol::KbName;
use crate::ui::connection::Banners;
use crate::ui::toast::ToastRegion;
use crate::ui::{browser, place};
use announcements::Announcements;
use header::Header;
use help::KeysHelp;
pub use help::KeysList;
use leptos::prelude::*;
pub use new_entry::NewEntry;
use new_entry::NewEntryDialog;
use palette::Palette;
pub use palette::{Field as PaletteField, Finder};
use strip::Strip;

/// Opens the dialogs of the frame from any page, and tells it where nothing new can be made.
#[derive(Clone, Copy)]
pub struct Dialogs {
    /// For what is to be brought in.
    pub bring: Bring,
    /// The files that are on their way to the server.
    pub sending: RwSignal<Option<Sending>>,
    /// For a new entry, where the page belongs to no knowledge base.
    pub new_entry: RwSignal<bool>,
    /// For a new knowledge base; it is the home page's, which opens it when it is shown.
    pub new_kb: RwSignal<bool>,
    /// The knowledge base of the page, where one may not write in it.
    pub read_only: RwSignal<Option<KbName>>,
}

/// What stands around every page.
#[component]
pub fn Frame(children: Children) -> impl IntoView {
    provide_context(Dialogs {
        bring: Bring::new(),
        sending: RwSignal::new(None),
        new_entry: RwSignal::new(false),
        new_kb: RwSignal::new(false),
        read_only: RwSignal::new(None),
    });
    place::keep_places();
    Effect::new(base::leave_neighbours);
    bell::mark_icon();
    news::tell_news();
    let skip = move |ev: web_sys::MouseEvent| {
        ev.prevent_default();
        browser::focus("#main");
    };
    view! {
        <a class="skip" href="#main" on:click=skip>"Skip to content"</a>
        <Header/>
        <Announcements/>
        <Strip/>
        <Banners/>
        <main id="main" tabindex="-1">{children()}</main>
        <ToastRegion/>
        <Palette/>
        <KeysHelp/>
        <NewEntryDialog/>
        <BringDialog/>
    }
}
