//! Files that are dropped anywhere on a page.

use super::dropped;
use crate::pages::frame::Dialogs;
use crate::protocol::KbName;
use crate::ui::Toasts;
use leptos::ev;
use leptos::prelude::*;
use web_sys::DragEvent;

/// Offers to upload files that are dropped on this page. `into` says whether one may, and the knowledge base of the page.
pub fn take_drops(into: Signal<Option<Option<KbName>>>) {
    let bring = expect_context::<Dialogs>().bring;
    let toasts = Toasts::expect();
    Effect::new(move || {
        let over = window_event_listener(ev::dragover, move |ev| {
            if has_files(&ev) && into.with_untracked(Option::is_some) {
                ev.prevent_default();
            }
        });
        let drop = window_event_listener(ev::drop, move |ev| {
            // A field that took it has said so.
            let Some(kb) = into.get_untracked().filter(|_| has_files(&ev) && !ev.default_prevented()) else {
                return;
            };
            ev.prevent_default();
            match dropped(&ev) {
                (files, _) if !files.is_empty() => bring.ask_with(files, kb),
                (_, folders) if !folders.is_empty() => toasts.fail("A folder cannot be dropped: drop its files, or a ZIP of it."),
                _ => {}
            }
        });
        on_cleanup(move || {
            over.remove();
            drop.remove();
        });
    });
}

/// Whether it is about files, and not about a text or a link.
fn has_files(ev: &DragEvent) -> bool {
    ev.data_transfer().is_some_and(|data| {
        let items = data.items();
        (0..items.length()).filter_map(|at| items.get(at)).any(|item| item.kind() == "file")
    })
}
