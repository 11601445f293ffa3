//! Who else is here, and what this tab says of itself. Ephemeral: the server forgets it with the connection, so each
//! connection is told anew.

use super::client::Notice;
use super::clock;
use super::{Link, Sync};
use crate::api::people::load_present;
use crate::protocol::frame::{ClientFrame, Typist};
use crate::protocol::notification::{Doing, Present};
use crate::protocol::{EntryId, Topic, limits};
use leptos::ev::visibilitychange;
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::collections::BTreeMap;

/// The next page comes within this time, and says where the tab is then.
const LEAVING_MS: f64 = 1_000.0;

/// Who is at each topic, as the server said last.
pub(super) type Presences = BTreeMap<Topic, Vec<Present>>;

/// What a tab shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Whereabouts {
    /// Tells it apart from what the tab showed before, which may have been the same.
    visit: u64,
    topic: Topic,
    entry_id: Option<EntryId>,
    state: Doing,
}

impl Whereabouts {
    fn frame(&self, state: Doing) -> ClientFrame {
        ClientFrame::Presence {
            topic: self.topic.clone(),
            state,
            entry_id: self.entry_id.clone(),
        }
    }
}

impl Sync {
    /// Who is at a topic, this tab's own person too. Nobody on the server, and until the server has said it.
    pub fn present(self, topic: Topic) -> Signal<Vec<Present>> {
        let present = self.present;
        Memo::new(move |_| present.with(|present| present.get(&topic).cloned().unwrap_or_default())).into()
    }

    /// Says that this tab shows this, again and again, until the current owner is disposed.
    pub fn be_at(self, topic: Topic, entry_id: Option<EntryId>, state: Doing) {
        if !self.is_in_browser() {
            return;
        }
        let visit = StoredValue::new(0);
        let live = Memo::new(move |_| self.link.get() == Link::Live);
        Effect::new(move || {
            visit.set_value(self.arrive(topic.clone(), entry_id.clone(), state));
            if !live.get() {
                return;
            }
            self.say_where();
            self.ask_who(topic.clone());
            let again = set_interval_with_handle(move || self.say_where(), limits::PRESENCE_AGAIN);
            let looked = window_event_listener(visibilitychange, move |_| self.say_where());
            on_cleanup(move || {
                looked.remove();
                if let Ok(again) = again {
                    again.clear();
                }
            });
        });
        on_cleanup(move || {
            if let Some(visit) = visit.try_get_value() {
                self.leave(visit);
            }
        });
    }

    /// Says that this tab's person types.
    pub fn type_at(self, topic: Topic, entry_id: Option<EntryId>) {
        if self.link.get_untracked() == Link::Live {
            self.with_client(|client| client.send(&ClientFrame::Typing { topic, entry_id }));
        }
    }

    /// Calls `f` when somebody types, until the current owner is disposed. Never on the server.
    pub fn on_typing(self, f: impl Fn(&Topic, &Typist) + 'static) {
        let remove = self.listen(move |notice| {
            if let Notice::Typing(topic, typist) = notice {
                f(topic, typist);
            }
        });
        if let Some(remove) = remove {
            on_cleanup(remove);
        }
    }

    /// Takes note of what this tab shows; the topic that it showed before is left.
    fn arrive(self, topic: Topic, entry_id: Option<EntryId>, state: Doing) -> u64 {
        let arrived = self.with_client(|client| {
            let before = client.whereabouts.take();
            let visit = before.as_ref().map_or(0, |before| before.visit) + 1;
            if let Some(before) = before.filter(|before| before.topic != topic) {
                client.send(&before.frame(Doing::Gone));
            }
            client.whereabouts.replace(Some(Whereabouts {
                visit,
                topic,
                entry_id,
                state,
            }));
            visit
        });
        arrived.unwrap_or(0)
    }

    /// The page is left. The next one comes in a moment, and may be at the same topic.
    fn leave(self, visit: u64) {
        clock::after(LEAVING_MS, move || {
            self.with_client(|client| {
                let mut whereabouts = client.whereabouts.borrow_mut();
                if let Some(left) = whereabouts.take_if(|now| now.visit == visit) {
                    client.send(&left.frame(Doing::Gone));
                }
            });
        });
    }

    fn say_where(self) {
        self.with_client(|client| {
            if let Some(now) = &*client.whereabouts.borrow() {
                let state = if clock::is_hidden() { Doing::Away } else { now.state };
                client.send(&now.frame(state));
            }
        });
    }

    /// Asks who is at a topic, where this connection has not said it: the server says it by itself only when it changes.
    fn ask_who(self, topic: Topic) {
        let known = move |topic: &Topic| self.present.try_with_untracked(|present| present.get(topic).cloned());
        if known(&topic) != Some(None) {
            return;
        }
        spawn_local(async move {
            // Without an answer the next change says it.
            if let Ok(people) = load_present(topic.clone()).await
                && known(&topic) == Some(None)
            {
                self.present.try_update(|present| present.insert(topic, people));
            }
        });
    }
}
