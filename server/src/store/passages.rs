//! Passages of long texts, by which a search finds the place in a text that it has found.

use super::batch::Batch;
use crate::error::Error;
use crate::markdown::{self, PASSAGE_BYTES, Passage};
use sqlx::SqliteConnection;
use std::collections::HashMap;

/// Most passages of a text, less than the places that the index has for each (4,096). The last one has the rest.
const MOST: usize = 4_000;
/// Texts that are taken apart together when a database of before is opened.
const BATCH: i64 = 200;

/// Adds the passages of texts that were just stored.
pub(super) fn insert<'b>(batch: &mut Batch, texts: impl IntoIterator<Item = (i64, &'b str, &'b [Passage])>) -> Result<(), Error> {
    let mut rows = Vec::new();
    for (uid, body, passages) in texts {
        if body.len() <= PASSAGE_BYTES {
            continue;
        }
        for (number, passage) in passages.iter().take(MOST).enumerate() {
            let end = if number == MOST - 1 { body.len() } else { passage.range.end };
            let text = &body[passage.range.start..end];
            rows.push(serde_json::json!([
                uid,
                number,
                passage.range.start,
                text.len(),
                passage.anchor,
                text
            ]));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let rows = serde_json::to_string(&rows)?;
    batch
        .add(
            "INSERT INTO passages (uid, number, start, length, anchor)
             SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)",
        )
        .bind(rows.clone());
    batch
        .add("INSERT INTO passages_fts (rowid, text) SELECT (value ->> 0) * 4096 + (value ->> 1), value ->> 5 FROM json_each(?)")
        .bind(rows);
    Ok(())
}

/// Removes the passages of a text that is written again, or goes.
pub(super) fn remove(batch: &mut Batch, uid: i64, body: &str) {
    if body.len() <= PASSAGE_BYTES {
        return;
    }
    batch
        .add("DELETE FROM passages_fts WHERE rowid IN (SELECT uid * 4096 + number FROM passages WHERE uid = ?)")
        .bind(uid);
    batch.add("DELETE FROM passages WHERE uid = ?").bind(uid);
}

/// A passage that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) text: String,
    /// The anchor of the heading below which it stands.
    pub(super) anchor: Option<String>,
}

/// Of each of these entries that has passages, the one that matches best.
pub(super) async fn best(connection: &mut SqliteConnection, words: &str, uids: &[i64]) -> Result<HashMap<i64, Found>, Error> {
    // The index is gone through once for all of them: once for each, it would weigh the words and gather what goes on from an
    // unfinished one as often. LIMIT keeps SQLite from ranking while it groups, which it cannot.
    let rows: Vec<(i64, String, Option<String>)> = sqlx::query_as(
        "SELECT p.uid, CAST(substr(CAST(e.body AS BLOB), p.start + 1, p.length) AS TEXT), p.anchor
         FROM (SELECT uid, place, min(score) FROM
                   (SELECT f.rowid / 4096 AS uid, f.rowid AS place, bm25(passages_fts) AS score FROM passages_fts f
                    WHERE f.passages_fts MATCH ? AND f.rowid / 4096 IN (SELECT value FROM json_each(?)) LIMIT -1)
               GROUP BY uid) found
         JOIN passages p ON p.uid = found.uid AND p.number = found.place - found.uid * 4096
         JOIN entries e ON e.uid = p.uid",
    )
    .bind(words)
    .bind(serde_json::to_string(uids)?)
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|(uid, text, anchor)| (uid, Found { text, anchor })).collect())
}

/// Takes apart the texts of a database that has none of them apart yet. Each is looked at once: a text of spaces alone has no
/// passage however often it is taken apart.
pub(super) async fn catch_up(connection: &mut SqliteConnection) -> Result<(), Error> {
    let mut last = 0;
    loop {
        let texts: Vec<(i64, String)> = sqlx::query_as(
            "SELECT uid, body FROM entries e WHERE uid > ? AND deleted_at IS NULL AND octet_length(body) > ?
                 AND NOT EXISTS (SELECT 1 FROM passages p WHERE p.uid = e.uid) ORDER BY uid LIMIT ?",
        )
        .bind(last)
        .bind(PASSAGE_BYTES as i64)
        .bind(BATCH)
        .fetch_all(&mut *connection)
        .await?;
        let Some((uid, _)) = texts.last() else { return Ok(()) };
        last = *uid;
        let texts: Vec<(i64, String, Vec<Passage>)> = texts
            .into_iter()
            .map(|(uid, body)| {
                let passages = markdown::passages(&body);
                (uid, body, passages)
            })
            .collect();
        let mut batch = Batch::default();
        batch.add("BEGIN IMMEDIATE");
        insert(
            &mut batch,
            texts.iter().map(|(uid, body, passages)| (*uid, body.as_str(), passages.as_slice())),
        )?;
        batch.add("COMMIT");
        batch.run(connection).await?;
    }
}

/// Makes the index anew of the passages that there are.
pub(super) async fn rebuild(connection: &mut SqliteConnection) -> Result<(), Error> {
    sqlx::query("INSERT INTO passages_fts (passages_fts) VALUES ('delete-all')")
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "INSERT INTO passages_fts (rowid, text)
         SELECT p.uid * 4096 + p.number, CAST(substr(CAST(e.body AS BLOB), p.start + 1, p.length) AS TEXT)
         FROM passages p JOIN entries e ON e.uid = p.uid",
    )
    .execute(connection)
    .await?;
    Ok(())
}
