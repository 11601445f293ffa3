//! Step 7, the part that decides: when to connect, what to believe, what was missed. Pure: no browser, no clock, no dice.
//!
//! A driver (`client`) feeds it [`Input`]s and carries out the [`Effect`]s, in order. Each event of the log that the
//! caller may see is delivered exactly once and in order, or a resync is announced.

#[cfg(test)]
mod tests;

use crate::protocol::frame::{Ack, ClientFrame, Control, ServerFrame, close};
use crate::protocol::{Actor, Cursor, Envelope, Seq, Topic, UserId, limits};
use std::sync::Arc;

/// A socket that brought no first frame for so long will not.
const CONNECT_MS: f64 = 20_000.0;
/// A socket that does not answer a `ping` for so long is dead.
const PROBE_MS: f64 = 5_000.0;
/// A visible tab asks whether its socket is alive when a heartbeat is this late.
const HEARTBEAT_SLACK_MS: f64 = 2_000.0;
/// The first wait before connecting again is at most this long; each further one doubles it.
const BACKOFF_MS: f64 = 1_000.0;
/// No wait is longer.
const BACKOFF_MAX_MS: f64 = 30_000.0;

/// How the connection is. Times are milliseconds since 1970, as `Date.now()` tells them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Link {
    /// The first connection is being made.
    Connecting,
    /// Events arrive.
    Live,
    /// There was a connection, or a first try, and there is none now.
    Lost {
        /// Since when.
        since_ms: f64,
        /// When the next try begins; none while one is under way.
        retry_at_ms: Option<f64>,
    },
    /// The server does not want this tab back until its user does something.
    Refused {
        /// The close code.
        code: u16,
    },
}

/// Tells the sockets of a session apart, so that what an abandoned one still says is not taken for the present one's.
pub type SocketId = u32;

/// What happened to the session.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The page is there, and shows what the log contained up to here.
    Start(Option<Cursor>),
    /// A socket brought these messages, in this order.
    Frames(SocketId, Vec<String>),
    /// A socket was closed, or could not be opened.
    Closed(SocketId, u16),
    /// The browser believes that there is a network again.
    Online,
    /// The browser believes that there is none.
    Offline,
    /// Somebody looks at the page again, or the browser woke it.
    Visible,
    /// The user does not want to wait.
    RetryNow,
    /// The time that was asked for by [`Effect::WakeAt`] has come.
    Tick,
}

/// What the driver must do.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open a socket that resumes at this cursor.
    Open {
        /// What to call it.
        socket: SocketId,
        /// The cursor for its URL.
        cursor: Option<Cursor>,
    },
    /// Close this socket and forget it.
    Close(SocketId),
    /// Send this on the open socket.
    Send(ClientFrame),
    /// Hand out these events, in this order.
    Deliver(Vec<Arc<Envelope>>),
    /// Events were missed: read again what is shown of these topics, of all where there are none.
    Resync(Vec<Topic>),
    /// Hand this out: it holds for the moment, and is in no log.
    Tell(Control),
    /// The connection is now like this.
    Link(Link),
    /// The server has another build of the pages than this tab.
    NewerBuild,
    /// Come back with a [`Input::Tick`] at this time; replaces what was asked before.
    WakeAt(f64),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Phase {
    Idle,
    /// A socket is there, its first frame is not.
    Opening {
        since: f64,
    },
    Live {
        heard: f64,
    },
    Waiting {
        from: f64,
        until: f64,
    },
    Refused {
        code: u16,
    },
}

/// The session of a tab with the server.
#[derive(Debug)]
pub struct Session {
    build: String,
    /// Whose page it is; none where the server does not ask who one is.
    viewer: Option<UserId>,
    cursor: Option<Cursor>,
    phase: Phase,
    socket: SocketId,
    /// Tries since the last good frame.
    failures: u32,
    lost_since: Option<f64>,
    heartbeat_ms: f64,
    /// Until when an asked `ping` must be answered.
    probe_until: Option<f64>,
    /// How long the server asked to stay away, in milliseconds.
    goaway: Option<f64>,
    user: Option<UserId>,
    announced: Link,
    armed: Option<f64>,
    effects: Vec<Effect>,
}

impl Session {
    /// A session of a tab whose page is of this build. It does nothing before [`Input::Start`].
    pub fn new(build: impl Into<String>) -> Self {
        Self {
            build: build.into(),
            viewer: None,
            cursor: None,
            phase: Phase::Idle,
            socket: 0,
            failures: 0,
            lost_since: None,
            heartbeat_ms: limits::HEARTBEAT.as_millis() as f64,
            probe_until: None,
            goaway: None,
            user: None,
            announced: Link::Connecting,
            armed: None,
            effects: Vec::new(),
        }
    }

    /// The session of a page of this person: it takes no connection of anybody else.
    #[must_use]
    pub fn of(mut self, viewer: Option<UserId>) -> Self {
        self.viewer = viewer;
        self
    }

    /// Up to where everything was delivered, or covered by a resync.
    pub fn cursor(&self) -> Option<&Cursor> {
        self.cursor.as_ref()
    }

    /// Who the server takes this tab for.
    pub fn actor(&self) -> Option<Actor> {
        self.user.clone().map(Actor::User)
    }

    /// Takes in what happened. `now` is in milliseconds; `dice` gives numbers from 0 to 1.
    pub fn handle(&mut self, input: Input, now: f64, dice: &mut dyn FnMut() -> f64) -> Vec<Effect> {
        match input {
            Input::Start(cursor) if self.phase == Phase::Idle => {
                self.cursor = cursor;
                self.open(now);
            }
            Input::Start(_) => {}
            Input::Frames(socket, texts) => self.frames(socket, &texts, now, dice),
            Input::Closed(socket, code) => self.closed(socket, code, now, dice),
            Input::Online | Input::Visible | Input::Offline => self.look_about(&input, now, dice),
            Input::RetryNow if matches!(self.phase, Phase::Waiting { .. } | Phase::Refused { .. }) => self.open(now),
            Input::RetryNow => {}
            Input::Tick => {
                self.armed = None;
                self.tick(now, dice);
            }
        }
        self.announce();
        self.arm();
        std::mem::take(&mut self.effects)
    }

    fn open(&mut self, now: f64) {
        self.socket += 1;
        self.phase = Phase::Opening { since: now };
        self.probe_until = None;
        self.goaway = None;
        self.effects.push(Effect::Open {
            socket: self.socket,
            cursor: self.cursor.clone(),
        });
    }

    fn has_socket(&self) -> bool {
        matches!(self.phase, Phase::Opening { .. } | Phase::Live { .. })
    }

    fn frames(&mut self, socket: SocketId, texts: &[String], now: f64, dice: &mut dyn FnMut() -> f64) {
        for text in texts {
            // Asked for each frame, because one of them may end the socket.
            if socket != self.socket || !self.has_socket() {
                return;
            }
            match (ServerFrame::parse(text), self.phase) {
                (Some(ServerFrame::Control(Control::ConnectionAck { data, .. })), _) => self.acknowledged(&data, now),
                // Whoever speaks before the acknowledgement is not our server: a position in its log means nothing here.
                (Some(_), Phase::Opening { .. }) => self.fail(now, dice),
                (None, Phase::Opening { .. }) => {}
                (frame, _) => {
                    self.phase = Phase::Live { heard: now };
                    self.probe_until = None;
                    match frame {
                        Some(ServerFrame::Event(event)) => self.event(*event),
                        Some(ServerFrame::Control(control)) => self.control(control),
                        None => {
                            self.advance(ServerFrame::seq_of(text));
                        }
                    }
                }
            }
        }
    }

    fn acknowledged(&mut self, ack: &Ack, now: f64) {
        let user = UserId::parse(&ack.user_id).ok();
        if self.viewer.is_some() && user != self.viewer {
            // Somebody else has logged in since: what they may see is not for this page.
            self.effects.push(Effect::Close(self.socket));
            self.phase = Phase::Refused { code: close::LOG_IN };
            return;
        }
        self.phase = Phase::Live { heard: now };
        self.failures = 0;
        self.lost_since = None;
        self.heartbeat_ms = ack.heartbeat_ms as f64;
        self.user = user;
        if !ack.build.is_empty() && !self.build.is_empty() && ack.build != self.build {
            self.effects.push(Effect::NewerBuild);
        }
        let same_log = self.cursor.as_ref().is_some_and(|cursor| cursor.epoch == ack.epoch);
        if !(ack.resumed && same_log) {
            self.cursor = Some(Cursor {
                epoch: ack.epoch.clone(),
                seq: ack.head,
            });
            self.effects.push(Effect::Resync(Vec::new()));
        }
    }

    fn event(&mut self, event: Envelope) {
        if !self.advance(Some(event.seq)) {
            return;
        }
        let event = Arc::new(event);
        match self.effects.last_mut() {
            Some(Effect::Deliver(events)) => events.push(event),
            _ => self.effects.push(Effect::Deliver(vec![event])),
        }
    }

    /// Moves the cursor on, never back; tells whether it moved.
    fn advance(&mut self, to: Option<Seq>) -> bool {
        match (&mut self.cursor, to) {
            (Some(cursor), Some(to)) if to > cursor.seq => {
                cursor.seq = to;
                true
            }
            _ => false,
        }
    }

    fn control(&mut self, control: Control) {
        match control {
            Control::Heartbeat { head } => {
                self.advance(Some(head));
            }
            Control::Resync { topics, .. } => self.effects.push(Effect::Resync(topics)),
            Control::Goaway { reconnect_after_ms } => self.goaway = Some(reconnect_after_ms as f64),
            // The answer to a subscription of a topic that this tab did not hear until now.
            Control::Subscribed {
                topics, resumed: false, ..
            } => self.effects.push(Effect::Resync(topics)),
            Control::Presence { .. }
            | Control::Typing { .. }
            | Control::JobProgress { .. }
            | Control::LogRecords { .. }
            | Control::LogsCleared { .. }
            | Control::Authenticated { .. } => {
                self.effects.push(Effect::Tell(control));
            }
            Control::Subscribed { .. }
            | Control::Unsubscribed { .. }
            | Control::Pong
            | Control::Error { .. }
            | Control::ConnectionAck { .. } => {}
        }
    }

    fn closed(&mut self, socket: SocketId, code: u16, now: f64, dice: &mut dyn FnMut() -> f64) {
        if socket != self.socket || !self.has_socket() {
            return;
        }
        if close::reconnects(code) {
            self.wait(now, dice);
        } else {
            self.phase = Phase::Refused { code };
        }
    }

    /// Gives the socket up.
    fn fail(&mut self, now: f64, dice: &mut dyn FnMut() -> f64) {
        self.effects.push(Effect::Close(self.socket));
        self.wait(now, dice);
    }

    fn wait(&mut self, now: f64, dice: &mut dyn FnMut() -> f64) {
        let delay = match self.goaway.take() {
            // Everybody was told the same time: spread the return over as long again.
            Some(after) => after + dice() * after.max(BACKOFF_MS),
            None => dice() * (BACKOFF_MS * 2_f64.powi(self.failures.min(10) as i32)).min(BACKOFF_MAX_MS),
        };
        self.failures += 1;
        self.lost_since.get_or_insert(now);
        self.probe_until = None;
        self.phase = Phase::Waiting {
            from: now,
            until: now + delay,
        };
    }

    /// The browser noticed something: connect at once, or make sure that the connection is alive.
    fn look_about(&mut self, input: &Input, now: f64, dice: &mut dyn FnMut() -> f64) {
        match self.phase {
            Phase::Waiting { .. } if *input != Input::Offline => self.open(now),
            Phase::Live { heard } if now - heard >= silence() => self.fail_and_reopen(now, dice),
            Phase::Live { .. } if self.probe_until.is_some() => {}
            Phase::Live { heard } if *input != Input::Visible || now - heard > self.heartbeat_ms + HEARTBEAT_SLACK_MS => {
                self.probe_until = Some(now + PROBE_MS);
                self.effects.push(Effect::Send(ClientFrame::Ping));
            }
            _ => {}
        }
    }

    fn fail_and_reopen(&mut self, now: f64, dice: &mut dyn FnMut() -> f64) {
        self.fail(now, dice);
        self.open(now);
    }

    fn tick(&mut self, now: f64, dice: &mut dyn FnMut() -> f64) {
        let is_due = self.deadline().is_some_and(|deadline| now >= deadline);
        match &mut self.phase {
            // A clock that was set back must not make a wait of seconds one of hours.
            Phase::Waiting { from, .. } if is_due || now < *from => self.open(now),
            Phase::Opening { since } | Phase::Live { heard: since } if now < *since => {
                *since = now;
                self.probe_until = None;
            }
            _ if is_due => self.fail(now, dice),
            _ => {}
        }
    }

    fn deadline(&self) -> Option<f64> {
        match self.phase {
            Phase::Idle | Phase::Refused { .. } => None,
            Phase::Opening { since } => Some(since + CONNECT_MS),
            Phase::Waiting { until, .. } => Some(until),
            Phase::Live { heard } => Some(self.probe_until.map_or(heard + silence(), |probe| probe.min(heard + silence()))),
        }
    }

    /// Asks to be woken where the time asked for is too late. One that is too early does no harm, and saves a timer a frame.
    fn arm(&mut self) {
        if let Some(deadline) = self.deadline()
            && self.armed.is_none_or(|armed| deadline < armed)
        {
            self.armed = Some(deadline);
            self.effects.push(Effect::WakeAt(deadline));
        }
    }

    fn announce(&mut self) {
        let link = match (self.phase, self.lost_since) {
            (Phase::Live { .. }, _) => Link::Live,
            (Phase::Refused { code }, _) => Link::Refused { code },
            (Phase::Waiting { until, .. }, Some(since_ms)) => Link::Lost {
                since_ms,
                retry_at_ms: Some(until),
            },
            (_, Some(since_ms)) => Link::Lost {
                since_ms,
                retry_at_ms: None,
            },
            (_, None) => Link::Connecting,
        };
        if link != self.announced {
            self.announced = link;
            self.effects.push(Effect::Link(link));
        }
    }
}

fn silence() -> f64 {
    limits::SILENCE.as_millis() as f64
}
