//! The trash of a knowledge base: what was deleted, for how long it stays, and the way back.

use super::loaded::Loaded;
use super::rights::{may_write, read_rights};
use super::route::InKb;
use super::{address, write};
use crate::base;
use crate::protocol::entry::{KbView, TrashItem};
use crate::protocol::{KbName, limits};
use crate::sync::{LiveRead, Sync, Trash, trash};
use crate::ui::{Badge, Button, Clock, Dialog, Each, EmptyState, Glyph, LoadMore, PageTitle, Time, Toasts, Tone, When};
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The page of a trash.
#[component]
pub fn TrashPage() -> impl IntoView {
    view! { <InKb page=|kb| view! { <Shown kb/> }/> }
}

#[component]
fn Shown(kb: KbName) -> impl IntoView {
    let source = kb.clone();
    let read = trash(move || source.clone());
    let rights = read_rights(&kb);
    let kb = StoredValue::new(kb);
    view! {
        <PageTitle text="Trash"/>
        <div class="page">
            <nav class="crumbs" aria-label="Breadcrumbs">
                <a href=base::at("/")>"Home"</a>
                <a href=address::kb(&kb.get_value())>{kb.get_value().to_string()}</a>
            </nav>
            <header class="page-head">
                <div>
                    <h1>"Trash"</h1>
                    <p class="muted">"Deleted entries stay for 30 days, with all their versions."</p>
                </div>
            </header>
            <Loaded read=rights>
                <Loaded read>
                    <Items read rights kb=kb.get_value()/>
                </Loaded>
            </Loaded>
        </div>
    }
}

#[component]
fn Items(read: LiveRead<Trash>, rights: LiveRead<KbView>, kb: KbName) -> impl IntoView {
    let items = Memo::new(move |_| read.with_data(|trash| trash.items.clone()).unwrap_or_default());
    let more = Memo::new(move |_| read.with_data(|trash| trash.next.is_some()).unwrap_or_default());
    // A page that is empty and not the last one was emptied here.
    let empty = Memo::new(move |_| items.with(Vec::is_empty) && !more.get());
    let writes = may_write(rights);
    let doomed = RwSignal::new(None::<TrashItem>);
    let back = StoredValue::new(address::kb(&kb));
    view! {
        <When is=move || empty.get()>
            <EmptyState glyph=Glyph::Trash title="The trash is empty" text="What is deleted in this knowledge base comes here first.">
                <a class="button" href=back.get_value()>"Back to the list"</a>
            </EmptyState>
        </When>
        <ul aria-label="Deleted entries">
            <Each each=move || items.get() key=|item| item.trash_id children=move |item| view! { <Item item writes doomed/> }.into_any()/>
        </ul>
        <LoadMore more loading=read.loading_more() load=move || read.load_more_items()/>
        <ConfirmPurge doomed/>
    }
}

#[component]
fn Item(item: TrashItem, writes: Memo<bool>, doomed: RwSignal<Option<TrashItem>>) -> impl IntoView {
    let clock = expect_context::<Clock>();
    let (at, by) = (item.deleted_at, item.deleted_by.name().to_owned());
    let left = move || clock.now().map(|now| days_left(at.millis(), now));
    let kept = item.clone();
    let restore = move |_| write::restore_entries(vec![kept.clone()]);
    let gone = item.clone();
    let on_purge = move |_| doomed.set(Some(gone.clone()));
    view! {
        <li class="trash-item" data-row=item.trash_id.to_string()>
            <div class="trash-what">
                <strong>{item.title.clone()}</strong>
                " "
                <Badge>{item.entry_type.clone()}</Badge>
                <p>"Deleted by " {by} ", " <Time at/> {left}</p>
            </div>
            <When is=move || writes.get()>
                <div class="actions">
                    <Button icon=Glyph::Restore on:click=restore.clone()>"Restore"</Button>
                    <Button tone=Tone::Danger on:click=on_purge.clone()>"Delete for good"</Button>
                </div>
            </When>
        </li>
    }
}

/// ", 12 days left"
fn days_left(deleted_ms: i64, now_ms: i64) -> String {
    let left = deleted_ms + limits::TRASH.as_millis() as i64 - now_ms;
    let day = 86_400_000;
    match left {
        left if left < day => ", less than a day left".to_owned(),
        left if left == day => ", 1 day left".to_owned(),
        left => format!(", {} days left", (left + day - 1) / day),
    }
}

#[component]
fn ConfirmPurge(doomed: RwSignal<Option<TrashItem>>) -> impl IntoView {
    let (sync, toasts) = (Sync::expect(), Toasts::expect());
    let open = RwSignal::new(false);
    Effect::new(move || {
        if doomed.with(Option::is_some) {
            open.set(true);
        }
    });
    let purge = move |_| {
        let Some(item) = doomed.try_update(Option::take).flatten() else {
            return;
        };
        open.set(false);
        spawn_local(async move {
            if let Err(problem) = sync.purge_entry(item.kb_name.clone(), item.trash_id).await {
                toasts.fail(format!("“{}” was not deleted: {}", item.title, problem.detail));
            }
        });
    };
    view! {
        <Dialog open title="Delete for good?">
            <p>
                {move || doomed.with(|item| item.as_ref().map(|item| format!("“{}” and all its versions will be gone. ", item.title)))}
                "This cannot be undone."
            </p>
            <div class="actions">
                <Button tone=Tone::Danger icon=Glyph::Trash on:click=purge>"Delete for good"</Button>
                <button type="button" class="button" autofocus on:click=move |_| open.set(false)>"Keep it"</button>
            </div>
        </Dialog>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_has_thirty_days_in_the_trash() {
        let day = 86_400_000;
        assert_eq!(days_left(0, 0), ", 30 days left");
        assert_eq!(days_left(0, 1_000), ", 30 days left");
        assert_eq!(days_left(0, 28 * day + 1), ", 2 days left");
        assert_eq!(days_left(0, 29 * day), ", 1 day left");
        assert_eq!(days_left(0, 30 * day - 1), ", less than a day left");
    }
}
