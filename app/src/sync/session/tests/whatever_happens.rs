//! The property: a server with a log, a network that cuts where it likes, and a tab that must end with the log's events.

use super::*;
use proptest::prelude::*;
use std::collections::VecDeque;

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    Visible,
    /// Of another's topic: never sent to this tab.
    Hidden,
    /// Of a type that this build does not know.
    Unknown,
}

#[derive(Debug, Clone)]
enum Step {
    Append(Kind),
    /// The network brings the next frames, at most so many.
    Carry(usize),
    Cut(u16),
    Heartbeat,
    /// The server lost its place with this slow client.
    Overrun,
    /// An old frame comes once more.
    Echo,
    Prune,
    Restore,
    Goaway,
    Elapse(u32),
    Tell(Input),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => prop_oneof![4 => Just(Kind::Visible), 1 => Just(Kind::Hidden), 1 => Just(Kind::Unknown)].prop_map(Step::Append),
        6 => (1usize..6).prop_map(Step::Carry),
        3 => prop_oneof![Just(1006u16), Just(1000), Just(close::TOO_SLOW), Just(close::GOING_AWAY)].prop_map(Step::Cut),
        2 => Just(Step::Heartbeat),
        1 => Just(Step::Overrun),
        1 => Just(Step::Echo),
        1 => Just(Step::Prune),
        1 => Just(Step::Restore),
        1 => Just(Step::Goaway),
        4 => prop_oneof![1u32..2_000, 2_000u32..100_000].prop_map(Step::Elapse),
        4 => prop_oneof![Just(Input::Online), Just(Input::Offline), Just(Input::Visible), Just(Input::RetryNow)].prop_map(Step::Tell),
    ]
}

/// Server, network and tab.
struct World {
    session: Session,
    now: f64,
    dice: u32,
    epoch: u32,
    log: Vec<Kind>,
    floor: u64,
    wire: Option<(SocketId, VecDeque<String>)>,
    carried: Option<String>,
    /// What the tab shows contains all of this log up to here.
    shown: (u32, u64),
}

impl World {
    fn new(events: usize) -> Self {
        Self {
            session: Session::new("b1"),
            now: 0.0,
            dice: 1,
            epoch: 1,
            log: vec![Kind::Visible; events],
            floor: 0,
            wire: None,
            carried: None,
            shown: (1, events as u64),
        }
    }

    fn epoch(&self) -> String {
        format!("e{}", self.epoch)
    }

    fn frame(&self, seq: u64) -> Option<String> {
        match self.log[seq as usize - 1] {
            Kind::Visible => Some(event(seq)),
            Kind::Hidden => None,
            Kind::Unknown => Some(json!({"type": "teleported", "seq": seq}).to_string()),
        }
    }

    fn put(&mut self, text: String) {
        if let Some((_, queue)) = &mut self.wire {
            queue.push_back(text);
        }
    }

    fn tell(&mut self, input: Input) {
        let dice = &mut self.dice;
        let mut roll = || {
            *dice = dice.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(*dice) / f64::from(u32::MAX)
        };
        for effect in self.session.handle(input, self.now, &mut roll) {
            match effect {
                Effect::Open { socket, cursor } => self.accept(socket, cursor),
                Effect::Close(socket) => {
                    let (open, _) = self.wire.take().expect("what is closed was open");
                    assert_eq!(open, socket);
                }
                Effect::Deliver(events) => events.iter().for_each(|event| self.show(event.seq.get())),
                Effect::Resync(_) => self.shown = (self.epoch, self.log.len() as u64),
                Effect::Send(ClientFrame::Ping) => self.put(json!({"type": "pong"}).to_string()),
                Effect::Send(_) | Effect::Tell(_) | Effect::Link(_) | Effect::NewerBuild | Effect::WakeAt(_) => {}
            }
        }
    }

    fn accept(&mut self, socket: SocketId, cursor: Option<Cursor>) {
        assert!(self.wire.is_none(), "two sockets at a time");
        let head = self.log.len() as u64;
        let resume = cursor
            .filter(|cursor| cursor.epoch.as_str() == self.epoch() && (self.floor..=head).contains(&cursor.seq.get()))
            .map(|cursor| cursor.seq.get());
        let mut queue = VecDeque::from([ack(&self.epoch(), head, resume.is_some())]);
        queue.extend((resume.unwrap_or(head) + 1..=head).filter_map(|seq| self.frame(seq)));
        self.wire = Some((socket, queue));
    }

    fn show(&mut self, seq: u64) {
        let (epoch, shown) = self.shown;
        assert_eq!(epoch, self.epoch, "an event of another log without a resync");
        if seq <= shown {
            return; // A resync was faster than the events before it; a snapshot ignores them.
        }
        let missed = (shown + 1..seq).find(|&between| self.log[between as usize - 1] == Kind::Visible);
        assert_eq!(missed, None, "lost before {seq}");
        self.shown.1 = seq;
    }

    fn carry(&mut self, frames: usize) {
        let Some((socket, queue)) = &mut self.wire else { return };
        let texts: Vec<String> = queue.drain(..frames.min(queue.len())).collect();
        let socket = *socket;
        self.carried = texts.last().cloned().or(self.carried.take());
        self.tell(Input::Frames(socket, texts));
    }

    fn cut(&mut self, code: u16) {
        if let Some((socket, _)) = self.wire.take() {
            self.tell(Input::Closed(socket, code));
        }
    }

    /// Whether the tab has yet to read the first frame of its socket.
    fn is_greeted(&self) -> bool {
        let first = self.wire.as_ref().and_then(|(_, queue)| queue.front());
        !first.is_some_and(|text| text.contains("connection_ack"))
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Append(kind) => {
                self.log.push(kind);
                if let Some(frame) = self.frame(self.log.len() as u64) {
                    self.put(frame);
                }
            }
            Step::Carry(frames) => self.carry(frames),
            Step::Cut(code) => self.cut(code),
            Step::Heartbeat => self.put(json!({"type": "heartbeat", "head": self.log.len()}).to_string()),
            Step::Overrun if self.is_greeted() => {
                if let Some((_, queue)) = &mut self.wire {
                    queue.clear();
                    queue.push_back(json!({"type": "resync", "topics": [], "reason": "slow"}).to_string());
                }
            }
            Step::Echo if self.is_greeted() => {
                if let (Some(text), Some((_, queue))) = (&self.carried, &mut self.wire)
                    && text.contains("kb_deleted")
                {
                    queue.push_front(text.clone());
                }
            }
            Step::Overrun | Step::Echo => {}
            Step::Prune => self.floor = self.log.len() as u64,
            Step::Restore => {
                self.cut(1006);
                self.epoch += 1;
                self.carried = None;
                self.log.truncate(self.log.len() / 2);
                self.floor = 0;
                // The tab may have come back to the old log in the meantime; that server is gone.
                self.cut(1006);
            }
            Step::Goaway => self.put(json!({"type": "goaway", "reconnect_after_ms": 500}).to_string()),
            Step::Elapse(millis) => {
                self.now += f64::from(millis);
                self.tell(Input::Tick);
            }
            Step::Tell(input) => self.tell(input),
        }
    }

    /// The network holds for a while.
    fn settle(&mut self) {
        self.tell(Input::RetryNow);
        for _ in 0..3 {
            self.carry(usize::MAX);
            self.now += 40_000.0;
            self.step(Step::Heartbeat);
            self.carry(usize::MAX);
            self.tell(Input::Tick);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn whatever_is_cut_every_event_is_delivered_once_in_order_or_a_resync_is_announced(
        events in 0usize..5,
        steps in prop::collection::vec(step(), 1..80),
    ) {
        let mut world = World::new(events);
        world.tell(Input::Start(Some(cursor("e1", events as u64))));
        for step in steps {
            world.step(step);
        }
        world.settle();
        prop_assert_eq!(world.session.announced, Link::Live);
        prop_assert_eq!(world.shown.0, world.epoch);
        let missed = (world.shown.1 + 1..=world.log.len() as u64).find(|&seq| world.log[seq as usize - 1] == Kind::Visible);
        prop_assert_eq!(missed, None);
        prop_assert_eq!(world.session.cursor().map(|cursor| cursor.seq.get()), Some(world.log.len() as u64));
    }
}
