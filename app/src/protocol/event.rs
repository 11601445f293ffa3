//! What happened, past tense, and the envelope in which it is logged and sent.

use super::entry::LinkTarget;
use super::ids::{Actor, EntryId, KbName, MutationId, Seq, Version};
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
}

impl Event {
    /// How events of this type travel.
    pub const fn class(&self) -> Class {
        match self {
            Event::KbCreated(_)
            | Event::KbUpdated(_)
            | Event::KbDeleted {}
            | Event::KbSynced(_)
            | Event::EntryCreated(_)
            | Event::EntryUpdated(_)
            | Event::EntryDeleted(_)
            | Event::EntryPurged { .. } => Class::Durable,
        }
    }

    /// The `type` in JSON.
    pub const fn kind(&self) -> &'static str {
        match self {
            Event::KbCreated(_) => "kb_created",
            Event::KbUpdated(_) => "kb_updated",
            Event::KbDeleted {} => "kb_deleted",
            Event::KbSynced(_) => "kb_synced",
            Event::EntryCreated(_) => "entry_created",
            Event::EntryUpdated(_) => "entry_updated",
            Event::EntryDeleted(_) => "entry_deleted",
            Event::EntryPurged { .. } => "entry_purged",
        }
    }
}

/// What a list needs to show of a knowledge base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KbChange {
    /// Its title; the name where none was given.
    pub title: String,
    /// What it is about, in plain text.
    #[serde(default)]
    pub description: String,
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
