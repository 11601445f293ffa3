//! Full-text search. The index holds what is not in the trash, and is written in the transaction of the change.

use super::batch::Batch;
use super::{ReadTx, WriteTx};
use crate::error::Error;
use app::protocol::KbName;
use app::protocol::entry::{Entry, Fragment};

/// Marks around what was found; control characters that no entry's text needs.
const HIT_BEGIN: char = '\u{2}';
const HIT_END: char = '\u{3}';

/// The columns of an entry that are indexed, as they are stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Indexed<'e> {
    title: &'e str,
    aliases: String,
    tags: String,
    body: &'e str,
}

impl<'e> Indexed<'e> {
    pub(super) fn of(entry: &'e Entry) -> Result<Self, Error> {
        Ok(Self {
            title: &entry.title,
            aliases: serde_json::to_string(&entry.aliases)?,
            tags: serde_json::to_string(&entry.tags)?,
            body: &entry.body,
        })
    }
}

pub(super) fn insert(batch: &mut Batch, uid: i64, entry: &Entry) -> Result<(), Error> {
    batch.add("INSERT INTO entries_fts (rowid, title, aliases, tags, body) VALUES (?, ?, ?, ?, ?)");
    bind(batch, uid, entry)
}

/// The index keeps no text of its own: to remove an entry it must be told what was indexed.
pub(super) fn remove(batch: &mut Batch, uid: i64, entry: &Entry) -> Result<(), Error> {
    batch.add("INSERT INTO entries_fts (entries_fts, rowid, title, aliases, tags, body) VALUES ('delete', ?, ?, ?, ?, ?)");
    bind(batch, uid, entry)
}

fn bind(batch: &mut Batch, uid: i64, entry: &Entry) -> Result<(), Error> {
    let Indexed {
        title,
        aliases,
        tags,
        body,
    } = Indexed::of(entry)?;
    batch.bind(uid).bind(title).bind(aliases).bind(tags).bind(body);
    Ok(())
}

pub(super) async fn remove_kb(tx: &mut WriteTx, kb: &KbName) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO entries_fts (entries_fts, rowid, title, aliases, tags, body)
         SELECT 'delete', uid, title, aliases, tags, body FROM entries WHERE kb_name = ? AND deleted_at IS NULL",
    )
    .bind(kb.as_str())
    .execute(tx.connection())
    .await?;
    Ok(())
}

/// What people type, made a query of FTS5: all words must occur, "quoted words" side by side, and the last word may go
/// on, because it may be still being typed. `None` when there is no word in it.
pub fn query(text: &str) -> Option<String> {
    let mut terms: Vec<String> = Vec::new();
    for (index, part) in text.split('"').enumerate() {
        let quoted = index % 2 == 1;
        let phrases: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
        for phrase in phrases {
            let phrase: String = phrase.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            if phrase.chars().any(char::is_alphanumeric) {
                terms.push(format!("\"{}\"", phrase.trim()));
            }
        }
    }
    let unfinished = !text.ends_with(['"', ' ']);
    let last = terms.pop()?;
    terms.push(if unfinished { format!("{last} *") } else { last });
    Some(terms.join(" "))
}

/// The numbers of the best matches in one knowledge base, or in all, best first, each with the passage that was found.
pub async fn best(tx: &mut ReadTx, query: &str, kb: Option<&KbName>, limit: i64) -> Result<Vec<(i64, Vec<Fragment>)>, Error> {
    // Ranked first, and only what is shown gets its snippet made.
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT top.uid, (SELECT snippet(entries_fts, 3, ?, ?, '…', 24) FROM entries_fts WHERE entries_fts MATCH ? AND rowid = top.uid)
         FROM (SELECT f.rowid AS uid, bm25(entries_fts, 10.0, 6.0, 4.0, 1.0) AS score
               FROM entries_fts f CROSS JOIN entries e ON e.uid = f.rowid
               WHERE entries_fts MATCH ? AND (? IS NULL OR e.kb_name = ?)
               ORDER BY score, f.rowid LIMIT ?) AS top
         ORDER BY top.score, top.uid",
    )
    .bind(HIT_BEGIN.to_string())
    .bind(HIT_END.to_string())
    .bind(query)
    .bind(query)
    .bind(kb.map(KbName::as_str))
    .bind(kb.map(KbName::as_str))
    .bind(limit)
    .fetch_all(tx.connection())
    .await?;
    Ok(rows.into_iter().map(|(uid, snippet)| (uid, fragments(&snippet))).collect())
}

/// The passage of one entry that a query found.
pub async fn snippet(tx: &mut ReadTx, query: &str, uid: i64) -> Result<Vec<Fragment>, Error> {
    let snippet: Option<String> =
        sqlx::query_scalar("SELECT snippet(entries_fts, 3, ?, ?, '…', 24) FROM entries_fts WHERE entries_fts MATCH ? AND rowid = ?")
            .bind(HIT_BEGIN.to_string())
            .bind(HIT_END.to_string())
            .bind(query)
            .bind(uid)
            .fetch_optional(tx.connection())
            .await?;
    Ok(fragments(&snippet.unwrap_or_default()))
}

fn fragments(marked: &str) -> Vec<Fragment> {
    let mut out: Vec<Fragment> = Vec::new();
    let mut push = |text: &str, hit| {
        if !text.is_empty() {
            out.push(Fragment {
                text: text.split_whitespace().collect::<Vec<_>>().join(" "),
                hit,
            });
            // Joining words drops the space at the seams; a hit stands between words.
            if let Some(last) = out.last_mut() {
                if text.starts_with(char::is_whitespace) {
                    last.text.insert(0, ' ');
                }
                if text.ends_with(char::is_whitespace) && !last.text.ends_with(' ') {
                    last.text.push(' ');
                }
            }
        }
    };
    for (index, part) in marked.split(HIT_BEGIN).enumerate() {
        match part.split_once(HIT_END) {
            Some((hit, rest)) if index > 0 => {
                push(hit, true);
                push(rest, false);
            }
            _ => push(part, false),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_becomes_a_query() {
        assert_eq!(query("plan do"), Some("\"plan\" \"do\" *".into()));
        assert_eq!(query("\"plan do\" check "), Some("\"plan do\" \"check\"".into()));
        assert_eq!(query("NEAR( OR -x:*"), Some("\"NEAR(\" \"OR\" \"-x:*\" *".into()));
        assert_eq!(query("  \"\" * ( "), None);
    }

    #[test]
    fn a_snippet_is_cut_at_its_marks() {
        let snippet = fragments("a\n\u{2}plan\u{3} b\u{2}c\u{3}");
        let shown: Vec<(&str, bool)> = snippet.iter().map(|f| (f.text.as_str(), f.hit)).collect();
        assert_eq!(shown, [("a ", false), ("plan", true), (" b", false), ("c", true)]);
    }
}
