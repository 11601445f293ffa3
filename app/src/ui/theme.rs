//! Light and dark: as the system has it, or as the reader set it. `public/theme.js` sets it before the first paint; this
//! is the switch.

use super::browser::Shelf;
use super::{Glyph, Icon};
use leptos::prelude::*;

const KEY: &str = "tidings:theme";

/// What the reader chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// What the system says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Choice {
    const fn as_str(self) -> &'static str {
        match self {
            Choice::System => "system",
            Choice::Light => "light",
            Choice::Dark => "dark",
        }
    }

    const fn next(self) -> Self {
        match self {
            Choice::System => Choice::Light,
            Choice::Light => Choice::Dark,
            Choice::Dark => Choice::System,
        }
    }

    const fn glyph(self) -> Glyph {
        match self {
            Choice::System => Glyph::Monitor,
            Choice::Light => Glyph::Sun,
            Choice::Dark => Glyph::Moon,
        }
    }
}

/// The theme, in the context of the whole app.
#[derive(Clone, Copy)]
pub struct Theme(RwSignal<Choice>);

impl Theme {
    /// Puts it in the context, and takes up what was chosen before.
    pub fn provide() {
        let theme = Self(RwSignal::new(Choice::System));
        provide_context(theme);
        Effect::new(move || {
            let stored = Shelf::Local.read(KEY);
            let choice = [Choice::Light, Choice::Dark]
                .into_iter()
                .find(|choice| stored.as_deref() == Some(choice.as_str()));
            theme.0.set(choice.unwrap_or_default());
        });
    }

    /// Goes on to the next: system, light, dark.
    pub fn switch(self) {
        let choice = self.0.get_untracked().next();
        self.0.set(choice);
        let root = document().document_element();
        if let Some(root) = root {
            // An attribute of this name is always allowed.
            let _ = match choice {
                Choice::System => root.remove_attribute("data-theme"),
                Choice::Light | Choice::Dark => root.set_attribute("data-theme", choice.as_str()),
            };
        }
        match choice {
            Choice::System => Shelf::Local.remove(KEY),
            // Where nothing is kept, the theme holds until the page is left.
            Choice::Light | Choice::Dark => drop(Shelf::Local.write(KEY, choice.as_str())),
        }
    }
}

/// The switch in the header.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let theme = expect_context::<Theme>();
    let label = move || format!("Theme: {}. Switch to {}", theme.0.get().as_str(), theme.0.get().next().as_str());
    view! {
        <button
            type="button"
            class="button button-ghost button-icon"
            aria-label=label
            title=label
            data-key="t"
            on:click=move |_| theme.switch()
        >
            {move || view! { <Icon glyph=theme.0.get().glyph()/> }.into_any()}
        </button>
    }
}
