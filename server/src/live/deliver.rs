//! Step 5, handing over: to whom an event goes, and what becomes of those whose rights it changes.

use super::hub::State;
use super::presence::Presence;
use super::rights::Changed;
use super::subscriber::{Ending, Published, Subscriber};
use crate::domain::Caller;
use crate::domain::caller::{Credential, Standing};
use crate::store::LogRecord;
use app::protocol::{Envelope, Event, Timestamp, Topic, UserId};
use axum::extract::ws::Utf8Bytes;
use std::collections::HashMap;
use std::sync::Arc;

impl State {
    /// Sends events of one topic to who listens, and moves them to those that are kept.
    pub(super) fn send(&mut self, run: &mut Vec<Arc<Published>>) {
        let Some(first) = run.first() else { return };
        let topic = &first.topic;
        let bytes = run.iter().map(|event| event.frame.len()).sum();
        if *topic != Topic::Logs {
            for (_, subscriber) in &self.everything {
                if subscriber.may_hear(topic) {
                    subscriber.push(run, bytes);
                }
            }
        }
        for (_, subscriber) in self.topics.get(topic).into_iter().flatten() {
            if subscriber.may_hear(topic) {
                subscriber.push(run, bytes);
            }
        }
        self.ring_bytes += bytes;
        self.ring.extend(run.drain(..));
    }

    /// Sends an event that changes rights, and gives and takes them. Whose knowledge base is gone still hears that it is;
    /// all else is sent to those who may hear it afterwards.
    pub(super) fn send_of_access(&mut self, record: LogRecord, presence: &Presence) {
        // One of a newer version, from before a downgrade, is not understood.
        let event: Option<Envelope> = serde_json::from_str(&record.frame).ok();
        let changed = event.as_ref().map_or(Changed::Nobody, |event| self.rights.apply(event));
        let is_deletion = event.is_some_and(|event| matches!(event.event, Event::KbDeleted {}));
        let mut run = vec![Arc::new(Published::from(record))];
        if is_deletion {
            self.send(&mut run);
        }
        self.give_and_take(&changed, presence);
        self.send(&mut run);
    }

    fn give_and_take(&mut self, changed: &Changed, presence: &Presence) {
        let mut standings: HashMap<UserId, Arc<Standing>> = HashMap::new();
        for (_, subscriber) in &self.all {
            let before = subscriber.caller();
            let concerned = match changed {
                Changed::Nobody => return,
                Changed::Person(user) | Changed::In(user, _) | Changed::Ended(user) => user == before.user(),
                Changed::Everybody(_) => true,
            };
            if !concerned || before.credential() == Credential::Reach {
                continue;
            }
            if let Changed::Ended(_) = changed {
                if !self.rights.knows(&before) {
                    subscriber.end(Ending::LoggedOut);
                }
                continue;
            }
            let standing = standings
                .entry(before.user().clone())
                .or_insert_with(|| self.rights.standing(before.user()));
            let after = before.standing_as(Arc::clone(standing));
            subscriber.set_caller(after.clone());
            presence.leave(subscriber.id, |topic| after.may_hear(topic));
            match changed {
                Changed::In(_, kb) | Changed::Everybody(kb) if before.may_read(kb) != after.may_read(kb) => {
                    subscriber.resync(vec![Topic::Kb(kb.clone())]);
                }
                Changed::Person(_) => subscriber.resync(vec![]),
                _ => {}
            }
        }
    }

    /// Hands a sampled message to who listens, and keeps it.
    pub(super) fn sample(&mut self, topic: &Topic, frame: Utf8Bytes) {
        let of_topic = self.topics.get(topic).into_iter().flatten();
        for (_, subscriber) in self.everything.iter().chain(of_topic) {
            if subscriber.may_hear(topic) {
                subscriber.sample(topic, &frame);
            }
        }
        self.samples.insert(topic.clone(), frame);
    }

    /// Hands samples over that waited for events which were handed over since.
    pub(super) fn release(&mut self) {
        if self.held.is_empty() {
            return;
        }
        let published = self.published;
        let due: Vec<_> = self.held.extract_if(|_, (after, _)| *after <= published).collect();
        for (topic, (_, frame)) in due {
            self.sample(&topic, frame);
        }
    }

    /// Hands over what was sampled last of the topics that are wanted, to one who comes late.
    pub(super) fn give_samples(&self, subscriber: &Subscriber, is_wanted: impl Fn(&Topic) -> bool) {
        for (topic, frame) in &self.samples {
            if is_wanted(topic) && subscriber.may_hear(topic) {
                subscriber.sample(topic, frame);
            }
        }
    }

    /// When the credentials of the subscriber at this place expire.
    pub(super) fn expires(&mut self, key: usize, caller: &Caller) -> Option<(i64, usize)> {
        let expires = (caller.identity().expires_at?.millis(), key);
        self.expiring.insert(expires);
        Some(expires)
    }

    /// Ends those whose credentials have expired.
    pub(super) fn expire(&mut self, now: Timestamp) {
        while let Some((at, key)) = self.expiring.first().copied().filter(|(at, _)| *at <= now.millis()) {
            self.expiring.remove(&(at, key));
            if let Some(subscriber) = self.all.get(key) {
                subscriber.end(Ending::Expired);
            }
        }
    }
}
