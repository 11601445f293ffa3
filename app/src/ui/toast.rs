//! Short messages that go by themselves. Their regions are in the page from the start, so that screen readers hear
//! the first one too.

use super::{Each, Glyph, Icon};
use leptos::prelude::*;
use std::time::Duration;

/// How long a message stays; one that offers something to do stays longer.
const STAYS: Duration = Duration::from_secs(6);
const STAYS_WITH_ACTION: Duration = Duration::from_secs(12);

/// Most messages at once.
const MOST: usize = 4;

#[derive(Clone)]
struct Toast {
    id: u64,
    text: String,
    failed: bool,
    action: Option<(&'static str, Callback<()>)>,
}

/// The messages that are on the screen. In the context of every page.
#[derive(Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u64>,
}

impl Toasts {
    /// Puts it in the context, for the whole app.
    pub fn provide() -> Self {
        let toasts = Self {
            shown: RwSignal::new(Vec::new()),
            next: StoredValue::new(0),
        };
        provide_context(toasts);
        toasts
    }

    /// The one in the context.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Says that something was done.
    pub fn say(&self, text: impl Into<String>) {
        self.push(text.into(), false, None);
    }

    /// Says that something was done, and offers to take it back.
    pub fn offer(&self, text: impl Into<String>, label: &'static str, action: Callback<()>) {
        self.push(text.into(), false, Some((label, action)));
    }

    /// Says that something failed.
    pub fn fail(&self, text: impl Into<String>) {
        self.push(text.into(), true, None);
    }

    fn push(&self, text: String, failed: bool, action: Option<(&'static str, Callback<()>)>) {
        let id = self.next.try_update_value(|next| {
            *next += 1;
            *next
        });
        let Some(id) = id else { return };
        let stays = if action.is_some() || failed { STAYS_WITH_ACTION } else { STAYS };
        self.shown.update(|shown| {
            shown.push(Toast { id, text, failed, action });
            // More would hide the page. What matters for longer is also among the notifications.
            let surplus = shown.len().saturating_sub(MOST);
            shown.drain(..surplus);
        });
        self.leave_later(id, stays);
    }

    fn leave_later(self, id: u64, after: Duration) {
        set_timeout(
            move || {
                let read = super::browser::find(".toasts:hover, .toasts:focus-within").is_some();
                if read { self.leave_later(id, STAYS) } else { self.leave(id) }
            },
            after,
        );
    }

    fn leave(&self, id: u64) {
        self.shown.update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where messages appear: one region for what was done, one for what failed.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::expect();
    let region = move |failed: bool| {
        view! {
            <Each
                each=move || toasts.shown.get().into_iter().filter(move |toast| toast.failed == failed)
                key=|toast| toast.id
                children=move |toast| view! { <ToastView toast/> }.into_any()
            />
        }
    };
    view! {
        <div class="toasts">
            <div role="status">{region(false)}</div>
            <div role="alert">{region(true)}</div>
        </div>
    }
}

#[component]
fn ToastView(toast: Toast) -> impl IntoView {
    let toasts = Toasts::expect();
    let id = toast.id;
    view! {
        <div class="toast" class:toast-failed=toast.failed>
            <span class="toast-text">{toast.text}</span>
            {toast
                .action
                .map(|(label, action)| {
                    view! {
                        <button
                            type="button"
                            class="button button-small"
                            on:click=move |_| {
                                toasts.leave(id);
                                action.run(());
                            }
                        >
                            {label}
                        </button>
                    }.into_any()
                })}
            <button type="button" class="button button-ghost button-icon" aria-label="Dismiss" on:click=move |_| toasts.leave(id)>
                <Icon glyph=Glyph::Close/>
            </button>
        </div>
    }
}
