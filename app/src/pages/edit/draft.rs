//! The local draft: what was written and not yet saved, kept in this browser as it is typed.

use super::fields::Fields;
use crate::base;
use crate::protocol::{EntryId, KbName, Timestamp, Version};
use crate::ui::browser::{self, NotKept, Shelf};
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

/// Where the draft of an entry is kept: apart for each person who uses this browser, so that nobody sees another's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot(String);

/// The key of a draft. It names the person where one is asked who one is, and the path of this Tidings where another may
/// have the same host: a browser keeps things by host.
fn key_of(prefix: &str, viewer: Option<&str>, place: &str) -> String {
    let tidings = if prefix.is_empty() { String::new() } else { format!("{prefix}:") };
    match viewer {
        // No name of a knowledge base has this sign, nor a slash.
        Some(user) => format!("tidings:draft:{tidings}@{user}:{place}"),
        None => format!("tidings:draft:{tidings}{place}"),
    }
}

impl Slot {
    /// Of an entry that is there.
    pub fn of_entry(kb: &KbName, id: &EntryId) -> Self {
        Self(format!("{kb}:e:{id}"))
    }

    /// Of a new entry that was begun with this title.
    pub fn of_new(kb: &KbName, title: &str) -> Self {
        Self(format!("{kb}:new:{title}"))
    }

    /// Asked for each time: a slot is made on the server too, where no browser says whose it is.
    fn key(&self) -> String {
        key_of(&base::prefix(), browser::viewer().as_deref(), &self.0)
    }

    /// The draft that is kept here.
    pub fn read(&self) -> Option<Draft> {
        serde_json::from_str(&Shelf::Local.read(&self.key())?).ok()
    }

    /// Keeps a draft.
    pub fn write(&self, draft: &Draft) -> Result<(), NotKept> {
        let json = serde_json::to_string(draft).map_err(|_| NotKept)?;
        Shelf::Local.write(&self.key(), &json)
    }

    /// Removes what is kept here.
    pub fn clear(&self) {
        Shelf::Local.remove(&self.key());
    }

    /// Removes what is kept here if it is no more than what was saved.
    pub fn settle(&self, saved: &Fields) {
        if self.read().is_some_and(|draft| draft.fields.same(saved)) {
            self.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drafts_of_two_people_are_kept_apart() {
        let slot = Slot::of_entry(&KbName::parse("notes").unwrap(), &EntryId::parse("pdca").unwrap());
        assert_eq!(key_of("", None, &slot.0), "tidings:draft:notes:e:pdca");
        assert_eq!(key_of("", Some("ada"), &slot.0), "tidings:draft:@ada:notes:e:pdca");
        assert_ne!(key_of("", Some("ada"), &slot.0), key_of("", Some("bob"), &slot.0));
    }

    #[test]
    fn drafts_of_two_tidings_of_one_host_are_kept_apart() {
        let slot = Slot::of_new(&KbName::parse("notes").unwrap(), "Plan");
        assert_eq!(key_of("/team/a", None, &slot.0), "tidings:draft:/team/a:notes:new:Plan");
        assert_ne!(key_of("/team/a", Some("ada"), &slot.0), key_of("/team/b", Some("ada"), &slot.0));
    }
}
