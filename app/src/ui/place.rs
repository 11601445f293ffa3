//! Where one was on a page: how far it was scrolled and which row had the focus, by address, for this tab. Back and
//! reload come back to it; a page one comes to by a link begins at its top.

use super::browser::{self, Shelf};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use leptos_router::location::Url;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How many frames a page gets to grow as long as it was.
const FRAMES: u32 = 120;

#[derive(Serialize, Deserialize)]
struct Place {
    y: f64,
    row: Option<String>,
}

fn key() -> String {
    format!("tidings:place:{}", browser::here())
}

/// Remembers where one is on the page that the address names; not while the router is on its way from it to `path`.
fn remember(path: Memo<String>) {
    let there = path.try_get_untracked().map(|path| Url::unescape(&path));
    if there != window().location().pathname().ok().map(|path| Url::unescape(&path)) {
        return;
    }
    let row = browser::focused().and_then(|element| element.closest("[data-row]").ok().flatten()?.get_attribute("data-row"));
    let place = Place {
        y: window().scroll_y().unwrap_or_default(),
        row,
    };
    if let Ok(json) = serde_json::to_string(&place) {
        // Without storage Back begins at the top, and nothing else is lost.
        drop(Shelf::Session.write(&key(), &json));
    }
}

/// Remembers places from now on, and returns to them. Once, inside of the router.
pub fn keep_places() {
    let path = use_location().pathname;
    let came_back = StoredValue::new(false);
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        let moved = before.as_ref().is_some_and(|before| *before != now);
        if moved && !came_back.try_update_value(std::mem::take).unwrap_or_default() {
            browser::focus("#main");
        }
        now
    });
    Effect::new(move || {
        restoration(web_sys::ScrollRestoration::Manual);
        if loaded_again() {
            restore(FRAMES);
        }
        let back = window_event_listener(ev::popstate, move |_| {
            came_back.set_value(true);
            restore(FRAMES);
        });
        let pointer = window_event_listener(ev::pointerdown, move |_| remember(path));
        let focus = window_event_listener(ev::focusin, move |_| remember(path));
        let keyboard = window_event_listener(ev::keydown, move |_| remember(path));
        let scroll = window_event_listener(ev::scroll, remember_later(path));
        // A reload then comes back before WebAssembly is there.
        let leave = window_event_listener(ev::pagehide, move |_| {
            remember(path);
            restoration(web_sys::ScrollRestoration::Auto);
        });
        on_cleanup(move || {
            [back, pointer, focus, keyboard, scroll, leave]
                .into_iter()
                .for_each(WindowListenerHandle::remove);
        });
    });
}

/// Remembers when scrolling has come to rest, if the page is still the same then.
fn remember_later(path: Memo<String>) -> impl Fn(web_sys::Event) {
    let waiting = StoredValue::new(None::<TimeoutHandle>);
    move |_| {
        let key = key();
        if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
            earlier.clear();
        }
        let then = move || {
            if key == self::key() {
                remember(path);
            }
        };
        waiting.set_value(set_timeout_with_handle(then, Duration::from_millis(120)).ok());
    }
}

fn restoration(how: web_sys::ScrollRestoration) {
    if let Ok(history) = window().history() {
        // An old browser keeps its own way.
        let _ = history.set_scroll_restoration(how);
    }
}

fn loaded_again() -> bool {
    window().performance().is_some_and(|performance| {
        let navigation = performance.navigation();
        matches!(
            navigation.type_(),
            web_sys::PerformanceNavigation::TYPE_RELOAD | web_sys::PerformanceNavigation::TYPE_BACK_FORWARD
        )
    })
}

fn restore(frames: u32) {
    let Some(place) = Shelf::Session
        .read(&key())
        .and_then(|json| serde_json::from_str::<Place>(&json).ok())
    else {
        return;
    };
    let stopped = StoredValue::new(false);
    let wheel = window_event_listener(ev::wheel, move |_| stopped.set_value(true));
    let touch = window_event_listener(ev::touchstart, move |_| stopped.set_value(true));
    approach(place, key(), frames, stopped, move || {
        wheel.remove();
        touch.remove();
    });
}

/// Tries with each frame until the page is long enough and its row is there, or the reader scrolls.
fn approach(place: Place, key: String, frames: u32, stopped: StoredValue<bool>, done: impl FnOnce() + 'static) {
    request_animation_frame(move || {
        if frames == 0 || stopped.try_get_value().unwrap_or(true) || key != self::key() {
            return done();
        }
        window().scroll_to_with_x_and_y(0.0, place.y);
        let there = (window().scroll_y().unwrap_or_default() - place.y).abs() < 2.0;
        let focused = place
            .row
            .as_ref()
            .is_none_or(|row| browser::focus(&format!("[data-row=\"{row}\"] a")));
        if there && focused {
            return done();
        }
        approach(place, key, frames - 1, stopped, done);
    });
}
