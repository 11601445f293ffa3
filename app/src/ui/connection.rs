//! The state of the connection, always in sight; alarming only after a while.

use super::{Button, Glyph, Icon, LogIn, When, browser};
use crate::protocol::frame::close;
use crate::sync::{Link, Sync};
use leptos::prelude::*;
use std::time::Duration;

/// How long a connection may be away before anybody is told.
const PATIENCE_MS: f64 = 3_000.0;

/// The dot in the header.
#[component]
pub fn ConnectionDot() -> impl IntoView {
    let link = Sync::expect().link();
    let state = move || match link.get() {
        Link::Connecting => ("connecting", "Connecting"),
        Link::Live => ("live", "Live"),
        Link::Lost { .. } => ("lost", "Offline"),
        Link::Refused { .. } => ("lost", "Disconnected"),
    };
    view! {
        <span class="connection" data-state=move || state().0 title=move || format!("Connection: {}", state().1)>
            <span class="connection-dot" aria-hidden="true"></span>
            <span class="connection-text"><span class="visually-hidden">"Connection: "</span>{move || state().1}</span>
        </span>
    }
}

/// The banner that comes when the connection stays away, and the notice of a newer build.
#[component]
pub fn Banners() -> impl IntoView {
    let sync = Sync::expect();
    let link = sync.link();
    let now = RwSignal::new(0.0);
    let lost = Memo::new(move |_| matches!(link.get(), Link::Lost { .. }));
    Effect::new(move || {
        if lost.get() {
            now.set(browser::now_ms() as f64);
            if let Ok(ticking) = set_interval_with_handle(move || now.set(browser::now_ms() as f64), Duration::from_millis(250)) {
                on_cleanup(move || ticking.clear());
            }
        }
    });
    let alarming = Memo::new(move |_| match link.get() {
        Link::Lost { since_ms, .. } => now.get() - since_ms >= PATIENCE_MS,
        Link::Refused { .. } => true,
        Link::Connecting | Link::Live => false,
    });
    let refused = Memo::new(move |_| match link.get() {
        Link::Refused { code } => Some(code),
        _ => None,
    });
    let countdown = move || match link.get() {
        Link::Lost { retry_at_ms: Some(at), .. } => format!("Next try in {} s.", ((at - now.get()) / 1_000.0).ceil().max(0.0)),
        Link::Lost { .. } => "Trying now…".to_owned(),
        _ => String::new(),
    };
    let said = move || match (alarming.get(), refused.get()) {
        (false, _) => "",
        (true, None) => "No connection. What you write is kept in this browser and sent later.",
        (true, Some(close::LOG_IN)) => "You are logged out. What you wrote is kept in this browser.",
        (true, Some(close::FORBIDDEN)) => "You may no longer read this.",
        (true, Some(close::TOO_MANY_CONNECTIONS)) => "Too many tabs are open: close some, then retry.",
        (true, Some(_)) => "The server ended the connection. Reload the page to go on.",
    };
    view! {
        <div class="banners">
            <div class="banner banner-warn" class:hidden=move || !alarming.get()>
                <Icon glyph=Glyph::Offline/>
                <span role="status">{said}</span>
                <span class="banner-countdown">{countdown}</span>
                <When is=move || matches!(refused.get(), None | Some(close::TOO_MANY_CONNECTIONS))>
                    <Button icon=Glyph::Refresh on:click=move |_| sync.retry_now()>{move || if refused.get().is_some() { "Retry" } else { "Retry now" }}</Button>
                </When>
                <When is=move || refused.get() == Some(close::LOG_IN)>
                    <LogIn/>
                </When>
            </div>
            <div class="banner" class:hidden=move || !sync.newer_build().get()>
                <Icon glyph=Glyph::Refresh/>
                <span role="status">{move || sync.newer_build().get().then_some("There is a new version of Tidings.")}</span>
                <button type="button" class="button" on:click=move |_| drop(window().location().reload())>"Reload"</button>
            </div>
        </div>
    }
}
