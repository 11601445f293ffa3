//! The caller's notifications: the part of them that was loaded, kept live.

use super::{Applied, Live, Pieces};
use crate::protocol::notification::{Counts, Inbox, Mark, Notification, NotificationNews, NotificationsMarked};
use crate::protocol::{Envelope, Event, Snapshot};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;

/// Notifications, newest first, as far as they were loaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InboxList {
    /// Whether those that were read are left out.
    pub unread_only: bool,
    /// What was loaded.
    pub items: Vec<Notification>,
    /// Where the part that is not loaded begins: give it as `before`. None when all is loaded.
    pub next: Option<i64>,
    /// How many there are, loaded or not.
    pub counts: Counts,
}

impl InboxList {
    /// The list that begins with this page.
    pub fn begin(unread_only: bool, page: Snapshot<Inbox>) -> Snapshot<Self> {
        let Snapshot { cursor, data } = page;
        let data = Self {
            unread_only,
            items: data.items,
            next: data.next,
            counts: data.counts,
        };
        Snapshot { cursor, data }
    }

    fn add(&mut self, news: &NotificationNews) {
        self.counts = news.counts;
        self.items.retain(|item| Some(item.id) != news.replaces);
        let place = self.items.partition_point(|item| Reverse(item.id) < Reverse(news.notification.id));
        if self.items.get(place).is_none_or(|item| item.id != news.notification.id) {
            self.items.insert(place, news.notification.clone());
        }
    }

    fn mark(&mut self, marked: &NotificationsMarked) -> Applied {
        self.counts = marked.counts;
        let unread_only = self.unread_only;
        let concerns = |item: &Notification| marked.ids.contains(&item.id);
        match marked.mark {
            Mark::Seen => self.each(concerns, |item| item.seen = true),
            Mark::Read if unread_only => self.items.retain(|item| !concerns(item)),
            Mark::Read => self.each(concerns, |item| (item.seen, item.read) = (true, true)),
            Mark::Unread if unread_only => return Applied::Stale,
            Mark::Unread => self.each(concerns, |item| item.read = false),
            Mark::Deleted => self.items.retain(|item| !concerns(item)),
        }
        Applied::Patched
    }

    fn each(&mut self, concerns: impl Fn(&Notification) -> bool, change: impl Fn(&mut Notification)) {
        self.items.iter_mut().filter(|item| concerns(item)).for_each(change);
    }
}

impl Pieces for InboxList {
    type Page = Inbox;
    type Place = i64;

    fn next(&self) -> Option<&i64> {
        self.next.as_ref()
    }

    fn put(&mut self, page: Inbox) {
        self.items.extend(page.items);
        self.next = page.next;
    }
}

impl Live for InboxList {
    fn apply(&mut self, event: &Envelope) -> Applied {
        match &event.event {
            Event::NotificationCreated(news) => {
                self.add(news);
                Applied::Patched
            }
            Event::NotificationsMarked(marked) => self.mark(marked),
            _ => Applied::Ignored,
        }
    }

    /// All that there are, where all are loaded.
    fn extent(&self) -> usize {
        self.next.map_or(usize::MAX, |_| self.items.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Actor, Cursor, Epoch, Seq, Timestamp};
    use serde_json::Map;

    fn notification(id: i64) -> Notification {
        Notification {
            id,
            kind: "mention".into(),
            title: format!("number {id}"),
            message: String::new(),
            link: None,
            actor: Actor::System,
            data: Map::new(),
            created_at: Timestamp::from_millis(id),
            seen: false,
            read: false,
        }
    }

    fn page(seq: u64, ids: &[i64], next: Option<i64>) -> Snapshot<Inbox> {
        Snapshot {
            cursor: Cursor {
                epoch: Epoch::parse("k").unwrap(),
                seq: Seq::new(seq),
            },
            data: Inbox {
                items: ids.iter().copied().map(notification).collect(),
                next,
                counts: counts(ids.len() as u64),
            },
        }
    }

    fn counts(unread: u64) -> Counts {
        Counts { unseen: unread, unread }
    }

    fn envelope(seq: u64, event: Event) -> Envelope {
        Envelope {
            event,
            seq: Seq::new(seq),
            timestamp: Timestamp::from_millis(0),
            topic: "user:ada".parse().unwrap(),
            kb_name: None,
            entry_id: None,
            actor: Actor::System,
            mutation_id: None,
        }
    }

    fn created(seq: u64, id: i64, replaces: Option<i64>) -> Envelope {
        let news = NotificationNews {
            notification: notification(id),
            toast: false,
            replaces,
            counts: counts(9),
        };
        envelope(seq, Event::NotificationCreated(news))
    }

    fn marked(seq: u64, mark: Mark, ids: &[i64]) -> Envelope {
        let marked = NotificationsMarked {
            mark,
            ids: ids.to_vec(),
            counts: counts(1),
        };
        envelope(seq, Event::NotificationsMarked(marked))
    }

    fn ids(list: &InboxList) -> Vec<i64> {
        list.items.iter().map(|item| item.id).collect()
    }

    #[test]
    fn a_new_one_stands_first_and_takes_the_place_of_the_one_that_it_replaces() {
        let mut list = InboxList::begin(false, page(1, &[5, 3], None)).data;
        assert_eq!(list.apply(&created(2, 7, Some(5))), Applied::Patched);
        list.apply(&created(2, 7, Some(5)));
        assert_eq!((ids(&list), list.counts), (vec![7, 3], counts(9)));
    }

    #[test]
    fn a_list_of_unread_ones_loses_what_is_read_and_asks_for_what_is_unread_again() {
        let mut all = InboxList::begin(false, page(1, &[5, 3], None)).data;
        all.apply(&marked(2, Mark::Read, &[3]));
        assert!(all.items[1].read && all.items[1].seen && !all.items[0].read);
        let mut unread = InboxList::begin(true, page(1, &[5, 3], None)).data;
        unread.apply(&marked(2, Mark::Read, &[3]));
        assert_eq!(ids(&unread), [5]);
        assert_eq!(unread.apply(&marked(3, Mark::Unread, &[3])), Applied::Stale);
        unread.apply(&marked(4, Mark::Deleted, &[5]));
        assert!(unread.items.is_empty());
    }

    #[test]
    fn an_older_page_learns_what_the_list_has_heard_since() {
        let mut list = InboxList::begin(false, page(1, &[5, 4], Some(4)));
        for event in [created(6, 7, None), marked(7, Mark::Read, &[3])] {
            super::super::apply(&mut list, &event);
        }
        let recent = [created(6, 7, None), marked(7, Mark::Read, &[3])];
        assert_eq!(InboxList::extend(&mut list, &4, page(5, &[3, 2], None), &recent), Applied::Patched);
        assert_eq!(ids(&list.data), [7, 5, 4, 3, 2]);
        assert!(list.data.items[3].read);
        assert_eq!(list.data.extent(), usize::MAX);
        assert_eq!(InboxList::extend(&mut list, &4, page(8, &[3], None), []), Applied::Ignored);
    }
}
