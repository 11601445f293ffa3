//! The keyboard: `data-key="e"` on a link or a button makes `e` press it, on a field makes it take the focus; `j` and
//! `k` walk the rows of a list (`data-row`). Keys rest while one types or a dialog is open, and can be switched off.

use super::browser::{self, Shelf};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

const KEY: &str = "tidings:keys";
/// How long the second key of a pair may take.
const PAIR_MS: i64 = 1_200;

/// The keyboard's state, in the context of the whole app.
#[derive(Clone, Copy)]
pub struct Keys {
    /// Whether single keys do something.
    pub on: RwSignal<bool>,
    /// Whether the list of all keys shows.
    pub help: RwSignal<bool>,
    /// Whether the palette shows.
    pub palette: RwSignal<bool>,
    /// The first key of a pair, and when it was pressed.
    first: StoredValue<Option<(String, i64)>>,
}

impl Keys {
    /// Puts it in the context and begins to listen.
    pub fn provide() -> Self {
        let keys = Self {
            on: RwSignal::new(true),
            help: RwSignal::new(false),
            palette: RwSignal::new(false),
            first: StoredValue::new(None),
        };
        provide_context(keys);
        Effect::new(move || {
            keys.on.set(Shelf::Local.read(KEY).as_deref() != Some("off"));
            let listening = window_event_listener(leptos::ev::keydown, move |ev| keys.press(&ev));
            on_cleanup(move || listening.remove());
        });
        keys
    }

    /// Switches single keys on or off, for this browser.
    pub fn switch(self, on: bool) {
        self.on.set(on);
        if on {
            Shelf::Local.remove(KEY);
        } else {
            // Where nothing is kept, it holds until the page is left.
            drop(Shelf::Local.write(KEY, "off"));
        }
    }

    fn press(self, ev: &KeyboardEvent) {
        if ev.default_prevented() || ev.is_composing() {
            return;
        }
        let key = ev.key();
        if (ev.ctrl_key() || ev.meta_key()) && !ev.alt_key() && !ev.shift_key() && key.eq_ignore_ascii_case("k") {
            ev.prevent_default();
            // What shows counts: the signal hears of a closed dialog only later.
            self.palette.set(browser::find("dialog.palette[open]").is_none());
            return;
        }
        let typing = ev
            .target()
            .and_then(|target| target.dyn_into::<Element>().ok())
            .is_some_and(|element| browser::takes_text(&element) && !is_put_away(&element));
        let rests = !self.on.get_untracked() || typing || ev.ctrl_key() || ev.meta_key() || ev.alt_key();
        if rests || browser::find("dialog[open]").is_some() {
            return;
        }
        if self.single(&key) {
            ev.prevent_default();
        }
    }

    /// Does what the key stands for; whether it stands for something.
    fn single(self, key: &str) -> bool {
        let now = browser::now_ms();
        let first = self.first.try_update_value(Option::take).flatten();
        if let Some((first, _)) = first.filter(|(_, at)| now - at < PAIR_MS) {
            return activate(&format!("{first} {key}"));
        }
        match key {
            "?" => self.help.set(true),
            "g" => self.first.set_value(Some(("g".to_owned(), now))),
            "j" => return walk(1),
            "k" => return walk(-1),
            "x" => return select(),
            _ if key.chars().count() == 1 => return activate(key),
            _ => return false,
        }
        true
    }
}

/// Whether it is in a dialog that has closed: a browser leaves the focus there until it draws the next time.
fn is_put_away(element: &Element) -> bool {
    element.closest("dialog:not([open])").ok().flatten().is_some()
}

/// Presses, or gives the focus to, the first element on the screen that carries this key.
fn activate(key: &str) -> bool {
    let found = browser::find_all("[data-key]")
        .into_iter()
        .find(|element| element.get_attribute("data-key").as_deref() == Some(key) && element.get_client_rects().length() > 0);
    let Some(element) = found else { return false };
    if browser::takes_text(&element) {
        return element.focus().is_ok();
    }
    element.click();
    true
}

/// Selects the row that has the focus, or lets it go.
fn select() -> bool {
    let row = browser::focused().and_then(|element| element.closest("[data-row]").ok().flatten());
    let check = row.and_then(|row| {
        row.query_selector("input[type=checkbox]")
            .ok()
            .flatten()?
            .dyn_into::<HtmlElement>()
            .ok()
    });
    let found = check.is_some();
    check.inspect(HtmlElement::click);
    found
}

/// Moves the focus by so many rows, to the first row on the screen where no row has it.
fn walk(by: isize) -> bool {
    let rows = browser::find_all("[data-row]");
    let held = browser::focused().and_then(|element| element.closest("[data-row]").ok().flatten());
    let at = held.and_then(|held| rows.iter().position(|row| **row == held));
    let next = match at {
        Some(at) => at.checked_add_signed(by),
        None => rows.iter().position(|row| row.get_bounding_client_rect().top() >= 0.0),
    };
    let Some(row) = next.and_then(|at| rows.get(at)) else {
        return false;
    };
    let target = row
        .query_selector("a, button")
        .ok()
        .flatten()
        .and_then(|link| link.dyn_into::<HtmlElement>().ok());
    target.is_some_and(|link| link.focus().is_ok())
}
