//! Writing: an entry that is there, or a new one. What is typed is never lost and never overwritten.

mod area;
mod bar;
mod company;
mod completion;
mod conflict;
mod draft;
mod editor;
mod fields;
mod gone;
mod hand_over;
mod inputs;
mod metadata;
mod more;
mod preview;
mod save;
mod text;

use super::address;
use super::moved::{Moved, renamed_to};
use super::rights::ReadOnly;
use super::route::{AtEntry, InKb};
use crate::api::entry::load_source;
use crate::api::kb::load_kb;
use crate::base;
use crate::protocol::entry::Entry;
use crate::protocol::people::Level;
use crate::protocol::{Code, EntryId, KbName, Problem};
use crate::sync::Sync;
use crate::ui::{ErrorState, PageTitle, Skeleton};
use bar::{Bar, Notices};
use company::Company;
use conflict::ConflictView;
use draft::Slot;
use editor::{Base, Editor, Gone, Saving};
use fields::Fields;
use futures_util::future::join;
use gone::GoneNotice;
use hand_over::Begun;
pub use hand_over::HandOver;
use inputs::Inputs;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_query_map;
use more::More;
use preview::Preview;
use text::Text;
use web_sys::KeyboardEvent;

/// The page that edits an entry.
#[component]
pub fn EditPage() -> impl IntoView {
    view! { <AtEntry page=|kb, id| view! { <Existing kb id/> }/> }
}

/// The page that writes a new entry.
#[component]
pub fn NewPage() -> impl IntoView {
    view! { <InKb page=|kb| view! { <New kb/> }/> }
}

#[component]
fn Existing(kb: KbName, id: EntryId) -> impl IntoView {
    let source = (kb.clone(), id.clone());
    // Read once: what others write meanwhile is told by events, and never replaces what is typed.
    let read = Resource::new(
        move || source.clone(),
        |(kb, id)| async move {
            let (entry, about) = join(load_source(kb.clone(), id), load_kb(kb)).await;
            // Where that cannot be read one may try, and the server decides.
            let reads_only = about.is_ok_and(|about| about.data.kb.level < Level::Write);
            entry.map(|entry| (entry, reads_only))
        },
    );
    let named = StoredValue::new((kb, id));
    view! {
        <div class="page page-wide">
            <Transition fallback=|| view! { <Skeleton/> }>
                {move || {
                    read.get()
                        .map(|result| match result {
                            Ok((snapshot, true)) => view! { <OfReader entry=snapshot.data/> }.into_any(),
                            Ok((snapshot, false)) => view! { <OfEntry entry=snapshot.data/> }.into_any(),
                            Err(problem) => {
                                let (kb, id) = named.get_value();
                                match renamed_to(&problem) {
                                    Some(now) => view! { <Moved to=address::edit(&kb, &now)/> }.into_any(),
                                    None => view! { <Unread kb id problem retry=Callback::new(move |()| read.refetch())/> }.into_any(),
                                }
                            }
                        })
                }}
            </Transition>
        </div>
    }
}

/// Who may only read may have a draft all the same, from a time when they could write.
#[component]
fn OfReader(entry: Entry) -> impl IntoView {
    let draft = RwSignal::new(false);
    let (kb, id) = (entry.kb_name.clone(), entry.entry_id.clone());
    let named = (kb.clone(), id.clone());
    Effect::new(move || draft.set(has_draft(&named.0, &named.1)));
    move || match draft.get() {
        true => view! { <OfEntry entry=entry.clone()/> }.into_any(),
        false => view! { <ReadOnly back=address::entry(&kb, &id) kb=kb.clone()/> }.into_any(),
    }
}

/// What cannot be read may have a draft all the same.
#[component]
fn Unread(kb: KbName, id: EntryId, problem: Problem, retry: Callback<()>) -> impl IntoView {
    let gone = match problem.code {
        Code::EntryNotFound => Some(Gone::Entry { by: None, trash_id: None }),
        Code::KbNotFound => Some(Gone::Kb { by: None }),
        _ => None,
    };
    let draft = RwSignal::new(None);
    let named = (kb.clone(), id.clone());
    Effect::new(move || draft.set(gone.clone().filter(|_| has_draft(&named.0, &named.1))));
    move || match draft.get() {
        Some(gone) => view! { <OfDraft kb=kb.clone() id=id.clone() gone/> }.into_any(),
        None => view! { <ErrorState problem=problem.clone() page=true retry/> }.into_any(),
    }
}

/// Whether this browser keeps a draft of an entry.
pub fn has_draft(kb: &KbName, id: &EntryId) -> bool {
    Slot::of_entry(kb, id).read().is_some()
}

/// The editor of an entry that is there no longer, with its draft.
#[component]
fn OfDraft(kb: KbName, id: EntryId, gone: Gone) -> impl IntoView {
    let base = Base::default();
    let editor = Editor::new(kb.clone(), Some(id.clone()), base.clone(), Slot::of_entry(&kb, &id));
    editor.gone.set(Some(gone));
    view! {
        <PageTitle text=format!("Edit {id}")/>
        <nav class="crumbs" aria-label="Breadcrumbs">
            <a href=base::at("/")>"Home"</a>
            <a href=address::kb(&kb)>{kb.to_string()}</a>
        </nav>
        <h1 class="visually-hidden">"Edit"</h1>
        <Form editor base/>
    }
}

#[component]
fn OfEntry(entry: Entry) -> impl IntoView {
    let (kb, id) = (entry.kb_name.clone(), entry.entry_id.clone());
    let base = Base {
        version: Some(entry.version),
        made: Some(entry.created_at),
        fields: Fields::of(&entry),
    };
    let editor = Editor::new(kb.clone(), Some(id.clone()), base.clone(), Slot::of_entry(&kb, &id));
    let begun = HandOver::expect().take(&kb, &id, entry.version);
    view! {
        <PageTitle text=format!("Edit {}", entry.title)/>
        <nav class="crumbs" aria-label="Breadcrumbs">
            <a href=base::at("/")>"Home"</a>
            <a href=address::kb(&kb)>{kb.to_string()}</a>
            <a href=address::entry(&kb, &id)>{entry.title}</a>
        </nav>
        <h1 class="visually-hidden">"Edit"</h1>
        <Form editor base begun/>
    }
}

#[component]
fn New(kb: KbName) -> impl IntoView {
    let source = kb.clone();
    // Read once, to know that it is there: what becomes of it meanwhile does not take away what is typed.
    let read = Resource::new(move || source.clone(), load_kb);
    let kb = StoredValue::new(kb);
    view! {
        <Transition fallback=|| view! { <Skeleton/> }>
            {move || {
                read.get()
                    .map(|result| match result {
                        Ok(about) if about.data.kb.level < Level::Write => {
                            let kb = kb.get_value();
                            view! { <div class="page"><ReadOnly back=address::kb(&kb) kb/></div> }.into_any()
                        }
                        Ok(_) => view! { <NewEntry kb=kb.get_value()/> }.into_any(),
                        // What is written without a connection is sent later.
                        Err(problem) if problem.code == Code::Unreachable => view! { <NewEntry kb=kb.get_value()/> }.into_any(),
                        Err(problem) => view! { <UnreadNew kb=kb.get_value() problem retry=Callback::new(move |()| read.refetch())/> }.into_any(),
                    })
            }}
        </Transition>
    }
}

/// What was written for a knowledge base that is gone is there all the same.
#[component]
fn UnreadNew(kb: KbName, problem: Problem, retry: Callback<()>) -> impl IntoView {
    let title = use_query_map().with_untracked(|query| query.get("title")).unwrap_or_default();
    let is_kept = RwSignal::new(false);
    let (named, is_gone) = (kb.clone(), problem.code == Code::KbNotFound);
    Effect::new(move || is_kept.set(is_gone && Slot::of_new(&named, &title).read().is_some()));
    move || match is_kept.get() {
        true => view! { <NewEntry kb=kb.clone() gone=Gone::Kb { by: None }/> }.into_any(),
        false => view! {
            <div class="page">
                <ErrorState problem=problem.clone() page=true retry/>
            </div>
        }
        .into_any(),
    }
}

#[component]
fn NewEntry(kb: KbName, #[prop(optional)] gone: Option<Gone>) -> impl IntoView {
    let title = use_query_map().with_untracked(|query| query.get("title")).unwrap_or_default();
    let empty = Base::default();
    let editor = Editor::new(kb.clone(), None, empty.clone(), Slot::of_new(&kb, &title));
    editor.title.set(title);
    editor.gone.set(gone);
    view! {
        <PageTitle text="New entry"/>
        <div class="page page-wide">
            <nav class="crumbs" aria-label="Breadcrumbs">
                <a href=base::at("/")>"Home"</a>
                <a href=address::kb(&kb)>{kb.to_string()}</a>
            </nav>
            <h1 class="visually-hidden">"New entry"</h1>
            <Form editor base=empty/>
        </div>
    }
}

#[component]
fn Form(
    editor: Editor,
    base: Base,
    /// The editor in which this entry was begun, where one comes from there.
    #[prop(optional_no_strip)]
    begun: Option<Begun>,
) -> impl IntoView {
    let sync = Sync::expect();
    let navigate = base::use_navigate();
    let go = StoredValue::new(move |to: String| {
        let options = NavigateOptions {
            replace: true,
            ..Default::default()
        };
        navigate(&to, options);
    });
    editor.keep_draft();
    editor.watch();
    if let Some(begun) = begun {
        begun.go_on(editor);
    }
    let begun_as = StoredValue::new((editor.kb.get_value(), editor.id.get_untracked()));
    let hand_over = HandOver::expect();
    let stay = Callback::new(move |id: EntryId| {
        let saved_as = (editor.kb.get_value(), Some(id.clone()));
        if begun_as.with_value(|begun_as| *begun_as != saved_as) {
            hand_over.give(editor, &id);
            go.with_value(|go| go(address::edit(&editor.kb.get_value(), &id)));
        }
    });
    let close = Callback::new(move |id: EntryId| go.with_value(|go| go(address::entry(&editor.kb.get_value(), &id))));
    let save = Callback::new(move |()| editor.save(sync, stay));
    let save_and_close = Callback::new(move |()| editor.save(sync, close));
    let base = StoredValue::new(base);
    let discard = Callback::new(move |()| editor.discard(base.get_value()));
    let leave = move || match editor.id.get_untracked() {
        Some(id) => go.with_value(|go| go(address::entry(&editor.kb.get_value(), &id))),
        None => go.with_value(|go| go(address::kb(&editor.kb.get_value()))),
    };
    let press = move |ev: KeyboardEvent| {
        let control = ev.ctrl_key() || ev.meta_key();
        match ev.key().as_str() {
            "s" | "S" if control => save.run(()),
            "Enter" if control => save_and_close.run(()),
            "Escape" if !ev.default_prevented() && !untrack(|| editor.is_dirty()) => leave(),
            _ => return,
        }
        ev.prevent_default();
    };
    let conflicting = Memo::new(move |_| matches!(editor.saving.get(), Saving::Conflict(_)));
    view! {
        <div class="editor" on:keydown=press>
            <Bar editor save save_and_close/>
            <Company editor/>
            <GoneNotice editor save/>
            <Notices editor save discard/>
            <ConflictView editor then=stay/>
            // While one decides on a conflict there is one place to write, not two.
            <div class="editor" class:hidden=conflicting>
                <Inputs editor/>
                <More editor/>
                <Panes editor/>
            </div>
        </div>
    }
}

/// Text and preview: beside each other where there is room, else in turns.
#[component]
fn Panes(editor: Editor) -> impl IntoView {
    let preview = RwSignal::new(false);
    let tab = move |shows_preview: bool, name: &'static str| {
        view! {
            <button
                type="button"
                class="button button-small"
                role="tab"
                aria-controls="editor-panes"
                aria-selected=move || (preview.get() == shows_preview).to_string()
                on:click=move |_| preview.set(shows_preview)
            >
                {name}
            </button>
        }
        .into_any()
    };
    view! {
        <div class="editor-tabs" role="tablist" aria-label="View">
            {tab(false, "Write")}
            {tab(true, "Preview")}
        </div>
        <div id="editor-panes" class="editor-panes" data-tab=move || if preview.get() { "preview" } else { "write" }>
            <Text editor/>
            <Preview editor/>
        </div>
    }
}
