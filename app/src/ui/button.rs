//! Buttons. Attributes and listeners (`on:click`, `attr:…`) go to the `<button>` itself.

use super::{Glyph, Icon};
use leptos::prelude::*;

/// How much a button asks to be pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// One of several things one may do.
    #[default]
    Plain,
    /// What most people came for.
    Primary,
    /// Takes something away.
    Danger,
    /// Quiet, for bars of tools.
    Ghost,
}

impl Tone {
    /// The classes of a button, or of a link that looks like one.
    pub const fn class(self) -> &'static str {
        match self {
            Tone::Plain => "button",
            Tone::Primary => "button button-primary",
            Tone::Danger => "button button-danger",
            Tone::Ghost => "button button-ghost",
        }
    }
}

/// A button that does something on this page.
#[component]
pub fn Button(
    #[prop(optional)] tone: Tone,
    #[prop(optional, into)] icon: Option<Glyph>,
    /// Whether it cannot be pressed now.
    #[prop(optional, into)]
    disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" class=tone.class() disabled=move || disabled.get()>
            {icon.map(|glyph| view! { <Icon glyph/> }.into_any())}
            {children()}
        </button>
    }
}
