//! What an author writes of an entry, as the editor holds it.

use crate::protocol::entry::{Entry, EntryDraft, EntryPatch};
use crate::sync::merge;
use serde::{Deserialize, Serialize};

/// What an author writes of an entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fields {
    /// Its title.
    pub title: String,
    /// Its type.
    pub entry_type: String,
    /// Its tags as they stand in their field: `one, two`.
    pub tags: String,
    /// Its text.
    pub body: String,
}

/// What two people made of an entry, brought together.
pub struct Merged {
    /// Mine where it could not be brought together, but for the text, which then has markers.
    pub fields: Fields,
    /// The names of the fields that both changed, each differently.
    pub conflicts: Vec<&'static str>,
}

impl Fields {
    /// Those of a stored entry.
    pub fn of(entry: &Entry) -> Self {
        Self {
            title: entry.title.clone(),
            entry_type: entry.entry_type.clone(),
            tags: entry.tags.join(", "),
            body: entry.body.clone(),
        }
    }

    /// The tags, each once, without what only separates them.
    pub fn tag_list(&self) -> Vec<String> {
        let mut tags: Vec<String> = Vec::new();
        for tag in self.tags.split(',').map(|tag| tag.trim().trim_start_matches('#').trim()) {
            if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        tags
    }

    /// Whether a reader would see no difference.
    pub fn same(&self, other: &Self) -> bool {
        self.title == other.title && self.entry_type == other.entry_type && self.body == other.body && self.tag_list() == other.tag_list()
    }

    /// What changes `base` into this.
    pub fn patch(&self, base: &Self) -> EntryPatch {
        EntryPatch {
            title: (self.title != base.title).then(|| self.title.clone()),
            body: (self.body != base.body).then(|| self.body.clone()),
            entry_type: (self.entry_type != base.entry_type).then(|| self.entry_type.clone()),
            tags: (self.tag_list() != base.tag_list()).then(|| self.tag_list()),
            ..EntryPatch::default()
        }
    }

    /// A new entry.
    pub fn draft(&self) -> EntryDraft {
        EntryDraft {
            title: self.title.clone(),
            body: self.body.clone(),
            entry_type: Some(self.entry_type.trim().to_owned()).filter(|kind| !kind.is_empty()),
            tags: self.tag_list(),
            ..EntryDraft::default()
        }
    }

    /// Brings together what two people made of `base`.
    pub fn merge(base: &Self, mine: &Self, theirs: &Self) -> Merged {
        let body = merge::merge(&base.body, &mine.body, &theirs.body);
        let rest = merge::merge_fields(&base.short(), &mine.short(), &theirs.short());
        let in_text = (body.conflicts > 0).then_some("text");
        Merged {
            fields: Self {
                title: rest.fields.title,
                entry_type: rest.fields.entry_type,
                tags: rest.fields.tags.join(", "),
                body: body.text,
            },
            conflicts: rest.conflicts.into_iter().chain(in_text).collect(),
        }
    }

    fn short(&self) -> merge::Fields {
        merge::Fields {
            title: self.title.clone(),
            entry_type: self.entry_type.clone(),
            tags: self.tag_list(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(tags: &str, body: &str) -> Fields {
        Fields {
            title: "T".into(),
            entry_type: "note".into(),
            tags: tags.into(),
            body: body.into(),
        }
    }

    #[test]
    fn a_patch_holds_only_what_changed() {
        let base = fields("a, b", "one");
        let patch = fields("a,b,", "two").patch(&base);
        assert_eq!(patch.body.as_deref(), Some("two"));
        assert_eq!((patch.title, patch.tags, patch.entry_type), (None, None, None));
    }

    #[test]
    fn tags_lose_signs_and_repetitions() {
        assert_eq!(fields(" #lean, lean,, two words ,", "").tag_list(), ["lean", "two words"]);
    }

    #[test]
    fn changes_that_do_not_touch_come_together() {
        let base = fields("a", "one\n\ntwo\n\nthree\n");
        let merged = Fields::merge(&base, &fields("a", "ONE\n\ntwo\n\nthree\n"), &fields("a", "one\n\ntwo\n\nTHREE\n"));
        assert_eq!(merged.fields.body, "ONE\n\ntwo\n\nTHREE\n");
        assert!(merged.conflicts.is_empty());
    }
}
