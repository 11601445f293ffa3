//! Changes an entry.

use super::follow::{Renamed, follow};
use super::prepared::{PreparedChange, prepare_change, turn};
use super::rules::{self, Content};
use crate::domain::mutation::{Once, Request};
use crate::domain::notification::{Happened, entry_changed_in};
use crate::error::Error;
use crate::markdown::{self, Reading};
use crate::store::entries::Stored;
use crate::store::{Store, WriteTx, entries, links};
use app::protocol::entry::{Entry, EntryDraft, LinkTarget, Written};
use app::protocol::{Code, EntryChange, EntryId, Event, KbName, Problem, UserId, Version, limits};
use serde::Serialize;
use serde_json::Value;

/// How an entry shall change.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Change {
    /// A merge patch (RFC 7396) of what an `EntryDraft` holds.
    Merge(Value),
    /// All that may be written, anew; what the draft leaves out gets its default, but the id stays.
    Replace(EntryDraft),
}

/// Changes an entry. With `if_match` only that version, else `Stale`. Another id renames it, and links follow.
/// A change that changes nothing makes no version and no event.
pub async fn update(
    store: &Store,
    request: &Request,
    kb: KbName,
    id: EntryId,
    change: Change,
    if_match: Option<Version>,
) -> Result<Written, Error> {
    request.caller.must_write(&kb)?;
    let once = Once::new(request, "entry.update", &(&kb, &id, &change, if_match))?;
    let old = LinkTarget {
        kb_name: kb.clone(),
        entry_id: id.clone(),
    };
    let written = match once.before(store).await? {
        Some(written) => written,
        None => {
            let of = request.clone();
            let _turn = turn(change.body().map_or(0, str::len)).await?;
            let change = prepare_change(&kb, change).await?;
            once.run(store, move |tx| {
                Box::pin(async move { update_in(tx, &of, &kb, &id, change, if_match).await })
            })
            .await?
        }
    };
    follow_rename(store, request, old, written).await
}

/// Has the links follow where an entry got another id by this. Returns what was written in the end.
pub async fn follow_rename(store: &Store, request: &Request, old: LinkTarget, mut written: Written) -> Result<Written, Error> {
    let new = written.entry.entry_id.clone();
    if new != old.entry_id && written.links_followed > 0 {
        let itself = follow(store, request, Renamed { old, new }).await?;
        written.entry = itself.unwrap_or(written.entry);
    }
    Ok(written)
}

impl Change {
    /// The body that it brings.
    pub(super) fn body(&self) -> Option<&str> {
        match self {
            Change::Merge(patch) => patch["body"].as_str(),
            Change::Replace(draft) => Some(&draft.body),
        }
    }
}

/// Changes an entry within a transaction that does more than this. Where that renames it, whoever calls this has the links follow
/// ([`follow_rename`]).
pub async fn update_in(
    tx: &mut WriteTx,
    request: &Request,
    kb: &KbName,
    id: &EntryId,
    PreparedChange { change, reading }: PreparedChange,
    if_match: Option<Version>,
) -> Result<Written, Error> {
    request.caller.must_write(kb)?;
    let old = entries::get(tx.connection(), kb, id).await?;
    if if_match.is_some_and(|version| version != old.entry.version) {
        return Err(Error::Stale {
            current: Box::new(old.entry),
        });
    }
    let content = rules::check(draft(&old.entry, change)?)?;
    let new_id = content.id.clone().unwrap_or_else(|| old.entry.entry_id.clone());
    if new_id != old.entry.entry_id && entries::exists(tx.connection(), kb, &new_id).await? {
        return Err(Error::EntryExists {
            kb: kb.clone(),
            id: new_id,
        });
    }
    let Some(entry) = write(tx, request, &old, content, new_id, &reading).await? else {
        return Ok(Written {
            entry: old.entry,
            links_followed: 0,
        });
    };
    let links_followed = if entry.entry_id == old.entry.entry_id {
        0
    } else {
        let target = LinkTarget {
            kb_name: kb.clone(),
            entry_id: old.entry.entry_id,
        };
        links::count_sources(tx.connection(), &target).await?
    };
    Ok(Written { entry, links_followed })
}

/// What an entry would be after the change.
fn draft(old: &Entry, change: Change) -> Result<EntryDraft, Error> {
    match change {
        Change::Replace(draft) => Ok(draft),
        Change::Merge(patch) => {
            if !patch.is_object() {
                return Err(Problem::new(Code::InvalidValue, "A merge patch is a JSON object: {…}.").into());
            }
            let mut document = serde_json::to_value(EntryDraft {
                title: old.title.clone(),
                body: old.body.clone(),
                entry_type: Some(old.entry_type.clone()),
                tags: old.tags.clone(),
                aliases: old.aliases.clone(),
                metadata: old.metadata.clone(),
                entry_id: Some(old.entry_id.to_string()),
            })?;
            merge(&mut document, patch);
            check_members(&document)?;
            Ok(serde_json::from_value(document)?)
        }
    }
}

/// Refuses what is no member of an `EntryDraft`, and a member of another type.
fn check_members(document: &Value) -> Result<(), Error> {
    let is_texts = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    for (name, value) in document.as_object().into_iter().flatten() {
        let (fits, what) = match name.as_str() {
            "title" | "body" | "entry_type" | "entry_id" => (value.is_string(), "a text"),
            "tags" | "aliases" => (is_texts(value), "a list of texts"),
            "metadata" => (value.is_object(), "an object"),
            _ => {
                let detail =
                    format!("{name}: an entry has no such member; it has title, body, entry_type, tags, aliases, metadata and entry_id.");
                return Err(Problem::new(Code::InvalidValue, detail).with("field", name).into());
            }
        };
        if !fits {
            let detail = format!("{name}: must be {what}.");
            return Err(Problem::new(Code::InvalidValue, detail).with("field", name).into());
        }
    }
    Ok(())
}

/// JSON merge patch, RFC 7396, section 2.
fn merge(target: &mut Value, patch: Value) {
    let Value::Object(patch) = patch else {
        *target = patch;
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(target) = target {
        for (name, value) in patch {
            if value.is_null() {
                target.remove(&name);
            } else {
                merge(target.entry(name).or_insert(Value::Null), value);
            }
        }
    }
}

/// Writes the content as the next version and says so. `None` when it is what is stored already. `reading` is what its body says,
/// where that is another one than before.
pub(super) async fn write(
    tx: &mut WriteTx,
    request: &Request,
    old: &Stored,
    content: Content,
    id: EntryId,
    reading: &Reading,
) -> Result<Option<Entry>, Error> {
    let mut entry = old.entry.clone();
    entry.entry_id = id;
    entry.title = content.title;
    entry.body = content.body;
    entry.entry_type = content.entry_type;
    entry.tags = content.tags;
    entry.aliases = content.aliases;
    entry.metadata = content.metadata;
    if entry == old.entry {
        return Ok(None);
    }
    entry.version = old.entry.version.next();
    entry.updated_at = tx.now();
    entry.updated_by = request.caller.actor().clone();
    entries::update(tx, old, &entry, reading).await?;
    let previous_id = (entry.entry_id != old.entry.entry_id).then(|| old.entry.entry_id.clone());
    let targets = links::of(tx.connection(), old.uid, limits::EVENT_LINKS + 1).await?;
    let event = Event::EntryUpdated(EntryChange {
        previous_id,
        ..super::change(&entry, &targets)
    });
    tx.emit(request.subject(&entry.kb_name, Some(&entry.entry_id)), event)?;
    let mentions = match entry.body == old.entry.body {
        true => vec![],
        false => mentioned_anew(&old.entry.body, &reading.mentions),
    };
    let stored = Stored { uid: old.uid, entry };
    entry_changed_in(tx, request, Happened::Updated, &stored, &mentions).await?;
    Ok(Some(stored.entry))
}

/// Of those whom the new body mentions, those whom the old one did not.
fn mentioned_anew(old: &str, mentions: &[UserId]) -> Vec<UserId> {
    // Most texts need not be parsed once more: the names of those who come anew stand nowhere in them.
    let known = match markdown::lines_with(old, mentions).is_empty() {
        true => vec![],
        false => markdown::mentions(old),
    };
    mentions.iter().filter(|user| !known.contains(user)).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::merge;
    use serde_json::json;

    #[test]
    fn a_merge_patch_does_what_its_rfc_shows() {
        // The test cases of RFC 7396, appendix A.
        for (target, patch, result) in [
            (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "b"}), json!({"b": "c"}), json!({"a": "b", "b": "c"})),
            (json!({"a": "b"}), json!({"a": null}), json!({})),
            (json!({"a": "b", "b": "c"}), json!({"a": null}), json!({"b": "c"})),
            (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
            (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
            (
                json!({"a": {"b": "c"}}),
                json!({"a": {"b": "d", "c": null}}),
                json!({"a": {"b": "d"}}),
            ),
            (json!({"a": [{"b": "c"}]}), json!({"a": [1]}), json!({"a": [1]})),
            (json!(["a", "b"]), json!(["c", "d"]), json!(["c", "d"])),
            (json!({"a": "b"}), json!(["c"]), json!(["c"])),
            (json!({"a": "foo"}), json!(null), json!(null)),
            (json!({"e": null}), json!({"a": 1}), json!({"e": null, "a": 1})),
            (json!([1, 2]), json!({"a": "b", "c": null}), json!({"a": "b"})),
            (json!({}), json!({"a": {"bb": {"ccc": null}}}), json!({"a": {"bb": {}}})),
        ] {
            let mut merged = target.clone();
            merge(&mut merged, patch.clone());
            assert_eq!(merged, result, "{target} with {patch}");
        }
    }
}
