//! The local draft: what was written and not yet saved, kept in this browser as it is typed.

use super::fields::Fields;
use crate::protocol::{EntryId, KbName, Timestamp, Version};
use crate::ui::browser::{NotKept, Shelf};
use serde::{Deserialize, Serialize};

/// What was written, and what it was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The version that was read; none for an entry that is not there yet.
    pub base_version: Option<Version>,
    /// When the entry was made. Drafts of earlier builds do not say.
    #[serde(default)]
    pub made: Option<Timestamp>,
    /// What was read.
    pub base: Fields,
    /// What was made of it.
    pub fields: Fields,
    /// When, in milliseconds since 1970.
    pub at: i64,
}

/// Where the draft of an entry is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot(String);

impl Slot {
    /// Of an entry that is there.
    pub fn of_entry(kb: &KbName, id: &EntryId) -> Self {
        Self(format!("tidings:draft:{kb}:e:{id}"))
    }

    /// Of a new entry that was begun with this title.
    pub fn of_new(kb: &KbName, title: &str) -> Self {
        Self(format!("tidings:draft:{kb}:new:{title}"))
    }

    /// The draft that is kept here.
    pub fn read(&self) -> Option<Draft> {
        serde_json::from_str(&Shelf::Local.read(&self.0)?).ok()
    }

    /// Keeps a draft.
    pub fn write(&self, draft: &Draft) -> Result<(), NotKept> {
        let json = serde_json::to_string(draft).map_err(|_| NotKept)?;
        Shelf::Local.write(&self.0, &json)
    }

    /// Removes what is kept here.
    pub fn clear(&self) {
        Shelf::Local.remove(&self.0);
    }

    /// Removes what is kept here if it is no more than what was saved.
    pub fn settle(&self, saved: &Fields) {
        if self.read().is_some_and(|draft| draft.fields.same(saved)) {
            self.clear();
        }
    }
}
