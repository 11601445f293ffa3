//! Tells of a notification when it comes: on the page, or by the browser where nobody looks at the page.

use crate::api::people::mark_notifications;
use crate::base;
use crate::pages::desk::AtDesk;
use crate::protocol::notification::{Mark, Notification};
use crate::protocol::{Envelope, Event, Timestamp};
use crate::sync::Sync;
use crate::ui::{Toasts, browser, notify};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_location;

/// What happened longer ago is told by the bell alone: the tab was away when it came.
const FRESH_MS: i64 = 60_000;

/// Tells of each notification that comes. Once, in the frame.
pub fn tell_news() {
    let (desk, toasts) = (AtDesk::expect(), Toasts::expect());
    let path = use_location().pathname;
    let navigate = base::use_navigate();
    Sync::expect().on_event(move |event| {
        let Some(notification) = loud(event).filter(|_| desk.is_mine(&event.topic) && is_fresh(event.timestamp)) else {
            return;
        };
        if document().hidden() {
            notify::show(notification);
        } else if path.with_untracked(|path| base::within(path) != "/notifications") {
            let text = text_of(notification);
            match notification.link.as_deref().and_then(browser::safe_link) {
                Some(link) => {
                    let (id, link, navigate) = (notification.id, link.to_owned(), navigate.clone());
                    let open = move |()| {
                        follow(&link, &navigate);
                        read(id);
                    };
                    // Handlers run where the page runs, in one thread.
                    let open = send_wrapper::SendWrapper::new(open);
                    toasts.offer(text, "Open", Callback::new(move |()| open(())));
                }
                None => toasts.say(text),
            }
        }
    });
}

/// The notification that came, where it shall be told at once.
fn loud(event: &Envelope) -> Option<&Notification> {
    match &event.event {
        Event::NotificationCreated(news) if news.toast => Some(&news.notification),
        _ => None,
    }
}

fn is_fresh(at: Timestamp) -> bool {
    browser::now_ms() - at.millis() < FRESH_MS
}

fn text_of(notification: &Notification) -> String {
    let Notification { title, message, .. } = notification;
    let line = message.lines().next().unwrap_or_default();
    match line {
        "" => title.clone(),
        line => format!("{title}: {}", line.chars().take(160).collect::<String>()),
    }
}

/// Goes to a page of this server, or opens another site beside it.
fn follow(link: &str, navigate: &impl Fn(&str, leptos_router::NavigateOptions)) {
    if link.starts_with('/') {
        navigate(&base::at(link), leptos_router::NavigateOptions::default());
    } else {
        // A browser that opens nothing says so itself.
        drop(window().open_with_url_and_target_and_features(link, "_blank", "noopener"));
    }
}

fn read(id: i64) {
    spawn_local(async move {
        // It stays unread, and shows as that.
        drop(mark_notifications(Some(vec![id]), Mark::Read).await);
    });
}
