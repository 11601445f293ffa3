//! Full-text search. The index holds what is not in the trash, and is written in the transaction of the change.

use super::batch::Batch;
use super::passage::{self, HIT_BEGIN, HIT_END, Word};
use super::{ReadTx, passages};
use crate::domain::caller::Readable;
use crate::error::Error;
use crate::markdown::{self, PASSAGE_BYTES};
use app::protocol::KbName;
use app::protocol::entry::{Entry, Fragment};
use sqlx::{QueryBuilder, Sqlite};
use std::collections::{HashMap, HashSet};

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

/// Indexes entries that were just added, and whose numbers follow each other.
pub(super) fn insert_all(batch: &mut Batch, first: i64, last: i64) {
    batch
        .add("INSERT INTO entries_fts (rowid, title, aliases, tags, body) SELECT uid, title, aliases, tags, body FROM entries WHERE uid BETWEEN ? AND ?")
        .bind(first)
        .bind(last);
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

/// What people type, made a search.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// For the index, which knows words. None where there is none in it.
    words: Option<String>,
    /// The same where one of them is enough, as in a passage of a text that has all of them.
    anywhere: Option<String>,
    /// The same one by one, to be marked in a passage.
    marks: Vec<Word>,
    /// Letters alone tell where the index finds them: none goes with its neighbours, or may have accents.
    is_plain: bool,
    /// What must stand in an entry as it is typed, because the index knows it as no word, or as one with its neighbours:
    /// signs, as in `C++`, and scripts that put no space between words.
    literals: Vec<String>,
}

/// Most literals of a search.
const LITERALS: usize = 8;

/// All words must occur, "quoted words" side by side, and the last word may go on, because it may be still being typed.
/// `None` when there is nothing to look for in it.
pub fn query(text: &str) -> Option<Query> {
    let mut words: Vec<String> = Vec::new();
    let mut literals: Vec<String> = Vec::new();
    let mut marks: Vec<Word> = Vec::new();
    let mut is_plain = true;
    let mut ends_with_word = false;
    for (index, part) in text.split('"').enumerate() {
        let quoted = index % 2 == 1;
        let phrases: Vec<&str> = if quoted { vec![part] } else { part.split_whitespace().collect() };
        for phrase in phrases {
            let phrase: String = phrase.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            let phrase = phrase.trim();
            let is_unspaced = phrase.chars().any(is_unspaced);
            if is_unspaced || phrase.trim_start_matches('#').chars().any(is_sign) {
                literals.push(phrase.to_ascii_lowercase());
            }
            if !is_unspaced && phrase.chars().any(char::is_alphanumeric) {
                words.push(format!("\"{phrase}\""));
                let before = marks.len();
                marks.extend(
                    phrase
                        .split(|c: char| !c.is_alphanumeric())
                        .filter(|word| !word.is_empty())
                        .map(Word::whole),
                );
                is_plain &= marks.len() == before + 1 && phrase.is_ascii();
                ends_with_word = true;
            } else if !phrase.is_empty() {
                ends_with_word = false;
            }
        }
    }
    let unfinished = ends_with_word && !text.ends_with(['"', ' ']);
    let joined = |by: &str| (!words.is_empty()).then(|| words.join(by) + if unfinished { " *" } else { "" });
    let (words, anywhere) = (joined(" "), joined(" OR "));
    // Signs of ASCII alone are what operators are made of elsewhere; they name nothing.
    literals.retain(|literal| literal.chars().any(|c| c.is_alphanumeric() || !c.is_ascii()));
    let mut known = HashSet::new();
    literals.retain(|literal| known.insert(literal.clone()));
    // Each looks through every text: those behind them leave nothing out.
    literals.truncate(LITERALS);
    if let Some(last) = marks.last_mut() {
        last.unfinished = unfinished;
    }
    (words.is_some() || !literals.is_empty()).then_some(Query {
        words,
        anywhere,
        marks,
        is_plain,
        literals,
    })
}

/// Of a script that puts no space between words: Han, Kana, Thai, Lao, Khmer, Burmese.
fn is_unspaced(c: char) -> bool {
    matches!(c,
        '\u{0E00}'..='\u{0EFF}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17FF}' | '\u{3005}'..='\u{3007}' | '\u{3040}'..='\u{30FF}'
        | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}'
        | '\u{20000}'..='\u{323AF}')
}

/// A sign that people mean when they type it, and no punctuation.
fn is_sign(c: char) -> bool {
    let punctuates = matches!(c, '\u{A0}'..='\u{BF}' | '\u{2010}'..='\u{205F}' | '\u{3000}'..='\u{303F}');
    matches!(c, '+' | '#' | '$' | '%' | '&' | '=' | '<' | '>' | '~' | '|' | '\\')
        || !(c.is_ascii() || c.is_alphanumeric() || c.is_whitespace() || punctuates)
}

impl Query {
    /// Appends the condition on entries, which are called `e`.
    pub(super) fn push_condition(&self, sql: &mut QueryBuilder<Sqlite>) {
        if let Some(words) = &self.words {
            sql.push(" AND e.uid IN (SELECT rowid FROM entries_fts WHERE entries_fts MATCH ")
                .push_bind(words.clone())
                .push(")");
        }
        self.push_literals(sql);
    }

    /// Appends where entries, called `e`, come from, best matches first once ordered by `found.score, e.uid`.
    pub(super) fn push_ranked(&self, sql: &mut QueryBuilder<Sqlite>) {
        // What was found leads: else SQLite may look through the whole index again for each entry.
        match &self.words {
            Some(words) => sql
                .push(
                    " FROM (SELECT rowid AS uid, bm25(entries_fts, 10.0, 6.0, 4.0, 1.0) AS score FROM entries_fts WHERE entries_fts MATCH ",
                )
                .push_bind(words.clone()),
            None => sql
                .push(" FROM (SELECT uid, CASE WHEN instr(lower(title), ")
                .push_bind(self.literals.first().cloned().unwrap_or_default())
                .push(") > 0 THEN 0 ELSE 1 END AS score FROM entries"),
        };
        sql.push(") AS found CROSS JOIN entries e ON e.uid = found.uid");
    }

    pub(super) fn push_literals(&self, sql: &mut QueryBuilder<Sqlite>) {
        for literal in &self.literals {
            for (before, column) in [(" AND (", "title"), (" OR ", "aliases"), (" OR ", "tags"), (" OR ", "body")] {
                sql.push(before)
                    .push("instr(lower(e.")
                    .push(column)
                    .push("), ")
                    .push_bind(literal.clone())
                    .push(") > 0");
            }
            sql.push(")");
        }
    }
}

/// The numbers of the best matches in one knowledge base, or in all, best first, each with the passage that was found.
pub async fn best(
    tx: &mut ReadTx,
    query: &Query,
    kb: Option<&KbName>,
    readable: &Readable,
    limit: i64,
) -> Result<Vec<(i64, Shown)>, Error> {
    let mut sql = QueryBuilder::new("SELECT e.uid");
    query.push_ranked(&mut sql);
    sql.push(" WHERE e.deleted_at IS NULL");
    query.push_literals(&mut sql);
    if let Some(kb) = kb {
        sql.push(" AND e.kb_name = ").push_bind(kb.as_str().to_owned());
    }
    if let Readable::These(names) = readable {
        sql.push(" AND e.kb_name IN (SELECT value FROM json_each(")
            .push_bind(serde_json::to_string(names)?)
            .push("))");
    }
    sql.push(" ORDER BY found.score, e.uid LIMIT ").push_bind(limit);
    let uids: Vec<i64> = sql.build_query_scalar().fetch_all(tx.connection()).await?;
    let mut passages = passages(tx, query, &uids).await?;
    Ok(uids
        .into_iter()
        .map(|uid| (uid, passages.remove(&uid).unwrap_or_default()))
        .collect())
}

/// What shows why an entry was found: the passage, and the anchor of the heading below which it stands.
pub type Shown = (Vec<Fragment>, Option<String>);

/// The passages of these entries that a query found, by their numbers.
pub async fn passages(tx: &mut ReadTx, query: &Query, uids: &[i64]) -> Result<HashMap<i64, Shown>, Error> {
    let long = match &query.anywhere {
        Some(words) => passages::best(tx.connection(), words, uids).await?,
        None => HashMap::new(),
    };
    let mut found: HashMap<i64, Shown> = HashMap::with_capacity(uids.len());
    let mut left = Vec::new();
    for (uid, passage) in long {
        // The index finds more than letters tell, such as other forms of a word: then the passage shows as it begins.
        let text = markdown::plain(&passage.text);
        let marked = passage::around_words(&text, &query.marks).unwrap_or_else(|| passage::beginning(&text));
        found.insert(uid, (passage::fragments(&marked), passage.anchor));
    }
    let others: Vec<i64> = uids.iter().filter(|uid| !found.contains_key(uid)).copied().collect();
    let bodies: Vec<(i64, String)> = sqlx::query_as("SELECT uid, body FROM entries WHERE uid IN (SELECT value FROM json_each(?))")
        .bind(serde_json::to_string(&others)?)
        .fetch_all(tx.connection())
        .await?;
    for (uid, body) in bodies {
        let shown = match &query.words {
            None => Some(passage::shown(&passage::around_literal(&body, &query.literals))),
            // A long text in which no passage matches was found by its title or its tags.
            Some(_) if body.len() > PASSAGE_BYTES => Some(passage::fragments(&markdown::plain_excerpt(&body, passage::CHARS))),
            Some(_) if query.is_plain => {
                passage::around_words(&markdown::plain(&body), &query.marks).map(|marked| passage::fragments(&marked))
            }
            Some(_) => None,
        };
        match shown {
            Some(shown) => drop(found.insert(uid, (shown, None))),
            None => left.push(uid),
        }
    }
    if let Some(words) = query.words.as_ref().filter(|_| !left.is_empty()) {
        // One statement for all: the way to SQLite's thread and back costs more than a passage.
        let marked: Vec<(i64, String)> = sqlx::query_as(
            "SELECT rowid, snippet(entries_fts, 3, ?, ?, '…', 24) FROM entries_fts
             WHERE entries_fts MATCH ? AND rowid IN (SELECT value FROM json_each(?))",
        )
        .bind(HIT_BEGIN.to_string())
        .bind(HIT_END.to_string())
        .bind(words)
        .bind(serde_json::to_string(&left)?)
        .fetch_all(tx.connection())
        .await?;
        found.extend(marked.into_iter().map(|(uid, marked)| (uid, (passage::shown(&marked), None))));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (Option<String>, Vec<String>) {
        query(text).map_or((None, vec![]), |Query { words, literals, .. }| (words, literals))
    }

    #[test]
    fn what_people_type_becomes_a_query() {
        for (text, words) in [
            ("plan do", "\"plan\" \"do\" *"),
            ("\"plan do\" check ", "\"plan do\" \"check\""),
            ("NEAR( OR -x:*", "\"NEAR(\" \"OR\" \"-x:*\" *"),
            ("#lean", "\"#lean\" *"),
        ] {
            assert_eq!(parsed(text), (Some(words.into()), vec![]), "{text}");
        }
        for nothing in ["  \"\" * ( ", "++", "<>", "…"] {
            assert_eq!(query(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn of_many_literals_some_are_looked_for() {
        let text: String = (0..160).map(|n| format!("C++{} ", char::from_u32(0x4E00 + n).unwrap())).collect();
        assert_eq!(query(&text).unwrap().literals.len(), LITERALS);
        let again = "漢字 ".repeat(50);
        assert_eq!(query(&again).unwrap().literals.len(), 1);
    }

    #[test]
    fn each_word_is_marked_also_where_they_go_together() {
        for (text, words, is_plain) in [
            ("Eric S. Raymond", "eric s raymond*", true),
            ("\"plan do\" check ", "plan do check", false),
            ("well-known", "well known*", false),
            ("Été", "été*", false),
        ] {
            let query = query(text).unwrap();
            let marks = query
                .marks
                .iter()
                .map(|word| word.text.clone() + if word.unfinished { "*" } else { "" });
            assert_eq!(
                (marks.collect::<Vec<_>>().join(" ").as_str(), query.is_plain),
                (words, is_plain),
                "{text}"
            );
        }
    }

    #[test]
    fn what_the_index_knows_as_no_word_is_looked_for_as_it_is() {
        assert_eq!(parsed("C++ style"), (Some("\"C++\" \"style\" *".into()), vec!["c++".into()]));
        assert_eq!(parsed("タイトル"), (None, vec!["タイトル".into()]));
        assert_eq!(parsed("plan 🎉"), (Some("\"plan\"".into()), vec!["🎉".into()]));
        assert_eq!(parsed("ภาษา x"), (Some("\"x\" *".into()), vec!["ภาษา".into()]));
    }
}
