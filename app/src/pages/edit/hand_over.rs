//! From the page of a new entry to the page that edits it. The first save leads there; for the author it is one editor,
//! which goes on where it was: saved, with the caret in the same place.

use super::editor::{Editor, Saving};
use crate::protocol::{EntryId, KbName, Version};
use crate::ui::browser;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{HtmlInputElement, HtmlTextAreaElement};

/// The editor that was left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Begun {
    kb: KbName,
    id: EntryId,
    version: Version,
    caret: Option<Caret>,
}

/// Where one was writing.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Caret {
    /// Finds the field.
    field: String,
    from: u32,
    to: u32,
}

/// What one editor leaves to the next. In the context of every page.
#[derive(Clone, Copy)]
pub struct HandOver(StoredValue<Option<Begun>>);

impl HandOver {
    /// Puts it in the context, for the whole app.
    pub fn provide() {
        provide_context(Self(StoredValue::new(None)));
    }

    /// The one in the context.
    pub fn expect() -> Self {
        expect_context()
    }

    /// Leaves what the editor of a new entry knows, now that the entry has an id.
    pub fn give(self, editor: Editor, id: &EntryId) {
        let version = editor.base.with_untracked(|base| base.version);
        let begun = version.map(|version| Begun {
            kb: editor.kb.get_value(),
            id: id.clone(),
            version,
            caret: Caret::here(),
        });
        self.0.set_value(begun);
    }

    /// Takes what was left, if it is of this entry as it is now.
    pub fn take(self, kb: &KbName, id: &EntryId, version: Version) -> Option<Begun> {
        let begun = self.0.try_update_value(Option::take).flatten()?;
        (begun.kb == *kb && begun.id == *id && begun.version == version).then_some(begun)
    }
}

impl Begun {
    /// Lets an editor go on from here.
    pub fn go_on(self, editor: Editor) {
        editor.saving.set(Saving::Saved);
        Effect::new(move || {
            let caret = self.caret.clone();
            // What was typed since is no draft that came back: nobody was away.
            editor.notice.set(None);
            // When the page is there, and has taken the focus as every new page does.
            request_animation_frame(move || caret.iter().for_each(Caret::put));
        });
    }
}

impl Caret {
    /// Where it is now, if it is in a field of an editor.
    fn here() -> Option<Self> {
        let field = browser::focused()?;
        let name = field.get_attribute("data-field")?;
        let (from, to) = match field.dyn_ref::<HtmlTextAreaElement>() {
            Some(area) => (area.selection_start().ok()??, area.selection_end().ok()??),
            None => {
                let input = field.dyn_ref::<HtmlInputElement>()?;
                (input.selection_start().ok()??, input.selection_end().ok()??)
            }
        };
        Some(Self {
            field: format!("[data-field={name}]"),
            from,
            to,
        })
    }

    fn put(&self) {
        let Some(field) = browser::find(&self.field) else { return };
        browser::focus(&self.field);
        // Fails only for fields without a caret, and none was taken from such a one.
        if let Some(area) = field.dyn_ref::<HtmlTextAreaElement>() {
            drop(area.set_selection_range(self.from, self.to));
        } else if let Some(input) = field.dyn_ref::<HtmlInputElement>() {
            drop(input.set_selection_range(self.from, self.to));
        }
    }
}
