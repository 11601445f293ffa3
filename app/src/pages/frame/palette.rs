//! The palette (Ctrl K): entries of all knowledge bases, the knowledge bases themselves, and commands.

use super::Dialogs;
use crate::api::kb::{load_home, search};
use crate::base;
use crate::pages::desk::AtDesk;
use crate::pages::home::counted;
use crate::pages::jobs::Way;
use crate::pages::later::{LaterDialog, later_dialog};
use crate::pages::{address, route};
use crate::protocol::KbName;
use crate::protocol::entry::{KbSummary, SearchHit};
use crate::protocol::people::Role;
use crate::sync::Sync;
use crate::ui::choices::Pressed;
use crate::ui::keys::Keys;
use crate::ui::theme::Theme;
use crate::ui::{Choices, Dialog, Glyph, Icon};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::rc::Rc;
use std::time::Duration;
use web_sys::KeyboardEvent;

const LIST: &str = "palette-list";
const PAUSE: Duration = Duration::from_millis(120);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Act {
    Go(String),
    NewEntry,
    NewKb,
    Bring(Way),
    SwitchTheme,
    Help,
}

#[derive(Clone)]
struct Item {
    glyph: Glyph,
    label: String,
    /// By what it is known besides.
    other_name: Option<String>,
    detail: String,
    act: Act,
}

impl Item {
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.label.as_str()).chain(self.other_name.as_deref())
    }

    fn begins(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.names().any(|name| name.to_lowercase().starts_with(&text))
    }

    fn holds(&self, text: &str) -> bool {
        let text = text.to_lowercase();
        self.names().any(|name| name.to_lowercase().contains(&text))
    }

    fn is_same(&self, other: &Self) -> bool {
        self.act == other.act
    }
}

/// The field of the palette. It is there as soon as the dialog is, so that no key is lost while what it finds is still loading.
#[derive(Clone, Copy)]
pub struct Field {
    text: RwSignal<String>,
    /// The id of the marked choice's element.
    active: RwSignal<Option<String>>,
    /// What a key does; none while that is loading.
    press: StoredValue<Option<Press>, LocalStorage>,
    /// Enter was pressed before that.
    is_entered: StoredValue<bool>,
}

type Press = Rc<dyn Fn(&KeyboardEvent)>;

/// The dialog that finds anything by its name.
#[component]
pub fn Palette() -> impl IntoView {
    let keys = expect_context::<Keys>();
    // They stay from one time to the next, and are asked for again each time.
    let kbs = RwSignal::new(Vec::<KbSummary>::new());
    let content = move || {
        let field = Field {
            text: RwSignal::new(String::new()),
            active: RwSignal::new(None),
            press: StoredValue::new_local(None),
            is_entered: StoredValue::new(false),
        };
        let press = move |ev: KeyboardEvent| match field.press.get_value() {
            Some(press) => press(&ev),
            None => field.is_entered.set_value(ev.key() == "Enter"),
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
                aria-activedescendant=move || field.active.get()
                autofocus
                autocomplete="off"
                spellcheck="false"
                prop:value=field.text
                on:input=move |ev| field.text.set(event_target_value(&ev))
                on:keydown=press
            />
            {later_dialog(LaterDialog::Finder { kbs, field })}
        }
    };
    view! {
        <Dialog open=keys.palette title="Search or jump to" class="palette">
            {content}
        </Dialog>
    }
}

/// What stands below the field.
#[component]
pub fn Finder(kbs: RwSignal<Vec<KbSummary>>, field: Field) -> impl IntoView {
    let choices = Choices::<Item>::new(LIST);
    finder(choices, kbs, field.text);
    let run = runner();
    Effect::new(move || field.active.set(choices.active()));
    let press = {
        let run = run.clone();
        move |ev: &KeyboardEvent| {
            if ev.key() != "Escape"
                && let Pressed::Chosen(item) = choices.press(ev)
            {
                run(item.act);
            }
        }
    };
    field.press.set_value(Some(Rc::new(press)));
    if field.is_entered.get_value() {
        let run = run.clone();
        // After the effect that fills the choices.
        Effect::new(move || {
            if let Some(item) = choices.items.with_untracked(|items| items.first().cloned()) {
                run(item.act);
            }
        });
    }
    view! {
        <ul id=LIST class="options" role="listbox" aria-label="Results">
            {move || {
                let run = run.clone();
                choices
                    .items
                    .get()
                    .into_iter()
                    .enumerate()
                    .map(move |(at, item)| option(choices, at, item, run.clone()).into_any())
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
    let navigate = base::use_navigate();
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
                navigate(&base::at("/"), Default::default());
                dialogs.new_kb.set(true);
            }
            Act::Bring(way) => dialogs.bring.ask(way, kb),
            Act::SwitchTheme => theme.switch(),
            Act::Help => keys.help.set(true),
        }
    }
}

/// Fills the choices: at once with what is known, after a pause in typing with what the server finds.
fn finder(choices: Choices<Item>, kbs: RwSignal<Vec<KbSummary>>, text: RwSignal<String>) {
    let kb = route::current_kb();
    let me = AtDesk::expect().me();
    let owns = me.with_untracked(|me| me.as_ref().is_some_and(|me| me.role == Role::Owner));
    let asked = StoredValue::new(0_u64);
    let found = StoredValue::new(Vec::<Item>::new());
    let known = move || -> Vec<Item> {
        let kb_items = kbs.with_untracked(|kbs| kbs.iter().map(kb_item).collect::<Vec<_>>());
        commands(kb.get_untracked(), owns).chain(kb_items).collect()
    };
    let find = move || {
        let q = text.get_untracked().trim().to_owned();
        let turn = asked.try_update_value(|turn| {
            *turn += 1;
            *turn
        });
        // What was found for less of the text, and fits what there is of it by now, stays until the answer comes.
        found.update_value(|items| items.retain(|item| !q.is_empty() && item.holds(&q)));
        choices.offer(ranked(&q, known(), found.get_value()));
        if q.is_empty() {
            return;
        }
        set_timeout(
            move || {
                if turn.is_none() || asked.try_get_value() != turn {
                    return;
                }
                spawn_local(async move {
                    let hits = search(q.clone(), None, 12).await.map(|hits| hits.data).unwrap_or_default();
                    if asked.try_get_value() == turn {
                        found.set_value(hits.into_iter().map(entry_item).collect());
                        choices.refill(ranked(&q, known(), found.get_value()), Item::is_same);
                    }
                });
            },
            PAUSE,
        );
    };
    let ask_home = move || {
        spawn_local(async move {
            if let Ok(home) = load_home().await {
                kbs.try_set(home.data.kbs);
                if let (Some(text), Some(found)) = (text.try_get_untracked(), found.try_get_value()) {
                    choices.refill(ranked(text.trim(), known(), found), Item::is_same);
                }
            }
        });
    };
    Effect::new(move || {
        text.track();
        find();
    });
    ask_home();
    // What was found may be what one may no longer read.
    Sync::expect().on_resync(move || {
        found.set_value(vec![]);
        find();
        ask_home();
    });
}

/// What is offered for a text, best first: what is known by a name that begins like it, entries whose title begins like
/// it, what else is known by such a name, what else was found in entries, and the page of all that is found.
fn ranked(q: &str, known: Vec<Item>, entries: Vec<Item>) -> Vec<Item> {
    if q.is_empty() {
        return known;
    }
    let (first, known): (Vec<_>, Vec<_>) = known.into_iter().partition(|item| item.begins(q));
    let (titled, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|item| item.begins(q));
    let held = known.into_iter().filter(|item| item.holds(q));
    let mut items: Vec<Item> = first.into_iter().chain(titled).chain(held).chain(entries).collect();
    items.push(everywhere(q));
    items
}

fn entry_item(hit: SearchHit) -> Item {
    Item {
        glyph: Glyph::File,
        label: hit.row.title,
        other_name: None,
        detail: hit.kb_title,
        act: Act::Go(address::entry(&hit.row.kb_name, &hit.row.entry_id)),
    }
}

fn kb_item(kb: &KbSummary) -> Item {
    Item {
        glyph: Glyph::Book,
        label: kb.title.clone(),
        other_name: Some(kb.name.to_string()),
        detail: counted(kb.entries),
        act: Act::Go(address::kb(&kb.name)),
    }
}

fn everywhere(q: &str) -> Item {
    Item {
        glyph: Glyph::Search,
        label: format!("Search everywhere for “{q}”"),
        other_name: None,
        detail: String::new(),
        act: Act::Go(address::search(q)),
    }
}

fn commands(kb: Option<KbName>, owns: bool) -> impl Iterator<Item = Item> {
    let log = owns.then(|| (Glyph::Log, "Go to the log", Act::Go(base::at("/logs"))));
    let trash = kb.map(|kb| (Glyph::Trash, "Go to the trash", Act::Go(address::trash(&kb))));
    [
        (Glyph::Plus, "New entry", Act::NewEntry),
        (Glyph::Book, "New knowledge base", Act::NewKb),
        (Glyph::Globe, "Crawl a site", Act::Bring(Way::Crawl)),
        (Glyph::Upload, "Upload files", Act::Bring(Way::Upload)),
        (Glyph::Refresh, "Re-sync a folder", Act::Bring(Way::Sync)),
        (Glyph::Home, "Go home", Act::Go(base::at("/"))),
        (Glyph::Bell, "Go to notifications", Act::Go(base::at("/notifications"))),
        (Glyph::Jobs, "Go to jobs", Act::Go(base::at("/jobs"))),
        (Glyph::Key, "Go to settings", Act::Go(base::at("/settings"))),
    ]
    .into_iter()
    .chain(log)
    .chain(trash)
    .chain([
        (Glyph::Moon, "Switch the theme", Act::SwitchTheme),
        (Glyph::Help, "Show all keys", Act::Help),
    ])
    .map(|(glyph, label, act)| Item {
        glyph,
        label: label.to_owned(),
        other_name: None,
        detail: "Command".to_owned(),
        act,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(label: &str, other_name: Option<&str>) -> Item {
        Item {
            glyph: Glyph::File,
            label: label.to_owned(),
            other_name: other_name.map(str::to_owned),
            detail: String::new(),
            act: Act::Go(label.to_owned()),
        }
    }

    fn labels(items: &[Item]) -> Vec<&str> {
        items.iter().map(|item| item.label.as_str()).collect()
    }

    #[test]
    fn names_go_before_titles_and_titles_before_the_rest() {
        let known = vec![
            item("Show all keys", None),
            item("Meeting notes", None),
            item("Work", Some("notes")),
        ];
        let entries = vec![item("On taking notes", None), item("Notes on lean", None)];
        let offered = ranked("notes", known, entries);
        assert_eq!(
            labels(&offered),
            [
                "Work",
                "Notes on lean",
                "Meeting notes",
                "On taking notes",
                "Search everywhere for “notes”"
            ]
        );
    }

    #[test]
    fn all_that_is_known_is_offered_where_nothing_is_typed() {
        let known = vec![item("New entry", None), item("Notes", Some("notes"))];
        assert_eq!(labels(&ranked("", known, vec![])), ["New entry", "Notes"]);
    }
}
