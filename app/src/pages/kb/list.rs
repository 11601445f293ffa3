//! The live list: of ten thousand rows only those on the screen are rendered, and of those only what changed.

use super::bulk::{BulkBar, Selection};
use super::filters::leaves_out;
use super::row::{Row, Shown};
use super::window::Window;
use crate::pages::address;
use crate::pages::frame::Dialogs;
use crate::pages::home::counted;
use crate::pages::jobs::Way;
use crate::pages::loaded::Loaded;
use crate::pages::rights::may_write;
use crate::protocol::entry::{EntryFilter, KbView};
use crate::protocol::{EntryId, Event, KbName};
use crate::sync::{EntryList, LiveRead, Sync};
use crate::ui::{Button, Each, EmptyState, Glyph, Tone, When};
use leptos::prelude::*;
use std::collections::HashSet;
use std::time::Duration;

/// How many rows are asked for before the reader comes to the end of what is loaded.
const AHEAD: usize = 100;
/// How long a row that somebody changed is highlighted.
const FRESH: Duration = Duration::from_millis(2_500);
/// How many rows are watched to learn by how much the list moved.
const WATCHED: usize = 7;

/// The list with its states.
#[component]
pub fn List(rows: LiveRead<EntryList>, about: LiveRead<KbView>, kb: KbName, filter: Memo<EntryFilter>) -> impl IntoView {
    let kb = StoredValue::new(kb);
    let writes = may_write(about);
    let selection = Selection::new(rows, writes);
    Effect::new(move |before: Option<EntryFilter>| {
        let now = filter.get();
        if before.is_some_and(|before| before != now) {
            selection.clear();
        }
        now
    });
    view! {
        <section class="list" aria-label="Entries">
            <Loaded read=rows>
                <Filled rows kb=kb.get_value() filter selection/>
            </Loaded>
        </section>
        <BulkBar kb=kb.get_value() selection/>
    }
}

#[component]
fn Filled(rows: LiveRead<EntryList>, kb: KbName, filter: Memo<EntryFilter>, selection: Selection) -> impl IntoView {
    let total = Memo::new(move |_| rows.with_data(|list| list.total().max(list.len() as u64)).unwrap_or_default() as usize);
    let kb = StoredValue::new(kb);
    let none = Memo::new(move |_| total.get() == 0);
    view! {
        <p class="visually-hidden" role="status">{move || counted(total.get() as u64)}</p>
        {move || {
            if none.get() {
                view! { <Nothing kb=kb.get_value() filter writes=selection.writes/> }.into_any()
            } else {
                view! { <Rows rows kb=kb.get_value() total selection/> }.into_any()
            }
        }}
    }
}

#[component]
fn Nothing(kb: KbName, filter: Memo<EntryFilter>, writes: Memo<bool>) -> impl IntoView {
    let filtered = Memo::new(move |_| filter.with(leaves_out));
    let kb = StoredValue::new(kb);
    let bring = expect_context::<Dialogs>().bring;
    let fill = move |_| bring.ask(Way::Crawl, Some(kb.get_value()));
    move || {
        let kb = kb.get_value();
        if filtered.get() {
            view! {
                <EmptyState glyph=Glyph::Search title="Nothing matches" text="No entry has all that the filter asks for. Try fewer words, or let a filter go.">
                    <a class="button" href=address::kb(&kb)>"Show all entries"</a>
                </EmptyState>
            }
            .into_any()
        } else if !writes.get() {
            view! { <EmptyState glyph=Glyph::File title="No entries yet" text="What somebody writes here appears at once."/> }.into_any()
        } else {
            view! {
                <EmptyState glyph=Glyph::File title="No entries yet" text="Write the first one here, or import a site or files. What is written anywhere appears at once.">
                    <a class="button button-primary" href=address::new_entry(&kb, "")>"New entry"</a>
                    <Button icon=Glyph::Jobs on:click=fill>"Import a site or files"</Button>
                </EmptyState>
            }
            .into_any()
        }
    }
}

#[component]
fn Rows(rows: LiveRead<EntryList>, kb: KbName, total: Memo<usize>, selection: Selection) -> impl IntoView {
    let window = Window::new(total);
    let visible = Memo::new(move |_| {
        let places = window.places.get();
        rows.with_data(|list| {
            let shown = |place| {
                let row = list.get(place)?.clone();
                let pending = list.is_pending(&row.entry_id);
                Some(Shown { row, place, pending })
            };
            places.clone().filter_map(shown).collect::<Vec<_>>()
        })
        .unwrap_or_default()
    });
    let ids = Memo::new(move |_| visible.with(|rows| rows.iter().map(|shown| shown.row.entry_id.clone()).collect::<Vec<_>>()));
    let before = move || window.places.with(|places| format!("calc(var(--row) * {})", places.start));
    // All of it, whatever is rendered: a page that became shorter for a moment would lose its place.
    let whole = move || format!("calc(var(--row) * {})", total.get());
    load_ahead(rows, window);
    let news = hold_still(rows, window, visible);
    let fresh = just_changed(kb.clone());
    let searching = Memo::new(move |_| rows.with_data(|list| list.filter().q.is_some()).unwrap_or_default());
    let kb = StoredValue::new(kb);
    let row = move |id: EntryId| {
        let of = id.clone();
        let shown = Memo::new(move |before: Option<&Option<Shown>>| {
            let now = visible.with(|rows| rows.iter().find(|shown| shown.row.entry_id == of).cloned());
            now.or_else(|| before.cloned().flatten())
        });
        let of = id.clone();
        let fresh = Memo::new(move |_| fresh.with(|fresh| fresh.contains(&of)));
        view! { <Row kb=kb.get_value() id shown total selection fresh/> }.into_any()
    };
    view! {
        <NewsPill news/>
        <ul
            node_ref=window.node
            class="rows"
            class:rows-found=searching
            role="list"
            style:padding-top=before
            style:min-height=whole
            aria-busy=move || rows.loading_more().get().to_string()
        >
            <Each each=move || ids.get() key=EntryId::clone children=row/>
        </ul>
    }
}

/// "3 new": what came above while one was reading further down.
#[component]
fn NewsPill(news: RwSignal<usize>) -> impl IntoView {
    let up = move |_| {
        news.set(0);
        window().scroll_to_with_x_and_y(0.0, 0.0);
    };
    view! {
        <div class="pill-place" role="status">
            <When is=move || { news.get() > 0 }>
                <Button tone=Tone::Primary icon=Glyph::ArrowUp on:click=up>{news} " new"</Button>
            </When>
        </div>
    }
}

/// Asks for more rows before the reader comes to the end of those that are there.
fn load_ahead(rows: LiveRead<EntryList>, window: Window) {
    Effect::new(move || {
        let wanted = window.places.with(|places| places.end) + AHEAD;
        let (loaded, complete) = rows.with_data(|list| (list.len(), list.is_complete())).unwrap_or((0, true));
        if !complete && loaded < wanted && !rows.loading_more().get() {
            rows.load_more(wanted);
        }
    });
}

/// Keeps what one reads where it is when rows come or go above it; counts those that came.
fn hold_still(rows: LiveRead<EntryList>, window: Window, visible: Memo<Vec<Shown>>) -> RwSignal<usize> {
    let news = RwSignal::new(0_usize);
    Effect::new(move |before: Option<(EntryFilter, Vec<(EntryId, usize)>)>| {
        let filter = rows.with_data(|list| list.filter().clone()).unwrap_or_default();
        let reading_on = window.above() > window.row_height();
        match before {
            Some((was, watched)) if was == filter && reading_on => {
                let moved = rows.with_data(|list| displacement(list, &watched)).unwrap_or_default();
                if moved != 0 {
                    web_sys::Window::scroll_by_with_x_and_y(&leptos::prelude::window(), 0.0, moved as f64 * window.row_height());
                    news.update(|news| *news = news.saturating_add_signed(moved.max(0)));
                }
            }
            _ => news.set(0),
        }
        let first = window.first_visible();
        let watched = visible.with(|rows| {
            let on_screen = rows.iter().filter(|shown| shown.place >= first).take(WATCHED);
            on_screen.map(|shown| (shown.row.entry_id.clone(), shown.place)).collect()
        });
        (filter, watched)
    });
    Effect::new(move || {
        let scroll = window_event_listener(leptos::ev::scroll, move |_| {
            if news.get_untracked() > 0 && window.above() < window.row_height() {
                news.set(0);
            }
        });
        on_cleanup(move || scroll.remove());
    });
    news
}

/// By how many rows most of the watched ones moved.
fn displacement(list: &EntryList, watched: &[(EntryId, usize)]) -> isize {
    let mut moves: Vec<isize> = watched
        .iter()
        .filter_map(|(id, was)| Some(list.position(id)? as isize - *was as isize))
        .collect();
    moves.sort_unstable();
    moves.get(moves.len() / 2).copied().unwrap_or_default()
}

/// The entries that somebody else changed a moment ago.
fn just_changed(kb: KbName) -> RwSignal<HashSet<EntryId>> {
    let sync = Sync::expect();
    let fresh = RwSignal::new(HashSet::new());
    sync.on_event(move |event| {
        let own = event.mutation_id.as_ref().is_some_and(|mutation| sync.is_own(mutation));
        let concerns = event.kb_name.as_ref() == Some(&kb) && matches!(event.event, Event::EntryCreated(_) | Event::EntryUpdated(_));
        let Some(id) = event.entry_id.clone().filter(|_| concerns && !own) else {
            return;
        };
        fresh.update(|fresh| {
            fresh.insert(id.clone());
        });
        set_timeout(
            move || {
                fresh.try_update(|fresh| fresh.remove(&id));
            },
            FRESH,
        );
    });
    fresh
}
