//! The bar above the editor: how far it is saved, in words that are always true, and the ways on.

use super::editor::{Editor, Notice, Saving};
use crate::pages::address;
use crate::protocol::{Code, Timestamp};
use crate::sync::{Link, Sync, WriteState};
use crate::ui::{Button, Glyph, Icon, LogIn, Time, Tone, When};
use leptos::prelude::*;

/// How far what is written is saved, and the buttons that save it.
#[component]
pub fn Bar(editor: Editor, save: Callback<()>, save_and_close: Callback<()>) -> impl IntoView {
    let sync = Sync::expect();
    let dirty = Memo::new(move |_| editor.is_dirty());
    let away = Memo::new(move |_| matches!(sync.link().get(), Link::Lost { .. }));
    let state = Memo::new(move |_| describe(&editor.saving.get(), editor.write.get(), dirty.get(), away.get()));
    // A conflict, and what becomes of an entry that is gone, are decided where they are shown.
    let resting = Memo::new(move |_| editor.gone.get().is_some() || matches!(editor.saving.get(), Saving::Sending | Saving::Conflict(_)));
    let back = move || match editor.id.get() {
        Some(id) => address::entry(&editor.kb.get_value(), &id),
        None => address::kb(&editor.kb.get_value()),
    };
    view! {
        <div class="editor-bar">
            <p class="save-state" role="status" data-state=move || state.get().0>
                {move || view! { <Icon glyph=state.get().1/> }.into_any()}
                <span>{move || state.get().2}</span>
            </p>
            <div class="actions">
                <a class="button button-ghost" href=back>{move || if dirty.get() { "Close (draft kept)" } else { "Close" }}</a>
                <Button disabled=resting on:click=move |_| save.run(()) attr:title="Save (Ctrl S)">"Save"</Button>
                <Button
                    tone=Tone::Primary
                    disabled=resting
                    on:click=move |_| save_and_close.run(())
                    attr:title="Save and close (Ctrl Enter)"
                >
                    "Save and close"
                </Button>
            </div>
        </div>
    }
}

/// The state as a word for CSS and tests, an icon, and a sentence.
fn describe(saving: &Saving, write: WriteState, dirty: bool, away: bool) -> (&'static str, Glyph, String) {
    let (state, glyph, text) = match saving {
        Saving::Sending if write == WriteState::Waiting || away => (
            "offline",
            Glyph::Offline,
            "Offline. It is kept here and sent when the connection is back.",
        ),
        Saving::Sending => ("saving", Glyph::Refresh, "Saving…"),
        Saving::Failed(problem) => return ("failed", Glyph::Warning, format!("Not saved: {}", problem.detail)),
        Saving::Conflict(_) => ("conflict", Glyph::Warning, "Not saved: somebody else changed the same place."),
        Saving::Idle | Saving::Saved if dirty && away => ("offline", Glyph::Offline, "Unsaved changes, kept in this browser. Offline."),
        Saving::Idle | Saving::Saved if dirty => ("unsaved", Glyph::Edit, "Unsaved changes, kept in this browser."),
        Saving::Saved => ("saved", Glyph::Check, "Saved."),
        Saving::Idle => ("clean", Glyph::Check, "No changes."),
    };
    (state, glyph, text.to_owned())
}

/// What the author should know: a draft that came back, others at work, a browser that keeps nothing.
#[component]
pub fn Notices(editor: Editor, save: Callback<()>, discard: Callback<()>) -> impl IntoView {
    // What is gone has a notice of its own, and trying again is no way on.
    let failed = Memo::new(move |_| editor.gone.get().is_none() && matches!(editor.saving.get(), Saving::Failed(_)));
    let unknown = Memo::new(move |_| matches!(editor.saving.get(), Saving::Failed(problem) if problem.code == Code::Unauthenticated));
    let reason = move || match editor.saving.get() {
        Saving::Failed(problem) => Some(problem.detail),
        _ => None,
    };
    view! {
        <When is=move || !editor.kept.get()>
            <div class="notice notice-bad" role="alert">
                <span>"This browser keeps no draft: its storage is full or switched off. Save before you leave this page."</span>
            </div>
        </When>
        <When is=move || failed.get()>
            <div class="notice notice-bad" role="alert">
                <span>"Not saved. " {reason} " Your text is still here."</span>
                <When is=move || unknown.get()>
                    <LogIn/>
                </When>
                <Button icon=Glyph::Refresh on:click=move |_| save.run(())>"Try again"</Button>
            </div>
        </When>
        {move || {
            let (class, text) = match editor.notice.get()? {
                Notice::Restored { at } => return Some(view! { <Restored at discard/> }.into_any()),
                Notice::SavedBySomebody { by, version } => (
                    "notice",
                    format!(
                        "{} saved version {version} while you write. Your text is untouched; when you save, both are merged.",
                        by.name(),
                    ),
                ),
                Notice::OnlyReading => (
                    "notice notice-warn",
                    "You may only read here now. Your text is kept in this browser; whoever administers the knowledge base can let you save it."
                        .to_owned(),
                ),
                Notice::MergedWith { by } => ("notice", format!("Merged with a change by {}. Both are saved.", by.name())),
            };
            let dismiss = move |_| editor.notice.set(None);
            Some(
                view! {
                    <div class=class role="status">
                        <span>{text}</span>
                        <Button tone=Tone::Ghost on:click=dismiss>"Dismiss"</Button>
                    </div>
                }
                    .into_any(),
            )
        }}
    }
}

#[component]
fn Restored(at: i64, discard: Callback<()>) -> impl IntoView {
    view! {
        <div class="notice notice-warn" role="status">
            <span>"Your unsaved draft is back, from " <Time at=Timestamp::from_millis(at)/> "."</span>
            <Button on:click=move |_| discard.run(())>"Discard the draft"</Button>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Problem;

    #[test]
    fn saved_is_said_only_when_nothing_is_unsaved() {
        let state = |saving: &Saving, dirty, away| describe(saving, WriteState::Idle, dirty, away).0;
        assert_eq!(state(&Saving::Saved, false, false), "saved");
        assert_eq!(state(&Saving::Saved, true, false), "unsaved");
        assert_eq!(state(&Saving::Sending, true, true), "offline");
        let failed = Saving::Failed(Problem::new(Code::Internal, "disk full"));
        assert_eq!(state(&failed, true, false), "failed");
        assert_eq!(describe(&Saving::Sending, WriteState::Waiting, true, false).0, "offline");
    }
}
