//! The text as it will show, rendered by the server after a pause in typing.

use super::editor::Editor;
use crate::api::entry::preview;
use crate::sync::{Link, Sync};
use crate::ui::When;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::time::Duration;

const PAUSE: Duration = Duration::from_millis(300);

/// The text as it will show.
#[component]
pub fn Preview(editor: Editor) -> impl IntoView {
    let html = RwSignal::new(String::new());
    let failed = RwSignal::new(None::<String>);
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    let turn = StoredValue::new(0_u64);
    let render = move || {
        let Some(body) = editor.body.try_get_untracked() else { return };
        turn.update_value(|turn| *turn += 1);
        let now = turn.get_value();
        spawn_local(async move {
            let rendered = preview(editor.kb.get_value(), body).await;
            if turn.try_get_value() != Some(now) {
                return;
            }
            match rendered {
                Ok(rendered) => {
                    failed.set(None);
                    html.set(rendered.html);
                }
                Err(problem) => failed.set(Some(problem.detail)),
            }
        });
    };
    Effect::new(move |begun: Option<bool>| {
        editor.body.track();
        if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
            earlier.clear();
        }
        let pause = if begun.is_some() { PAUSE } else { Duration::ZERO };
        waiting.set_value(set_timeout_with_handle(render, pause).ok());
        true
    });
    let link = Sync::expect().link();
    let live = Memo::new(move |_| matches!(link.get(), Link::Live));
    Effect::new(move || {
        if live.get() && failed.with_untracked(Option::is_some) {
            render();
        }
    });
    view! {
        <section class="editor-preview" aria-label="Preview">
            <When is=move || failed.with(Option::is_some)>
                <p class="muted">"The preview is older than the text: " {failed}</p>
            </When>
            <When is=move || html.with(|html| html.trim().is_empty())>
                <p class="muted">"The preview appears here."</p>
            </When>
            <div class="prose" inner_html=move || html.get()></div>
        </section>
    }
}
