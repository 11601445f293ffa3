//! Selecting rows, and what can be done with the selected ones.

use crate::pages::write;
use crate::protocol::{EntryId, KbName};
use crate::sync::{EntryList, LiveRead};
use crate::ui::{Button, Glyph, Tone, When};
use leptos::prelude::*;
use std::collections::HashSet;

/// The selected rows.
#[derive(Clone, Copy)]
pub struct Selection {
    ids: RwSignal<HashSet<EntryId>>,
    /// Where the last one was chosen: from there a shift-click reaches.
    anchor: StoredValue<usize>,
    rows: LiveRead<EntryList>,
    /// Whether one may do anything with them.
    pub writes: Memo<bool>,
}

impl Selection {
    /// Nothing of this list.
    pub fn new(rows: LiveRead<EntryList>, writes: Memo<bool>) -> Self {
        Self {
            ids: RwSignal::new(HashSet::new()),
            anchor: StoredValue::new(0),
            rows,
            writes,
        }
    }

    /// Whether this entry is selected.
    pub fn has(self, id: &EntryId) -> bool {
        self.ids.with(|ids| ids.contains(id))
    }

    /// Selects an entry or lets it go; `reach` does the same to all between the last one and this one.
    pub fn choose(self, id: &EntryId, place: usize, on: bool, reach: bool) {
        let from = self.anchor.get_value();
        let range = if reach {
            from.min(place)..from.max(place) + 1
        } else {
            place..place + 1
        };
        let mut chosen: Vec<EntryId> = untrack(|| self.rows.with_data(|list| list.ids(range).cloned().collect())).unwrap_or_default();
        chosen.push(id.clone());
        self.anchor.set_value(place);
        self.ids.update(|ids| {
            for id in chosen {
                if on {
                    ids.insert(id);
                } else {
                    ids.remove(&id);
                }
            }
        });
    }

    /// Lets all go.
    pub fn clear(self) {
        self.ids.update(HashSet::clear);
    }
}

/// What can be done with the selected rows; it shows while there are some.
#[component]
pub fn BulkBar(kb: KbName, selection: Selection) -> impl IntoView {
    let count = Memo::new(move |_| selection.ids.with(HashSet::len));
    let kb = StoredValue::new(kb);
    let delete = move |_| {
        let ids = selection.ids.get_untracked().into_iter().collect();
        selection.clear();
        write::delete_entries(kb.get_value(), ids);
    };
    view! {
        <When is=move || { count.get() > 0 && selection.writes.get() }>
            <div class="bulk" role="toolbar" aria-label="Selected entries">
                <span role="status">{count} " selected"</span>
                <Button tone=Tone::Danger icon=Glyph::Trash on:click=delete>"Delete"</Button>
                <Button tone=Tone::Ghost on:click=move |_| selection.clear()>"Clear"</Button>
            </div>
        </When>
    }
}
