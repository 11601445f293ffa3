//! What an entry may hold. A draft that passes is clean: trimmed, without doubles, within its limits.

use super::update::Change;
use crate::domain::title;
use crate::error::Error;
use crate::front_matter::METADATA_DEPTH;
use app::protocol::entry::{EntryDraft, Metadata};
use app::protocol::{EntryId, limits};
use serde_json::Value;
use std::collections::HashSet;

/// The content of an entry, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) title: String,
    pub(super) body: String,
    pub(super) entry_type: String,
    pub(super) tags: Vec<String>,
    pub(super) aliases: Vec<String>,
    pub(super) metadata: Metadata,
    /// The id that its author chose.
    pub(super) id: Option<EntryId>,
}

/// The type of an entry whose author names none.
pub(super) const DEFAULT_TYPE: &str = "note";

/// Refuses a change whose lists and texts are too large, before more is done with them.
pub(super) fn check_size(change: &Change) -> Result<(), Error> {
    let count = |field, given: usize| if given > GIVEN { Err(too_many(field, given)) } else { Ok(()) };
    match change {
        Change::Replace(draft) => {
            count("tags", draft.tags.len())?;
            count("aliases", draft.aliases.len())?;
        }
        Change::Merge(patch) => {
            for field in ["tags", "aliases"] {
                count(field, patch[field].as_array().map_or(0, Vec::len))?;
            }
        }
    }
    match change.body() {
        Some(body) if body.len() > limits::BODY_BYTES => Err(Error::BodyTooLarge(body.len())),
        _ => Ok(()),
    }
}

/// Checks a draft.
pub(super) fn check(draft: EntryDraft) -> Result<Content, Error> {
    Ok(Content {
        title: title::clean(&draft.title)?.ok_or(Error::TitleEmpty)?,
        body: body(draft.body)?,
        entry_type: entry_type(draft.entry_type.as_deref())?,
        tags: words("tags", draft.tags)?,
        aliases: words("aliases", draft.aliases)?,
        metadata: metadata(draft.metadata)?,
        id: draft
            .entry_id
            .filter(|id| !id.is_empty())
            .map(|id| EntryId::parse(&id))
            .transpose()?,
    })
}

fn body(body: String) -> Result<String, Error> {
    if body.len() > limits::BODY_BYTES {
        return Err(Error::BodyTooLarge(body.len()));
    }
    if body.contains('\0') {
        return Err(Error::InvalidValue {
            field: "body",
            why: "it has a NUL character, which text cannot have; remove it".into(),
        });
    }
    Ok(body)
}

fn entry_type(given: Option<&str>) -> Result<String, Error> {
    let entry_type = given.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(DEFAULT_TYPE);
    one_line("entry_type", entry_type, limits::ENTRY_TYPE_CHARS)?;
    Ok(entry_type.to_owned())
}

fn one_line(field: &'static str, text: &str, longest: usize) -> Result<(), Error> {
    let chars = text.chars().count();
    if chars > longest {
        return Err(Error::InvalidValue {
            field,
            why: format!(
                "{:?}… has {chars} characters; {longest} are allowed",
                text.chars().take(20).collect::<String>()
            ),
        });
    }
    if text.chars().any(char::is_control) {
        return Err(Error::InvalidValue {
            field,
            why: "it has a control character; remove it".into(),
        });
    }
    Ok(())
}

/// Most words that are looked at, those that are given twice or empty included.
const GIVEN: usize = 10 * limits::TAGS;

fn too_many(field: &'static str, given: usize) -> Error {
    Error::InvalidValue {
        field,
        why: format!("there are {given}; {} are allowed", limits::TAGS),
    }
}

/// Tags and aliases: without spaces around them, each once.
fn words(field: &'static str, given: Vec<String>) -> Result<Vec<String>, Error> {
    if given.len() > GIVEN {
        return Err(too_many(field, given.len()));
    }
    let mut out: Vec<String> = Vec::new();
    let mut known = HashSet::new();
    for word in &given {
        let word = word.trim();
        let word = if field == "tags" { word.trim_start_matches('#') } else { word };
        if word.is_empty() || !known.insert(word) {
            continue;
        }
        one_line(field, word, limits::TAG_CHARS)?;
        out.push(word.to_owned());
    }
    if out.len() > limits::TAGS {
        return Err(too_many(field, out.len()));
    }
    Ok(out)
}

fn metadata(metadata: Metadata) -> Result<Metadata, Error> {
    let bytes = serde_json::to_string(&metadata)?.len();
    if bytes > limits::METADATA_BYTES {
        return Err(Error::InvalidValue {
            field: "metadata",
            why: format!("it has {bytes} bytes as JSON; {} are allowed", limits::METADATA_BYTES),
        });
    }
    if depth(metadata.values()) > METADATA_DEPTH {
        return Err(Error::InvalidValue {
            field: "metadata",
            why: format!("it is nested more than {METADATA_DEPTH} deep; flatten it"),
        });
    }
    Ok(metadata)
}

/// How deep values are nested. JSON that was parsed is no deeper than its parser's own limit, so this may recurse.
fn depth<'v>(values: impl Iterator<Item = &'v Value>) -> usize {
    let deepest = values.map(|value| match value {
        Value::Array(inner) => depth(inner.iter()),
        Value::Object(inner) => depth(inner.values()),
        _ => 0,
    });
    1 + deepest.max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(title: &str) -> EntryDraft {
        EntryDraft {
            title: title.into(),
            ..EntryDraft::default()
        }
    }

    #[test]
    fn tags_are_clean_and_occur_once() {
        let given = EntryDraft {
            tags: vec![" a ".into(), "#a".into(), "".into(), "b c".into()],
            ..draft("t")
        };
        assert_eq!(check(given).unwrap().tags, ["a", "b c"]);
    }

    #[test]
    fn a_body_has_a_limit_in_bytes() {
        assert!(
            check(EntryDraft {
                body: "x".repeat(limits::BODY_BYTES),
                ..draft("t")
            })
            .is_ok()
        );
        assert!(matches!(
            check(EntryDraft {
                body: "x".repeat(limits::BODY_BYTES + 1),
                ..draft("t")
            }),
            Err(Error::BodyTooLarge(_))
        ));
    }
}
