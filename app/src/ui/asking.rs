//! Forms that ask the server for something: one thing at a time, and with the reason where it was not done.

use super::Tone;
use crate::protocol::Problem;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::future::Future;

/// Where a form stands with what it asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asking {
    busy: RwSignal<bool>,
    failed: RwSignal<Option<String>>,
    /// What goes before the reason.
    before: &'static str,
}

impl Asking {
    /// A form that has not asked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same, which says this before the reason why something was not done.
    #[must_use]
    pub fn saying(self, before: &'static str) -> Self {
        Self { before, ..self }
    }

    /// Asks, unless it still waits for an answer; `then` gets what came of it.
    pub fn ask<T: 'static>(self, asked: impl Future<Output = Result<T, Problem>> + 'static, then: impl FnOnce(T) + 'static) {
        if self.busy.get_untracked() {
            return;
        }
        self.busy.set(true);
        self.failed.set(None);
        spawn_local(async move {
            let answer = asked.await;
            // The form may be gone by now, and be made gone by what follows.
            self.busy.try_set(false);
            match answer {
                Ok(answer) => then(answer),
                Err(problem) => self.refuse(format!("{}{}", self.before, problem.detail)),
            }
        });
    }

    /// Says why it is not done.
    pub fn refuse(self, why: impl Into<String>) {
        self.failed.try_set(Some(why.into()));
    }
}

/// The end of such a form: why it was not done, the button that asks, and where it stands in a dialog (`open`) the one that
/// closes it.
#[component]
pub fn AskingEnd(
    asking: Asking,
    /// What the button says.
    label: &'static str,
    /// And while the answer is awaited.
    working: &'static str,
    #[prop(default = Tone::Primary)] tone: Tone,
    /// Whether it cannot be asked now.
    #[prop(optional, into)]
    rests: Signal<bool>,
    #[prop(optional)] open: Option<RwSignal<bool>>,
    #[prop(default = "Cancel")] cancel: &'static str,
) -> impl IntoView {
    let Asking { busy, failed, .. } = asking;
    view! {
        <p class="field-error" role="alert">{failed}</p>
        <div class="actions">
            <button type="submit" class=tone.class() disabled=move || busy.get() || rests.get()>
                {move || if busy.get() { working } else { label }}
            </button>
            {open.map(|open| view! { <button type="button" class="button" on:click=move |_| open.set(false)>{cancel}</button> }.into_any())}
        </div>
    }
}
