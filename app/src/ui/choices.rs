//! The keyboard side of a list one chooses from while typing (ARIA combobox): the palette and the completions.

use leptos::prelude::*;
use web_sys::KeyboardEvent;

/// What a key did to a list of choices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pressed<T> {
    /// Nothing: the key is for the field.
    Ignored,
    /// It moved the mark.
    Moved,
    /// It chose.
    Chosen(T),
    /// It put the list away.
    Closed,
}

/// Some choices, one of them marked.
pub struct Choices<T: Send + Sync + 'static> {
    /// What there is to choose from.
    pub items: RwSignal<Vec<T>>,
    marked: RwSignal<usize>,
    /// Whether somebody put the mark where it is.
    moved: StoredValue<bool>,
    list: &'static str,
}

impl<T: Send + Sync + 'static> Clone for Choices<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Choices<T> {}

impl<T: Clone + Send + Sync + 'static> Choices<T> {
    /// None yet. `list` is the id of the element that shows them.
    pub fn new(list: &'static str) -> Self {
        Self {
            items: RwSignal::new(Vec::new()),
            marked: RwSignal::new(0),
            moved: StoredValue::new(false),
            list,
        }
    }

    /// Shows these instead, the first one marked.
    pub fn offer(&self, items: Vec<T>) {
        self.moved.set_value(false);
        self.marked.set(0);
        self.items.set(items);
    }

    /// Shows these, which are an answer to the same question: a mark that somebody moved stays at what it is at, where
    /// `same` finds that again.
    pub fn refill(&self, items: Vec<T>, same: impl Fn(&T, &T) -> bool) {
        let marked = self.moved.get_value().then(|| self.marked.get_untracked());
        let at = marked.and_then(|at| {
            self.items
                .with_untracked(|before| before.get(at).and_then(|marked| items.iter().position(|item| same(item, marked))))
        });
        match at {
            Some(at) => {
                self.items.set(items);
                self.marked.set(at);
            }
            None => self.offer(items),
        }
    }

    /// Puts them away.
    pub fn close(&self) {
        if !self.items.with_untracked(Vec::is_empty) {
            self.items.set(Vec::new());
        }
    }

    /// Whether there is anything to choose.
    pub fn is_open(&self) -> bool {
        !self.items.with(Vec::is_empty)
    }

    /// Whether this one is marked.
    pub fn is_marked(&self, at: usize) -> bool {
        self.marked.get() == at
    }

    /// Marks this one.
    pub fn mark(&self, at: usize) {
        self.moved.set_value(true);
        self.marked.set(at);
    }

    /// The id of the element that shows one of them.
    pub fn option_id(&self, at: usize) -> String {
        format!("{}-{at}", self.list)
    }

    /// The id of the marked one's element, for `aria-activedescendant`.
    pub fn active(&self) -> Option<String> {
        self.is_open().then(|| self.option_id(self.marked.get()))
    }

    /// Takes a key of the field beside the list, and keeps it from the field where it was for the list.
    pub fn press(&self, ev: &KeyboardEvent) -> Pressed<T> {
        let count = self.items.with_untracked(Vec::len);
        if count == 0 || ev.is_composing() {
            return Pressed::Ignored;
        }
        let at = self.marked.get_untracked().min(count - 1);
        let pressed = match ev.key().as_str() {
            "ArrowDown" => self.move_to((at + 1) % count),
            "ArrowUp" => self.move_to((at + count - 1) % count),
            "Enter" | "Tab" if !ev.shift_key() && !ev.ctrl_key() && !ev.meta_key() => self
                .items
                .with_untracked(|items| items.get(at).cloned())
                .map_or(Pressed::Ignored, Pressed::Chosen),
            "Escape" => {
                self.close();
                Pressed::Closed
            }
            _ => Pressed::Ignored,
        };
        if !matches!(pressed, Pressed::Ignored) {
            ev.prevent_default();
            ev.stop_propagation();
        }
        pressed
    }

    fn move_to(&self, at: usize) -> Pressed<T> {
        self.mark(at);
        if let Some(option) = document().get_element_by_id(&self.option_id(at)) {
            super::browser::bring_into_sight(&option);
        }
        Pressed::Moved
    }
}
