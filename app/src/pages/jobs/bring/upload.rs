//! Has files of this computer brought in.

use super::files::{Choice, FilesField};
use super::kb_choice::{KbChoice, KbField};
use super::send::{end, send};
use super::{Bring, Sending};
use crate::base;
use crate::pages::frame::Dialogs;
use crate::pages::jobs::size;
use crate::ui::{ProgressBar, Toasts, When};
use leptos::prelude::*;
use leptos::task::spawn_local;
use send_wrapper::SendWrapper;
use web_sys::SubmitEvent;

/// The form, and while files are on their way how far they are.
#[component]
pub fn UploadForm(bring: Bring) -> impl IntoView {
    let sending = expect_context::<Dialogs>().sending;
    let choice = Choice::new();
    choice.add(
        bring
            .files
            .try_update_value(std::mem::take)
            .unwrap_or_default()
            .into_iter()
            .map(SendWrapper::take)
            .collect(),
    );
    let failed = RwSignal::new(None::<String>);
    let on_its_way = Memo::new(move |_| sending.with(Option::is_some));
    let kb = KbChoice::new(bring);
    let start = uploader(bring, choice, kb, failed);
    let none = Memo::new(move |_| choice.files.with(Vec::is_empty));
    view! {
        <form class="form" class:hidden=on_its_way on:submit=start>
            <FilesField choice/>
            <KbField choice=kb/>
            <p class="field-error" role="alert">{failed}</p>
            <div class="actions">
                <button type="submit" class="button button-primary" disabled=move || none.get() || kb.is_empty()>
                    {move || label(choice.files.with(Vec::len), choice.bytes())}
                </button>
                <button type="button" class="button" on:click=move |_| bring.close()>"Cancel"</button>
            </div>
        </form>
        <When is=move || on_its_way.get()>
            <OnItsWay/>
            <p class="muted">"It goes on when you close this; only this tab must stay open."</p>
        </When>
    }
}

/// "Upload 3 files, 12 KiB"
fn label(files: usize, bytes: f64) -> String {
    match files {
        0 => "Upload".to_owned(),
        1 => format!("Upload 1 file, {}", size(bytes)),
        n => format!("Upload {n} files, {}", size(bytes)),
    }
}

/// Sends what was chosen. The job that comes of it is shown, or offered to whoever is elsewhere by then.
fn uploader(bring: Bring, choice: Choice, kb: KbChoice, failed: RwSignal<Option<String>>) -> impl Fn(SubmitEvent) {
    let sending = expect_context::<Dialogs>().sending;
    let toasts = Toasts::expect();
    let navigate = base::use_navigate();
    move |ev| {
        ev.prevent_default();
        let files = choice.files.get_untracked();
        let Some(kb) = kb.chosen().filter(|_| !files.is_empty() && sending.with_untracked(Option::is_none)) else {
            return;
        };
        failed.set(None);
        let navigate = navigate.clone();
        spawn_local(async move {
            let leaving = window_event_listener(leptos::ev::beforeunload, |ev| ev.prevent_default());
            let answer = send(kb, &files, sending).await;
            leaving.remove();
            match answer {
                None => toasts.say("The upload was cancelled. Nothing of it is stored."),
                Some(Ok(job)) => {
                    let to = base::at(&format!("/jobs#{}", job.job_id));
                    if failed.try_get_untracked().is_some() {
                        bring.close();
                        navigate(&to, Default::default());
                        return;
                    }
                    // Handlers run where the page runs, in one thread.
                    let navigate = SendWrapper::new(navigate);
                    let watch = Callback::new(move |()| navigate(&to, Default::default()));
                    toasts.offer(format!("“{}” is uploaded, and is being read.", job.title), "Watch", watch);
                }
                Some(Err(problem)) => {
                    if failed.try_set(Some(problem.detail.clone())).is_some() {
                        toasts.fail(format!("Not uploaded: {}", problem.detail));
                    }
                }
            }
        });
    }
}

/// How far the files are, with a way to end it.
#[component]
pub fn OnItsWay() -> impl IntoView {
    let sending = expect_context::<Dialogs>().sending;
    let percent = Memo::new(move |_| sending.with(|sending| sending.as_ref().map(Sending::percent)));
    let of = move |look: fn(&Sending) -> String| sending.with(|sending| sending.as_ref().map(look).unwrap_or_default());
    let name = move || of(|sending| format!("{} into {}", sending.named(), sending.kb));
    let much = move || of(|sending| format!("{} of {}", size(sending.sent), size(sending.bytes)));
    let stands = move || match percent.get() {
        Some(100) => "All is sent; the server stores it.".to_owned(),
        _ => much(),
    };
    view! {
        <div class="sending">
            <p role="status">{name}</p>
            <ProgressBar label=Signal::derive(name) percent text=Signal::derive(much)/>
            <div class="sending-foot">
                <span class="muted">{stands}</span>
                <button type="button" class="button" on:click=move |_| end(sending)>"Cancel the upload"</button>
            </div>
        </div>
    }
}
