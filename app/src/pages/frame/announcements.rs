//! What everybody is told, above the page, until one dismisses it.

use crate::api::people::dismiss_announcement;
use crate::pages::desk::AtDesk;
use crate::protocol::notification::{Announcement, Weight};
use crate::ui::{Button, Clock, Each, Glyph, Icon, Toasts, Tone};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The announcements, newest first. Their regions are there before them, so that they are heard.
#[component]
pub fn Announcements() -> impl IntoView {
    view! {
        <Transition fallback=|| ()>
            <Bars/>
        </Transition>
    }
}

#[component]
fn Bars() -> impl IntoView {
    let read = AtDesk::expect().read();
    let clock = expect_context::<Clock>();
    let current = Memo::new(move |_| {
        let now = clock.now();
        let lasts = |announcement: &&Announcement| match (announcement.expires_at, now) {
            (Some(end), Some(now)) => end.millis() > now,
            _ => true,
        };
        read.with_data(|desk| desk.announcements.iter().filter(lasts).cloned().collect::<Vec<_>>())
            .unwrap_or_default()
    });
    let bars = move |critical: bool| {
        view! {
            <Each
                each=move || current.get().into_iter().filter(move |announcement| (announcement.level == Weight::Critical) == critical)
                key=|announcement| announcement.id
                children=|announcement| view! { <Bar announcement/> }.into_any()
            />
        }
        .into_any()
    };
    view! {
        <div role="alert">{bars(true)}</div>
        <div role="status">{bars(false)}</div>
    }
}

#[component]
fn Bar(announcement: Announcement) -> impl IntoView {
    let (desk, toasts) = (AtDesk::expect(), Toasts::expect());
    let id = announcement.id;
    let dismiss = move |_| {
        desk.read()
            .update_local(|desk| desk.data.announcements.retain(|other| other.id != id));
        spawn_local(async move {
            if let Err(problem) = dismiss_announcement(id).await {
                toasts.fail(format!("Not dismissed: {}", problem.detail));
                desk.read().refetch();
            }
        });
    };
    let glyph = match announcement.level {
        Weight::Info => Glyph::Announce,
        Weight::Warning | Weight::Critical => Glyph::Warning,
    };
    view! {
        <div class="announcement" data-level=announcement.level.as_str()>
            <Icon glyph/>
            <span>{announcement.message}</span>
            <Button tone=Tone::Ghost on:click=dismiss>"Dismiss"</Button>
        </div>
    }
}
