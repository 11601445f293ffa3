//! What the one who is here may do, where a page does not read it by itself.

use super::address;
use super::frame::Dialogs;
use crate::api::kb::load_kb;
use crate::protocol::KbName;
use crate::protocol::entry::KbView;
use crate::protocol::people::Level;
use crate::sync::{LiveRead, live};
use crate::ui::{EmptyState, Glyph, PageTitle};
use leptos::prelude::*;

/// Reads the knowledge base for what one may do in it. Ask [`may_write`] within what waits for this, so that both sides
/// render the same.
pub fn read_rights(kb: &KbName) -> LiveRead<KbView> {
    let kb = kb.clone();
    live(move || kb.clone(), load_kb)
}

/// Whether one may write there. Where that cannot be read one may try, and the server decides.
pub fn may_write(rights: LiveRead<KbView>) -> Memo<bool> {
    Memo::new(move |_| rights.with_data(|view| view.kb.level).is_none_or(|level| level >= Level::Write))
}

/// The same for what only works in a page that is alive, and so does not show before.
pub fn may_write_once_alive(rights: LiveRead<KbView>) -> Signal<bool> {
    let writes = RwSignal::new(false);
    Effect::new(move || {
        let level = rights.with(|answer| answer.as_ref().map_or(Level::Write, |view| view.data.kb.level));
        writes.set(level.is_some_and(|level| level >= Level::Write));
    });
    writes.into()
}

/// Tells what stands around the page where nothing new can be made, while the page shows.
pub fn tell_frame(kb: KbName, may_write: Memo<bool>) {
    let read_only = expect_context::<Dialogs>().read_only;
    Effect::new(move || read_only.set((!may_write.get()).then(|| kb.clone())));
    on_cleanup(move || drop(read_only.try_set(None)));
}

/// Says that one may only read here, in place of an editor.
#[component]
pub fn ReadOnly(
    kb: KbName,
    /// Where one can read what one wanted to change.
    back: String,
) -> impl IntoView {
    view! {
        <PageTitle text="You may only read here"/>
        <h1 class="visually-hidden">"You may only read here"</h1>
        <EmptyState
            glyph=Glyph::Lock
            title="You may only read here"
            text=format!("You may read {kb}, and not write in it. Whoever administers it can let you.")
        >
            <a class="button button-primary" href=back>"Back"</a>
            <a class="button" href=address::kb(&kb)>"All entries"</a>
        </EmptyState>
    }
}
