//! The header: where one is at home, how to find, how the connection is, how to make something new.

use super::Dialogs;
use super::bell::Bell;
use super::person::PersonMenu;
use crate::base;
use crate::pages::{address, route};
use crate::ui::connection::ConnectionDot;
use crate::ui::keys::Keys;
use crate::ui::theme::ThemeSwitch;
use crate::ui::{Glyph, Icon};
use leptos::prelude::*;
use web_sys::MouseEvent;

/// The header of every page. Its links are real ones, for the time before WebAssembly is there.
#[component]
pub fn Header() -> impl IntoView {
    let keys = expect_context::<Keys>();
    let dialogs = expect_context::<Dialogs>();
    let kb = route::current_kb();
    // Where one may not write, one is asked where it shall be.
    let writable = Memo::new(move |_| kb.get().filter(|kb| dialogs.read_only.with(|other| other.as_ref() != Some(kb))));
    let open_palette = move |ev: MouseEvent| {
        ev.prevent_default();
        keys.palette.set(true);
    };
    let new_entry = move |ev: MouseEvent| {
        if writable.with_untracked(Option::is_none) {
            ev.prevent_default();
            dialogs.new_entry.set(true);
        }
    };
    let new_href = move || writable.with(|kb| kb.as_ref().map_or_else(|| base::at("/"), |kb| address::new_entry(kb, "")));
    let trash_href = move || kb.with(|kb| kb.as_ref().map(address::trash));
    view! {
        <header class="header">
            <a class="brand" href=base::at("/") data-key="g h">
                <svg class="brand-mark" viewBox="0 0 32 32" width="24" height="24" aria-hidden="true">
                    <rect x="2" y="2" width="28" height="28" rx="8"/>
                    <path d="M9 12h14M9 17h9"/>
                    <circle cx="22" cy="21" r="3"/>
                </svg>
                <span class="brand-name">"Tidings"</span>
            </a>
            <a class="quick" href=base::at("/search") on:click=open_palette>
                <Icon glyph=Glyph::Search/>
                <span class="quick-text">"Search or jump to…"</span>
                <kbd class="quick-key">"Ctrl K"</kbd>
            </a>
            <nav class="header-tools" aria-label="Tools">
                <ConnectionDot/>
                <ThemeSwitch/>
                <a class="button button-ghost button-icon header-jobs" href=base::at("/jobs") aria-label="Jobs" title="Jobs (g j)">
                    <Icon glyph=Glyph::Jobs/>
                </a>
                <a class="visually-hidden" tabindex="-1" aria-hidden="true" data-key="g j" href=base::at("/jobs")></a>
                <button
                    type="button"
                    class="button button-ghost button-icon header-help"
                    aria-label="Keyboard shortcuts"
                    title="Keyboard shortcuts (?)"
                    on:click=move |_| keys.help.set(true)
                >
                    <Icon glyph=Glyph::Help/>
                </button>
                <a class="visually-hidden" tabindex="-1" aria-hidden="true" data-key="g t" href=trash_href></a>
                <a class="button button-primary" href=new_href data-key="n" title="New entry (n)" on:click=new_entry>
                    <Icon glyph=Glyph::Plus/>
                    <span>"New"</span>
                </a>
                <Transition fallback=|| ()>
                    <Bell/>
                    <PersonMenu/>
                </Transition>
            </nav>
        </header>
    }
}
