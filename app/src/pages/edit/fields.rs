//! What an author writes of an entry, as the editor holds it.

use super::metadata;
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
    /// Its other names as they stand in their field: one in a line. Drafts of earlier builds have none.
    #[serde(default)]
    pub aliases: String,
    /// Its metadata as it stands in its field, JSON or not yet.
    #[serde(default)]
    pub metadata: String,
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
            aliases: entry.aliases.join("\n"),
            metadata: metadata::written(&entry.metadata),
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

    /// The other names, each once.
    pub fn alias_list(&self) -> Vec<String> {
        let mut aliases: Vec<String> = Vec::new();
        for alias in self.aliases.lines().map(str::trim) {
            if !alias.is_empty() && !aliases.iter().any(|known| known == alias) {
                aliases.push(alias.to_owned());
            }
        }
        aliases
    }

    /// Whether a reader would see no difference.
    pub fn same(&self, other: &Self) -> bool {
        self.title == other.title
            && self.entry_type == other.entry_type
            && self.body == other.body
            && self.tag_list() == other.tag_list()
            && self.alias_list() == other.alias_list()
            && metadata::same(&self.metadata, &other.metadata)
    }

    /// What changes `base` into this.
    pub fn patch(&self, base: &Self) -> EntryPatch {
        EntryPatch {
            title: (self.title != base.title).then(|| self.title.clone()),
            body: (self.body != base.body).then(|| self.body.clone()),
            entry_type: (self.entry_type != base.entry_type).then(|| self.entry_type.clone()),
            tags: (self.tag_list() != base.tag_list()).then(|| self.tag_list()),
            aliases: (self.alias_list() != base.alias_list()).then(|| self.alias_list()),
            metadata: metadata::patch(&base.metadata, &self.metadata),
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
            aliases: self.alias_list(),
            metadata: metadata::parse(&self.metadata).unwrap_or_default(),
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
                aliases: rest.fields.aliases.join("\n"),
                metadata: metadata::written(&rest.fields.metadata),
            },
            conflicts: rest.conflicts.into_iter().chain(in_text).collect(),
        }
    }

    fn short(&self) -> merge::Fields {
        merge::Fields {
            title: self.title.clone(),
            entry_type: self.entry_type.clone(),
            tags: self.tag_list(),
            aliases: self.alias_list(),
            metadata: metadata::parse(&self.metadata).unwrap_or_default(),
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
            ..Fields::default()
        }
    }

    #[test]
    fn other_names_may_have_commas() {
        let named = Fields {
            aliases: " Deming, W. Edwards\n\nDeming \nDeming".into(),
            ..Fields::default()
        };
        assert_eq!(named.alias_list(), ["Deming, W. Edwards", "Deming"]);
    }

    #[test]
    fn metadata_of_both_comes_together_member_by_member() {
        let with = |metadata: &str| Fields {
            metadata: metadata.into(),
            ..fields("", "")
        };
        let base = with(r#"{"a": 1, "b": 1, "c": 1}"#);
        let merged = Fields::merge(&base, &with(r#"{"a": 2, "b": 1}"#), &with(r#"{"a": 1, "b": 3, "c": 1, "d": 4}"#));
        assert!(merged.conflicts.is_empty());
        assert!(
            metadata::same(&merged.fields.metadata, r#"{"a": 2, "b": 3, "d": 4}"#),
            "{}",
            merged.fields.metadata
        );
        let merged = Fields::merge(&base, &with(r#"{"a": 2}"#), &with(r#"{"a": 3}"#));
        assert_eq!(merged.conflicts, ["metadata"]);
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
