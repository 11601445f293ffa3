//! Stories: one situation each.

use super::*;

/// A session with a clock in its hand and dice that always show the same.
struct Tab {
    session: Session,
    now: f64,
    dice: f64,
}

impl Tab {
    fn new() -> Self {
        Self {
            session: Session::new("b1"),
            now: 1_000_000.0,
            dice: 1.0,
        }
    }

    /// A tab that is live at `k:5` on socket 1.
    fn live() -> Self {
        let mut tab = Self::new();
        tab.does(Input::Start(Some(cursor("k", 5))));
        tab.hears(1, &[ack("k", 5, true)]);
        tab
    }

    fn does(&mut self, input: Input) -> Vec<Effect> {
        let dice = self.dice;
        self.session.handle(input, self.now, &mut || dice)
    }

    fn hears(&mut self, socket: SocketId, texts: &[String]) -> Vec<Effect> {
        self.does(Input::Frames(socket, texts.to_vec()))
    }

    fn after(&mut self, millis: f64) -> Vec<Effect> {
        self.now += millis;
        self.does(Input::Tick)
    }

    fn link(&self) -> Link {
        self.session.announced
    }
}

fn delivered(effects: &[Effect]) -> Vec<u64> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Deliver(events) => Some(events.iter().map(|event| event.seq.get())),
            _ => None,
        })
        .flatten()
        .collect()
}

fn opened(effects: &[Effect]) -> bool {
    effects.iter().any(|effect| matches!(effect, Effect::Open { .. }))
}

#[test]
fn the_socket_starts_where_the_page_was_read() {
    let mut tab = Tab::new();
    let effects = tab.does(Input::Start(Some(cursor("k", 5))));
    let open = Effect::Open {
        socket: 1,
        cursor: Some(cursor("k", 5)),
    };
    assert_eq!(effects[0], open);
    assert_eq!(tab.link(), Link::Connecting);
    assert_eq!(tab.hears(1, &[ack("k", 7, true)])[0], Effect::Link(Link::Live));
    assert_eq!(delivered(&tab.hears(1, &[event(6), event(7)])), [6, 7]);
}

#[test]
fn an_event_is_delivered_once_and_gaps_are_events_that_are_not_for_us() {
    let mut tab = Tab::live();
    assert_eq!(
        delivered(&tab.hears(1, &[event(5), event(6), event(6), event(9), event(8)])),
        [6, 9]
    );
    assert_eq!(tab.session.cursor(), Some(&cursor("k", 9)));
}

#[test]
fn a_heartbeat_and_an_unknown_event_move_the_cursor() {
    let mut tab = Tab::live();
    tab.hears(1, &[r#"{"type":"heartbeat","head":20}"#.into()]);
    assert_eq!(tab.session.cursor(), Some(&cursor("k", 20)));
    tab.hears(1, &[r#"{"type":"teleported","seq":21,"data":{}}"#.into(), "nonsense".into()]);
    assert_eq!(tab.session.cursor(), Some(&cursor("k", 21)));
    tab.hears(1, &[r#"{"type":"heartbeat","head":3}"#.into()]);
    assert_eq!(tab.session.cursor(), Some(&cursor("k", 21)));
}

#[test]
fn a_refused_resume_and_another_log_ask_for_everything_again() {
    for first in [ack("k", 9, false), ack("other", 2, true), ack("other", 2, false)] {
        let mut tab = Tab::new();
        tab.does(Input::Start(Some(cursor("k", 5))));
        let effects = tab.hears(1, &[first, event(12)]);
        let resync = effects.iter().position(|effect| *effect == Effect::Resync(vec![])).unwrap();
        assert!(matches!(&effects[resync + 1], Effect::Deliver(events) if events.len() == 1));
    }
}

#[test]
fn a_resync_frame_is_passed_on_between_the_events_around_it() {
    let mut tab = Tab::live();
    let resync = r#"{"type":"resync","topics":["kb:notes"],"reason":"slow"}"#.to_owned();
    let effects = tab.hears(1, &[event(6), resync, event(30)]);
    assert!(matches!(&effects[..3], [Effect::Deliver(_), Effect::Resync(topics), Effect::Deliver(_)] if topics.len() == 1));
}

#[test]
fn the_wait_doubles_to_half_a_minute_and_is_reset_by_a_good_frame() {
    let mut tab = Tab::live();
    let mut waits = Vec::new();
    let mut socket = 1;
    for _ in 0..7 {
        tab.does(Input::Closed(socket, 1006));
        let Link::Lost { retry_at_ms: Some(at), .. } = tab.link() else {
            panic!("{:?}", tab.link())
        };
        let wait = at - tab.now;
        waits.push(wait / 1_000.0);
        assert!(!opened(&tab.after(wait - 1.0)));
        assert!(opened(&tab.after(1.0)));
        socket += 1;
    }
    assert_eq!(waits, [1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]);
    tab.hears(socket, &[ack("k", 5, true)]);
    tab.dice = 0.25;
    tab.does(Input::Closed(socket, 1006));
    let (since_ms, retry_at_ms) = (tab.now, Some(tab.now + 250.0));
    assert_eq!(tab.link(), Link::Lost { since_ms, retry_at_ms });
}

#[test]
fn a_tab_that_comes_back_does_not_wait() {
    for input in [Input::Online, Input::Visible, Input::RetryNow] {
        let mut tab = Tab::live();
        tab.does(Input::Closed(1, 1006));
        assert!(!opened(&tab.does(Input::Offline)));
        assert!(opened(&tab.does(input)));
        assert!(!opened(&tab.does(Input::Online)), "there is a socket already");
    }
}

#[test]
fn only_the_user_ends_a_refusal() {
    for code in [close::LOG_IN, close::FORBIDDEN, close::TOO_MANY_CONNECTIONS] {
        let mut tab = Tab::live();
        tab.does(Input::Closed(1, code));
        assert_eq!(tab.link(), Link::Refused { code });
        assert!(!opened(&tab.does(Input::Online)) && !opened(&tab.after(1e9)));
        assert!(opened(&tab.does(Input::RetryNow)));
    }
}

#[test]
fn what_holds_for_a_moment_is_handed_out_among_the_events_and_moves_no_cursor() {
    let mut tab = Tab::live();
    let presence = r#"{"type":"presence","topic":"kb:notes","data":{"people":[]}}"#.to_owned();
    let typing = r#"{"type":"typing","topic":"kb:notes","data":{"user_id":"bob"}}"#.to_owned();
    let authenticated = r#"{"type":"authenticated","data":{}}"#.to_owned();
    let effects = tab.hears(1, &[presence, event(6), typing, authenticated]);
    let told = |effect: &Effect| match effect {
        Effect::Tell(Control::Presence { .. }) => "presence",
        Effect::Tell(Control::Typing { data, .. }) if data.user_id.as_str() == "bob" => "typing",
        Effect::Tell(Control::Authenticated { .. }) => "authenticated",
        Effect::Deliver(_) => "events",
        _ => "another",
    };
    let order: Vec<_> = effects.iter().map(told).take(4).collect();
    assert_eq!(order, ["presence", "events", "typing", "authenticated"]);
    assert_eq!(tab.session.cursor(), Some(&cursor("k", 6)));
}

#[test]
fn a_minute_of_silence_is_a_dead_socket() {
    let mut tab = Tab::live();
    tab.after(30_000.0);
    tab.hears(1, &[r#"{"type":"heartbeat","head":5}"#.into()]);
    assert_eq!(tab.after(59_999.0), [Effect::WakeAt(tab.now + 1.0)]);
    assert_eq!(tab.after(1.0)[0], Effect::Close(1));
    assert!(
        delivered(&tab.hears(1, &[event(6)])).is_empty(),
        "a closed socket has nothing to say"
    );
}

#[test]
fn a_tab_that_slept_long_connects_anew_at_once() {
    let mut tab = Tab::live();
    tab.now += 3_600_000.0;
    let effects = tab.does(Input::Visible);
    assert_eq!(effects[0], Effect::Close(1));
    assert!(matches!(effects[1], Effect::Open { socket: 2, .. }));
}

#[test]
fn a_change_of_network_is_followed_by_a_question_whether_the_socket_lives() {
    let mut tab = Tab::live();
    assert!(tab.does(Input::Offline).contains(&Effect::Send(ClientFrame::Ping)));
    tab.now += 1_000.0;
    tab.hears(1, &[r#"{"type":"pong"}"#.into()]);
    assert!(!tab.after(10_000.0).contains(&Effect::Close(1)));
    tab.does(Input::Online);
    assert!(tab.after(5_000.0).contains(&Effect::Close(1)));
}

#[test]
fn a_server_that_goes_away_is_left_alone_as_long_as_it_asked() {
    let mut tab = Tab::live();
    tab.dice = 0.5;
    tab.hears(1, &[r#"{"type":"goaway","reconnect_after_ms":3000}"#.into()]);
    tab.does(Input::Closed(1, close::GOING_AWAY));
    let (since_ms, retry_at_ms) = (tab.now, Some(tab.now + 4_500.0));
    assert_eq!(tab.link(), Link::Lost { since_ms, retry_at_ms });
}

#[test]
fn a_tab_of_another_build_is_told() {
    let mut tab = Tab::new();
    tab.session = Session::new("b0");
    tab.does(Input::Start(None));
    assert!(tab.hears(1, &[ack("k", 1, false)]).contains(&Effect::NewerBuild));
    assert!(!Tab::live().hears(1, &[ack("k", 5, true)]).contains(&Effect::NewerBuild));
}

#[test]
fn a_clock_that_is_set_back_does_not_stop_the_session() {
    let mut tab = Tab::live();
    tab.does(Input::Closed(1, 1006));
    assert!(opened(&tab.after(-7_200_000.0)));
    tab.hears(2, &[ack("k", 5, true)]);
    tab.after(-7_200_000.0);
    assert!(tab.after(60_000.0).contains(&Effect::Close(2)));
}

#[test]
fn a_stranger_on_the_other_end_is_not_believed() {
    let mut tab = Tab::new();
    tab.does(Input::Start(Some(cursor("k", 5))));
    assert_eq!(tab.hears(1, &[event(6)])[0], Effect::Close(1));
    assert_eq!(tab.session.cursor(), Some(&cursor("k", 5)));
}

#[test]
fn an_abandoned_socket_is_not_heard() {
    let mut tab = Tab::live();
    tab.now += 3_600_000.0;
    tab.does(Input::Visible);
    assert!(tab.hears(1, &[ack("k", 9, false), event(6)]).is_empty());
    assert!(tab.does(Input::Closed(1, 1006)).is_empty());
    assert_eq!(tab.session.cursor(), Some(&cursor("k", 5)));
}

#[test]
fn a_page_takes_no_connection_of_whoever_logged_in_after_its_reader() {
    let mut tab = Tab::new();
    tab.session = Session::new("b1").of(UserId::parse("somebody-else").ok());
    tab.does(Input::Start(Some(cursor("k", 5))));
    let effects = tab.hears(1, &[ack("k", 7, true), event(6)]);
    assert!(effects.contains(&Effect::Close(1)), "{effects:?}");
    assert_eq!(delivered(&effects), Vec::<u64>::new());
    assert_eq!(tab.link(), Link::Refused { code: close::LOG_IN });
}
