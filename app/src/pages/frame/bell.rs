//! The bell: how many notifications came since one looked, here, in the title of the page and on its icon.

use crate::base;
use crate::pages::desk::{AtDesk, capped};
use crate::ui::{Glyph, Icon, browser};
use leptos::prelude::*;

/// The link to the notifications, with their number.
#[component]
pub fn Bell() -> impl IntoView {
    let desk = AtDesk::expect();
    let unseen = Memo::new(move |_| desk.read().with_data(|desk| desk.counts.unseen).unwrap_or_default());
    let name = move || match unseen.get() {
        0 => "Notifications".to_owned(),
        n => format!("Notifications, {n} new"),
    };
    view! {
        <a class="button button-ghost button-icon bell" href=base::at("/notifications") data-key="g n" aria-label=name title="Notifications (g n)">
            <Icon glyph=Glyph::Bell/>
            <span class="bell-count" aria-hidden="true" class:hidden=move || unseen.get() == 0>{move || capped(unseen.get())}</span>
        </a>
    }
}

/// Keeps the number on the page's icon. Once, in the frame.
pub fn mark_icon() {
    let desk = AtDesk::expect();
    let unseen = Memo::new(move |_| desk.counts().get().unseen);
    Effect::new(move |before: Option<u64>| {
        let now = unseen.get();
        if (before.is_some() || now > 0)
            && let Some(link) = browser::find("link[rel=icon]")
        {
            let icon = if now == 0 {
                base::at("/favicon.svg")
            } else {
                icon_with(&capped(now))
            };
            // An attribute of this name is always allowed.
            drop(link.set_attribute("href", &icon));
        }
        now
    });
}

fn icon_with(number: &str) -> String {
    let drawing = format!(
        r##"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="2" y="2" width="28" height="28" rx="8" fill="#4b55c8"/><path d="M9 20h9M9 25h5" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/><circle cx="21" cy="11" r="11" fill="#d3302f"/><text x="21" y="16.5" font-family="sans-serif" font-size="15" font-weight="700" text-anchor="middle" fill="#fff">{number}</text></svg>"##
    );
    format!("data:image/svg+xml,{}", String::from(js_sys::encode_uri_component(&drawing)))
}
