//! Knowledge bases and entries as they are read and written.

use super::ids::{Actor, EntryId, KbName, Version};
use super::people::Level;
use super::{Envelope, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Free JSON of an entry: what its author keeps beside the text.
pub type Metadata = Map<String, Value>;

/// A knowledge base in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KbSummary {
    /// Its slug.
    pub name: KbName,
    /// Its title.
    pub title: String,
    /// What it is about, in plain text.
    pub description: String,
    /// How many entries it has, without the trash.
    pub entries: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When something in it changed last.
    pub updated_at: Timestamp,
    /// What all members may do in it; `none` where it is private.
    pub members: Level,
    /// What the caller may do in it.
    pub level: Level,
}

/// Asks for a new knowledge base.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewKb {
    /// The slug that it shall have.
    pub name: String,
    /// Its title; the name where none is given.
    #[serde(default)]
    pub title: Option<String>,
    /// What it is about.
    #[serde(default)]
    pub description: Option<String>,
    /// What all members may do in it: `none`, `read` or `write`; `read` where absent.
    #[serde(default)]
    pub members: Option<Level>,
}

/// Changes a knowledge base; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KbPatch {
    /// Its title; an empty one makes it the name again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// An entry in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryRow {
    /// The knowledge base that it is in.
    pub kb_name: KbName,
    /// Its slug there.
    pub entry_id: EntryId,
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
    /// Who wrote it last.
    pub updated_by: Actor,
    /// The passage that a search found, where there was a search.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snippet: Option<Vec<Fragment>>,
    /// The anchor of the heading below which that passage stands: `#` and it after the entry's address leads there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
}

/// A piece of a snippet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Fragment {
    /// Plain text.
    pub text: String,
    /// Whether the search found these words.
    pub hit: bool,
}

/// An entry, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Entry {
    /// The knowledge base that it is in.
    pub kb_name: KbName,
    /// Its slug there.
    pub entry_id: EntryId,
    /// Its title.
    pub title: String,
    /// Its type, such as `concept`.
    pub entry_type: String,
    /// The text, in markdown.
    pub body: String,
    /// Its tags, in its author's order.
    pub tags: Vec<String>,
    /// Other names that links may use.
    pub aliases: Vec<String>,
    /// What its author keeps beside the text.
    #[schema(value_type = Object)]
    pub metadata: Metadata,
    /// How often it was written.
    pub version: Version,
    /// When it was first written.
    pub created_at: Timestamp,
    /// When it was last written.
    pub updated_at: Timestamp,
    /// Who wrote it first.
    pub created_by: Actor,
    /// Who wrote it last.
    pub updated_by: Actor,
}

/// What an author writes of an entry: a new one, or all of an old one (what is left out gets its default).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryDraft {
    /// Its title. Absent is as good as empty, and is refused as such.
    #[serde(default)]
    pub title: String,
    /// The text, in markdown.
    #[serde(default)]
    pub body: String,
    /// Its type; `note` where none is given.
    #[serde(default)]
    pub entry_type: Option<String>,
    /// Its tags.
    #[serde(default)]
    pub tags: Vec<String>,
    /// Other names that links may use.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// What its author keeps beside the text.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub metadata: Metadata,
    /// The id that it shall have; made of the title where none is given. Another id renames an old entry. `id` is understood too.
    #[serde(default, alias = "id")]
    pub entry_id: Option<String>,
}

/// A merge patch of an entry (RFC 7396): what is there is written, what is absent stays.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EntryPatch {
    /// A new title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// A new text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// A new type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry_type: Option<String>,
    /// All tags anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Vec<String>>,
    /// All aliases anew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<Vec<String>>,
    /// A merge patch of the metadata: `null` removes a member.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub metadata: Option<Value>,
    /// A new id; links to the entry follow. `id` is understood too.
    #[serde(default, alias = "id", skip_serializing_if = "Option::is_none")]
    pub entry_id: Option<String>,
}

/// In what order a list comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    /// Last written first.
    #[default]
    Updated,
    /// Last made first.
    Created,
    /// By title, without regard to case.
    Title,
    /// Best match first; only with a search.
    Relevance,
}

impl Sort {
    /// As it stands in a URL.
    pub const fn as_str(self) -> &'static str {
        match self {
            Sort::Updated => "updated",
            Sort::Created => "created",
            Sort::Title => "title",
            Sort::Relevance => "relevance",
        }
    }

    /// From a URL.
    pub fn parse(text: &str) -> Option<Self> {
        [Sort::Updated, Sort::Created, Sort::Title, Sort::Relevance]
            .into_iter()
            .find(|sort| sort.as_str() == text)
    }
}

/// Which entries of a knowledge base a list shows.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryFilter {
    /// Only of this type.
    pub entry_type: Option<String>,
    /// Only with this tag.
    pub tag: Option<String>,
    /// Only what this search finds.
    pub q: Option<String>,
    /// In this order.
    pub sort: Sort,
}

/// A piece of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryPage {
    /// Its entries, in order.
    pub items: Vec<EntryRow>,
    /// How many entries the whole list has.
    pub total: u64,
    /// Where the next piece begins: give it as `after`. None at the end.
    pub next: Option<String>,
}

/// How often a type or a tag occurs in a knowledge base.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Facet {
    /// The type or the tag.
    pub value: String,
    /// In how many entries.
    pub count: u64,
}

/// What the page of a knowledge base shows around its list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct KbView {
    /// The knowledge base.
    pub kb: KbSummary,
    /// Its types, most frequent first.
    pub types: Vec<Facet>,
    /// Its tags, most frequent first, at most 200.
    pub tags: Vec<Facet>,
    /// How many entries its trash has.
    pub trashed: u64,
    /// Whether the caller watches it.
    pub watching: bool,
}

/// What the home page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Home {
    /// All knowledge bases, by title.
    pub kbs: Vec<KbSummary>,
    /// The last changes, newest first.
    pub recent: Vec<Envelope>,
}

/// Points to an entry.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryRef {
    /// The knowledge base that it is in.
    pub kb_name: KbName,
    /// Its slug there.
    pub entry_id: EntryId,
    /// Its title.
    pub title: String,
}

/// A heading of a rendered text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// The `id` of its element.
    pub anchor: String,
    /// Its text.
    pub text: String,
}

/// Where a `[[wikilink]]` points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
pub struct LinkTarget {
    /// The knowledge base.
    pub kb_name: KbName,
    /// The entry, there or wanted.
    pub entry_id: EntryId,
}

/// A text made HTML.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Rendered {
    /// Sanitised HTML.
    pub html: String,
    /// Its headings, in order.
    pub outline: Vec<Heading>,
}

/// What the page of an entry shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct EntryView {
    /// The entry.
    pub entry: Entry,
    /// Its text made HTML.
    pub rendered: Rendered,
    /// Other names that links to it may use: its aliases as slugs, and ids that it had before.
    pub names: Vec<EntryId>,
    /// Where its links point, there or wanted, and the entries that they lead to under another name; a change of one of
    /// these changes the HTML.
    pub links: Vec<LinkTarget>,
    /// Which entries link to it, by title.
    pub backlinks: Vec<EntryRef>,
    /// What the caller may do in its knowledge base.
    pub level: Level,
    /// Whether the caller watches it.
    pub watching: bool,
}

/// A version of an entry in its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VersionInfo {
    /// Which.
    pub version: Version,
    /// The title that it had.
    pub title: String,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: Actor,
    /// Lines that it has and the version before has not.
    pub lines_added: u64,
    /// Lines that the version before has and it has not.
    pub lines_removed: u64,
}

/// The history of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct History {
    /// The entry as it is.
    pub entry: Entry,
    /// Its versions, newest first, as far as they were loaded.
    pub versions: Vec<VersionInfo>,
    /// Where those that are not loaded begin: give it as `after`. None at the end.
    #[serde(default)]
    pub next: Option<Version>,
}

/// How a line of a comparison came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DiffKind {
    /// In both.
    Same,
    /// Only in the later one.
    Added,
    /// Only in the earlier one.
    Removed,
}

/// A line of a comparison; runs of more than a few equal lines are left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct DiffLine {
    /// How it came about.
    pub kind: DiffKind,
    /// Its text without the line end. Empty together with `skipped`.
    pub text: String,
    /// How many equal lines were left out in its place; 0 for a real line.
    pub skipped: u64,
}

/// Two versions compared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct VersionDiff {
    /// The version looked at.
    pub version: Version,
    /// The one it is compared with; none for the first.
    pub base: Option<Version>,
    /// Fields other than the text that differ: name, before, after.
    pub fields: Vec<(String, String, String)>,
    /// The text.
    pub lines: Vec<DiffLine>,
}

/// A deleted entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrashItem {
    /// Names it in the trash, where several may have the same id.
    pub trash_id: i64,
    /// The knowledge base that it was in.
    pub kb_name: KbName,
    /// Its slug there.
    pub entry_id: EntryId,
    /// Its title.
    pub title: String,
    /// Its type.
    pub entry_type: String,
    /// When it was deleted.
    pub deleted_at: Timestamp,
    /// Who deleted it.
    pub deleted_by: Actor,
}

/// A piece of a trash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TrashPage {
    /// Its items, last deleted first.
    pub items: Vec<TrashItem>,
    /// Where the next piece begins: give it as `after`. None at the end.
    pub next: Option<String>,
}

/// An entry that a search over all knowledge bases found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct SearchHit {
    /// The entry with the passage that was found.
    #[serde(flatten)]
    pub row: EntryRow,
    /// The title of its knowledge base.
    pub kb_title: String,
}

/// The answer to a write: the entry as it now is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Written {
    /// The entry.
    pub entry: Entry,
    /// How many other entries were written too, because their links followed a new id.
    #[serde(default)]
    pub links_followed: u64,
}
