//! Who else is at the entry that is being written, and whether they type.

use super::editor::Editor;
use crate::pages::desk::AtDesk;
use crate::pages::presence::{HereInKb, others_at};
use crate::protocol::notification::Doing;
use crate::protocol::{EntryId, Topic, UserId};
use crate::sync::Sync;
use crate::ui::browser;
use leptos::prelude::*;
use std::time::Duration;

/// Somebody who types says so this often at the most.
const SAY_MS: i64 = 3_000;
/// Somebody who said it is shown as typing for so long.
const SHOWN: Duration = Duration::from_secs(5);

/// Says that this tab edits, and shows who else does. An entry that is not there yet is nobody else's.
#[component]
pub fn Company(editor: Editor) -> impl IntoView {
    let here = move || {
        let kb = editor.kb.get_value();
        let entry = editor.id.get();
        match entry.clone() {
            Some(id) => view! {
                <HereInKb kb=kb.clone() entry doing=Doing::Editing/>
                <Others topic=Topic::Kb(kb) id editor/>
            }
            .into_any(),
            None => view! { <HereInKb kb entry=None doing=Doing::Editing/> }.into_any(),
        }
    };
    // It has its height from the start: who comes moves no text.
    view! { <div class="company">{here}</div> }
}

#[component]
fn Others(topic: Topic, id: EntryId, editor: Editor) -> impl IntoView {
    let others = others_at(topic.clone(), Some(id.clone()));
    let typing = typists(topic.clone(), id.clone());
    say_typing(editor, topic, id);
    let text = move || {
        let typing = typing.get();
        if !typing.is_empty() {
            let verb = if typing.len() == 1 { "is" } else { "are" };
            return Some(format!("{} {verb} typing…", listed(&typing)));
        }
        let editing: Vec<UserId> = others.with(|others| {
            let editing = others.iter().filter(|other| other.doing == Doing::Editing);
            editing.map(|other| other.user.clone()).collect()
        });
        let verb = if editing.len() == 1 { "is" } else { "are" };
        (!editing.is_empty()).then(|| {
            format!(
                "{} {verb} editing this too. You will be asked if both change the same lines.",
                listed(&editing)
            )
        })
    };
    view! { <p role="status">{text}</p> }
}

/// "ada", "ada and bob", "ada, bob and eve"
fn listed(users: &[UserId]) -> String {
    match users {
        [] => String::new(),
        [one] => one.to_string(),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(UserId::as_str).collect();
            format!("{} and {last}", first.join(", "))
        }
    }
}

/// Those who typed at this entry a moment ago, without oneself.
fn typists(topic: Topic, id: EntryId) -> RwSignal<Vec<UserId>> {
    let desk = AtDesk::expect();
    let typing = RwSignal::new(Vec::<UserId>::new());
    // Who typed again since is not to be forgotten yet.
    let turns = StoredValue::new(Vec::<(UserId, i64)>::new());
    Sync::expect().on_typing(move |at, typist| {
        if *at != topic || typist.entry_id.as_ref() != Some(&id) || desk.is_me(&typist.user_id) {
            return;
        }
        let (user, now) = (typist.user_id.clone(), browser::now_ms());
        turns.update_value(|turns| {
            turns.retain(|(other, _)| *other != user);
            turns.push((user.clone(), now));
        });
        if typing.with_untracked(|typing| !typing.contains(&user)) {
            typing.update(|typing| typing.push(user.clone()));
        }
        let forget = move || {
            let is_last = turns.try_with_value(|turns| turns.contains(&(user.clone(), now)));
            if is_last == Some(true) {
                typing.try_update(|typing| typing.retain(|other| *other != user));
            }
        };
        set_timeout(forget, SHOWN);
    });
    typing
}

/// Says that one types, when the text changes under one's hands.
fn say_typing(editor: Editor, topic: Topic, id: EntryId) {
    let sync = Sync::expect();
    let said = StoredValue::new(0_i64);
    Effect::new(move |begun: Option<()>| {
        editor.body.track();
        let now = browser::now_ms();
        if begun.is_some() && is_writing() && now - said.get_value() >= SAY_MS {
            said.set_value(now);
            sync.type_at(topic.clone(), Some(id.clone()));
        }
    });
}

/// A text also changes when a draft comes back, or somebody's change is taken in.
fn is_writing() -> bool {
    browser::focused().is_some_and(|field| browser::takes_text(&field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_listed_as_in_a_sentence() {
        let users = |names: &[&str]| listed(&names.iter().map(|name| UserId::parse(name).unwrap()).collect::<Vec<_>>());
        assert_eq!(users(&["ada"]), "ada");
        assert_eq!(users(&["ada", "bob"]), "ada and bob");
        assert_eq!(users(&["ada", "bob", "eve"]), "ada, bob and eve");
    }
}
