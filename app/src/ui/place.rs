//! Where one was on a page: how far it was scrolled and which row had the focus, by address, for this tab. Back and
//! reload come back to it; a page one comes to by a link begins at its top.

use super::browser::{self, Shelf};
use leptos::ev;
use leptos::prelude::*;
use leptos_router::hooks::use_location;
use leptos_router::location::Url;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;

/// How many frames a page that loads nothing any more gets to be as long as it was.
const FRAMES: u32 = 120;
/// What a page shows while a part of it is still on its way.
const LOADING: &str = "#main .skeleton, #main [aria-busy=true]";

#[derive(Serialize, Deserialize)]
struct Place {
    y: f64,
    row: Option<String>,
}

fn key() -> String {
    format!("tidings:place:{}", browser::here())
}

fn pathname() -> Option<String> {
    window().location().pathname().ok().map(|path| Url::unescape(&path))
}

/// The places of this tab.
#[derive(Clone, Copy)]
struct Places {
    /// Which page the router shows, or is about to show.
    path: Memo<String>,
    /// The page that one came to by Back or Forward, until the router knows of it.
    came_back: StoredValue<Option<String>>,
    /// Counts the ways back and what ended them: who finds another number has been overtaken.
    turn: StoredValue<u64>,
    /// Whether a page is being brought to its place. Until it is there, it shows where it is and not where one was.
    returning: StoredValue<bool>,
}

/// Remembers places from now on, and returns to them. Once, inside of the router.
pub fn keep_places() {
    let places = Places {
        path: use_location().pathname,
        came_back: StoredValue::new(None),
        turn: StoredValue::new(0),
        returning: StoredValue::new(false),
    };
    Effect::new(move |before: Option<String>| {
        let now = places.path.get();
        let moved = before.as_ref().is_some_and(|before| *before != now);
        let came_back = places.came_back.try_update_value(Option::take).flatten();
        if moved && came_back.as_deref() != Some(&*Url::unescape(&now)) {
            browser::focus("#main");
        }
        now
    });
    Effect::new(move || {
        restoration(web_sys::ScrollRestoration::Manual);
        if loaded_again() {
            places.restore();
        }
        places.listen();
    });
}

impl Places {
    fn listen(self) {
        self.hear_of_coming_back();
        let acts = move || {
            self.stay();
            self.remember();
        };
        let pointer = window_event_listener(ev::pointerdown, move |_| acts());
        let keyboard = window_event_listener(ev::keydown, move |_| acts());
        let wheel = window_event_listener(ev::wheel, move |_| self.stay());
        let touch = window_event_listener(ev::touchstart, move |_| self.stay());
        let focus = window_event_listener(ev::focusin, move |_| self.remember());
        let scroll = window_event_listener(ev::scroll, self.remember_later());
        // A reload then comes back before WebAssembly is there.
        let leave = window_event_listener(ev::pagehide, move |_| {
            self.remember();
            restoration(web_sys::ScrollRestoration::Auto);
        });
        on_cleanup(move || {
            [pointer, keyboard, wheel, touch, focus, scroll, leave]
                .into_iter()
                .for_each(WindowListenerHandle::remove);
        });
    }

    /// Capturing, which makes it hear of it before the router: what the router does then moves focus and scrolling, and
    /// would be remembered as the place of the page that one comes back to.
    fn hear_of_coming_back(self) {
        let come_back = Closure::<dyn Fn(web_sys::Event)>::new(move |_| {
            self.came_back.set_value(pathname());
            self.restore();
        });
        let listener = come_back.as_ref().unchecked_ref();
        // Fails only for a listener that is none.
        let _ = window().add_event_listener_with_callback_and_bool("popstate", listener, true);
        // The page around all pages goes only with the tab.
        come_back.forget();
    }

    /// Remembers where one is on the page that the address names; not while the router is on its way from it to another,
    /// nor before it is where one was.
    fn remember(self) {
        let there = self.path.try_get_untracked().map(|path| Url::unescape(&path));
        if there != pathname() || self.returning.try_get_value() != Some(false) {
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

    /// Remembers when scrolling has come to rest, if the page is still the same then.
    fn remember_later(self) -> impl Fn(web_sys::Event) {
        let waiting = StoredValue::new(None::<TimeoutHandle>);
        move |_| {
            let key = key();
            if let Some(earlier) = waiting.try_update_value(Option::take).flatten() {
                earlier.clear();
            }
            let then = move || {
                if key == self::key() {
                    self.remember();
                }
            };
            waiting.set_value(set_timeout_with_handle(then, Duration::from_millis(120)).ok());
        }
    }

    /// The reader has taken over: the page is brought nowhere any more.
    fn stay(self) {
        self.turn.update_value(|turn| *turn += 1);
        self.returning.set_value(false);
    }

    fn restore(self) {
        self.stay();
        let place = Shelf::Session
            .read(&key())
            .and_then(|json| serde_json::from_str::<Place>(&json).ok());
        if let Some(place) = place {
            self.returning.set_value(true);
            self.approach(place, key(), self.turn.get_value(), FRAMES);
        }
    }

    /// Tries with each frame until the page is long enough and its row is there, or the reader takes over. A page that
    /// is still loading gets the time that it needs.
    fn approach(self, place: Place, key: String, turn: u64, frames: u32) {
        request_animation_frame(move || {
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            if key != self::key() {
                return self.stay();
            }
            window().scroll_to_with_x_and_y(0.0, place.y);
            let there = (window().scroll_y().unwrap_or_default() - place.y).abs() < 2.0;
            let last = frames == 0;
            let arrived = (there || last)
                && place
                    .row
                    .as_ref()
                    .is_none_or(|row| browser::focus_still(&format!("[data-row=\"{row}\"] a")));
            if arrived || last {
                return self.stay();
            }
            let loads = browser::find(LOADING).is_some();
            self.approach(place, key, turn, if loads { FRAMES } else { frames - 1 });
        });
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
