//! What few entries have: other names, and metadata. Folded away until somebody wants it, or something in it is wrong.

use super::area::content;
use super::editor::Editor;
use super::metadata;
use crate::ui::browser;
use leptos::prelude::*;

const PROBLEM: &str = "metadata-problem";

/// Other names and metadata.
#[component]
pub fn More(editor: Editor) -> impl IntoView {
    let waiting = move || !editor.alive.get();
    let first = editor.fields_now().unwrap_or_default();
    let problem = Memo::new(move |_| editor.metadata_problem());
    // Not while it is being written, when it is wrong at every other key.
    let left = RwSignal::new(false);
    let told = Memo::new(move |_| problem.get().filter(|_| left.get() || editor.was_refused()));
    let open = RwSignal::new(false);
    Effect::new(move |before: Option<bool>| {
        let refused = editor.was_refused() && untrack(|| problem.get()).is_some();
        if refused && before == Some(false) {
            open.set(true);
            request_animation_frame(|| {
                browser::focus("[data-field=metadata]");
            });
        }
        refused
    });
    view! {
        <details class="editor-more" prop:open=open on:toggle=move |ev| open.set(is_open(&ev))>
            <summary>"Other names and metadata" <span class="muted">{move || summary(editor)}</span></summary>
            <div class="editor-fields editor-fields-even">
                <label class="field">
                    <span>"Other names, one in a line"</span>
                    <textarea
                        rows="5"
                        data-field="aliases"
                        autocomplete="off"
                        spellcheck="false"
                        readonly=waiting
                        prop:value=editor.aliases
                        on:input=move |ev| editor.aliases.set(event_target_value(&ev))
                        inner_html=content(&first.aliases)
                    ></textarea>
                    <span class="hint">"Links may use them: [[another name]] then leads here."</span>
                </label>
                <label class="field">
                    <span>"Metadata, a JSON object"</span>
                    <textarea
                        rows="5"
                        class="code"
                        data-field="metadata"
                        placeholder="{\"source\": \"a book\", \"year\": 1986}"
                        autocomplete="off"
                        autocapitalize="off"
                        spellcheck="false"
                        readonly=waiting
                        aria-invalid=move || told.get().is_some().then_some("true")
                        aria-describedby=PROBLEM
                        prop:value=editor.metadata
                        on:input=move |ev| {
                            left.set(false);
                            editor.metadata.set(event_target_value(&ev));
                        }
                        on:blur=move |_| left.set(true)
                        inner_html=content(&first.metadata)
                    ></textarea>
                    <span id=PROBLEM class="field-error" role="alert">{told}</span>
                </label>
            </div>
        </details>
    }
}

fn is_open(ev: &web_sys::Event) -> bool {
    event_target::<web_sys::Element>(ev).has_attribute("open")
}

/// "2 names, 3 members"
fn summary(editor: Editor) -> String {
    let counted = |count: usize, one: &str, many: &str| match count {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let fields = editor.fields();
    let names = counted(fields.alias_list().len(), "name", "names");
    let members =
        metadata::parse(&fields.metadata).map_or(Some("not JSON".to_owned()), |metadata| counted(metadata.len(), "member", "members"));
    names.into_iter().chain(members).collect::<Vec<_>>().join(", ")
}
