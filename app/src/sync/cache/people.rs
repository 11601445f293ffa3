//! Who is who, and what stands around every page, kept live. What changes rarely and is told in part only is read again.

use super::{Applied, Live};
use crate::protocol::notification::{Announcement, Desk};
use crate::protocol::people::{Account, KbAccess, People};
use crate::protocol::{Envelope, Event, Topic};
use std::cmp::Reverse;

fn add(announcements: &mut Vec<Announcement>, made: &Announcement) -> Applied {
    if announcements.iter().any(|known| known.id == made.id) {
        return Applied::Ignored;
    }
    // As the server orders them: what weighs most first, then the newest.
    let rank = |announcement: &Announcement| Reverse((announcement.level, announcement.id));
    let at = announcements.partition_point(|known| rank(known) < rank(made));
    announcements.insert(at, made.clone());
    Applied::Patched
}

fn remove(announcements: &mut Vec<Announcement>, id: i64) -> Applied {
    let before = announcements.len();
    announcements.retain(|announcement| announcement.id != id);
    if announcements.len() < before {
        Applied::Patched
    } else {
        Applied::Ignored
    }
}

impl Live for Desk {
    fn apply(&mut self, event: &Envelope) -> Applied {
        // Where everybody is the owner, one hears what concerns others too.
        if matches!(&event.topic, Topic::User(user) if *user != self.me.user_id) {
            return Applied::Ignored;
        }
        match &event.event {
            Event::NotificationCreated(news) => {
                self.counts = news.counts;
                Applied::Patched
            }
            Event::NotificationsMarked(marked) => {
                self.counts = marked.counts;
                Applied::Patched
            }
            Event::AnnouncementMade(made) => add(&mut self.announcements, made),
            Event::AnnouncementWithdrawn { announcement_id } | Event::AnnouncementDismissed { announcement_id } => {
                remove(&mut self.announcements, *announcement_id)
            }
            Event::RoleChanged { user_id, .. } | Event::PersonRemoved { user_id } if *user_id == self.me.user_id => Applied::Stale,
            _ => Applied::Ignored,
        }
    }
}

impl Live for Account {
    fn apply(&mut self, event: &Envelope) -> Applied {
        if matches!(&event.topic, Topic::User(user) if *user != self.me.user_id) {
            return Applied::Ignored;
        }
        match &event.event {
            Event::PreferencesChanged(preferences) => {
                self.preferences.clone_from(preferences);
                Applied::Patched
            }
            Event::DeviceAdded { .. } | Event::DeviceEnded { .. } | Event::TokenMade { .. } | Event::TokenRevoked { .. } => Applied::Stale,
            Event::RoleChanged { user_id, .. } if *user_id == self.me.user_id => Applied::Stale,
            _ => Applied::Ignored,
        }
    }
}

impl Live for People {
    fn apply(&mut self, event: &Envelope) -> Applied {
        match &event.event {
            Event::AnnouncementMade(made) => add(&mut self.announcements, made),
            Event::AnnouncementWithdrawn { announcement_id } => remove(&mut self.announcements, *announcement_id),
            // Who comes has used an invitation up.
            Event::PersonJoined { .. } | Event::PersonRemoved { .. } | Event::RoleChanged { .. } => Applied::Stale,
            _ => Applied::Ignored,
        }
    }
}

impl Live for KbAccess {
    fn apply(&mut self, event: &Envelope) -> Applied {
        match &event.event {
            Event::PersonJoined { .. } | Event::PersonRemoved { .. } | Event::RoleChanged { .. } => Applied::Stale,
            Event::KbAccessChanged { .. } | Event::AccessChanged { .. } | Event::KbDeleted {}
                if event.kb_name.as_ref() == Some(&self.kb_name) =>
            {
                Applied::Stale
            }
            _ => Applied::Ignored,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::notification::{Counts, Mark, NotificationsMarked, Weight};
    use crate::protocol::people::{KnownBy, Level, Me, Role};
    use crate::protocol::{Actor, KbName, Seq, Timestamp, UserId};

    fn ada() -> UserId {
        UserId::parse("ada").unwrap()
    }

    fn desk() -> Desk {
        Desk {
            me: Me {
                user_id: ada(),
                actor: Actor::User(ada()),
                role: Role::Member,
                known_by: KnownBy::Session,
                scopes: vec![],
                kb_name: None,
                expires_at: None,
            },
            counts: Counts { unseen: 2, unread: 3 },
            announcements: vec![],
        }
    }

    fn announcement(id: i64) -> Announcement {
        Announcement {
            id,
            level: Weight::Info,
            message: "Tea is ready.".into(),
            created_by: Actor::System,
            created_at: Timestamp::from_millis(0),
            expires_at: None,
        }
    }

    fn event(topic: &str, event: Event) -> Envelope {
        Envelope {
            event,
            seq: Seq::new(1),
            timestamp: Timestamp::from_millis(0),
            topic: topic.parse().unwrap(),
            kb_name: None,
            entry_id: None,
            actor: Actor::System,
            mutation_id: None,
        }
    }

    #[test]
    fn the_number_on_the_bell_is_that_of_the_last_event_of_ones_own() {
        let mut desk = desk();
        let marked = || {
            Event::NotificationsMarked(NotificationsMarked {
                mark: Mark::Seen,
                ids: vec![1],
                counts: Counts { unseen: 0, unread: 3 },
            })
        };
        assert_eq!(desk.apply(&event("user:bob", marked())), Applied::Ignored);
        assert_eq!(desk.counts.unseen, 2);
        assert_eq!(desk.apply(&event("user:ada", marked())), Applied::Patched);
        assert_eq!(desk.counts.unseen, 0);
    }

    #[test]
    fn an_announcement_shows_until_it_is_withdrawn_or_dismissed() {
        let mut desk = desk();
        desk.apply(&event("system", Event::AnnouncementMade(announcement(1))));
        desk.apply(&event("system", Event::AnnouncementMade(announcement(2))));
        desk.apply(&event("system", Event::AnnouncementMade(announcement(2))));
        let critical = Announcement {
            level: Weight::Critical,
            ..announcement(0)
        };
        desk.apply(&event("system", Event::AnnouncementMade(critical)));
        let ids = |desk: &Desk| desk.announcements.iter().map(|made| made.id).collect::<Vec<_>>();
        assert_eq!(ids(&desk), [0, 2, 1], "what weighs most first, then the newest");
        desk.apply(&event("system", Event::AnnouncementWithdrawn { announcement_id: 0 }));
        assert_eq!(ids(&desk), [2, 1]);
        let withdrawn = Event::AnnouncementWithdrawn { announcement_id: 2 };
        assert_eq!(desk.apply(&event("system", withdrawn)), Applied::Patched);
        let dismissed = || Event::AnnouncementDismissed { announcement_id: 1 };
        assert_eq!(desk.apply(&event("user:bob", dismissed())), Applied::Ignored);
        assert_eq!(desk.apply(&event("user:ada", dismissed())), Applied::Patched);
        assert!(desk.announcements.is_empty());
    }

    #[test]
    fn what_one_is_is_read_again_when_it_changes() {
        let mut desk = desk();
        let role = Role::Owner;
        let of_bob = Event::RoleChanged {
            user_id: UserId::parse("bob").unwrap(),
            role,
        };
        assert_eq!(desk.apply(&event("system", of_bob)), Applied::Ignored);
        let of_ada = Event::RoleChanged { user_id: ada(), role };
        assert_eq!(desk.apply(&event("system", of_ada)), Applied::Stale);
    }

    #[test]
    fn rights_are_read_again_for_their_own_knowledge_base_only() {
        let notes = KbName::parse("notes").unwrap();
        let mut access = KbAccess {
            kb_name: notes.clone(),
            members: Level::Read,
            rights: vec![],
            people: vec![],
        };
        let mut changed = event("kb:notes", Event::KbAccessChanged { members: Level::None });
        assert_eq!(access.apply(&changed), Applied::Ignored);
        changed.kb_name = Some(notes);
        assert_eq!(access.apply(&changed), Applied::Stale);
    }
}
