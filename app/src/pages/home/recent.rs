//! What happened last, as sentences.

use crate::pages::address;
use crate::protocol::entry::Home;
use crate::protocol::event::SyncCounts;
use crate::protocol::{EntryId, Envelope, Event, KbName};
use crate::sync::LiveRead;
use crate::ui::{Each, Glyph, Icon, Time, When};
use leptos::prelude::*;

/// The last changes, newest first; each is made once.
#[component]
pub fn Recent(read: LiveRead<Home>) -> impl IntoView {
    let events = move || {
        let told = |home: &Home| {
            home.recent
                .iter()
                .filter(|event| is_worth_telling(&event.event))
                .cloned()
                .collect::<Vec<_>>()
        };
        read.with_data(told).unwrap_or_default()
    };
    let none = Memo::new(move |_| {
        read.with_data(|home| !home.recent.iter().any(|event| is_worth_telling(&event.event)))
            .unwrap_or_default()
    });
    view! {
        <section class="recent" aria-labelledby="recent-title">
            <h2 id="recent-title">"Recent changes"</h2>
            <When is=move || none.get()>
                <p class="muted">"Nothing has happened yet. What anybody changes appears here at once."</p>
            </When>
            <ol class="recent-list">
                <Each each=events key=|event| event.seq children=|event| view! { <Happened event/> }.into_any()/>
            </ol>
        </section>
    }
}

#[component]
fn Happened(event: Envelope) -> impl IntoView {
    let Envelope { kb_name, entry_id, .. } = event.clone();
    let (glyph, verb, what) = told(&event.event);
    let href = href(&event.event, kb_name.as_ref(), entry_id.as_ref());
    let of_kb = what.is_empty();
    let what = if of_kb {
        kb_name.as_ref().map(KbName::to_string).unwrap_or_default()
    } else {
        what
    };
    let place = kb_name.filter(|_| entry_id.is_some() && !of_kb);
    view! {
        <li class="recent-item">
            <Icon glyph/>
            <p>
                <strong>{event.actor.name().to_owned()}</strong>
                " "
                {verb}
                " "
                {match href {
                    Some(href) => view! { <a href=href>{what}</a> }.into_any(),
                    None => view! { <span>{what}</span> }.into_any(),
                }}
                {place.map(|kb| view! { <span class="muted">" in " <a href=address::kb(&kb)>{kb.to_string()}</a></span> }.into_any())}
                <span class="recent-when"><Time at=event.timestamp/></span>
            </p>
        </li>
    }
}

/// A sync that found all as it was is news to nobody.
fn is_worth_telling(event: &Event) -> bool {
    event.is_content() && !matches!(event, Event::KbSynced(counts) if counts.added + counts.updated + counts.removed == 0)
}

/// The icon, the verb and the object of an event; the object is empty where it is the knowledge base itself.
fn told(event: &Event) -> (Glyph, String, String) {
    let (glyph, verb, what) = match event {
        Event::KbCreated(change) => (Glyph::Book, "made the knowledge base", change.title.clone()),
        Event::KbUpdated(change) => (Glyph::Book, "changed the knowledge base", change.title.clone()),
        Event::KbDeleted {} => (Glyph::Trash, "deleted the knowledge base", String::new()),
        Event::KbSynced(counts) => return (Glyph::Refresh, format!("synced {} of", files(*counts)), String::new()),
        Event::EntryCreated(change) if change.trash_id.is_some() => (Glyph::Restore, "restored", change.title.clone()),
        Event::EntryCreated(change) => (Glyph::Plus, "created", change.title.clone()),
        Event::EntryUpdated(change) if change.previous_id.is_some() => (Glyph::Edit, "renamed", change.title.clone()),
        Event::EntryUpdated(change) => (Glyph::Edit, "updated", change.title.clone()),
        Event::EntryDeleted(removal) => (Glyph::Trash, "deleted", removal.title.clone()),
        Event::EntryPurged { .. } => (Glyph::Trash, "deleted for good an entry of", String::new()),
        // None of these is about what a knowledge base holds.
        _ => (Glyph::Book, "changed", String::new()),
    };
    (glyph, verb.to_owned(), what)
}

fn files(counts: SyncCounts) -> String {
    match counts.added + counts.updated + counts.removed {
        1 => "1 change".to_owned(),
        n => format!("{n} changes"),
    }
}

fn href(event: &Event, kb: Option<&KbName>, id: Option<&EntryId>) -> Option<String> {
    match event {
        Event::KbDeleted {} => None,
        Event::EntryDeleted(_) | Event::EntryPurged { .. } => kb.map(address::trash),
        _ => match (kb, id) {
            (Some(kb), Some(id)) => Some(address::entry(kb, id)),
            (kb, _) => kb.map(address::kb),
        },
    }
}
