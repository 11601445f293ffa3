//! Step 6 over SSE, for networks where sockets are blocked: the same events, the same promises.
//!
//! The `id` of an event is its cursor, so that a browser's `Last-Event-ID` resumes by itself.

use super::hub::{Hub, Position, Registration};
use super::replay;
use super::subscriber::{Due, Ending, Interest, Published};
use crate::clock;
use crate::domain::Caller;
use crate::error::Error;
use crate::store::Store;
use app::protocol::frame::{Ack, Control};
use app::protocol::{Cursor, Epoch, Seq, Topic, limits};
use axum::response::sse::Event;
use futures_util::Stream;
use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;

struct Feed {
    hub: Hub,
    store: Store,
    registration: Registration,
    epoch: Epoch,
    sent: Seq,
    /// Where live events begin.
    upto: Seq,
    /// For whom, with the rights that they had there.
    caller: Caller,
    ready: VecDeque<Event>,
    due: Due,
    over: bool,
}

/// The events for one caller from `cursor` on, without end.
pub async fn open(
    hub: Hub,
    store: Store,
    caller: Caller,
    interest: Interest,
    cursor: Option<Cursor>,
    build: String,
) -> Result<impl Stream<Item = Result<Event, Infallible>>, Error> {
    let (registration, Position { cursor: at, caller }) = hub.subscribe(caller, &interest);
    let resume = replay::check(&store, cursor.as_ref(), &caller, at.seq).await?;
    let sent = resume.unwrap_or(at.seq);
    let ack = Ack {
        user_id: caller.user().to_string(),
        epoch: at.epoch.clone(),
        head: at.seq.max(sent),
        heartbeat_ms: u64::try_from(limits::HEARTBEAT.as_millis()).unwrap_or(u64::MAX),
        resumed: resume.is_ok(),
        reason: resume.err(),
        build,
    };
    let timestamp = clock::now();
    let mut feed = Feed {
        hub,
        store,
        registration,
        epoch: at.epoch,
        sent,
        upto: at.seq,
        caller,
        ready: VecDeque::new(),
        due: Due::default(),
        over: false,
    };
    feed.push_control("connection_ack", &Control::ConnectionAck { timestamp, data: ack });
    Ok(futures_util::stream::unfold(feed, |mut feed| async move {
        feed.next().await.map(|event| (Ok(event), feed))
    }))
}

impl Feed {
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(event);
            }
            if self.over {
                return None;
            }
            if self.registration.subscriber().is_expelled() {
                return None;
            }
            if self.sent < self.upto {
                self.replay().await;
                continue;
            }
            poll_fn(|context| {
                let subscriber = self.registration.subscriber();
                // Who still takes events is still there: a broken connection drops the stream.
                subscriber.heard(self.hub.now());
                subscriber.poll_due(context, &mut self.due)
            })
            .await;
            self.take_due().await;
        }
    }

    async fn take_due(&mut self) {
        while let Some(event) = self.due.events.pop_front() {
            if event.seq > self.sent {
                self.push_event(&event);
            }
        }
        if std::mem::take(&mut self.due.lagging) {
            let at = self.registration.rejoin();
            (self.upto, self.caller) = (at.cursor.seq, at.caller);
            if self.rights_changed().await {
                self.sent = self.upto;
                self.push_rights_changed(vec![]);
            }
            // It would say that what is replayed now has been sent.
            self.due.heartbeat = None;
        }
        if let Some(rare) = self.due.rare.take() {
            for topics in rare.resync {
                self.push_rights_changed(topics);
            }
            for (topic, frame) in rare.passing.into_iter().chain(rare.sampled) {
                if self.registration.subscriber().may_hear(&topic) {
                    // Without an id: it has no place in the log.
                    self.ready.push_back(Event::default().event("ephemeral").data(frame.as_str()));
                }
            }
        }
        if let Some(head) = self.due.heartbeat.take() {
            self.registration.subscriber().heard(self.hub.now());
            self.sent = self.sent.max(head);
            self.push_control("heartbeat", &Control::Heartbeat { head });
        }
        if let Some(ending) = self.due.ending.take() {
            self.over = true;
            if ending == Ending::Shutdown {
                self.push_control("goaway", &Control::Goaway { reconnect_after_ms: 500 });
            }
        }
    }

    async fn rights_changed(&self) -> bool {
        let changed = async {
            let mut tx = self.store.read().await?;
            replay::rights_changed(&mut tx, &self.caller, self.sent, self.upto).await
        };
        changed.await.unwrap_or(true)
    }

    fn push_rights_changed(&mut self, topics: Vec<Topic>) {
        let reason = "rights_changed".into();
        self.push_control("resync", &Control::Resync { topics, reason });
    }

    async fn replay(&mut self) {
        let interest = self.registration.interest();
        match replay::next(&self.hub, &self.store, self.sent, self.upto).await {
            Ok(Some(events)) => {
                for event in events {
                    self.sent = event.seq;
                    if interest.includes(&event.topic)
                        && self.caller.may_hear(&event.topic)
                        && self.registration.subscriber().may_hear(&event.topic)
                    {
                        self.push_event(&event);
                    }
                }
            }
            Ok(None) => {
                self.sent = self.upto;
                self.push_control(
                    "resync",
                    &Control::Resync {
                        topics: vec![],
                        reason: "too_old".into(),
                    },
                );
            }
            Err(error) => {
                tracing::error!(%error, "cannot read the log");
                self.over = true;
            }
        }
    }

    fn push_event(&mut self, event: &Arc<Published>) {
        self.sent = event.seq;
        let cursor = Cursor {
            epoch: self.epoch.clone(),
            seq: event.seq,
        };
        self.ready
            .push_back(Event::default().id(cursor.to_string()).data(event.frame.as_str()));
    }

    fn push_control(&mut self, name: &str, control: &Control) {
        if let Ok(data) = serde_json::to_string(control) {
            let cursor = Cursor {
                epoch: self.epoch.clone(),
                seq: self.sent,
            };
            self.ready.push_back(Event::default().event(name).id(cursor.to_string()).data(data));
        }
    }
}
