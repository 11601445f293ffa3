//! The knowledge bases, a card each.

use crate::pages::address;
use crate::pages::kb::Private;
use crate::protocol::KbName;
use crate::protocol::entry::{Home, KbSummary};
use crate::protocol::people::Level;
use crate::sync::LiveRead;
use crate::ui::{Each, Time};
use leptos::prelude::*;

/// A card for each knowledge base; a change of one touches its own card only.
#[component]
pub fn Cards(read: LiveRead<Home>) -> impl IntoView {
    let names = Memo::new(move |_| {
        read.with_data(|home| home.kbs.iter().map(|kb| kb.name.clone()).collect::<Vec<_>>())
            .unwrap_or_default()
    });
    view! {
        <ul class="cards" aria-label="Knowledge bases">
            <Each each=move || names.get() key=KbName::clone children=move |name| view! { <Card read name/> }.into_any()/>
        </ul>
    }
}

#[component]
fn Card(read: LiveRead<Home>, name: KbName) -> impl IntoView {
    let href = address::kb(&name);
    let row = name.to_string();
    let kb = Memo::new(move |before: Option<&Option<KbSummary>>| {
        let found = read.with_data(|home| home.kbs.iter().find(|kb| kb.name == name).cloned()).flatten();
        found.or_else(|| before.cloned().flatten())
    });
    let of = move |look: fn(&KbSummary) -> String| kb.with(|kb| kb.as_ref().map(look).unwrap_or_default());
    let private = Memo::new(move |_| kb.with(|kb| kb.as_ref().is_some_and(|kb| kb.members == Level::None)));
    let updated = Signal::derive(move || kb.with(|kb| kb.as_ref().map(|kb| kb.updated_at)));
    view! {
        <li class="card" data-row=row>
            <a class="card-link" href=href>
                <h2>{move || of(|kb| kb.title.clone())} {move || private.get().then(|| view! { <Private/> }.into_any())}</h2>
            </a>
            {move || Some(of(|kb| kb.description.clone())).filter(|text| !text.is_empty()).map(|text| view! { <p class="card-text">{text}</p> }.into_any())}
            <p class="card-facts">
                <span>{move || of(|kb| counted(kb.entries))}</span>
                {move || updated.get().map(|at| view! { <span>"changed " <Time at/></span> }.into_any())}
            </p>
        </li>
    }
}

/// "1 entry", "12 entries"
pub fn counted(entries: u64) -> String {
    match entries {
        1 => "1 entry".to_owned(),
        n => format!("{n} entries"),
    }
}
