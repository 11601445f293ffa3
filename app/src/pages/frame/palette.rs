//! The palette (Ctrl K): entries of all knowledge bases, the knowledge bases themselves, and commands.

use super::Dialogs;
use crate::api::kb::{load_home, search};
use crate::pages::{address, route};
use crate::protocol::KbName;
use crate::protocol::entry::KbSummary;
use crate::ui::choices::Pressed;
use crate::ui::keys::Keys;
use crate::ui::theme::Theme;
use crate::ui::{Choices, Dialog, Glyph, Icon};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use std::time::Duration;

const LIST: &str = "palette-list";
const PAUSE: Duration = Duration::from_millis(120);

#[derive(Clone)]
enum Act {
    Go(String),
    NewEntry,
    NewKb,
    SwitchTheme,
    Help,
}

#[derive(Clone)]
struct Item {
    glyph: Glyph,
    label: String,
    detail: String,
    act: Act,
}

/// The dialog that finds anything by its name.
#[component]
pub fn Palette() -> impl IntoView {
    let keys = expect_context::<Keys>();
    view! {
        <Dialog open=keys.palette title="Search or jump to" class="palette">
            <Finder/>
        </Dialog>
    }
}

#[component]
fn Finder() -> impl IntoView {
    let choices = Choices::<Item>::new(LIST);
    let text = RwSignal::new(String::new());
    let find = finder(choices, text);
    let run = runner();
    let press = {
        let run = run.clone();
        move |ev: web_sys::KeyboardEvent| {
            if ev.key() != "Escape"
                && let Pressed::Chosen(item) = choices.press(&ev)
            {
                run(item.act);
            }
        }
    };
    view! {
        <input
            type="text"
            class="palette-input"
            placeholder="Search entries, knowledge bases, commands"
            aria-label="Search entries, knowledge bases and commands"
            role="combobox"
            aria-expanded="true"
            aria-autocomplete="list"
            aria-controls=LIST
            aria-activedescendant=move || choices.active()
            autofocus
            autocomplete="off"
            spellcheck="false"
            prop:value=text
            on:input=move |ev| {
                text.set(event_target_value(&ev));
                find();
            }
            on:keydown=press
        />
        <ul id=LIST class="options" role="listbox" aria-label="Results">
            {move || {
                let run = run.clone();
                choices
                    .items
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(move |(at, item)| option(choices, at, item, run.clone()))
                    .collect_view()
            }}
        </ul>
        <p class="palette-none" role="status">
            {move || (!choices.is_open()).then_some("Nothing found. Enter another word.")}
        </p>
    }
}

fn option(choices: Choices<Item>, at: usize, item: Item, run: impl Fn(Act) + Clone + 'static) -> impl IntoView {
    let act = item.act.clone();
    view! {
        <li
            id=choices.option_id(at)
            role="option"
            class="option"
            aria-selected=move || choices.is_marked(at).to_string()
            on:pointermove=move |_| choices.mark(at)
            on:click=move |_| run(act.clone())
        >
            <Icon glyph=item.glyph/>
            <span class="option-label">{item.label}</span>
            <span class="option-detail">{item.detail}</span>
        </li>
    }
}

/// What choosing does. The dialog closes first, so that the focus is where it was.
fn runner() -> impl Fn(Act) + Clone {
    let keys = expect_context::<Keys>();
    let dialogs = expect_context::<Dialogs>();
    let theme = expect_context::<Theme>();
    let kb = route::current_kb();
    let navigate = use_navigate();
    move |act| {
        let kb = kb.get_untracked();
        keys.palette.set(false);
        match act {
            Act::Go(to) => navigate(&to, Default::default()),
            Act::NewEntry => match kb {
                Some(kb) => navigate(&address::new_entry(&kb, ""), Default::default()),
                None => dialogs.new_entry.set(true),
            },
            Act::NewKb => {
                navigate("/", Default::default());
                dialogs.new_kb.set(true);
            }
            Act::SwitchTheme => theme.switch(),
            Act::Help => keys.help.set(true),
        }
    }
}

/// Fills the choices: at once with what is known, after a pause in typing with what the server finds.
fn finder(choices: Choices<Item>, text: RwSignal<String>) -> impl Fn() + Copy {
    let kbs = RwSignal::new(Vec::<KbSummary>::new());
    let kb = route::current_kb();
    let asked = StoredValue::new(0_u64);
    let known = move |q: &str| -> Vec<Item> {
        let kb_items = kbs.with_untracked(|kbs| kbs.iter().map(kb_item).collect::<Vec<_>>());
        let q = q.to_lowercase();
        kb_items
            .into_iter()
            .chain(commands(kb.get_untracked()))
            .filter(|item| item.label.to_lowercase().contains(&q))
            .collect()
    };
    let find = move || {
        let q = text.get_untracked().trim().to_owned();
        let turn = asked.try_update_value(|turn| {
            *turn += 1;
            *turn
        });
        if q.is_empty() {
            return choices.offer(known(""));
        }
        set_timeout(
            move || {
                if turn.is_none() || asked.try_get_value() != turn {
                    return;
                }
                spawn_local(async move {
                    let found = search(q.clone(), None, 12).await.map(|found| found.data).unwrap_or_default();
                    if asked.try_get_value() == turn {
                        let mut items = known(&q);
                        let entries = found.into_iter().map(|hit| Item {
                            glyph: Glyph::File,
                            label: hit.row.title,
                            detail: hit.kb_title,
                            act: Act::Go(address::entry(&hit.row.kb_name, &hit.row.entry_id)),
                        });
                        items.splice(0..0, entries);
                        items.push(everywhere(&q));
                        choices.offer(items);
                    }
                });
            },
            PAUSE,
        );
    };
    Effect::new(move || {
        find();
        spawn_local(async move {
            if let Ok(home) = load_home().await {
                kbs.try_set(home.data.kbs);
                if text.try_get_untracked().is_some_and(|text| text.is_empty()) {
                    choices.offer(known(""));
                }
            }
        });
    });
    find
}

fn kb_item(kb: &KbSummary) -> Item {
    Item {
        glyph: Glyph::Book,
        label: kb.title.clone(),
        detail: format!("{} entries", kb.entries),
        act: Act::Go(address::kb(&kb.name)),
    }
}

fn everywhere(q: &str) -> Item {
    Item {
        glyph: Glyph::Search,
        label: format!("Search everywhere for “{q}”"),
        detail: String::new(),
        act: Act::Go(address::search(q)),
    }
}

fn commands(kb: Option<KbName>) -> impl Iterator<Item = Item> {
    let trash = kb.map(|kb| (Glyph::Trash, "Go to the trash", Act::Go(address::trash(&kb))));
    [
        (Glyph::Plus, "New entry", Act::NewEntry),
        (Glyph::Book, "New knowledge base", Act::NewKb),
        (Glyph::Home, "Go home", Act::Go("/".to_owned())),
    ]
    .into_iter()
    .chain(trash)
    .chain([
        (Glyph::Moon, "Switch the theme", Act::SwitchTheme),
        (Glyph::Help, "Show all keys", Act::Help),
    ])
    .map(|(glyph, label, act)| Item {
        glyph,
        label: label.to_owned(),
        detail: "Command".to_owned(),
        act,
    })
}
