//! The home page: all knowledge bases, and what changed last in any of them.

mod cards;
mod new_kb;
mod recent;

use super::frame::Dialogs;
use super::loaded::Loaded;
use super::presence::HereNow;
use crate::api::kb::load_home;
use crate::protocol::entry::Home;
use crate::sync::{LiveRead, live};
use crate::ui::{Button, EmptyState, Glyph, PageTitle, Tone};
use cards::Cards;
pub use cards::counted;
use leptos::prelude::*;
use new_kb::NewKbDialog;
pub use new_kb::NewKbForm;
use recent::Recent;

/// The home page.
#[component]
pub fn HomePage() -> impl IntoView {
    let read: LiveRead<Home> = live(|| (), |()| load_home());
    let dialogs = expect_context::<Dialogs>();
    view! {
        <PageTitle text=""/>
        <div class="page">
            <header class="page-head">
                <h1>"Knowledge bases"</h1>
                <div class="actions">
                    <Button icon=Glyph::Plus on:click=move |_| dialogs.new_kb.set(true)>"New knowledge base"</Button>
                </div>
            </header>
            <Loaded read>
                <Shown read/>
            </Loaded>
        </div>
        <NewKbDialog/>
    }
}

#[component]
fn Shown(read: LiveRead<Home>) -> impl IntoView {
    let dialogs = expect_context::<Dialogs>();
    let empty = Memo::new(move |_| read.with_data(|home| home.kbs.is_empty()).unwrap_or_default());
    move || {
        if empty.get() {
            view! {
                <EmptyState
                    glyph=Glyph::Book
                    title="No knowledge base yet"
                    text="A knowledge base holds entries that link to each other. Create one here, or sync a folder of markdown with “tidings sync”."
                >
                    <Button tone=Tone::Primary icon=Glyph::Plus on:click=move |_| dialogs.new_kb.set(true)>"New knowledge base"</Button>
                </EmptyState>
            }
            .into_any()
        } else {
            view! {
                <div class="home">
                    <Cards read/>
                    <div>
                        <HereNow/>
                        <Recent read/>
                    </div>
                </div>
            }
            .into_any()
        }
    }
}
