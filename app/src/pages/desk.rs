//! What stands around every page, read once for all of them: who one is, what waits, what everybody is told.

use crate::api::people::load_desk;
use crate::protocol::notification::{Counts, Desk};
use crate::protocol::people::Me;
use crate::protocol::{Topic, UserId};
use crate::sync::{LiveRead, live};
use leptos::prelude::*;

/// What stands around every page. In the context of the whole app.
#[derive(Clone, Copy)]
pub struct AtDesk {
    read: LiveRead<Desk>,
    me: RwSignal<Option<Me>>,
    counts: RwSignal<Counts>,
}

impl AtDesk {
    /// Begins to read it, and puts it in the context.
    pub fn provide() -> Self {
        let desk = Self {
            read: live(|| (), |()| load_desk()),
            me: RwSignal::new(None),
            counts: RwSignal::new(Counts::default()),
        };
        provide_context(desk);
        Effect::new(move || {
            let Some((me, counts)) = desk.read.with_data(|data| (data.me.clone(), data.counts)) else {
                return;
            };
            if desk.me.with_untracked(|known| known.as_ref() != Some(&me)) {
                desk.me.set(Some(me));
            }
            if desk.counts.get_untracked() != counts {
                desk.counts.set(counts);
            }
        });
        desk
    }

    /// The one in the context.
    pub fn expect() -> Self {
        expect_context()
    }

    /// The read itself, for what the server renders too.
    pub fn read(self) -> LiveRead<Desk> {
        self.read
    }

    /// Who one is; nobody on the server, and until the page is alive.
    pub fn me(self) -> Signal<Option<Me>> {
        self.me.into()
    }

    /// How many notifications wait; none on the server, and until the page is alive.
    pub fn counts(self) -> Signal<Counts> {
        self.counts.into()
    }

    /// Whether this is one's own name. Does not track.
    pub fn is_me(self, user: &UserId) -> bool {
        self.me.with_untracked(|me| me.as_ref().is_some_and(|me| me.user_id == *user))
    }

    /// Whether what is sent to this topic is for oneself alone. Does not track.
    pub fn is_mine(self, topic: &Topic) -> bool {
        matches!(topic, Topic::User(user) if self.is_me(user))
    }
}

/// A number on a small badge: "9+" above nine.
pub fn capped(number: u64) -> String {
    match number {
        0..=9 => number.to_string(),
        _ => "9+".to_owned(),
    }
}
