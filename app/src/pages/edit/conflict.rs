//! Two people changed the same place: theirs, yours, and both together to decide on.

use super::editor::{Conflict, Editor, Saving};
use super::fields::Fields;
use super::save::Then;
use crate::sync::{Sync, merge};
use crate::ui::{Button, Glyph, Tone};
use leptos::prelude::*;

/// The view of a conflict; nothing shows where there is none.
#[component]
pub fn ConflictView(editor: Editor, then: Then) -> impl IntoView {
    move || match editor.saving.get() {
        Saving::Conflict(conflict) => Some(view! { <Decide editor conflict=*conflict then/> }),
        _ => None,
    }
}

#[component]
fn Decide(editor: Editor, conflict: Conflict, then: Then) -> impl IntoView {
    let sync = Sync::expect();
    let by = conflict.theirs.updated_by.name().to_owned();
    let what = conflict.fields.join(", ").replace('_', " ");
    let theirs = Fields::of(&conflict.theirs);
    let (their_text, my_text) = (as_text(&theirs), as_text(&conflict.mine));
    let merged = RwSignal::new(conflict.merged.body.clone());
    let begun_with = conflict.merged.body.clone();
    let undecided = Memo::new(move |_| merged.with(|text| merge::places_marked(&begun_with, text)));
    let conflict = StoredValue::new(conflict);
    let choose = move |fields: fn(&Conflict, String) -> Fields| {
        let conflict = conflict.get_value();
        let chosen = fields(&conflict, merged.get_untracked());
        editor.resolve(sync, &conflict, chosen, then);
    };
    let write = move |ev| {
        let text = event_target_value(&ev);
        editor.both.set(Some(text.clone()));
        merged.set(text);
    };
    let both = |conflict: &Conflict, body: String| Fields {
        body,
        ..conflict.merged.clone()
    };
    view! {
        <section class="conflict" aria-labelledby="conflict-title">
            <div role="alert">
                <h2 id="conflict-title">{format!("{by} changed the same place")}</h2>
                <p class="muted">{format!("Both of you changed: {what}. Nothing is lost: decide what to save; every version stays in the history.")}</p>
            </div>
            <div class="conflict-sides">
                <div>
                    <h3>{format!("Theirs, by {by}")}</h3>
                    <pre tabindex="0">{their_text}</pre>
                </div>
                <div>
                    <h3>"Yours"</h3>
                    <pre tabindex="0">{my_text}</pre>
                </div>
            </div>
            <label class="field">
                <span>"Both together. Where they touch there are markers: edit them away."</span>
                <textarea rows="16" prop:value=merged on:input=write></textarea>
            </label>
            <p class="muted" role="status">
                {move || match undecided.get() {
                    0 => None,
                    1 => Some("1 place is still marked.".to_owned()),
                    n => Some(format!("{n} places are still marked.")),
                }}
            </p>
            <div class="actions">
                <Button tone=Tone::Primary icon=Glyph::Merge disabled=Signal::derive(move || undecided.get() > 0) on:click=move |_| choose(both)>
                    "Save both together"
                </Button>
                <Button on:click=move |_| choose(|conflict, _| conflict.mine.clone())>"Save yours"</Button>
                <Button on:click=move |_| choose(|conflict, _| Fields::of(&conflict.theirs))>"Take theirs"</Button>
            </div>
        </section>
    }
}

fn as_text(fields: &Fields) -> String {
    let Fields {
        title,
        entry_type,
        tags,
        body,
        metadata,
        ..
    } = fields;
    let names = fields.alias_list().join(", ");
    let kind: Vec<_> = [entry_type.as_str(), tags].into_iter().filter(|part| !part.is_empty()).collect();
    let lines = [title.clone(), kind.join(" · "), names, metadata.clone()];
    let head: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    format!("{}\n\n{body}", head.join("\n"))
}
