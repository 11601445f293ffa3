//! A notification, and what can become of it.

use crate::api::people::mark_notifications;
use crate::base;
use crate::pages::write::attempt;
use crate::protocol::notification::{Mark, Notification, kinds};
use crate::sync::{InboxList, LiveRead};
use crate::ui::{Badge, Button, Glyph, Icon, Time, Tone, browser};
use leptos::prelude::*;

/// A notification; it follows what becomes of it by itself.
#[component]
pub fn Item(id: i64, read: LiveRead<InboxList>) -> impl IntoView {
    let found = Memo::new(move |before: Option<&Option<Notification>>| {
        let now = read
            .with_data(|list| list.items.iter().find(|item| item.id == id).cloned())
            .flatten();
        now.or_else(|| before.cloned().flatten())
    });
    let unread = Memo::new(move |_| found.with(|item| item.as_ref().is_some_and(|item| !item.read)));
    let turn = move |mark: Mark| attempt("Not changed", mark_notifications(Some(vec![id]), mark), |_| {});
    let toggle = move |_| turn(if unread.get_untracked() { Mark::Read } else { Mark::Unread });
    let title = Memo::new(move |_| found.with(|item| item.as_ref().map(|item| item.title.clone())).unwrap_or_default());
    let follow = move || {
        if unread.get_untracked() {
            turn(Mark::Read);
        }
    };
    view! {
        <li class="letter" class:letter-unread=unread data-row=id.to_string()>
            {move || found.with(|item| item.as_ref().map(|item| view! { <Icon glyph=glyph(&item.kind)/> }.into_any()))}
            <div class="letter-main">
                <p class="letter-title">
                    {move || found.with(|item| item.as_ref().map(|item| linked(item, follow)))}
                    {move || unread.get().then(|| view! { <Badge tone="accent">"Unread"</Badge> }.into_any())}
                </p>
                {move || {
                    found
                        .with(|item| item.as_ref().map(|item| item.message.clone()))
                        .filter(|message| !message.is_empty())
                        .map(|message| view! { <p class="letter-text">{message}</p> }.into_any())
                }}
                <p class="muted">
                    {move || {
                        found.with(|item| {
                            item.as_ref().map(|item| view! { {item.actor.name().to_owned()} ", " <Time at=item.created_at/> }.into_any())
                        })
                    }}
                </p>
            </div>
            <div class="actions">
                <Button tone=Tone::Ghost on:click=toggle>{move || if unread.get() { "Mark as read" } else { "Mark as unread" }}</Button>
                <button
                    type="button"
                    class="button button-ghost button-icon"
                    aria-label=move || format!("Delete “{}”", title.get())
                    title="Delete"
                    on:click=move |_| turn(Mark::Deleted)
                >
                    <Icon glyph=Glyph::Trash/>
                </button>
            </div>
        </li>
    }
}

fn linked(item: &Notification, follow: impl Fn() + Copy + 'static) -> AnyView {
    let title = item.title.clone();
    let Some(link) = item.link.as_deref().and_then(browser::safe_link).map(str::to_owned) else {
        return view! { <strong>{title}</strong> }.into_any();
    };
    // Another site opens beside this one.
    let is_here = link.starts_with('/');
    let target = (!is_here).then_some("_blank");
    let rel = target.map(|_| "external noopener");
    let link = if is_here { base::at(&link) } else { link };
    view! { <a href=link target=target rel=rel on:click=move |_| follow()>{title}</a> }.into_any()
}

fn glyph(kind: &str) -> Glyph {
    match kind {
        kinds::MENTION => Glyph::At,
        kinds::WATCHED => Glyph::Eye,
        kinds::JOB => Glyph::Refresh,
        kinds::ACCESS => Glyph::Key,
        _ => Glyph::Bell,
    }
}
