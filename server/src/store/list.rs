//! Lists of entries: filtered, sorted, and a piece at a time.

use super::ReadTx;
use super::entries::version_from;
use super::search::{self, Query, Shown};
use crate::domain::caller::Readable;
use crate::error::Error;
use app::protocol::entry::{EntryFilter, EntryPage, EntryRow, Sort};
use app::protocol::{EntryId, KbName, Timestamp};
use sqlx::{QueryBuilder, Sqlite};
use std::collections::HashMap;

#[derive(sqlx::FromRow)]
struct ListRow {
    uid: i64,
    kb_name: String,
    entry_id: String,
    title: String,
    title_key: String,
    entry_type: String,
    tags: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
    updated_by: String,
}

impl ListRow {
    fn into_entry(self, shown: Option<Shown>) -> Result<EntryRow, Error> {
        let (snippet, anchor) = shown.map_or((None, None), |(snippet, anchor)| (Some(snippet), anchor));
        Ok(EntryRow {
            kb_name: KbName::parse(&self.kb_name)?,
            entry_id: EntryId::parse(&self.entry_id)?,
            title: self.title,
            entry_type: self.entry_type,
            tags: serde_json::from_str(&self.tags)?,
            version: version_from(self.version),
            created_at: Timestamp::from_millis(self.created_at),
            updated_at: Timestamp::from_millis(self.updated_at),
            updated_by: self.updated_by.parse()?,
            snippet,
            anchor,
        })
    }
}

const COLUMNS: &str =
    "SELECT e.uid, e.kb_name, e.entry_id, e.title, e.title_key, e.entry_type, e.tags, e.version, e.created_at, e.updated_at, e.updated_by";
const FROM: &str = " FROM entries e";

/// Where the next piece of a list begins: behind this row, or after so many of a ranked one.
#[derive(Debug, Clone, PartialEq, Eq)]
enum After {
    Row { key: String, entry_id: String },
    Offset(i64),
}

/// Pieces are continued by the sort key and the id of their last row, so that rows that come and go shift nothing.
fn parse_after(text: &str, sort: Sort) -> Result<After, Error> {
    let bad = || Error::InvalidQuery("after: take it from `next` of the piece before, with the same filter and sort".into());
    if sort == Sort::Relevance {
        return text.parse().ok().filter(|&n| n >= 0).map(After::Offset).ok_or_else(bad);
    }
    let (entry_id, key) = text.split_once(':').ok_or_else(bad)?;
    EntryId::parse(entry_id).map_err(|_| bad())?;
    if sort != Sort::Title && key.parse::<i64>().is_err() {
        return Err(bad());
    }
    Ok(After::Row {
        key: key.to_owned(),
        entry_id: entry_id.to_owned(),
    })
}

fn next_after(row: &ListRow, sort: Sort) -> String {
    match sort {
        Sort::Updated | Sort::Relevance => format!("{}:{}", row.entry_id, row.updated_at),
        Sort::Created => format!("{}:{}", row.entry_id, row.created_at),
        Sort::Title => format!("{}:{}", row.entry_id, row.title_key),
    }
}

/// Appends the conditions of a filter to a query whose entries are called `e`.
fn push_filter(query: &mut QueryBuilder<Sqlite>, kb: &KbName, filter: &EntryFilter) {
    query
        .push(" WHERE e.kb_name = ")
        .push_bind(kb.as_str().to_owned())
        .push(" AND e.deleted_at IS NULL");
    if let Some(entry_type) = &filter.entry_type {
        query.push(" AND e.entry_type = ").push_bind(entry_type.clone());
    }
    if let Some(tag) = &filter.tag {
        query.push(" AND e.uid IN (SELECT t.uid FROM entry_tags t WHERE t.kb_name = ");
        query
            .push_bind(kb.as_str().to_owned())
            .push(" AND t.tag = ")
            .push_bind(tag.clone())
            .push(")");
    }
}

/// A piece of the list, at most `limit` rows, behind `after`. The knowledge base is there.
pub async fn page(tx: &mut ReadTx, kb: &KbName, filter: &EntryFilter, limit: usize, after: Option<&str>) -> Result<EntryPage, Error> {
    let sort = filter.sort;
    let after = after.map(|text| parse_after(text, sort)).transpose()?;
    let search = match filter.q.as_deref().map(str::trim).filter(|q| !q.is_empty()) {
        None if sort == Sort::Relevance => return Err(Error::InvalidQuery("sort: relevance needs a search, q".into())),
        None => None,
        Some(q) => match search::query(q) {
            Some(search) => Some(search),
            // A search for nothing but punctuation finds nothing.
            None => {
                return Ok(EntryPage {
                    items: vec![],
                    total: 0,
                    next: None,
                });
            }
        },
    };
    let total = total(tx, kb, filter, search.as_ref()).await?;
    let mut rows = match (&search, sort) {
        (Some(search), Sort::Relevance) => ranked(tx, kb, filter, search, limit + 1, after.as_ref()).await?,
        _ => sorted(tx, kb, filter, search.as_ref(), limit + 1, after.as_ref()).await?,
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| match (sort, &after) {
        (Sort::Relevance, Some(After::Offset(offset))) => (offset + limit as i64).to_string(),
        (Sort::Relevance, _) => limit.to_string(),
        _ => next_after(last, sort),
    });
    let mut passages = match &search {
        Some(search) => {
            let uids: Vec<i64> = rows.iter().map(|row| row.uid).collect();
            Some(search::passages(tx, search, &uids).await?)
        }
        None => None,
    };
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let passage = passages.as_mut().map(|passages| passages.remove(&row.uid).unwrap_or_default());
        items.push(row.into_entry(passage)?);
    }
    Ok(EntryPage { items, total, next })
}

async fn total(tx: &mut ReadTx, kb: &KbName, filter: &EntryFilter, search: Option<&Query>) -> Result<u64, Error> {
    let plain = filter.entry_type.is_none() && filter.tag.is_none() && search.is_none();
    let count: i64 = if plain {
        sqlx::query_scalar("SELECT entries FROM kbs WHERE name = ?")
            .bind(kb.as_str())
            .fetch_one(tx.connection())
            .await?
    } else {
        let mut query = QueryBuilder::new("SELECT count(*) FROM entries e");
        push_filter(&mut query, kb, filter);
        if let Some(search) = search {
            search.push_condition(&mut query);
        }
        query.build_query_scalar().fetch_one(tx.connection()).await?
    };
    Ok(u64::try_from(count).unwrap_or(0))
}

async fn sorted(
    tx: &mut ReadTx,
    kb: &KbName,
    filter: &EntryFilter,
    search: Option<&Query>,
    limit: usize,
    after: Option<&After>,
) -> Result<Vec<ListRow>, Error> {
    let mut query = QueryBuilder::new(COLUMNS);
    query.push(FROM);
    push_filter(&mut query, kb, filter);
    if let Some(search) = search {
        search.push_condition(&mut query);
    }
    let (column, descending) = match filter.sort {
        Sort::Created => ("e.created_at", true),
        Sort::Title => ("e.title_key", false),
        Sort::Updated | Sort::Relevance => ("e.updated_at", true),
    };
    if let Some(After::Row { key, entry_id }) = after {
        let behind = if descending { " < " } else { " > " };
        query.push(" AND (").push(column).push(behind);
        push_key(&mut query, key, filter.sort);
        query.push(" OR (").push(column).push(" = ");
        push_key(&mut query, key, filter.sort);
        query.push(" AND e.entry_id > ").push_bind(entry_id.clone()).push("))");
    }
    query
        .push(" ORDER BY ")
        .push(column)
        .push(if descending { " DESC" } else { "" })
        .push(", e.entry_id LIMIT ")
        .push_bind(limit as i64);
    Ok(query.build_query_as().fetch_all(tx.connection()).await?)
}

fn push_key(query: &mut QueryBuilder<Sqlite>, key: &str, sort: Sort) {
    match (sort, key.parse::<i64>()) {
        (Sort::Updated | Sort::Created, Ok(number)) => query.push_bind(number),
        _ => query.push_bind(key.to_owned()),
    };
}

async fn ranked(
    tx: &mut ReadTx,
    kb: &KbName,
    filter: &EntryFilter,
    search: &Query,
    limit: usize,
    after: Option<&After>,
) -> Result<Vec<ListRow>, Error> {
    let offset = match after {
        Some(After::Offset(offset)) => *offset,
        _ => 0,
    };
    let mut query = ranking(kb, filter, search);
    query.push(" LIMIT ").push_bind(limit as i64).push(" OFFSET ").push_bind(offset);
    Ok(query.build_query_as().fetch_all(tx.connection()).await?)
}

fn ranking(kb: &KbName, filter: &EntryFilter, search: &Query) -> QueryBuilder<Sqlite> {
    let mut query = QueryBuilder::new(COLUMNS);
    search.push_ranked(&mut query);
    push_filter(&mut query, kb, filter);
    search.push_literals(&mut query);
    query.push(" ORDER BY found.score, e.uid");
    query
}

/// Rows of entries by their numbers, with the snippets that belong to them, in the order given.
pub async fn rows(tx: &mut ReadTx, found: Vec<(i64, Shown)>) -> Result<Vec<EntryRow>, Error> {
    let uids: Vec<i64> = found.iter().map(|(uid, _)| *uid).collect();
    let mut query = QueryBuilder::new(COLUMNS);
    query
        .push(FROM)
        .push(" WHERE e.uid IN (SELECT value FROM json_each(")
        .push_bind(serde_json::to_string(&uids)?)
        .push("))");
    let rows: Vec<ListRow> = query.build_query_as().fetch_all(tx.connection()).await?;
    let mut rows: HashMap<i64, ListRow> = rows.into_iter().map(|row| (row.uid, row)).collect();
    found
        .into_iter()
        .filter_map(|(uid, shown)| Some(rows.remove(&uid)?.into_entry(Some(shown))))
        .collect()
}

/// Entries of these knowledge bases, last changed first, at most `limit` after the first `offset`; and how many there are.
pub async fn newest(tx: &mut ReadTx, readable: &Readable, limit: u64, offset: u64) -> Result<(Vec<EntryRow>, u64), Error> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let these = match readable {
        Readable::All => None,
        Readable::These(names) => Some(serde_json::to_string(names)?),
    };
    let push_condition = |sql: &mut QueryBuilder<Sqlite>| {
        sql.push(" WHERE e.deleted_at IS NULL");
        if let Some(these) = &these {
            sql.push(" AND e.kb_name IN (SELECT value FROM json_each(")
                .push_bind(these.clone())
                .push("))");
        }
    };
    let mut sql = QueryBuilder::new("SELECT count(*)");
    sql.push(FROM);
    push_condition(&mut sql);
    let total: i64 = sql.build_query_scalar().fetch_one(tx.connection()).await?;
    let mut sql = QueryBuilder::new(COLUMNS);
    sql.push(FROM);
    push_condition(&mut sql);
    sql.push(" ORDER BY e.updated_at DESC, e.uid DESC LIMIT ").push_bind(number(limit));
    sql.push(" OFFSET ").push_bind(number(offset));
    let rows: Vec<ListRow> = sql.build_query_as().fetch_all(tx.connection()).await?;
    let rows = rows.into_iter().map(|row| row.into_entry(None)).collect::<Result<_, _>>()?;
    Ok((rows, u64::try_from(total).unwrap_or(0)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Store;

    #[tokio::test]
    async fn a_ranked_list_looks_through_the_index_once() {
        let folder = tempfile::tempdir().unwrap();
        let (store, _committed) = Store::open(folder.path()).await.unwrap();
        let mut tx = store.read().await.unwrap();
        let filter = EntryFilter {
            tag: Some("a".into()),
            entry_type: Some("b".into()),
            ..EntryFilter::default()
        };
        let query = ranking(&KbName::parse("notes").unwrap(), &filter, &search::query("x").unwrap());
        let plan: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", query.sql().as_str())))
                .fetch_all(tx.connection())
                .await
                .unwrap();
        let steps: Vec<&str> = plan.iter().map(|(.., step)| step.as_str()).collect();
        let of_index: Vec<&&str> = steps.iter().filter(|step| step.contains("entries_fts")).collect();
        assert!(
            matches!(of_index[..], [step] if step.starts_with("SCAN entries_fts VIRTUAL TABLE")),
            "{steps:#?}"
        );
        let of_entries: Vec<&&str> = steps.iter().filter(|step| step.contains("entry_rows")).collect();
        assert!(
            matches!(of_entries[..], [step] if step.starts_with("SEARCH entry_rows USING INTEGER PRIMARY KEY")),
            "{steps:#?}"
        );
    }
}
