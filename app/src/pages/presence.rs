//! Who else is here: small discs with the first letters of names. Several tabs of one person are one person.

use super::desk::AtDesk;
use crate::protocol::notification::{Doing, Present};
use crate::protocol::{EntryId, KbName, Topic, UserId};
use crate::sync::Sync;
use crate::ui::{Each, Initial};
use leptos::prelude::*;

/// Most discs that show; more people are a number.
const DISCS: usize = 5;

/// Somebody else who is here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Other {
    /// Who.
    pub user: UserId,
    /// What they do.
    pub doing: Doing,
}

impl Other {
    /// "ada is editing"
    fn said(&self) -> String {
        let doing = match self.doing {
            Doing::Editing => "is editing",
            Doing::Reading => "is reading",
            Doing::Away | Doing::Gone => "is away",
        };
        format!("{} {doing}", self.user)
    }
}

/// The others among those who are present, by name, each once; with an entry, those at that entry.
fn others(present: &[Present], me: Option<&UserId>, entry: Option<&EntryId>) -> Vec<Other> {
    let mut others: Vec<Other> = Vec::new();
    for there in present {
        let is_other = Some(&there.user_id) != me && there.state != Doing::Gone;
        if !is_other || entry.is_some_and(|entry| there.entry_id.as_ref() != Some(entry)) {
            continue;
        }
        let now = Other {
            user: there.user_id.clone(),
            doing: there.state,
        };
        match others.iter_mut().find(|known| known.user == now.user) {
            Some(known) if now.doing.rank() > known.doing.rank() => *known = now,
            Some(_) => {}
            None => others.push(now),
        }
    }
    others.sort_by(|a, b| a.user.cmp(&b.user));
    others
}

/// The others at a topic, or at one entry of it. Nobody until the page is alive.
pub fn others_at(topic: Topic, entry: Option<EntryId>) -> Memo<Vec<Other>> {
    let present = Sync::expect().present(topic);
    let me = AtDesk::expect().me();
    Memo::new(move |_| {
        present.with(|present| {
            me.with(|me| match me {
                Some(me) => others(present, Some(&me.user_id), entry.as_ref()),
                // One would see oneself.
                None => Vec::new(),
            })
        })
    })
}

/// Says that this tab shows a knowledge base, or one of its entries, and shows who else does.
#[component]
pub fn HereInKb(kb: KbName, #[prop(optional_no_strip)] entry: Option<EntryId>, doing: Doing) -> impl IntoView {
    let topic = Topic::Kb(kb);
    Sync::expect().be_at(topic.clone(), entry.clone(), doing);
    view! { <Discs others=others_at(topic, entry)/> }
}

/// One disc for each of the others.
#[component]
fn Discs(others: Memo<Vec<Other>>) -> impl IntoView {
    let first = move || others.with(|others| others.iter().take(DISCS).cloned().collect::<Vec<_>>());
    let rest = move || {
        others
            .with(|others| others.len().checked_sub(DISCS).filter(|rest| *rest > 0))
            .map(|rest| view! { <li class="initial">{format!("+{rest}")}<span class="visually-hidden">" more"</span></li> }.into_any())
    };
    view! {
        <ul class="present" aria-label="Who else is here" class:hidden=move || others.with(Vec::is_empty)>
            <Each each=first key=|other| format!("{} {:?}", other.user, other.doing) children=|other| view! { <Disc other/> }.into_any()/>
            {rest}
        </ul>
    }
}

#[component]
fn Disc(other: Other) -> impl IntoView {
    let said = other.said();
    view! {
        <li title=said data-doing=format!("{:?}", other.doing).to_lowercase()>
            <Initial name=other.user.to_string()/>
            <span class="visually-hidden">{said.clone()}</span>
        </li>
    }
}

/// Who else is at home, by name.
#[component]
pub fn HereNow() -> impl IntoView {
    Sync::expect().be_at(Topic::System, None, Doing::Reading);
    let others = others_at(Topic::System, None);
    view! {
        <section class="here" aria-labelledby="here-title" class:hidden=move || others.with(Vec::is_empty)>
            <h2 id="here-title">"Here now"</h2>
            <ul>
                <Each
                    each=move || others.get()
                    key=|other| format!("{} {:?}", other.user, other.doing)
                    children=|other| {
                        let away = (other.doing == Doing::Away).then_some(" (away)");
                        view! { <li data-doing=away.map(|_| "away")><Initial name=other.user.to_string()/>{other.user.to_string()}{away}</li> }.into_any()
                    }
                />
            </ul>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Timestamp;

    fn there(user: &str, entry: Option<&str>, state: Doing) -> Present {
        Present {
            user_id: UserId::parse(user).unwrap(),
            entry_id: entry.map(|id| EntryId::parse(id).unwrap()),
            state,
            last_active: Timestamp::from_millis(0),
        }
    }

    fn said(present: &[Present], entry: Option<&str>) -> Vec<String> {
        let (me, entry) = (UserId::parse("me").unwrap(), entry.map(|id| EntryId::parse(id).unwrap()));
        others(present, Some(&me), entry.as_ref()).iter().map(Other::said).collect()
    }

    #[test]
    fn several_tabs_of_one_person_are_one_person_and_oneself_is_not_shown() {
        let present = [
            there("bob", Some("pdca"), Doing::Away),
            there("ada", None, Doing::Reading),
            there("bob", Some("pdca"), Doing::Editing),
            there("bob", Some("pdca"), Doing::Reading),
            there("me", Some("pdca"), Doing::Editing),
        ];
        assert_eq!(said(&present, None), ["ada is reading", "bob is editing"]);
        assert_eq!(said(&present, Some("pdca")), ["bob is editing"]);
        assert!(said(&present, Some("other")).is_empty());
    }
}
