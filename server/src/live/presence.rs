//! Who is where, and who types. Ephemeral: kept in memory, never logged, gone soon after a client falls silent.

use crate::clock;
use app::protocol::frame::{Control, PresentPeople, Typist};
use app::protocol::notification::{Doing, Present};
use app::protocol::{EntryId, Topic, UserId, limits};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;
use tokio::sync::Notify;

/// Places at which one connection may be at the same time.
const PLACES: usize = 8;
/// People who are named at one topic.
const NAMED: usize = 100;

/// What one connection says of itself at one topic.
#[derive(Debug, Clone)]
struct Said {
    present: Present,
    until: Instant,
}

#[derive(Debug, Default)]
struct State {
    /// By topic and connection.
    here: HashMap<Topic, HashMap<u64, Said>>,
    /// Topics at which something changed since it was told.
    changed: HashSet<Topic>,
}

/// Who is where.
#[derive(Debug, Default)]
pub struct Presence {
    state: Mutex<State>,
    /// Something changed.
    pub(super) news: Notify,
}

impl Presence {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what a connection says of itself. False where it says too much at once.
    pub fn say(&self, connection: u64, user: &UserId, topic: &Topic, doing: Doing, entry_id: Option<EntryId>) -> bool {
        let mut guard = self.state();
        let State { here, changed } = &mut *guard;
        if doing == Doing::Gone {
            if remove(here, topic, connection) {
                changed.insert(topic.clone());
                self.news.notify_one();
            }
            return true;
        }
        let is_there = |at: &HashMap<u64, Said>| at.contains_key(&connection);
        if !here.get(topic).is_some_and(is_there) && here.values().filter(|at| is_there(at)).count() >= PLACES {
            return false;
        }
        let said = Said {
            present: Present {
                user_id: user.clone(),
                entry_id,
                state: doing,
                last_active: clock::now(),
            },
            until: Instant::now() + limits::PRESENCE,
        };
        let at = here.entry(topic.clone()).or_default();
        let is_news = at
            .get(&connection)
            .is_none_or(|before| before.present.state != doing || before.present.entry_id != said.present.entry_id);
        at.insert(connection, said);
        if is_news {
            changed.insert(topic.clone());
            self.news.notify_one();
        }
        true
    }

    /// Forgets a connection, except where `stays` says that it may stay.
    pub fn leave(&self, connection: u64, stays: impl Fn(&Topic) -> bool) {
        let mut guard = self.state();
        let State { here, changed } = &mut *guard;
        here.retain(|topic, at| {
            if !stays(topic) && at.remove(&connection).is_some() {
                changed.insert(topic.clone());
            }
            !at.is_empty()
        });
        if !changed.is_empty() {
            self.news.notify_one();
        }
    }

    /// Forgets who has fallen silent.
    pub fn expire(&self, now: Instant) {
        let mut guard = self.state();
        let State { here, changed } = &mut *guard;
        here.retain(|topic, at| {
            let before = at.len();
            at.retain(|_, said| said.until > now);
            if at.len() < before {
                changed.insert(topic.clone());
            }
            !at.is_empty()
        });
        if !changed.is_empty() {
            self.news.notify_one();
        }
    }

    /// Who is at a topic, by name and place; each person once at each place, with what they do most.
    pub fn at(&self, topic: &Topic) -> Vec<Present> {
        let guard = self.state();
        named(guard.here.get(topic))
    }

    /// What is to be told by now: a frame for each topic at which something changed.
    pub(super) fn take_news(&self) -> Vec<(Topic, Control)> {
        let mut guard = self.state();
        let State { here, changed } = &mut *guard;
        changed
            .drain()
            .map(|topic| {
                let data = PresentPeople {
                    people: named(here.get(&topic)),
                };
                (topic.clone(), Control::Presence { topic, data })
            })
            .collect()
    }
}

fn remove(here: &mut HashMap<Topic, HashMap<u64, Said>>, topic: &Topic, connection: u64) -> bool {
    let Some(at) = here.get_mut(topic) else { return false };
    let was_there = at.remove(&connection).is_some();
    if at.is_empty() {
        here.remove(topic);
    }
    was_there
}

fn named(at: Option<&HashMap<u64, Said>>) -> Vec<Present> {
    let mut people: BTreeMap<(UserId, Option<EntryId>), Present> = BTreeMap::new();
    for said in at.into_iter().flat_map(HashMap::values) {
        let key = (said.present.user_id.clone(), said.present.entry_id.clone());
        people
            .entry(key)
            .and_modify(|known| {
                known.last_active = known.last_active.max(said.present.last_active);
                if said.present.state.rank() > known.state.rank() {
                    known.state = said.present.state;
                }
            })
            .or_insert_with(|| said.present.clone());
    }
    people.into_values().take(NAMED).collect()
}

/// That somebody types.
pub fn typing(topic: Topic, user_id: UserId, entry_id: Option<EntryId>) -> Control {
    Control::Typing {
        topic,
        data: Typist { user_id, entry_id },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str) -> UserId {
        UserId::parse(name).unwrap()
    }

    #[test]
    fn who_says_nothing_more_is_gone_in_time_and_who_is_there_twice_is_one() {
        let presence = Presence::default();
        let topic: Topic = "kb:notes".parse().unwrap();
        assert!(presence.say(1, &user("ada"), &topic, Doing::Reading, None));
        assert!(presence.say(2, &user("ada"), &topic, Doing::Editing, None));
        assert!(presence.say(3, &user("bob"), &topic, Doing::Away, None));
        let here = presence.at(&topic);
        assert_eq!(here.len(), 2);
        assert_eq!((here[0].user_id.as_str(), here[0].state), ("ada", Doing::Editing));
        assert_eq!(presence.take_news().len(), 1);
        presence.say(1, &user("ada"), &topic, Doing::Reading, None);
        assert!(presence.take_news().is_empty(), "the same again is no news");
        presence.leave(2, |_| false);
        assert_eq!(presence.at(&topic)[0].state, Doing::Reading);
        presence.expire(Instant::now() + limits::PRESENCE);
        assert!(presence.at(&topic).is_empty());
        assert_eq!(presence.take_news().len(), 1);
    }

    #[test]
    fn a_connection_cannot_be_everywhere() {
        let presence = Presence::default();
        for n in 0..PLACES {
            assert!(presence.say(1, &user("ada"), &format!("kb:k{n}").parse().unwrap(), Doing::Reading, None));
        }
        assert!(!presence.say(1, &user("ada"), &"kb:more".parse().unwrap(), Doing::Reading, None));
    }
}
