//! Has the folder of a knowledge base brought in again.

use super::Bring;
use super::kb_choice::{KbChoice, KbField};
use crate::api::jobs::start_sync;
use crate::base;
use crate::protocol::MutationId;
use crate::protocol::job::NewSync;
use crate::ui::{Asking, AskingEnd};
use leptos::prelude::*;
use web_sys::SubmitEvent;

/// The form.
#[component]
pub fn SyncForm(bring: Bring) -> impl IntoView {
    let choice = KbChoice::new(bring);
    let asking = Asking::new();
    let navigate = base::use_navigate();
    let start = move |ev: SubmitEvent| {
        ev.prevent_default();
        let Some(kb) = choice.chosen() else { return };
        let navigate = navigate.clone();
        asking.ask(start_sync(NewSync { kb: kb.to_string() }, MutationId::generate()), move |job| {
            // Whoever has closed it, is elsewhere by now.
            if bring.open.try_get_untracked() == Some(true) {
                bring.close();
                navigate(&base::at(&format!("/jobs#{}", job.job_id)), Default::default());
            }
        });
    };
    let none = Signal::derive(move || choice.is_empty());
    view! {
        <form class="form" on:submit=start>
            <p class="muted">
                "Syncs a folder on the server again that was synced before with “tidings sync DIR --kb NAME”: new, changed and deleted files."
            </p>
            <KbField choice/>
            <AskingEnd asking label="Re-sync" working="Starting…" rests=none open=bring.open/>
        </form>
    }
}
