//! Passages of long texts, by which a search finds the place in a text that it has found.

use super::WriteTx;
use super::batch::Batch;
use crate::error::Error;
use crate::markdown::{self, PASSAGE_BYTES};
use app::protocol::KbName;
use sqlx::SqliteConnection;
use std::collections::HashMap;

/// Most passages of a text, less than the places that the index has for each (4,096). The last one has the rest.
const MOST: usize = 4_000;
/// Texts that are taken apart together when a database of before is opened.
const BATCH: i64 = 200;

/// Adds the passages of texts that were just stored.
pub(super) fn insert<'b>(batch: &mut Batch, texts: impl IntoIterator<Item = (i64, &'b str)>) -> Result<(), Error> {
    let mut rows = Vec::new();
    for (uid, body) in texts {
        if body.len() <= PASSAGE_BYTES {
            continue;
        }
        let mut passages = markdown::passages(body);
        if let Some(last) = passages.get(MOST - 1) {
            let rest = last.range.start..body.len();
            passages.truncate(MOST);
            passages[MOST - 1].range = rest;
        }
        for (number, passage) in passages.into_iter().enumerate() {
            let text = &body[passage.range.clone()];
            rows.push(serde_json::json!([
                uid,
                number,
                passage.range.start,
                passage.range.len(),
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

/// Removes those of a knowledge base that is deleted. Their rows go with the entries.
pub(super) async fn remove_kb(tx: &mut WriteTx, kb: &KbName) -> Result<(), Error> {
    sqlx::query(
        "DELETE FROM passages_fts WHERE rowid IN
             (SELECT p.uid * 4096 + p.number FROM passages p JOIN entries e ON e.uid = p.uid WHERE e.kb_name = ?)",
    )
    .bind(kb.as_str())
    .execute(tx.connection())
    .await?;
    Ok(())
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

/// Takes apart the texts of a database that has none of them apart yet.
pub(super) async fn catch_up(connection: &mut SqliteConnection) -> Result<(), Error> {
    loop {
        let texts: Vec<(i64, String)> = sqlx::query_as(
            "SELECT uid, body FROM entries e WHERE deleted_at IS NULL AND octet_length(body) > ?
                 AND NOT EXISTS (SELECT 1 FROM passages p WHERE p.uid = e.uid) LIMIT ?",
        )
        .bind(PASSAGE_BYTES as i64)
        .bind(BATCH)
        .fetch_all(&mut *connection)
        .await?;
        if texts.is_empty() {
            return Ok(());
        }
        let mut batch = Batch::default();
        batch.add("BEGIN IMMEDIATE");
        insert(&mut batch, texts.iter().map(|(uid, body)| (*uid, body.as_str())))?;
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
