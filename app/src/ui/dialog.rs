//! A modal dialog: the browser's own, which holds the focus inside and gives it back when it closes.

use super::{Glyph, Icon, When};
use leptos::prelude::*;

/// A modal dialog with a title. Its children are made anew each time it opens.
#[component]
pub fn Dialog(
    /// Whether it is open.
    open: RwSignal<bool>,
    #[prop(into)] title: String,
    /// A class of its own.
    #[prop(default = "")]
    class: &'static str,
    children: ChildrenFn,
) -> impl IntoView {
    let node = NodeRef::<leptos::html::Dialog>::new();
    Effect::new(move || {
        let (Some(dialog), wanted) = (node.get(), open.get()) else { return };
        if wanted && !dialog.open() {
            // Fails only where it is open, or out of the page.
            let _ = dialog.show_modal();
        } else if !wanted && dialog.open() {
            dialog.close();
        }
    });
    let children = StoredValue::new(children);
    let label = title.clone();
    view! {
        <dialog
            node_ref=node
            class=format!("dialog {class}")
            aria-label=label
            // Comes some time after it has closed, when it may be open again.
            on:close=move |_| {
                if node.get_untracked().is_some_and(|dialog| !dialog.open()) {
                    open.set(false);
                }
            }
            on:click=move |ev| {
                let backdrop = node.get_untracked().is_some_and(|dialog| event_target::<web_sys::EventTarget>(&ev) == *dialog.as_ref());
                if backdrop {
                    open.set(false);
                }
            }
        >
            <When is=move || open.get()>
                <div class="dialog-body">
                    <header class="dialog-head">
                        <h2>{title.clone()}</h2>
                        <button type="button" class="button button-ghost button-icon" aria-label="Close" on:click=move |_| open.set(false)>
                            <Icon glyph=Glyph::Close/>
                        </button>
                    </header>
                    {children.with_value(|children| children())}
                </div>
            </When>
        </dialog>
    }
}
