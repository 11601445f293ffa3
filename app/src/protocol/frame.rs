//! The messages on a socket: JSON text, one message a frame.
//!
//! Unknown fields and unknown types are ignored by clients, so that an old tab outlives a new server.

use super::ids::{EntryId, Epoch, Seq, UserId};
use super::job::Job;
use super::log::LogRecord;
use super::notification::{Doing, Present};
use super::{Cursor, Envelope, Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// Why a resume was refused. The client refetches what it shows and goes on from `head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    /// The client named no cursor.
    NoCursor,
    /// The cursor is of another log: a backup was restored.
    EpochChanged,
    /// The log no longer goes back so far.
    TooOld,
    /// The log does not go on so far.
    Ahead,
    /// What the caller may hear has changed since.
    RightsChanged,
}

/// Who is at a topic.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PresentPeople {
    /// All who are there, by name.
    pub people: Vec<Present>,
}

/// Somebody types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Typist {
    /// Who.
    pub user_id: UserId,
    /// In which entry.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<EntryId>,
}

/// For how long the credentials of a connection are good.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authenticated {
    /// Until then; without end where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

/// The first frame of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ack {
    /// Who the server takes the caller for.
    pub user_id: String,
    /// The log that the server keeps.
    pub epoch: Epoch,
    /// Its last event.
    pub head: Seq,
    /// How often a heartbeat comes, in milliseconds.
    pub heartbeat_ms: u64,
    /// Whether everything since the client's cursor follows.
    pub resumed: bool,
    /// Why not, where not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Refusal>,
    /// Identifies the build of the pages that the server has; a tab of another build offers to reload.
    #[serde(default)]
    pub build: String,
}

/// Records of the server's log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogRecords {
    /// Oldest first.
    pub items: Vec<LogRecord>,
}

/// From the server: everything but events.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Control {
    /// The first frame.
    ConnectionAck {
        /// When it was sent.
        timestamp: Timestamp,
        /// What it says.
        data: Ack,
    },
    /// Answers `subscribe`.
    Subscribed {
        /// All topics that the connection now listens to, of those that were asked for.
        topics: Vec<Topic>,
        /// Whether everything since the given cursor follows.
        resumed: bool,
        /// Why not, where not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<Refusal>,
    },
    /// Answers `unsubscribe`.
    Unsubscribed {
        /// The topics that were let go.
        topics: Vec<Topic>,
    },
    /// Answers `ping`.
    Pong,
    /// All that concerns this connection up to `head` has been sent: the client takes it as its cursor.
    Heartbeat {
        /// The position in the log.
        head: Seq,
    },
    /// The client must refetch what it shows of these topics (all, where there are none).
    Resync {
        /// Which.
        topics: Vec<Topic>,
        /// Why.
        reason: String,
    },
    /// Who is at a topic, all of them. Ephemeral.
    Presence {
        /// Where.
        topic: Topic,
        /// Who.
        data: PresentPeople,
    },
    /// Somebody types. Ephemeral: it holds for a few seconds.
    Typing {
        /// Where.
        topic: Topic,
        /// Who.
        data: Typist,
    },
    /// How far a job is. Sampled: the latest is what counts, and older ones may be left out.
    JobProgress {
        /// Which job.
        topic: Topic,
        /// When.
        timestamp: Timestamp,
        /// The job as it is now.
        data: Box<Job>,
    },
    /// Records of the server's log, oldest first; only for who listens to `logs` by name. Ephemeral: where the number of the
    /// first does not follow the last one's, what is between is in `GET /api/logs`.
    LogRecords {
        /// `logs`.
        topic: Topic,
        /// The records.
        data: LogRecords,
    },
    /// The server's log was emptied.
    LogsCleared {
        /// `logs`.
        topic: Topic,
    },
    /// Answers `auth`.
    Authenticated {
        /// For how long.
        data: Authenticated,
    },
    /// The server will stop: connect again after this time.
    Goaway {
        /// In milliseconds.
        reconnect_after_ms: u64,
    },
    /// A message of the client was not understood; the socket stays open.
    Error {
        /// A stable code.
        code: String,
        /// What was wrong, and how to mend it.
        message: String,
        /// The `ref` of the client's message, or its `type`.
        #[serde(rename = "ref", default, skip_serializing_if = "Option::is_none")]
        reference: Option<String>,
    },
}

/// From the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerFrame {
    /// An event of the log.
    Event(Box<Envelope>),
    /// Everything else.
    Control(Control),
}

impl ServerFrame {
    /// Reads a frame. `None` for one that is not understood, which is to be ignored: it is from a newer server.
    pub fn parse(text: &str) -> Option<Self> {
        // Only events have a place in the log, so this tells the two kinds apart without reading twice.
        #[derive(Deserialize)]
        struct Head {
            seq: Option<Seq>,
        }
        match serde_json::from_str::<Head>(text).ok()?.seq {
            Some(_) => serde_json::from_str(text).ok().map(|event| Self::Event(Box::new(event))),
            None => serde_json::from_str(text).ok().map(Self::Control),
        }
    }

    /// The place in the log of an event of whatever type, also of one that this build does not know.
    pub fn seq_of(text: &str) -> Option<Seq> {
        #[derive(Deserialize)]
        struct Head {
            seq: Seq,
        }
        serde_json::from_str::<Head>(text).ok().map(|head| head.seq)
    }
}

/// From the client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ClientFrame {
    /// Listen to these topics too; with a cursor, from there on.
    Subscribe {
        /// Which.
        topics: Vec<Topic>,
        /// From where on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        cursor: Option<Cursor>,
    },
    /// Listen to these topics no longer.
    Unsubscribe {
        /// Which.
        topics: Vec<Topic>,
    },
    /// Asks for a `pong`.
    Ping,
    /// Says that the caller types.
    Typing {
        /// Where.
        topic: Topic,
        /// In which entry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry_id: Option<EntryId>,
    },
    /// Says what the caller is doing; it holds for 35 s, or until the connection ends.
    Presence {
        /// Where.
        topic: Topic,
        /// What.
        state: Doing,
        /// At which entry.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entry_id: Option<EntryId>,
    },
    /// Brings a new token for the one with which the connection was opened.
    Auth {
        /// Its secret.
        token: String,
    },
}

/// Close codes of our own range, and those of RFC 6455 that the server uses.
pub mod close {
    /// Log in again.
    pub const LOG_IN: u16 = 4001;
    /// Forbidden.
    pub const FORBIDDEN: u16 = 4003;
    /// The client reads too slowly.
    pub const TOO_SLOW: u16 = 4008;
    /// Too many connections.
    pub const TOO_MANY_CONNECTIONS: u16 = 4009;
    /// The client answered no ping for too long.
    pub const NO_HEARTBEAT: u16 = 4012;
    /// The client sends too many messages.
    pub const TOO_MANY_MESSAGES: u16 = 4013;
    /// The server is going away; come back.
    pub const GOING_AWAY: u16 = 4020;
    /// The bytes are no frame of the WebSocket protocol.
    pub const PROTOCOL_ERROR: u16 = 1002;
    /// The message is not text.
    pub const NOT_TEXT: u16 = 1003;
    /// The text is not UTF-8.
    pub const NOT_UTF8: u16 = 1007;
    /// The message is too big.
    pub const TOO_BIG: u16 = 1009;

    /// Whether a client should come back by itself after being closed with this code.
    pub const fn reconnects(code: u16) -> bool {
        !matches!(code, LOG_IN | FORBIDDEN | TOO_MANY_CONNECTIONS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_of_both_kinds_are_told_apart() {
        let event = super::super::event::tests::example();
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(ServerFrame::parse(&text), Some(ServerFrame::Event(Box::new(event))));
        assert_eq!(
            ServerFrame::parse(r#"{"type":"heartbeat","head":9,"later":true}"#),
            Some(ServerFrame::Control(Control::Heartbeat { head: Seq::new(9) }))
        );
    }

    #[test]
    fn a_frame_of_a_newer_server_is_no_error() {
        assert_eq!(ServerFrame::parse(r#"{"type":"teleported","data":{}}"#), None);
        let text = r#"{"type":"teleported","seq":7,"data":{}}"#;
        assert_eq!(ServerFrame::parse(text), None);
        assert_eq!(ServerFrame::seq_of(text), Some(Seq::new(7)));
    }

    #[test]
    fn a_cursor_is_read_as_text_and_as_an_object() {
        for cursor in [r#""k3:7""#, r#"{"epoch":"k3","seq":7}"#] {
            let text = format!(r#"{{"type":"subscribe","topics":["kb:notes"],"cursor":{cursor}}}"#);
            let ClientFrame::Subscribe { cursor, .. } = serde_json::from_str(&text).unwrap() else {
                panic!()
            };
            assert_eq!(cursor.unwrap().to_string(), "k3:7");
        }
    }
}
