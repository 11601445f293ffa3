//! The notifications of the one who is here, by day. Looking at them makes them seen, following one makes it read.

mod days;
mod item;

use super::loaded::Loaded;
use super::write::attempt;
use crate::api::people::mark_notifications;
use crate::base;
use crate::protocol::notification::Mark;
use crate::sync::{InboxList, LiveRead, inbox};
use crate::ui::{Button, Clock, Each, EmptyState, Glyph, LoadMore, PageTitle, Toasts, When};
use days::{Day, by_day, day_of, named};
use item::Item;
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_query_map;
use std::time::Duration;

/// What was not yet told of being seen is looked for again after this time.
const AGAIN: Duration = Duration::from_secs(2);

/// The page of notifications.
#[component]
pub fn NotificationsPage() -> impl IntoView {
    let query = use_query_map();
    let unread_only = Memo::new(move |_| query.with(|query| query.get_str("unread") == Some("1")));
    let read = inbox(move || unread_only.get());
    see_all(read);
    let filter = move |unread: bool, href: String, name: &'static str| {
        let current = move || (unread_only.get() == unread).then_some("page");
        view! { <a class="button button-ghost" href=href data-noscroll aria-current=current>{name}</a> }.into_any()
    };
    view! {
        <PageTitle text="Notifications"/>
        <div class="page page-narrow">
            <header class="page-head">
                <h1>"Notifications"</h1>
                <a class="button" href=base::at("/settings#notifications")>"Notification settings"</a>
            </header>
            <nav class="choices" aria-label="Which notifications">
                {filter(false, base::at("/notifications"), "All")}
                {filter(true, base::at("/notifications?unread=1"), "Unread")}
            </nav>
            <Loaded read>
                <Shown read unread_only/>
            </Loaded>
        </div>
    }
}

#[component]
fn Shown(read: LiveRead<InboxList>, unread_only: Memo<bool>) -> impl IntoView {
    let unread = Memo::new(move |_| read.with_data(|list| list.counts.unread).unwrap_or_default());
    let more = Memo::new(move |_| read.with_data(|list| list.next.is_some()).unwrap_or_default());
    let empty = Memo::new(move |_| read.with_data(|list| list.items.is_empty()).unwrap_or_default() && !more.get());
    let (clock, toasts) = (expect_context::<Clock>(), Toasts::expect());
    // Before the page is alive days are those of UTC, which are the same on both sides.
    let alive = Memo::new(move |_| clock.now().is_some());
    let today = Memo::new(move |_| clock.now().map(|now| day_of(now, true)));
    let days = Memo::new(move |_| read.with_data(|list| by_day(&list.items, alive.get())).unwrap_or_default());
    let read_all = move |_| {
        attempt("Not marked", mark_notifications(None, Mark::Read), move |marked| {
            let ids = marked.ids;
            let text = match ids.len() {
                0 => return,
                1 => "1 notification is marked as read.".to_owned(),
                n => format!("{n} notifications are marked as read."),
            };
            let undo = move |()| {
                let ids = ids.clone();
                spawn_local(async move {
                    if let Err(problem) = mark_notifications(Some(ids), Mark::Unread).await {
                        toasts.fail(format!("Not undone: {}", problem.detail));
                    }
                });
            };
            toasts.offer(text, "Undo", Callback::new(undo));
        });
    };
    view! {
        <div class="letters-head">
            <p class="muted" role="status">{move || said(unread.get())}</p>
            <Button icon=Glyph::Check disabled=Signal::derive(move || unread.get() == 0) on:click=read_all>"Mark all as read"</Button>
        </div>
        <When is=move || empty.get() && unread_only.get()>
            <EmptyState glyph=Glyph::Check title="All read" text="There is nothing that you have not read.">
                <a class="button" href=base::at("/notifications")>"Show all"</a>
            </EmptyState>
        </When>
        <When is=move || empty.get() && !unread_only.get()>
            <EmptyState
                glyph=Glyph::Bell
                title="No notifications yet"
                text="You hear here when somebody mentions you, when what you watch changes, and when a program has something for you."
            >
                <a class="button" href=base::at("/")>"All knowledge bases"</a>
            </EmptyState>
        </When>
        <Each
            each=move || days.get()
            key=|day| day.0
            children=move |day| view! { <OfDay day=day.0 days today read/> }.into_any()
        />
        <LoadMore more loading=read.loading_more() load=move || read.load_more_notifications()/>
    }
}

#[component]
fn OfDay(day: i64, days: Memo<Vec<Day>>, today: Memo<Option<i64>>, read: LiveRead<InboxList>) -> impl IntoView {
    let ids = move || {
        days.with(|days| {
            days.iter()
                .find(|other| other.0 == day)
                .map(|day| day.1.clone())
                .unwrap_or_default()
        })
    };
    let title = format!("day-{day}");
    view! {
        <section class="letters" aria-labelledby=title>
            <h2 id=title.clone()>{move || named(day, today.get())}</h2>
            <ul>
                <Each each=ids key=|id| *id children=move |id| view! { <Item id read/> }.into_any()/>
            </ul>
        </section>
    }
}

fn said(unread: u64) -> String {
    match unread {
        0 => "Nothing is unread.".to_owned(),
        1 => "1 is unread.".to_owned(),
        n => format!("{n} are unread."),
    }
}

/// Says that all were looked at, while somebody looks.
fn see_all(read: LiveRead<InboxList>) {
    let visible = RwSignal::new(false);
    let again = RwSignal::new(0_u32);
    let asked = StoredValue::new(false);
    Effect::new(move || {
        visible.set(!document().hidden());
        let looking = window_event_listener(leptos::ev::visibilitychange, move |_| visible.set(!document().hidden()));
        on_cleanup(move || looking.remove());
    });
    Effect::new(move || {
        again.track();
        let unseen = read.with_data(|list| list.counts.unseen).unwrap_or_default();
        if unseen == 0 || !visible.get() || asked.get_value() {
            return;
        }
        asked.set_value(true);
        spawn_local(async move {
            let seen = mark_notifications(None, Mark::Seen).await;
            let look_again = move || {
                asked.try_set_value(false);
                // Where it failed, they count as new until the next one comes, or somebody looks again.
                if seen.is_ok() {
                    again.try_update(|again| *again = again.wrapping_add(1));
                }
            };
            set_timeout(look_again, AGAIN);
        });
    });
}
