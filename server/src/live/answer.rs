//! What a client asks of its connection: to listen to more or less, to say where its person is, to take new credentials.

use super::connection::{Connection, FAILED};
use super::goodbye::Over;
use super::hub::Position;
use super::misunderstood::error;
use super::subscriber::Interest;
use super::{presence, replay};
use crate::domain::person::{self, Presented};
use crate::error::Error;
use app::protocol::frame::{Authenticated, ClientFrame, Control};
use app::protocol::notification::Doing;
use app::protocol::{Cursor, EntryId, Topic, limits};
use std::collections::HashSet;

impl Connection {
    /// Does what the client asks, and tells it so.
    pub(super) async fn answer(&mut self, frame: ClientFrame) -> Result<(), Over> {
        match frame {
            ClientFrame::Ping => self.feed_control(&Control::Pong).await,
            ClientFrame::Unsubscribe { topics } => {
                if matches!(self.registration.interest(), Interest::Everything) {
                    let muted = self.muted.len() + topics.iter().filter(|topic| !self.muted.contains(*topic)).count();
                    if muted > limits::TOPICS {
                        return self.too_many("let go of", muted, "unsubscribe").await;
                    }
                    self.muted.extend(topics.iter().cloned());
                }
                self.registration.remove(&topics);
                self.feed_control(&Control::Unsubscribed { topics }).await
            }
            ClientFrame::Subscribe { topics, cursor } => self.subscribe(topics, cursor).await,
            ClientFrame::Typing { topic, entry_id } => self.types(topic, entry_id).await,
            ClientFrame::Presence { topic, state, entry_id } => self.is_present(topic, state, entry_id).await,
            ClientFrame::Auth { token } => self.renew(&token).await,
        }
    }

    async fn subscribe(&mut self, topics: Vec<Topic>, cursor: Option<Cursor>) -> Result<(), Over> {
        let caller = self.registration.subscriber().caller();
        let topics: Vec<Topic> = topics
            .into_iter()
            .map(|topic| caller.meant(topic))
            .filter(|topic| caller.may_hear(topic))
            .collect();
        let held = self.registration.with(&topics);
        if held > limits::TOPICS {
            return self.too_many("listen to", held, "subscribe").await;
        }
        let before = self.registration.interest();
        let new: HashSet<Topic> = topics
            .iter()
            .filter(|topic| !before.includes(topic) || self.muted.contains(topic))
            .cloned()
            .collect();
        for topic in &topics {
            self.muted.remove(topic);
        }
        let at = self.registration.add(&topics).seq;
        let resume = replay::check(&self.store, cursor.as_ref(), &caller, at).await.map_err(|_| FAILED)?;
        self.feed_control(&Control::Subscribed {
            topics,
            resumed: resume.is_ok(),
            reason: resume.err(),
        })
        .await?;
        // What waits already is taken from the log too: so all comes in order, and nothing twice.
        let Position { cursor, caller } = self.registration.rejoin();
        let upto = cursor.seq;
        let changed = async {
            let mut tx = self.store.read().await?;
            replay::rights_changed(&mut tx, &caller, self.sent, upto).await
        };
        if changed.await.map_err(|_| FAILED)? {
            self.sent = self.sent.max(upto);
            return self.tell_rights_changed(vec![]).await;
        }
        self.replay_with(&new, resume.unwrap_or(upto), upto, &caller).await
    }

    async fn types(&mut self, topic: Topic, entry_id: Option<EntryId>) -> Result<(), Over> {
        let subscriber = self.registration.subscriber();
        let caller = subscriber.caller();
        let topic = caller.meant(topic);
        // Who may not hear a topic learns nothing, not even that it may not.
        if caller.may_hear(&topic) {
            let typing = presence::typing(topic.clone(), caller.user().clone(), entry_id);
            self.hub.pass(&topic, &typing, Some(subscriber.id));
        }
        Ok(())
    }

    async fn is_present(&mut self, topic: Topic, state: Doing, entry_id: Option<EntryId>) -> Result<(), Over> {
        let subscriber = self.registration.subscriber();
        let caller = subscriber.caller();
        let topic = caller.meant(topic);
        let is_kept = !caller.may_hear(&topic) || self.hub.presence().say(subscriber.id, caller.user(), &topic, state, entry_id);
        if is_kept {
            return Ok(());
        }
        let message = "A connection is at a few topics at the same time; say that it is gone from one of them first.".into();
        self.feed_control(&error("too_many_places", message, Some("presence".into()))).await
    }

    /// Takes new credentials of the same person.
    async fn renew(&mut self, token: &str) -> Result<(), Over> {
        let known = self.registration.subscriber().caller();
        let found = person::identify(&self.store, Presented::Bearer(token), self.hub.issuer()).await;
        let found = match found {
            Ok(found) => found,
            // It says why the token is not accepted.
            Err(Error::Problem(_)) => None,
            Err(_) => return Err(FAILED),
        };
        match found {
            Some(caller) if caller.user() == known.user() => {
                self.registration.renew(&caller);
                let expires_at = caller.identity().expires_at;
                let data = Authenticated { expires_at };
                self.feed_control(&Control::Authenticated { data }).await
            }
            _ => {
                let message = format!(
                    "This is no good token of {}; the connection goes on with the one that it has.",
                    known.user()
                );
                self.feed_control(&error("unauthenticated", message, Some("auth".into()))).await
            }
        }
    }

    /// What a connection remembers of topics is bounded, however often it is asked.
    async fn too_many(&mut self, deed: &str, topics: usize, asked: &str) -> Result<(), Over> {
        let message = format!(
            "{topics} topics; a connection can {deed} at most {}. Open another one for the rest.",
            limits::TOPICS
        );
        self.feed_control(&error("too_many_topics", message, Some(asked.into()))).await
    }
}
