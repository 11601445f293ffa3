//! Changes an entry.

use super::rules::{self, Content};
use crate::domain::mutation::{self, Request};
use crate::domain::notification::{Happened, entry_changed_in};
use crate::error::Error;
use crate::markdown;
use crate::store::entries::Stored;
use crate::store::{Store, WriteTx, entries, links};
use app::protocol::entry::{Entry, EntryDraft, LinkTarget, Written};
use app::protocol::{Code, EntryChange, EntryId, Event, KbName, Problem, Version};
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
    let command = (kb.clone(), id.clone(), change.clone(), if_match);
    let of = request.clone();
    mutation::once(store, request, &command, move |tx| {
        Box::pin(async move { update_in(tx, &of, &kb, &id, change, if_match).await })
    })
    .await
}

/// Changes an entry within a transaction that does more than this.
pub async fn update_in(
    tx: &mut WriteTx,
    request: &Request,
    kb: &KbName,
    id: &EntryId,
    change: Change,
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
    let Some(entry) = write(tx, request, &old, content, new_id).await? else {
        return Ok(Written {
            entry: old.entry,
            links_followed: 0,
        });
    };
    if entry.entry_id == old.entry.entry_id {
        return Ok(Written { entry, links_followed: 0 });
    }
    let links_followed = follow_links(tx, request, &old, &entry).await?;
    // A text that links to itself was written once more by that.
    let entry = entries::get(tx.connection(), kb, &entry.entry_id).await?.entry;
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
                id: Some(old.entry_id.to_string()),
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
            "title" | "body" | "entry_type" | "id" => (value.is_string(), "a text"),
            "tags" | "aliases" => (is_texts(value), "a list of texts"),
            "metadata" => (value.is_object(), "an object"),
            _ => {
                let detail =
                    format!("{name}: an entry has no such member; it has title, body, entry_type, tags, aliases, metadata and id.");
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

/// Writes the content as the next version and says so. `None` when it is what is stored already.
async fn write(tx: &mut WriteTx, request: &Request, old: &Stored, content: Content, id: EntryId) -> Result<Option<Entry>, Error> {
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
    entries::update(tx, old, &entry).await?;
    let previous_id = (entry.entry_id != old.entry.entry_id).then(|| old.entry.entry_id.clone());
    let event = Event::EntryUpdated(EntryChange {
        previous_id,
        ..super::change(&entry)
    });
    tx.emit(request.subject(&entry.kb_name, Some(&entry.entry_id)), event)?;
    let stored = Stored { uid: old.uid, entry };
    entry_changed_in(tx, request, Happened::Updated, &stored, Some(&old.entry)).await?;
    Ok(Some(stored.entry))
}

/// Rewrites the links to an entry that has a new id, in all entries that have one. Returns how many that were.
async fn follow_links(tx: &mut WriteTx, request: &Request, old: &Stored, new: &Entry) -> Result<u64, Error> {
    let target = LinkTarget {
        kb_name: old.entry.kb_name.clone(),
        entry_id: old.entry.entry_id.clone(),
    };
    let mut followed = 0;
    for uid in links::sources(tx, &target).await? {
        let Some(source) = entries::by_uid(tx.connection(), uid).await? else {
            continue;
        };
        // Whose text the caller may not write keeps the old name, which still leads to the entry.
        if request.caller.must_write(&source.entry.kb_name).is_err() {
            continue;
        }
        let Some(body) = markdown::retarget(&source.entry.body, &source.entry.kb_name, &target, &new.entry_id) else {
            continue;
        };
        let entry = &source.entry;
        let content = Content {
            title: entry.title.clone(),
            body,
            entry_type: entry.entry_type.clone(),
            tags: entry.tags.clone(),
            aliases: entry.aliases.clone(),
            metadata: entry.metadata.clone(),
            id: None,
        };
        let id = entry.entry_id.clone();
        if write(tx, request, &source, content, id).await?.is_some() {
            followed += 1;
        }
    }
    Ok(followed)
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
