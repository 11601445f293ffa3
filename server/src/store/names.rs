//! Names other than its id under which an entry is found: slugs of its aliases, and the ids that it had before.

use super::batch::Batch;
use super::entries::Stored;
use crate::error::Error;
use app::protocol::entry::{Entry, EntryRef, LinkTarget};
use app::protocol::{EntryId, KbName, slug};
use sqlx::SqliteConnection;
use std::collections::HashMap;

/// Writes the aliases of an entry anew.
pub(super) fn replace_aliases(batch: &mut Batch, stored: &Stored) -> Result<(), Error> {
    batch
        .add("DELETE FROM entry_names WHERE uid = ? AND former = FALSE")
        .bind(stored.uid);
    let names = of_aliases(&stored.entry);
    if !names.is_empty() {
        batch
            .add("INSERT INTO entry_names (kb_name, name, uid, former) SELECT DISTINCT ?, value, ?, FALSE FROM json_each(?) WHERE TRUE ON CONFLICT DO NOTHING")
            .bind(stored.entry.kb_name.as_str())
            .bind(stored.uid)
            .bind(serde_json::to_string(&names)?);
    }
    Ok(())
}

/// The names that the aliases of an entry give it.
pub(super) fn of_aliases(entry: &Entry) -> Vec<String> {
    entry
        .aliases
        .iter()
        .map(|alias| slug::slug(alias))
        .filter(|name| !name.is_empty())
        .collect()
}

/// Remembers that the entry was called so.
pub(super) fn add_former(batch: &mut Batch, stored: &Stored, former: &EntryId) {
    batch
        .add("INSERT INTO entry_names (kb_name, name, uid, former) VALUES (?, ?, ?, TRUE) ON CONFLICT (kb_name, name, uid) DO UPDATE SET former = TRUE")
        .bind(stored.entry.kb_name.as_str())
        .bind(former.as_str())
        .bind(stored.uid);
}

/// All names of an entry other than its id.
pub async fn of(connection: &mut SqliteConnection, stored: &Stored) -> Result<Vec<EntryId>, Error> {
    let names: Vec<String> = sqlx::query_scalar("SELECT name FROM entry_names WHERE uid = ? AND name <> ? ORDER BY name")
        .bind(stored.uid)
        .bind(stored.entry.entry_id.as_str())
        .fetch_all(connection)
        .await?;
    names.iter().map(|name| Ok(EntryId::parse(name)?)).collect()
}

/// The id of the entry that was last called so, or has such an alias.
pub(super) async fn current_id(connection: &mut SqliteConnection, kb: &KbName, name: &EntryId) -> Result<Option<EntryId>, Error> {
    let id: Option<String> = sqlx::query_scalar(
        "SELECT e.entry_id FROM entry_names n JOIN entries e ON e.uid = n.uid AND e.deleted_at IS NULL
         WHERE n.kb_name = ? AND n.name = ? ORDER BY n.former DESC, n.uid DESC LIMIT 1",
    )
    .bind(kb.as_str())
    .bind(name.as_str())
    .fetch_optional(connection)
    .await?;
    Ok(id.map(|id| EntryId::parse(&id)).transpose()?)
}

/// What the targets of links are, those that are there: an entry of that id, else one that has it as another name.
pub async fn resolve(connection: &mut SqliteConnection, targets: &[LinkTarget]) -> Result<HashMap<LinkTarget, EntryRef>, Error> {
    if targets.is_empty() {
        return Ok(HashMap::new());
    }
    let wanted = serde_json::to_string(
        &targets
            .iter()
            .map(|t| (t.kb_name.as_str(), t.entry_id.as_str()))
            .collect::<Vec<_>>(),
    )?;
    // One entry a target: the one of that id, else the last that was called so, else the last that has such an alias.
    let rows: Vec<(String, String, String, String)> = sqlx::query_as(
        "WITH wanted AS (SELECT value ->> 0 AS kb_name, value ->> 1 AS name FROM json_each(?)),
         found AS (SELECT w.kb_name, w.name, coalesce(
             (SELECT e.uid FROM entries e WHERE e.kb_name = w.kb_name AND e.entry_id = w.name AND e.deleted_at IS NULL),
             (SELECT n.uid FROM entry_names n JOIN entries e ON e.uid = n.uid AND e.deleted_at IS NULL
              WHERE n.kb_name = w.kb_name AND n.name = w.name AND n.former ORDER BY n.uid DESC LIMIT 1),
             (SELECT n.uid FROM entry_names n JOIN entries e ON e.uid = n.uid AND e.deleted_at IS NULL
              WHERE n.kb_name = w.kb_name AND n.name = w.name ORDER BY n.uid DESC LIMIT 1)) AS uid FROM wanted w)
         SELECT f.kb_name, f.name, e.entry_id, e.title FROM found f JOIN entries e ON e.uid = f.uid",
    )
    .bind(wanted)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(kb, name, id, title)| {
            let kb_name = KbName::parse(&kb)?;
            let target = LinkTarget {
                kb_name: kb_name.clone(),
                entry_id: EntryId::parse(&name)?,
            };
            Ok((
                target,
                EntryRef {
                    kb_name,
                    entry_id: EntryId::parse(&id)?,
                    title,
                },
            ))
        })
        .collect()
}

/// Entries whose title, id or other name begins with `text`; those whose title has it elsewhere follow.
pub async fn suggest(connection: &mut SqliteConnection, kb: &KbName, text: &str, limit: i64) -> Result<Vec<EntryRef>, Error> {
    let key = text.to_lowercase();
    let name = slug::slug(text);
    let rows: Vec<(String, String)> = sqlx::query_as(
        "SELECT entry_id, title FROM entries e
         WHERE kb_name = ? AND deleted_at IS NULL AND (
             instr(title_key, ?) > 0
             OR (? <> '' AND (instr(entry_id, ?) = 1 OR EXISTS (SELECT 1 FROM entry_names n WHERE n.uid = e.uid AND instr(n.name, ?) = 1))))
         ORDER BY CASE WHEN instr(title_key, ?) = 1 THEN 0 ELSE 1 END, title_key LIMIT ?",
    )
    .bind(kb.as_str())
    .bind(&key)
    .bind(&name)
    .bind(&name)
    .bind(&name)
    .bind(&key)
    .bind(limit)
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(id, title)| {
            Ok(EntryRef {
                kb_name: kb.clone(),
                entry_id: EntryId::parse(&id)?,
                title,
            })
        })
        .collect()
}
