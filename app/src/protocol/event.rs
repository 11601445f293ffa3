//! What happened, past tense, and the envelope in which it is logged and sent.

use super::entry::LinkTarget;
use super::ids::{Actor, EntryId, JobId, KbName, MutationId, Seq, UserId, Version};
use super::job::Job;
use super::notification::{Announcement, NotificationNews, NotificationsMarked, Preferences};
use super::people::{Level, Role};
use super::{Timestamp, Topic};
use serde::{Deserialize, Serialize};

/// How an event travels. Every type of event belongs to exactly one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// In the log, in the same transaction as the change; has a `seq`; replayed to whoever was away.
    Durable,
    /// Never logged; may be dropped for a slow client; its end state is durable.
    Ephemeral,
    /// The latest value wins, and is kept for whoever comes late.
    Sampled,
}

/// Something that happened. In JSON: `"type":"entry_updated","data":{…}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "type", content = "data", rename_all = "snake_case")]
pub enum Event {
    /// A knowledge base was made.
    KbCreated(KbChange),
    /// Its title or description changed.
    KbUpdated(KbChange),
    /// It was deleted with all its entries.
    KbDeleted {},
    /// A folder of files was brought in; the entries' own events came before.
    KbSynced(SyncCounts),
    /// An entry is there that was not there before: new, or back from the trash.
    EntryCreated(EntryChange),
    /// An entry was written; when its id changed too, the data names the `previous_id`.
    EntryUpdated(EntryChange),
    /// An entry went to the trash.
    EntryDeleted(EntryRemoval),
    /// An entry left the trash for good.
    EntryPurged {
        /// Which one of the trash.
        trash_id: i64,
    },
    /// What all members may do in a knowledge base changed.
    KbAccessChanged {
        /// What they may now.
        members: Level,
    },
    /// What one person may do in a knowledge base changed; told to that person.
    AccessChanged {
        /// What was said for them; none where they may again what all members may.
        level: Option<Level>,
    },
    /// A person is there that was not there before.
    PersonJoined {
        /// Who.
        user_id: UserId,
        /// What they are.
        role: Role,
    },
    /// A person is no longer there.
    PersonRemoved {
        /// Who.
        user_id: UserId,
    },
    /// A person is something else on this server now.
    RoleChanged {
        /// Who.
        user_id: UserId,
        /// What they are now.
        role: Role,
    },
    /// Somebody logged in; told to that person.
    DeviceAdded {
        /// In which browser.
        device_id: i64,
    },
    /// A browser was logged out; told to its person.
    DeviceEnded {
        /// Which.
        device_id: i64,
    },
    /// A token was made; told to its person.
    TokenMade {
        /// Which.
        token_id: i64,
    },
    /// A token was taken back; told to its person.
    TokenRevoked {
        /// Which.
        token_id: i64,
    },
    /// Somebody is told something.
    NotificationCreated(NotificationNews),
    /// Somebody's notifications were looked at, read, deleted.
    NotificationsMarked(NotificationsMarked),
    /// How somebody wants to hear of what concerns them changed.
    PreferencesChanged(Preferences),
    /// Somebody began, or stopped, watching an entry or a knowledge base.
    WatchChanged {
        /// Whether they watch it now.
        watching: bool,
    },
    /// Everybody is told something.
    AnnouncementMade(Announcement),
    /// Nobody is told it any longer.
    AnnouncementWithdrawn {
        /// Which.
        announcement_id: i64,
    },
    /// Somebody has taken note of it; told to that person.
    AnnouncementDismissed {
        /// Which.
        announcement_id: i64,
    },
    /// Somebody asked for a job.
    JobCreated(Box<Job>),
    /// A job is at another point of its life, or begins another phase. How far it is otherwise comes as `job_progress`.
    JobUpdated(Box<Job>),
    /// A job that is over was taken off the list.
    JobRemoved {
        /// Which.
        job_id: JobId,
    },
}

/// Declares how each type of event is called and travels.
macro_rules! kinds {
    ($($pattern:pat => $kind:literal, $class:ident;)*) => {
        impl Event {
            /// How events of this type travel.
            pub const fn class(&self) -> Class {
                match self { $($pattern => Class::$class,)* }
            }

            /// The `type` in JSON.
            pub const fn kind(&self) -> &'static str {
                match self { $($pattern => $kind,)* }
            }
        }
    };
}

kinds! {
    Event::KbCreated(_) => "kb_created", Durable;
    Event::KbUpdated(_) => "kb_updated", Durable;
    Event::KbDeleted {} => "kb_deleted", Durable;
    Event::KbSynced(_) => "kb_synced", Durable;
    Event::EntryCreated(_) => "entry_created", Durable;
    Event::EntryUpdated(_) => "entry_updated", Durable;
    Event::EntryDeleted(_) => "entry_deleted", Durable;
    Event::EntryPurged { .. } => "entry_purged", Durable;
    Event::KbAccessChanged { .. } => "kb_access_changed", Durable;
    Event::AccessChanged { .. } => "access_changed", Durable;
    Event::PersonJoined { .. } => "person_joined", Durable;
    Event::PersonRemoved { .. } => "person_removed", Durable;
    Event::RoleChanged { .. } => "role_changed", Durable;
    Event::DeviceAdded { .. } => "device_added", Durable;
    Event::DeviceEnded { .. } => "device_ended", Durable;
    Event::TokenMade { .. } => "token_made", Durable;
    Event::TokenRevoked { .. } => "token_revoked", Durable;
    Event::NotificationCreated(_) => "notification_created", Durable;
    Event::NotificationsMarked(_) => "notifications_marked", Durable;
    Event::PreferencesChanged(_) => "preferences_changed", Durable;
    Event::WatchChanged { .. } => "watch_changed", Durable;
    Event::AnnouncementMade(_) => "announcement_made", Durable;
    Event::AnnouncementWithdrawn { .. } => "announcement_withdrawn", Durable;
    Event::AnnouncementDismissed { .. } => "announcement_dismissed", Durable;
    Event::JobCreated(_) => "job_created", Durable;
    Event::JobUpdated(_) => "job_updated", Durable;
    Event::JobRemoved { .. } => "job_removed", Durable;
}

impl Event {
    /// Whether it is about a knowledge base or its entries, as they are: what a list of changes tells.
    pub const fn is_content(&self) -> bool {
        matches!(
            self,
            Event::KbCreated(_)
                | Event::KbUpdated(_)
                | Event::KbDeleted {}
                | Event::KbSynced(_)
                | Event::EntryCreated(_)
                | Event::EntryUpdated(_)
                | Event::EntryDeleted(_)
                | Event::EntryPurged { .. }
        )
    }

    /// Whether it changes what the one who hears it may do.
    pub const fn is_of_rights(&self) -> bool {
        matches!(
            self,
            Event::KbAccessChanged { .. } | Event::AccessChanged { .. } | Event::RoleChanged { .. }
        )
    }

    /// The types of events that change who may hear what, or end connections.
    pub const OF_ACCESS: [&str; 9] = [
        "kb_created",
        "kb_deleted",
        "kb_access_changed",
        "access_changed",
        "person_joined",
        "person_removed",
        "role_changed",
        "device_ended",
        "token_revoked",
    ];
}

/// What a list needs to show of a knowledge base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KbChange {
    /// Its title; the name where none was given.
    pub title: String,
    /// What it is about, in plain text.
    #[serde(default)]
    pub description: String,
    /// What all members may do in it, where it was just made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub members: Option<Level>,
}

/// What a list needs to show of an entry, so that it can patch its row without a fetch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryChange {
    /// Its title.
    pub title: String,
    /// Its type, such as `concept`.
    pub entry_type: String,
    /// Its tags, in its author's order.
    pub tags: Vec<String>,
    /// How often it was written.
    pub version: Version,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// Its id before this change, when the change gave it another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_id: Option<EntryId>,
    /// The item of the trash that it was until now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trash_id: Option<i64>,
    /// Other names that links to it may use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Where its own links point. Absent where they are too many to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub links: Option<Vec<LinkTarget>>,
}

/// What the trash needs to show of a deleted entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryRemoval {
    /// Its title.
    pub title: String,
    /// Its type.
    pub entry_type: String,
    /// Its last version.
    pub version: Version,
    /// Names it in the trash, where several may have the same id.
    pub trash_id: i64,
}

/// What a sync did, in files.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SyncCounts {
    /// Entries that are new.
    pub added: u64,
    /// Entries that were written again.
    pub updated: u64,
    /// Entries whose file is gone.
    pub removed: u64,
    /// Files whose content is stored already.
    pub unchanged: u64,
    /// Files that could not be read, or are no entries.
    pub failed: u64,
}

/// An event of the log, as it is stored, sent and read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Envelope {
    /// What happened: the members `type` and `data`.
    #[serde(flatten)]
    pub event: Event,
    /// Its place in the log.
    pub seq: Seq,
    /// When it happened.
    pub timestamp: Timestamp,
    /// To whom it is sent: all who listen to this topic.
    pub topic: Topic,
    /// The knowledge base that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kb_name: Option<KbName>,
    /// The entry that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<EntryId>,
    /// Who did it.
    pub actor: Actor,
    /// The id that the author gave to the write.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mutation_id: Option<MutationId>,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// An event of the design's own example.
    pub(crate) fn example() -> Envelope {
        Envelope {
            event: Event::EntryUpdated(EntryChange {
                title: "PDCA".into(),
                entry_type: "concept".into(),
                tags: vec!["deming".into()],
                version: Version::new(7),
                created_at: Timestamp::from_millis(1_000),
                updated_at: Timestamp::from_millis(2_000),
                previous_id: None,
                trash_id: None,
                aliases: vec![],
                links: None,
            }),
            seq: Seq::new(1235),
            timestamp: Timestamp::from_millis(2_000),
            topic: "kb:notes".parse().unwrap(),
            kb_name: Some(KbName::parse("notes").unwrap()),
            entry_id: Some(EntryId::parse("pdca").unwrap()),
            actor: "user:ada".parse().unwrap(),
            mutation_id: None,
        }
    }

    #[test]
    fn an_envelope_has_the_shape_of_the_protocol() {
        let json = serde_json::to_value(example()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "type": "entry_updated", "seq": 1235, "timestamp": "1970-01-01T00:00:02.000Z", "topic": "kb:notes",
                "kb_name": "notes", "entry_id": "pdca", "actor": "user:ada",
                "data": {"title": "PDCA", "entry_type": "concept", "tags": ["deming"], "version": 7,
                         "created_at": "1970-01-01T00:00:01.000Z", "updated_at": "1970-01-01T00:00:02.000Z"}
            })
        );
        assert_eq!(serde_json::from_value::<Envelope>(json).unwrap(), example());
    }

    #[test]
    fn every_type_of_event_says_its_own_name() {
        let event = Event::KbDeleted {};
        assert_eq!(serde_json::to_value(&event).unwrap()["type"], event.kind());
        let event = Event::EntryPurged { trash_id: 1 };
        assert_eq!(serde_json::to_value(&event).unwrap()["type"], event.kind());
    }
}
